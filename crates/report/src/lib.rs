//! Answers as files: CSV, XLSX and Parquet.
//!
//! A file says what the answer says, typed: amounts in major units with the currency's decimals, shares as fractions,
//! dates as dates, what is not defined as an empty cell. Text that a spreadsheet would take for a formula is made
//! harmless. The crate must not know where answers come from, nor HTTP: it takes an answer and gives bytes.

mod csv_file;
mod parquet_file;
mod xlsx_file;

use app::answer::{Answer, Cell, Column, Unit};

pub use csv_file::{csv_head, csv_rows, harmless};
pub use parquet_file::{ParquetFile, parquet};
pub use xlsx_file::{MOST_ROWS, XlsxFile, xlsx};

/// The language of heads and names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

/// Why a file could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportError {
    /// The format has an end.
    TooManyRows {
        /// Rows that it holds.
        most: usize,
    },
    /// What writes the format failed.
    Failed(String),
}

impl std::fmt::Display for ReportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooManyRows { most } => write!(f, "the file holds at most {most} rows"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ReportError {}

/// Decimals of the amounts; without one currency they stay whole minor units.
fn decimals(answer: &Answer) -> u32 {
    answer.currency.map_or(0, domain::Currency::decimals)
}

/// The head of a column: with the currency of its amounts.
fn head(answer: &Answer, column: &Column, lang: Lang) -> String {
    let label = match lang {
        Lang::Zh => column.label.zh.as_str(),
        Lang::En => column.label.en.as_str(),
    };
    let label = if label.is_empty() { column.key.as_str() } else { label };
    let label = match (&column.of, lang) {
        (Some((zh, _)), Lang::Zh) => format!("{zh} {label}"),
        (Some((_, en)), Lang::En) => format!("{en} {label}"),
        (None, _) => label.to_owned(),
    };
    match (column.unit, answer.currency) {
        (Unit::AmountMinor, Some(currency)) => format!("{label} ({currency})"),
        (Unit::AmountMinor, None) => match lang {
            Lang::Zh => format!("{label}（最小货币单位）"),
            Lang::En => format!("{label} (minor units)"),
        },
        _ => label,
    }
}

fn name(cell: &Cell, lang: Lang) -> Option<&str> {
    match (cell, lang) {
        (Cell::Text(text), _) => Some(text),
        (Cell::Name { zh, .. }, Lang::Zh) => Some(zh),
        (Cell::Name { en, .. }, Lang::En) => Some(en),
        _ => None,
    }
}

/// Minor units as a decimal number of major ones.
fn major(minor: i128, decimals: u32) -> String {
    if decimals == 0 {
        return minor.to_string();
    }
    let unit = 10_u128.pow(decimals);
    let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{whole}.{part:0width$}", width = decimals as usize)
}

#[cfg(test)]
mod tests;
