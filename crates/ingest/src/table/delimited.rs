//! CSV and its relatives, streamed in bounded memory.

use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use csv::ByteRecord;
use encoding_rs::Encoding;

use super::bounded::{Bounded, Meter, TOO_LONG};
use super::encoding::{Found, Utf8Reader, find};
use super::{BATCH_ROWS, Batch, Column, Source, TextColumn, Wanted};
use crate::issue::{Fault, Refusal};
use crate::options::Options;

/// Signs that part fields, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How much of a file decides on its delimiter.
const SAMPLE: u64 = 1 << 16;
/// A batch is handed on when its texts are this long, however few they are.
const BATCH_BYTES: usize = 16 << 20;

pub(super) fn scan(
    source: &Source,
    delimiter: Option<u8>,
    encoding: Option<&str>,
    wanted: &[Wanted],
    options: &Options,
    sink: &mut super::Sink<'_>,
) -> Result<String, Refusal> {
    let mut records = Records::open(source, delimiter, encoding, wanted, options)?;
    if !records.read_header()? {
        return Err(Fault::Empty { file: source.name.to_string() }.into());
    }
    let header = header_of(source, &records.record)?;
    let places = source.match_columns(&header, wanted)?;
    let mut batch = Building::new(&places);
    loop {
        let more = records.read()?;
        if more {
            batch.push(source, &records.record, records.row, header.len(), &places)?;
        }
        if !more || batch.is_full() {
            batch.0.bytes_done = records.meter.taken.get().min(source.bytes);
            if !batch.0.rows.is_empty() {
                sink(&batch.0)?;
            }
            if !more {
                break;
            }
            batch = Building::new(&places);
        }
    }
    Ok(records.in_words())
}

/// Hands every row to `each`, from the first on, until it has seen enough.
pub(super) fn look(
    source: &Source,
    delimiter: Option<u8>,
    encoding: Option<&str>,
    options: &Options,
    each: &mut super::Each<'_>,
) -> Result<String, Refusal> {
    let mut records = Records::open(source, delimiter, encoding, &[], options)?;
    while records.read()? {
        let cells: Result<Vec<_>, _> = records.record.iter().map(std::str::from_utf8).collect();
        let cells = cells.map_err(|error| source.unreadable(&error))?;
        if each(records.row, cells.into_iter().map(|text| super::OwnedCell::of(super::Cell::Text(text))).collect())
            .is_break()
        {
            break;
        }
    }
    Ok(records.in_words())
}

/// The records of a file, each with the number that a spreadsheet gives its row.
struct Records<'a> {
    source: &'a Source,
    options: &'a Options,
    encoding: &'static Encoding,
    delimiter: u8,
    meter: Rc<Meter>,
    reader: csv::Reader<Bounded<File>>,
    record: ByteRecord,
    row: u64,
}

impl<'a> Records<'a> {
    fn open(
        source: &'a Source,
        delimiter: Option<u8>,
        encoding: Option<&str>,
        wanted: &[Wanted],
        options: &'a Options,
    ) -> Result<Self, Refusal> {
        let encoding = encoding_of(source, encoding)?;
        let sample = sample(source, encoding)?;
        let delimiter = delimiter.unwrap_or_else(|| {
            let heading = source.header_row.max(first_even_line(&sample));
            find_delimiter(from_line(&sample, if wanted.is_empty() { heading } else { source.header_row }), wanted)
        });
        let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
        let meter = Rc::new(Meter::default());
        let inner = Bounded { inner: Utf8Reader::new(file, encoding), meter: Rc::clone(&meter) };
        meter.limit.set(options.max_record_bytes);
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(inner);
        Ok(Self { source, options, encoding, delimiter, meter, reader, record: ByteRecord::new(), row: 0 })
    }

