//! Workbooks, cell by cell. A sheet of XLSX is never held as a rectangle, whose size its two corners alone decide; those
//! of the older XLS are, which have 65,536 rows of 256 columns at most, and those of ODS, whose rectangle is measured
//! before it is made.

use std::fs::File;
use std::io::BufReader;

use calamine::{Data, DataRef, ExcelDateTime, Ods, Range, Reader as _, Xls, Xlsx};
use chrono::NaiveDate;

use super::merged::Merged;
use super::{BATCH_ROWS, Batch, Cell, Column, OwnedCell, Source, Wanted, archive, ods};
use crate::issue::{Fault, Refusal};
use crate::options::Options;

/// Columns that a sheet may have.
const SHEET_COLUMNS: usize = 16_384;
/// Columns of it that a look shows.
const MAX_COLUMNS: usize = 2000;

pub(super) fn scan(
    source: &Source,
    sheet: Option<&str>,
    wanted: &[Wanted],
    options: &Options,
    sink: &mut super::Sink<'_>,
) -> Result<String, Refusal> {
    let mut book = Book::open(source, options)?;
    let name = chosen_sheet(source, &book.sheets(), sheet)?;
    let mut building = Building::new(source, wanted);
    let from = u32::try_from(source.header_row).unwrap_or(u32::MAX);
    book.cells(source, &name, &mut |row, column, cell| {
        if row < from { Ok(true) } else { building.add(u64::from(row), column, cell, sink).map(|()| true) }
    })?;
    building.end(sink)?;
    Ok(format!("workbook, sheet {name}"))
}

/// The names of a workbook's sheets.
pub(crate) fn sheets(source: &Source, options: &Options) -> Result<Vec<String>, Refusal> {
    Ok(Book::open(source, options)?.sheets())
}

/// Hands every row of a sheet to `each`, from the first on, until it has seen enough.
pub(super) fn look(
    source: &Source,
    sheet: Option<&str>,
    options: &Options,
    each: &mut super::Each<'_>,
) -> Result<String, Refusal> {
    let mut book = Book::open(source, options)?;
    let name = chosen_sheet(source, &book.sheets(), sheet)?;
    let (mut gathering, mut cells, mut enough) = (0, Vec::new(), false);
    book.cells(source, &name, &mut |row, column, cell| {
        if row != gathering {
            let done = std::mem::take(&mut cells);
            enough = !done.is_empty() && each(u64::from(gathering), done).is_break();
            gathering = row;
        }
        if !cell.cell().is_blank() && column < MAX_COLUMNS {
            cells.resize(cells.len().max(column + 1), OwnedCell::Plain(Cell::Empty));
            cells[column] = cell;
        }
        Ok(!enough)
    })?;
    if !enough && !cells.is_empty() {
        // Whether it wants more does not matter any longer: this was the last row.
        let _ = each(u64::from(gathering), cells);
    }
    Ok(format!("workbook, sheet {name}"))
}

/// A kind of workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Xlsx,
    Xls,
    Ods,
}

impl Kind {
    const fn expected(self) -> &'static str {
        match self {
            Self::Xlsx => "a workbook (XLSX)",
            Self::Xls => "a workbook (XLS)",
            Self::Ods => "a workbook (ODS)",
        }
    }
}

/// An opened workbook.
enum Book {
    Xlsx(Box<Xlsx<BufReader<File>>>),
    Xls(Box<Xls<BufReader<File>>>),
    Ods(Box<Ods<BufReader<File>>>),
}

impl Book {
    fn open(source: &Source, options: &Options) -> Result<Self, Refusal> {
        let super::Layout::Workbook { kind, .. } = source.layout else {
            return Err(source.wrong_format("a workbook", "another format"));
        };
        match kind {
            Kind::Xlsx => archive::guard(source, kind.expected(), options)?,
            Kind::Ods => {
                archive::guard(source, kind.expected(), options)?;
                ods::guard(source)?;
            }
            Kind::Xls => {}
        }
        let file = BufReader::new(File::open(&source.path).map_err(|error| source.unreadable(&error))?);
        match kind {
            Kind::Xlsx => Xlsx::new(file).map(|book| Self::Xlsx(Box::new(book))).map_err(|e| damaged(source, &e)),
            Kind::Xls => Xls::new(file).map(|book| Self::Xls(Box::new(book))).map_err(|e| damaged(source, &e)),
            Kind::Ods => Ods::new(file).map(|book| Self::Ods(Box::new(book))).map_err(|e| damaged(source, &e)),
        }
    }

