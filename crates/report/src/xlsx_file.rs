//! A workbook of one sheet: numbers as numbers with their format, the head frozen, columns as wide as they need.

use app::answer::{Answer, Cell, Unit};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::{Lang, ReportError, decimals, head, name};

/// Rows that a sheet holds beside its head.
pub const MOST_ROWS: usize = 1_048_575;
/// Characters of a text that a cell holds.
const LONGEST: usize = 32_767;

fn number_format(unit: Unit, decimals: u32) -> String {
    match unit {
        Unit::Count => "#,##0".to_owned(),
        Unit::AmountMinor if decimals == 0 => "#,##0".to_owned(),
        Unit::AmountMinor => format!("#,##0.{}", "0".repeat(decimals as usize)),
        Unit::Share => "0.0%".to_owned(),
        Unit::Days => "0.0".to_owned(),
        Unit::Date => "yyyy-mm-dd".to_owned(),
        Unit::Text | Unit::Number => "General".to_owned(),
    }
}

/// The answer as a workbook.
///
/// # Errors
/// More rows than a sheet holds, or the writer's own.
pub fn xlsx(answer: &Answer, lang: Lang) -> Result<Vec<u8>, ReportError> {
    if answer.rows.len() > MOST_ROWS {
        return Err(ReportError(format!("{} rows do not fit a sheet of {MOST_ROWS}", answer.rows.len())));
    }
    written(answer, lang).map_err(|error| ReportError(error.to_string()))
}

#[allow(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are doubles")]
fn written(answer: &Answer, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let decimals = decimals(answer);
    let unit = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    let formats: Vec<Format> = answer
        .columns
        .iter()
        .map(|column| Format::new().set_num_format(number_format(column.unit, decimals)))
        .collect();
    for (at, column) in (0_u16..).zip(&answer.columns) {
        sheet.write_string_with_format(0, at, head(answer, column, lang), &bold)?;
    }
    for (row, cells) in (1_u32..).zip(&answer.rows) {
        for ((at, cell), format) in (0_u16..).zip(cells).zip(&formats) {
            let value = match cell {
                Cell::Int(value) => *value as f64,
                Cell::Minor(minor) => *minor as f64 / unit,
                Cell::Float(value) => *value,
                // Day 25,569 of a spreadsheet is the first of 1970.
                Cell::Date(day) => f64::from(day.0) + 25_569.0,
                Cell::Undefined(_) => continue,
                named => {
                    let text: String = name(named, lang).unwrap_or_default().chars().take(LONGEST).collect();
                    sheet.write_string(row, at, text)?;
                    continue;
                }
            };
            sheet.write_number_with_format(row, at, value, format)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    workbook.save_to_buffer()
}