    /// Reads on to the next record. Tells whether there was one.
    fn read(&mut self) -> Result<bool, Refusal> {
        self.meter.begin_record();
        let line = self.reader.position().line();
        let failed = |error: &csv::Error| fault_of(self.source, self.encoding, error, self.row + 1, self.options);
        if !self.reader.read_byte_record(&mut self.record).map_err(|error| failed(&error))? {
            return Ok(false);
        }
        self.row += 1 + blank_lines(&self.record, self.reader.position().line() - line);
        Ok(true)
    }

    /// Reads on to the row of headings.
    fn read_header(&mut self) -> Result<bool, Refusal> {
        while self.read()? {
            if self.row >= self.source.header_row {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn in_words(&self) -> String {
        let sign = if self.delimiter == b'\t' { "tab".to_owned() } else { char::from(self.delimiter).to_string() };
        format!("text, {}, delimiter {sign}", self.encoding.name().to_lowercase())
    }
}

/// The first line, counted from 1, that begins a table rather than a title: one that some sign parts as it parts the
/// lines below it.
fn first_even_line(sample: &[u8]) -> u64 {
    const LINES: u64 = 10;
    let begins = |line: &u64| {
        let rest = from_line(sample, *line);
        DELIMITERS.into_iter().any(|delimiter| evenness(rest, delimiter).is_some_and(|(share, _)| share >= 80))
    };
    (1..=LINES).find(begins).unwrap_or(1)
}

/// A text from its `line`th line on, counted from 1.
fn from_line(text: &[u8], line: u64) -> &[u8] {
    let mut rest = text;
    for _ in 1..line {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return rest };
        rest = &rest[end + 1..];
    }
    rest
}

fn encoding_of(source: &Source, declared: Option<&str>) -> Result<&'static Encoding, Refusal> {
    if let Some(name) = declared {
        return Encoding::for_label(name.as_bytes())
            .ok_or_else(|| Fault::NoSuchEncoding { name: name.to_owned() }.into());
    }
    match find(&source.path).map_err(|error| source.unreadable(&error))? {
        Found::Text(encoding) => Ok(encoding),
        Found::Perhaps(guess) => {
            Err(Fault::UncertainEncoding { file: source.name.to_string(), guess: guess.name().to_lowercase() }.into())
        }
        Found::Binary => Err(source.wrong_format("a text file", known_signature(source))),
    }
}

/// What a file that is no text is likely to be.
fn known_signature(source: &Source) -> String {
    let mut first = [0; 8];
    let read = File::open(&source.path).and_then(|mut file| file.read(&mut first)).unwrap_or(0);
    match &first[..read] {
        [b'P', b'K', 3, 4, ..] => "it looks like a workbook (XLSX) or another archive",
        [b'P', b'A', b'R', b'1', ..] => "it looks like Parquet",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "it looks like an old workbook (XLS)",
        [b'%', b'P', b'D', b'F', ..] => "it looks like PDF",
        [0x1f, 0x8b, ..] => "it looks like a gzip archive",
        _ => "it holds zero bytes",
    }
    .to_owned()
}

/// The decoded beginning of the file; wrong bytes in it are found when it is read for good.
fn sample(source: &Source, encoding: &'static Encoding) -> Result<Vec<u8>, Refusal> {
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let mut bytes = Vec::new();
    file.take(SAMPLE).read_to_end(&mut bytes).map_err(|error| source.unreadable(&error))?;
    Ok(encoding.decode_with_bom_removal(&bytes).0.into_owned().into_bytes())
}

/// The sign that parts the sample into the most even rows; one that shows every wanted column wins.
pub(crate) fn find_delimiter(sample: &[u8], wanted: &[Wanted]) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = reader(sample, delimiter);
        let mut record = ByteRecord::new();
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            return (false, 0, 0);
        }
        let has = |name: &str| record.iter().any(|field| trimmed(field) == name.as_bytes());
        let all = !wanted.is_empty() && wanted.iter().all(|column| column.optional || has(&column.name));
        let (share, columns) = evenness(sample, delimiter).unwrap_or((0, record.len()));
        (all && columns >= 2, share, columns)
    };
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter));
    best.unwrap_or(b',')
}

fn reader(sample: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(sample)
}

