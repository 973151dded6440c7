//! The size of the tables of an ODS, before anybody makes room for them: a few bytes can say that a cell is repeated a
//! million times.

use std::fs::File;
use std::io::{BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::Source;
use crate::issue::{Fault, Refusal};

/// Cells, empty ones included, that the filled part of a table may have: what a spreadsheet program opens.
const MOST_CELLS: u64 = 50_000_000;

/// Refuses tables that are larger than anybody fills in.
pub(super) fn guard(source: &Source) -> Result<(), Refusal> {
    let wrong = |found: String| source.wrong_format("a workbook (ODS)", found);
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    let part = archive.by_name("content.xml").map_err(|error| wrong(error.to_string()))?;
    let packed_bytes = part.compressed_size();
    let cells = largest_table(part).map_err(wrong)?;
    if cells > MOST_CELLS {
        let (file, part) = (source.name.to_string(), format!("content.xml, a table of {cells} cells"));
        return Err(Fault::ArchiveTooLarge { file, part, packed_bytes, limit_bytes: MOST_CELLS }.into());
    }
    Ok(())
}

/// Cells of the rectangle that the filled part of the largest table takes.
fn largest_table(content: impl Read) -> Result<u64, String> {
    let mut reader = Reader::from_reader(BufReader::new(content));
    let (mut buffer, mut largest) = (Vec::new(), 0);
    let mut table = Table::default();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|error| error.to_string())?;
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "table" => table = Table::default(),
                "table-row" => table.begin_row(repeated(&tag, "number-rows-repeated")),
                "table-cell" | "covered-table-cell" => table.cell(&tag),
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "table-row" => {
                    table.begin_row(repeated(&tag, "number-rows-repeated"));
                    table.end_row();
                }
                "table-cell" | "covered-table-cell" => table.cell(&tag),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "table-row" => table.end_row(),
                "table" => largest = largest.max(table.cells()),
                _ => {}
            },
            Event::Eof => return Ok(largest),
            _ => {}
        }
    }
}

/// What an empty cell may say.
const OF_LOOKS: [&str; 6] = [
    "number-columns-repeated",
    "number-columns-spanned",
    "number-rows-spanned",
    "style-name",
    "content-validation-name",
    "protected",
];

fn repeated(tag: &BytesStart<'_>, attribute: &str) -> u64 {
    let found = tag.attributes().flatten().find(|found| found.key.local_name().as_ref() == attribute);
    let number = found.and_then(|found| found.value.parse().ok());
    number.unwrap_or(1)
}

/// How far the cells with something in them reach.
#[derive(Debug, Default)]
struct Table {
    rows: u64,
    row_repeats: u64,
    column: u64,
    row_reaches: u64,
    reaches_rows: u64,
    reaches_columns: u64,
}

impl Table {
    fn begin_row(&mut self, repeats: u64) {
        (self.row_repeats, self.column, self.row_reaches) = (repeats, 0, 0);
    }

    fn cell(&mut self, tag: &BytesStart<'_>) {
        self.column = self.column.saturating_add(repeated(tag, "number-columns-repeated"));
        // Whatever is said of a cell beside its looks may make the reader put something there.
        let is_said = |name: &str| !OF_LOOKS.contains(&name);
        if tag.attributes().flatten().any(|found| is_said(found.key.local_name().as_ref())) {
            self.row_reaches = self.column;
        }
    }

    fn end_row(&mut self) {
        self.rows = self.rows.saturating_add(self.row_repeats);
        if self.row_reaches > 0 {
            self.reaches_rows = self.rows;
            self.reaches_columns = self.reaches_columns.max(self.row_reaches);
        }
    }

    const fn cells(&self) -> u64 {
        self.reaches_rows.saturating_mul(self.reaches_columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_counted_as_far_as_something_stands_in_them() {
        let of = |rows: &str| {
            let xml = format!("<o:body xmlns:o='o' xmlns:t='t'><t:table>{rows}</t:table></o:body>");
            largest_table(xml.as_bytes()).expect("it is XML")
        };
        let cell = "<t:table-cell o:value-type='string'/>";
        assert_eq!(of(&format!("<t:table-row>{cell}{cell}</t:table-row><t:table-row>{cell}</t:table-row>")), 4);
        for said in ["o:value='1'", "o:string-value='x'", "t:formula='of:=1'", "o:date-value='2026-01-01'"] {
            let cell = format!("<t:table-cell {said} t:number-columns-repeated='16384'/>");
            assert_eq!(of(&format!("<t:table-row>{cell}</t:table-row>")), 16_384, "{said}");
        }
        let far = "<t:table-cell t:style-name='ce1' t:number-columns-repeated='16000'/>";
        assert_eq!(of(&format!("<t:table-row>{cell}{far}</t:table-row>")), 1, "what is empty behind it does not count");
        let rows = format!("<t:table-row t:number-rows-repeated='1000000'>{far}{cell}</t:table-row>");
        assert_eq!(of(&rows), 16_001_000_000);
        assert_eq!(
            of(&format!("<t:table-row t:number-rows-repeated='1000000'/><t:table-row>{cell}</t:table-row>")),
            1_000_001
        );
        assert_eq!(of("<t:table-row t:number-rows-repeated='99999999999999999999999'/>"), 0);
    }
}
