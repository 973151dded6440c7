//! Tables as texts, and texts as values: for whoever cleans a table before anybody says what its columns mean.

use std::path::Path;

use arrow::array::{StringArray, StringBuilder};
use domain::Day;

use crate::issue::Refusal;
use crate::look::Look;
use crate::options::Options;
use crate::profile::spec::Decimal as Sign;
use crate::table::{Cell, Wanted, single};
use crate::value::date::Formats;
use crate::value::decimal::Decimal;

/// Some rows of a table.
#[derive(Debug)]
pub struct Texts {
    /// The number of each row in its file.
    pub rows: Vec<u64>,
    /// The columns of the look, in its order; null where nothing stands.
    pub columns: Vec<StringArray>,
    /// Rows that have not as many fields as there are headings: their places among these, and how many they have.
    pub ragged: Vec<(usize, usize)>,
    /// Bytes of the file that were read by now.
    pub bytes_done: u64,
}

/// Reads every row of the table that was looked at, some thousand at a time, with the columns that can be read
/// ([`Look::headings`]).
///
/// # Errors
/// [`Refusal`] where the file cannot be read to its end, and that of `sink`.
pub fn texts(
    path: &Path,
    look: &Look,
    options: &Options,
    sink: &mut dyn FnMut(Texts) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut source = single(path, &look.file, None)?;
    source.header_row = u64::from(look.header_row);
    source.layout = look.layout.clone();
    let wanted: Vec<Wanted> = look.headings().map(|name| Wanted { name: name.to_owned(), optional: true }).collect();
    source.scan(&wanted, options, &mut |batch| {
        let columns = batch.columns.iter().map(|column| {
            let mut texts = StringBuilder::new();
            for row in 0..batch.rows.len() {
                match column.cell(row) {
                    cell if cell.is_blank() => texts.append_null(),
                    // As written: what is around a text is for a step to take off.
                    Cell::Text(text) => texts.append_value(text),
                    cell => texts.append_value(cell.text()),
                }
            }
            texts.finish()
        });
        let ragged = batch.ragged.clone();
        sink(Texts { rows: batch.rows.clone(), columns: columns.collect(), ragged, bytes_done: batch.bytes_done })
    })?;
    Ok(())
}

/// A number as people write it (currency signs, grouped thousands, brackets for negative ones, 万 and 亿, full-width
/// figures): `units / 10^scale`. None where it is no number.
#[must_use]
pub fn number(text: &str, decimal_comma: bool) -> Option<(i128, i32)> {
    let number = Decimal::parse(text, if decimal_comma { Sign::Comma } else { Sign::Point })?;
    Some((number.units, number.scale))
}

/// Ways in which dates are written.
#[derive(Debug, Clone)]
pub struct DateForms(Formats);

impl DateForms {
    /// `iso`, `unix-s`, `unix-ms`, `excel`, `month`, `month-end`, `quarter`, `quarter-end`, or signs such as `%d/%m/%Y`,
    /// in the order in which they are tried.
    ///
    /// # Errors
    /// The one that is none.
    pub fn new(forms: &[String]) -> Result<Self, String> {
        Formats::new(forms).map(Self)
    }

    /// The day that a text tells; of a moment the day that is written. None where it is no date.
    #[must_use]
    pub fn day(&self, text: &str) -> Option<Day> {
        self.0.read(Cell::Text(text)).ok()?.written_day()
    }
}