/// How many of a hundred rows have as many fields as the first, and how many those are; absent where they are one.
fn evenness(sample: &[u8], delimiter: u8) -> Option<(usize, usize)> {
    let mut reader = reader(sample, delimiter);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).unwrap_or(false) || record.len() < 2 {
        return None;
    }
    let columns = record.len();
    let (mut even, mut rows) = (0_usize, 0_usize);
    while rows < 200 && reader.read_byte_record(&mut record).unwrap_or(false) {
        // The sample's last record may be cut off.
        if reader.is_done() {
            break;
        }
        rows += 1;
        even += usize::from(record.len() == columns);
    }
    Some(((even * 100).checked_div(rows).unwrap_or(100), columns))
}

fn trimmed(field: &[u8]) -> &[u8] {
    field.trim_ascii()
}

fn header_of(source: &Source, record: &ByteRecord) -> Result<Vec<String>, Refusal> {
    let header: Result<Vec<String>, _> =
        record.iter().map(|field| std::str::from_utf8(field).map(|name| name.trim().to_owned())).collect();
    header.map_err(|error| source.unreadable(&error))
}

/// Empty lines before a record that ends `lines` lines after the one before it. The reader passes over them,
/// a spreadsheet gives each a number; line ends inside of fields it does not.
fn blank_lines(record: &ByteRecord, lines: u64) -> u64 {
    if lines <= 1 {
        return 0;
    }
    let inside: usize = record.iter().map(|field| field.iter().filter(|byte| **byte == b'\n').count()).sum();
    (lines - 1).saturating_sub(inside as u64)
}

fn fault_of(source: &Source, encoding: &'static Encoding, error: &csv::Error, row: u64, options: &Options) -> Refusal {
    let csv::ErrorKind::Io(io) = error.kind() else { return source.unreadable(error) };
    let file = source.name.to_string();
    if io.kind() == io::ErrorKind::InvalidData {
        let byte = io.to_string().parse().unwrap_or(0);
        return Fault::Undecodable { file, encoding: encoding.name().to_owned(), byte }.into();
    }
    if io.to_string() == TOO_LONG {
        return Fault::RecordTooLong { file, row, limit_bytes: options.max_record_bytes }.into();
    }
    source.unreadable(io)
}

struct Building(Batch, usize);

impl Building {
    fn new(places: &[Option<usize>]) -> Self {
        let columns = places.iter().map(|place| match place {
            Some(_) => Column::Text(TextColumn::default()),
            None => Column::Absent,
        });
        Self(Batch { columns: columns.collect(), ..Batch::default() }, 0)
    }

    fn is_full(&self) -> bool {
        self.0.rows.len() >= BATCH_ROWS || self.1 >= BATCH_BYTES
    }

