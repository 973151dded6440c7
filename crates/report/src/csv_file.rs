//! CSV by RFC 4180: a head, then rows; portions of one file may be made one after the other.

use app::answer::{Answer, Cell};

use crate::{Lang, decimals, head, major, name};

/// A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it.
#[must_use]
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        std::borrow::Cow::Owned(format!("'{text}"))
    } else {
        std::borrow::Cow::Borrowed(text)
    }
}

fn written(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Memory takes every byte, and rows of one answer are of one length.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().unwrap_or_default()
}

/// The head; `bom` marks it as UTF-8 for spreadsheets that would guess otherwise.
#[must_use]
pub fn csv_head(answer: &Answer, lang: Lang, bom: bool) -> Vec<u8> {
    let heads = answer.columns.iter().map(|column| harmless(&head(answer, column, lang)).into_owned());
    let line = written(std::iter::once(heads.collect()));
    if bom { ["\u{feff}".as_bytes(), &line].concat() } else { line }
}

/// The rows.
#[must_use]
pub fn csv_rows(answer: &Answer, lang: Lang) -> Vec<u8> {
    let decimals = decimals(answer);
    let cell = |cell: &Cell| match cell {
        Cell::Int(value) => value.to_string(),
        Cell::Minor(minor) => major(*minor, decimals),
        Cell::Float(value) => value.to_string(),
        Cell::Date(day) => day.to_string(),
        Cell::Undefined(_) => String::new(),
        named => harmless(name(named, lang).unwrap_or_default()).into_owned(),
    };
    written(answer.rows.iter().map(|row| row.iter().map(cell).collect()))
}