    fn sheets(&self) -> Vec<String> {
        match self {
            Self::Xlsx(book) => book.sheet_names(),
            Self::Xls(book) => book.sheet_names(),
            Self::Ods(book) => book.sheet_names(),
        }
    }

    /// Calls `each` with row (from 1 on), column (from 0 on) and value of every cell, as long as it says to go on.
    fn cells(
        &mut self,
        source: &Source,
        sheet: &str,
        each: &mut dyn FnMut(u32, usize, OwnedCell) -> Result<bool, Refusal>,
    ) -> Result<(), Refusal> {
        let book = match self {
            Self::Xlsx(book) => book,
            Self::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|error| damaged(source, &error))?;
                let regions = book.merge_cells_by_sheet_name(sheet).map_err(|error| damaged(source, &error))?;
                let mut merged = Merged::new(&regions);
                return each_of(&range, &mut |row, column, cell| {
                    merged.pass((row, column), cell, each).unwrap_or_else(|| Err(covered(source)))
                });
            }
            Self::Ods(book) => {
                let range = book.worksheet_range(sheet).map_err(|error| damaged(source, &error))?;
                return each_of(&range, each);
            }
        };
        let regions = book.merge_cells_by_sheet_name(sheet).map_err(|error| damaged(source, &error))?;
        let mut merged = Merged::new(&regions);
        let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| damaged(source, &error))?;
        while let Some(cell) = cells.next_cell().map_err(|error| damaged(source, &error))? {
            let (row, column) = cell.get_position();
            let passed = merged.pass((row + 1, column as usize), owned(cell.get_value()), each);
            if !passed.unwrap_or_else(|| Err(covered(source)))? {
                break;
            }
        }
        Ok(())
    }
}

fn each_of(
    range: &Range<Data>,
    each: &mut dyn FnMut(u32, usize, OwnedCell) -> Result<bool, Refusal>,
) -> Result<(), Refusal> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, cell) in range.used_cells() {
        let row = first_row + u32::try_from(row).unwrap_or(u32::MAX - first_row) + 1;
        if !each(row, first_column as usize + column, owned_whole(cell))? {
            break;
        }
    }
    Ok(())
}

fn covered(source: &Source) -> Refusal {
    damaged(source, &"a sheet whose merged cells cover millions of others")
}

fn damaged(source: &Source, error: &dyn std::fmt::Display) -> Refusal {
    let expected = match source.layout {
        super::Layout::Workbook { kind, .. } => kind.expected(),
        _ => "a workbook",
    };
    source.wrong_format(expected, error.to_string())
}

fn chosen_sheet(source: &Source, names: &[String], wanted: Option<&str>) -> Result<String, Refusal> {
    let chosen = match wanted {
        Some(wanted) => names.iter().find(|name| *name == wanted),
        None => names.first(),
    };
    chosen.cloned().ok_or_else(|| {
        let sheet = wanted.unwrap_or("1").to_owned();
        Fault::MissingSheet { file: source.name.to_string(), sheet, found: names.to_vec() }.into()
    })
}

fn owned(value: &DataRef<'_>) -> OwnedCell {
    match value {
        DataRef::Empty => OwnedCell::Plain(Cell::Empty),
        DataRef::Int(number) => OwnedCell::Plain(Cell::Int(*number)),
        DataRef::Float(number) => number_of(*number),
        DataRef::Bool(yes) => OwnedCell::Plain(Cell::Bool(*yes)),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            OwnedCell::Text(text.as_str().into())
        }
        DataRef::SharedString(text) => OwnedCell::Text((*text).into()),
        DataRef::DateTime(serial) => moment(serial),
        DataRef::Error(error) => OwnedCell::Bad(error.to_string().into()),
    }
}

/// The same of a sheet that is held whole.
fn owned_whole(value: &Data) -> OwnedCell {
    match value {
        Data::Empty => OwnedCell::Plain(Cell::Empty),
        Data::Int(number) => OwnedCell::Plain(Cell::Int(*number)),
        Data::Float(number) => number_of(*number),
        Data::Bool(yes) => OwnedCell::Plain(Cell::Bool(*yes)),
        Data::DateTimeIso(text) => written_moment(text).unwrap_or_else(|| OwnedCell::Text(text.as_str().into())),
        Data::String(text) | Data::DurationIso(text) => OwnedCell::Text(text.as_str().into()),
        Data::DateTime(serial) => moment(serial),
        Data::Error(error) => OwnedCell::Bad(error.to_string().into()),
    }
}