    fn push(
        &mut self,
        source: &Source,
        record: &ByteRecord,
        line: u64,
        width: usize,
        places: &[Option<usize>],
    ) -> Result<(), Refusal> {
        if record.len() != width {
            self.0.ragged.push((self.0.rows.len(), record.len()));
        }
        self.0.rows.push(line);
        for (place, column) in places.iter().zip(&mut self.0.columns) {
            let (Some(place), Column::Text(texts)) = (place, column) else { continue };
            let field = record.get(*place).unwrap_or_default();
            let text = std::str::from_utf8(field).map_err(|error| source.unreadable(&error))?;
            texts.push(text);
            self.1 += text.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(path: &std::path::Path) -> Source {
        let layout = super::super::Layout::Delimited { delimiter: None, encoding: None };
        Source { path: path.to_owned(), name: "t.csv".into(), bytes: 0, header_row: 1, layout }
    }

    fn wanted(names: &[&str]) -> Vec<Wanted> {
        names.iter().map(|name| Wanted { name: (*name).to_owned(), optional: false }).collect()
    }

    fn read(bytes: &[u8], columns: &[&str], options: &Options) -> Result<Vec<(u64, Vec<String>)>, Refusal> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        let mut rows = Vec::new();
        source(file.path()).scan(&wanted(columns), options, &mut |batch| {
            for (at, row) in batch.rows.iter().enumerate() {
                let cells = batch.columns.iter().map(|column| column.cell(at).text().into_owned());
                rows.push((*row, cells.collect()));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn rows_have_the_numbers_a_spreadsheet_gives_them() {
        for ending in ["\n", "\r\n"] {
            let text = ["a,b", "1,\"x, y\"", "2,\"said \"\"no\"\"\"", "", "3,\"z\nz\"", "4,q"].join(ending);
            let rows = read(text.as_bytes(), &["b", "a"], &Options::default()).expect("it reads");
            let expected = [(2, ["x, y", "1"]), (3, ["said \"no\"", "2"]), (5, ["z\nz", "3"]), (6, ["q", "4"])];
            let expected: Vec<_> =
                expected.into_iter().map(|(row, cells)| (row, cells.map(str::to_owned).to_vec())).collect();
            assert_eq!(rows, expected, "{ending:?}");
        }
    }

    #[test]
    fn delimiters_are_found() {
        for (text, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n3,5;2\n", b';'),
            ("a\tb\n1, 2\t3\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("name;note\nx;\"a,b,c\"\ny;\"d,e\"\n", b';'),
            ("one\n1\n", b','),
            ("", b','),
        ] {
            assert_eq!(char::from(find_delimiter(text.as_bytes(), &[])), char::from(expected), "{text}");
        }
    }

    #[test]
    fn a_record_that_never_ends_is_refused_with_its_row() {
        let options = Options { max_record_bytes: 1 << 17, ..Options::default() };
        let text = format!("a,b\n1,2\n3,\"{}", "x".repeat(1 << 20));
        let refusal = read(text.as_bytes(), &["a"], &options).expect_err("too long");
        let limit_bytes = 1 << 17;
        assert_eq!(refusal.faults, [Fault::RecordTooLong { file: "t.csv".into(), row: 3, limit_bytes }]);
        let short = format!("a,b\n1,2\n3,{}\n", "x".repeat(1 << 16));
        assert_eq!(read(short.as_bytes(), &["a"], &options).expect("short enough").len(), 2);
    }

    #[test]
    fn two_gibibytes_on_one_line_are_read_in_bounded_memory() {
        let meter = Rc::new(Meter::default());
        meter.limit.set(16 << 20);
        let endless = io::repeat(b'x').take(2 << 30);
        let inner = Bounded { inner: Utf8Reader::new(endless, encoding_rs::UTF_8), meter: Rc::clone(&meter) };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(inner);
        let error = reader.read_byte_record(&mut ByteRecord::new()).expect_err("too long");
        assert!(error.to_string().contains(TOO_LONG));
        assert!(meter.handed.get() < 17 << 20, "it stopped at {}", meter.handed.get());
    }

    #[test]
    fn a_missing_column_is_named_beside_those_there_are() {
        let refusal = read(b"a,b\n1,2\n", &["a", "c"], &Options::default()).expect_err("missing");
        let expected = Fault::MissingColumn {
            file: "t.csv".into(),
            columns: vec!["c".into()],
            found: vec!["a".into(), "b".into()],
        };
        assert_eq!(refusal.faults, [expected]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, &[], &Options::default());
        }

        #[test]
        fn what_a_writer_wrote_is_read(
            delimiter in proptest::sample::select(DELIMITERS.to_vec()),
            cells in proptest::collection::vec(proptest::array::uniform3("[a-z0-9 ,;|\"\t客户]{0,8}"), 1..20),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(["first", "second", "third"]).expect("memory");
            for row in &cells {
                writer.write_record(row).expect("memory");
            }
            let bytes = writer.into_inner().expect("memory");
            prop_assert_eq!(char::from(find_delimiter(&bytes, &wanted(&["second"]))), char::from(delimiter));
            let rows = read(&bytes, &["first", "second", "third"], &Options::default()).expect("it reads");
            let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
            let expected: Vec<Vec<String>> =
                cells.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            prop_assert_eq!(rows, expected);
        }
    }
}
