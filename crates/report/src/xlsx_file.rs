//! A workbook of one sheet: numbers as numbers with their format, the head frozen, columns as wide as they need.

use std::io::Write;
use std::path::Path;

use app::answer::{Answer, Cell, Column, Unit};
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

/// Characters that a column is wide at least, with numbers, and at most.
const MIN_WIDTH: usize = 6;
const NUMBER_WIDTH: usize = 12;
const WIDEST: usize = 60;

impl From<XlsxError> for ReportError {
    fn from(error: XlsxError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The answer as a workbook.
///
/// # Errors
/// More rows than a sheet holds, or the writer's own.
pub fn xlsx(answer: &Answer, lang: Lang) -> Result<Vec<u8>, ReportError> {
    let mut file = XlsxFile::new(answer, lang, None)?;
    file.rows(answer)?;
    let mut bytes = Vec::new();
    file.finish(&mut bytes)?;
    Ok(bytes)
}

/// A workbook that is written page by page.
pub struct XlsxFile {
    workbook: Workbook,
    lang: Lang,
    decimals: u32,
    formats: Vec<Format>,
    /// Characters of the longest value of each column so far.
    widths: Vec<usize>,
    rows: usize,
}

impl std::fmt::Debug for XlsxFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XlsxFile").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl XlsxFile {
    /// A workbook for pages like the first one. With a folder for scratch files a row is in memory only while it is
    /// written, without one all of them are.
    ///
    /// # Errors
    /// The writer's own.
    pub fn new(first: &Answer, lang: Lang, scratch_dir: Option<&Path>) -> Result<Self, ReportError> {
        let decimals = decimals(first);
        let mut workbook = Workbook::new();
        let sheet = match scratch_dir {
            None => workbook.add_worksheet(),
            Some(folder) => workbook.set_tempdir(folder)?.add_worksheet_with_constant_memory()?,
        };
        let bold = Format::new().set_bold();
        let mut widths = Vec::with_capacity(first.columns.len());
        for (at, column) in (0_u16..).zip(&first.columns) {
            let head = head(first, column, lang);
            sheet.write_string_with_format(0, at, &head, &bold)?;
            widths.push(width(&head));
        }
        sheet.set_freeze_panes(1, 0)?;
        let format = |column: &Column| Format::new().set_num_format(number_format(column.unit, decimals));
        let formats = first.columns.iter().map(format).collect();
        Ok(Self { workbook, lang, decimals, formats, widths, rows: 0 })
    }

    /// Writes the rows of a page.
    ///
    /// # Errors
    /// [`ReportError::TooManyRows`], or the writer's own.
    #[allow(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are doubles")]
    pub fn rows(&mut self, page: &Answer) -> Result<(), ReportError> {
        if self.rows + page.rows.len() > MOST_ROWS {
            return Err(ReportError::TooManyRows { most: MOST_ROWS });
        }
        let unit = 10_f64.powi(i32::try_from(self.decimals).unwrap_or(0));
        let sheet = self.workbook.worksheet_from_index(0)?;
        for cells in &page.rows {
            self.rows += 1;
            let row = u32::try_from(self.rows).unwrap_or(u32::MAX);
            for (at, (cell, format)) in (0_u16..).zip(cells.iter().zip(&self.formats)) {
                let longest = &mut self.widths[usize::from(at)];
                let value = match cell {
                    Cell::Int(value) => *value as f64,
                    Cell::Minor(minor) => *minor as f64 / unit,
                    Cell::Float(value) => *value,
                    // Day 25,569 of a spreadsheet is the first of 1970.
                    Cell::Date(day) => f64::from(day.0) + 25_569.0,
                    Cell::Undefined(_) => continue,
                    named => {
                        let text: String = name(named, self.lang).unwrap_or_default().chars().take(LONGEST).collect();
                        *longest = width(&text).max(*longest);
                        sheet.write_string(row, at, text)?;
                        continue;
                    }
                };
                *longest = NUMBER_WIDTH.max(*longest);
                sheet.write_number_with_format(row, at, value, format)?;
            }
        }
        Ok(())
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// The writer's own.
    pub fn finish(mut self, out: impl Write + Send) -> Result<(), ReportError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, width) in (0_u16..).zip(&self.widths) {
            #[allow(clippy::cast_precision_loss, reason = "at most sixty")]
            sheet.set_column_width(at, (*width).clamp(MIN_WIDTH, WIDEST) as f64 + 1.0)?;
        }
        Ok(self.workbook.save_to_writer(out)?)
    }
}

/// How wide a text is, in digits: characters of Chinese take two.
fn width(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}