/// A number of a cell. A long whole one has lost its last digits where it was kept as a number: whoever shows digits
/// there makes them up.
fn number_of(number: f64) -> OwnedCell {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.abs() >= EXACT {
        OwnedCell::Bad(format!("{number:E}").into())
    } else {
        OwnedCell::Plain(Cell::Float(number))
    }
}

fn moment(serial: &ExcelDateTime) -> OwnedCell {
    OwnedCell::Plain(match wall_clock(serial) {
        Some(micros) if serial.is_datetime() => Cell::Local(micros),
        _ => Cell::Float(serial.as_f64()),
    })
}

/// A date cell of ODS, which writes it out: `2026-01-05` or `2026-01-05T08:30:00`.
fn written_moment(text: &str) -> Option<OwnedCell> {
    if let Some(day) = domain::Day::parse(text) {
        return Some(OwnedCell::Plain(Cell::Day(day.0)));
    }
    let at: chrono::NaiveDateTime = text.parse().ok()?;
    Some(OwnedCell::Plain(Cell::Local(at.and_utc().timestamp_micros())))
}

/// Microseconds of the wall clock that a date cell shows.
fn wall_clock(serial: &ExcelDateTime) -> Option<i64> {
    let (year, month, day, hour, minute, second, milli) = serial.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?;
    let at = date.and_hms_milli_opt(u32::from(hour), u32::from(minute), u32::from(second), u32::from(milli))?;
    Some(at.and_utc().timestamp_micros())
}

/// Cells come row by row; those of one row are gathered and then put to the columns that are wanted.
struct Building<'a> {
    source: &'a Source,
    wanted: &'a [Wanted],
    /// Where each wanted column is, once the header was seen.
    places: Option<Vec<Option<usize>>>,
    width: usize,
    row: u64,
    cells: Vec<(usize, OwnedCell)>,
    rows: Vec<u64>,
    columns: Vec<Vec<OwnedCell>>,
    rows_done: u64,
}

impl<'a> Building<'a> {
    fn new(source: &'a Source, wanted: &'a [Wanted]) -> Self {
        Self {
            source,
            wanted,
            places: None,
            width: 0,
            row: 0,
            cells: Vec::new(),
            rows: Vec::new(),
            columns: vec![Vec::new(); wanted.len()],
            rows_done: 0,
        }
    }

    fn add(&mut self, row: u64, column: usize, cell: OwnedCell, sink: &mut super::Sink<'_>) -> Result<(), Refusal> {
        if column >= SHEET_COLUMNS {
            let found = format!("row {row} has a cell in column {}, and a sheet has {SHEET_COLUMNS}", column + 1);
            return Err(self.source.wrong_format("a workbook", found));
        }
        if row != self.row {
            self.end_row(sink)?;
            self.row = row;
        }
        if !cell.cell().is_blank() {
            self.cells.push((column, cell));
        }
        Ok(())
    }

    fn end_row(&mut self, sink: &mut super::Sink<'_>) -> Result<(), Refusal> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let Some(places) = &self.places else {
            return self.take_header();
        };
        self.rows.push(self.row);
        for (place, column) in places.iter().zip(&mut self.columns) {
            let found = place.and_then(|place| self.cells.iter_mut().find(|(at, _)| *at == place));
            let taken = found.map(|(_, cell)| std::mem::replace(cell, OwnedCell::Plain(Cell::Empty)));
            column.push(taken.unwrap_or(OwnedCell::Plain(Cell::Empty)));
        }
        self.cells.clear();
        if self.rows.len() >= BATCH_ROWS { self.flush(sink) } else { Ok(()) }
    }

    fn take_header(&mut self) -> Result<(), Refusal> {
        self.width = self.cells.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let mut header = vec![String::new(); self.width];
        for (column, cell) in self.cells.drain(..) {
            header[column] = cell.cell().text().into_owned();
        }
        self.places = Some(self.source.match_columns(&header, self.wanted)?);
        Ok(())
    }

    fn flush(&mut self, sink: &mut super::Sink<'_>) -> Result<(), Refusal> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.rows_done += self.rows.len() as u64;
        let columns = self.columns.iter_mut().map(|column| Column::Mixed(std::mem::take(column))).collect();
        // A workbook's cells do not tell how far into the file they are; the whole counts at the end.
        let batch = Batch { rows: std::mem::take(&mut self.rows), columns, ragged: Vec::new(), bytes_done: 0 };
        sink(&batch)
    }

    fn end(&mut self, sink: &mut super::Sink<'_>) -> Result<(), Refusal> {
        self.end_row(sink)?;
        if self.places.is_none() {
            return Err(Fault::Empty { file: self.source.name.to_string() }.into());
        }
        self.flush(sink)
    }
}
