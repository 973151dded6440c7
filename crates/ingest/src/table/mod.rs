//! Files as batches of typed columns.
//!
//! Readers push batches of a few thousand rows, with only the columns that were asked for; nothing holds a
//! whole file. Readers know bytes and formats, and nothing of profiles or deals.

pub(crate) mod archive;
mod bounded;
pub(crate) mod delimited;
pub(crate) mod encoding;
mod json;
mod locate;
mod merged;
mod ods;
pub(crate) mod parquet;
mod records;
pub(crate) mod workbook;
mod xes;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use ::arrow::array::{
    Array, AsArray, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, StringArray,
};
use ::arrow::datatypes::Date32Type;
use chrono::DateTime;

use crate::issue::{Fault, Refusal};
use crate::options::{Given, Options};
pub(crate) use locate::{locate, matches, single};

/// Rows in a full batch.
pub(crate) const BATCH_ROWS: usize = 8192;

/// One value as its file holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A text, as written.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// A number of a format that has doubles only.
    Float(f64),
    /// A number of a format that has singles only.
    Single(f32),
    /// `units / 10^scale`.
    Decimal(i128, i8),
    /// Yes or no.
    Bool(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01T00:00:00 of a clock on the wall.
    Local(i64),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Utc(i64),
    /// What a spreadsheet shows where a formula failed.
    Bad(&'a str),
}

impl<'a> Cell<'a> {
    /// As people would write it; texts without the space around them.
    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Self::Empty => "".into(),
            Self::Text(text) | Self::Bad(text) => text.trim().into(),
            Self::Int(number) => number.to_string().into(),
            Self::Float(number) => number.to_string().into(),
            Self::Single(number) => number.to_string().into(),
            Self::Decimal(units, scale) => written_decimal(units, scale).into(),
            Self::Bool(yes) => if yes { "true" } else { "false" }.into(),
            Self::Day(day) => domain::Day(day).to_string().into(),
            Self::Local(micros) => written_micros(micros, "").into(),
            Self::Utc(micros) => written_micros(micros, "Z").into(),
        }
    }

    /// Nothing, or nothing but space.
    pub(crate) fn is_blank(self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

fn written_decimal(units: i128, scale: i8) -> String {
    let Ok(decimals) = usize::try_from(scale) else {
        return format!("{units}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    if decimals == 0 {
        return units.to_string();
    }
    let digits = format!("{:0width$}", units.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    format!("{}{whole}.{fraction}", if units < 0 { "-" } else { "" })
}

fn written_micros(micros: i64, zone: &str) -> String {
    DateTime::from_timestamp_micros(micros)
        .map_or_else(|| micros.to_string(), |at| format!("{}{zone}", at.format("%Y-%m-%dT%H:%M:%S%.f")))
}

/// Texts one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TextColumn {
    data: String,
    ends: Vec<usize>,
}

impl TextColumn {
    pub(crate) fn push(&mut self, text: &str) {
        self.data.push_str(text);
        self.ends.push(self.data.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all texts, and of where they end.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() + size_of_val(self.ends.as_slice())
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.data[start..self.ends[row]]
    }
}

/// A cell of a format whose columns mix types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OwnedCell {
    /// Any text.
    Text(Box<str>),
    /// What a formula shows that failed.
    Bad(Box<str>),
    /// A value that owns nothing.
    Plain(Cell<'static>),
}

impl OwnedCell {
    pub(crate) fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Text(text) => Self::Text(text.into()),
            Cell::Bad(text) => Self::Bad(text.into()),
            Cell::Empty => Self::Plain(Cell::Empty),
            Cell::Int(number) => Self::Plain(Cell::Int(number)),
            Cell::Float(number) => Self::Plain(Cell::Float(number)),
            Cell::Single(number) => Self::Plain(Cell::Single(number)),
            Cell::Decimal(units, scale) => Self::Plain(Cell::Decimal(units, scale)),
            Cell::Bool(yes) => Self::Plain(Cell::Bool(yes)),
            Cell::Day(day) => Self::Plain(Cell::Day(day)),
            Cell::Local(micros) => Self::Plain(Cell::Local(micros)),
            Cell::Utc(micros) => Self::Plain(Cell::Utc(micros)),
        }
    }

    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Text(text) => Cell::Text(text),
            Self::Bad(text) => Cell::Bad(text),
            Self::Plain(cell) => *cell,
        }
    }
}

/// A column of a batch.
#[derive(Debug)]
pub(crate) enum Column {
    /// The file does not have it.
    Absent,
    /// Of a text file.
    Text(TextColumn),
    /// Of a workbook.
    Mixed(Vec<OwnedCell>),
    /// Of Parquet, by type.
    Utf8(StringArray),
    Int(Int64Array),
    Float(Float64Array),
    Single(Float32Array),
    Decimal(Decimal128Array),
    Bool(BooleanArray),
    Day(::arrow::array::PrimitiveArray<Date32Type>),
    Local(Int64Array),
    Utc(Int64Array),
}

impl Column {
    pub(crate) fn cell(&self, row: usize) -> Cell<'_> {
        fn valid<'a>(array: &dyn Array, row: usize, cell: impl FnOnce() -> Cell<'a>) -> Cell<'a> {
            if array.is_null(row) { Cell::Empty } else { cell() }
        }
        match self {
            Self::Absent => Cell::Empty,
            Self::Text(texts) => match texts.get(row) {
                "" => Cell::Empty,
                text => Cell::Text(text),
            },
            Self::Mixed(cells) => cells.get(row).map_or(Cell::Empty, OwnedCell::cell),
            Self::Utf8(array) => valid(array, row, || Cell::Text(array.value(row))),
            Self::Int(array) => valid(array, row, || Cell::Int(array.value(row))),
            Self::Float(array) => valid(array, row, || Cell::Float(array.value(row))),
            Self::Single(array) => valid(array, row, || Cell::Single(array.value(row))),
            Self::Decimal(array) => valid(array, row, || Cell::Decimal(array.value(row), array.scale())),
            Self::Bool(array) => valid(array, row, || Cell::Bool(array.value(row))),
            Self::Day(array) => valid(array, row, || Cell::Day(array.value(row))),
            Self::Local(array) => valid(array, row, || Cell::Local(array.value(row))),
            Self::Utc(array) => valid(array, row, || Cell::Utc(array.value(row))),
        }
    }
}

/// Rows, as many of each column as were asked for, in the order of the asking.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Row numbers in the file.
    pub(crate) rows: Vec<u64>,
    /// One a wanted column.
    pub(crate) columns: Vec<Column>,
    /// Rows (by place in this batch) whose number of fields is not the header's, and that number.
    pub(crate) ragged: Vec<(usize, usize)>,
    /// Bytes of the file that were read by now.
    pub(crate) bytes_done: u64,
}

/// A column that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) optional: bool,
}

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    Delimited {
        delimiter: Option<u8>,
        encoding: Option<String>,
    },
    Workbook {
        kind: workbook::Kind,
        sheet: Option<String>,
    },
    Parquet,
    Json,
    Xes,
    /// Parquet of our own, of a file that went through steps.
    Prepared {
        format: String,
    },
}

/// A file of a table.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// What messages call it: its name in the input folder.
    pub(crate) name: Arc<str>,
    pub(crate) bytes: u64,
    /// The row of its headings, from 1 on, as a spreadsheet counts; what lies above it is not read.
    pub(crate) header_row: u64,
    pub(crate) layout: Layout,
}

/// What a look at a file hands its rows to, the headings among them: the number of the row and its cells.
pub(crate) type Each<'a> = dyn FnMut(u64, Vec<OwnedCell>) -> ControlFlow<()> + 'a;

/// What a reader hands its batches to.
pub(crate) type Sink<'a> = dyn FnMut(&Batch) -> Result<(), Refusal> + 'a;

impl Source {
    /// A table that is given, whatever the profile names.
    pub(crate) fn given(given: &Given) -> Result<Self, Refusal> {
        match given {
            Given::File { path, name, sheet, header_row } => {
                let source = single(path, name, sheet.as_deref())?;
                Ok(Self { header_row: u64::from(*header_row), ..source })
            }
            Given::Prepared { path, name, format } => {
                let unreadable =
                    |error: std::io::Error| Fault::Unreadable { file: name.clone(), message: error.to_string() };
                let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
                let layout = Layout::Prepared { format: format.clone() };
                Ok(Self { path: path.clone(), name: name.as_str().into(), bytes, header_row: 1, layout })
            }
        }
    }

    /// Reads the wanted columns of every row. Returns how the file was read, in words.
    pub(crate) fn scan(&self, wanted: &[Wanted], options: &Options, sink: &mut Sink<'_>) -> Result<String, Refusal> {
        match &self.layout {
            Layout::Delimited { delimiter, encoding } => {
                delimited::scan(self, *delimiter, encoding.as_deref(), wanted, options, sink)
            }
            Layout::Workbook { sheet, .. } => workbook::scan(self, sheet.as_deref(), wanted, options, sink),
            Layout::Parquet => parquet::scan(self, wanted, sink),
            Layout::Prepared { format } => parquet::scan(self, wanted, sink).map(|_| format.clone()),
            Layout::Json => records::scan(self, wanted, sink, &mut |each| json::each_record(self, options, each)),
            Layout::Xes => records::scan(self, wanted, sink, &mut |each| xes::each_record(self, options, each)),
        }
    }

    /// Hands every row to `each`, headings and what lies above them included, until it has seen enough. Returns how
    /// the file was read, in words.
    pub(crate) fn look(&self, options: &Options, each: &mut Each<'_>) -> Result<String, Refusal> {
        match &self.layout {
            Layout::Delimited { delimiter, encoding } => {
                delimited::look(self, *delimiter, encoding.as_deref(), options, each)
            }
            Layout::Workbook { sheet, .. } => workbook::look(self, sheet.as_deref(), options, each),
            Layout::Parquet | Layout::Prepared { .. } => parquet::look(self, each),
            Layout::Json => records::look(each, &mut |each| json::each_record(self, options, each)),
            Layout::Xes => records::look(each, &mut |each| xes::each_record(self, options, each)),
        }
    }

    /// Whether its columns bring their names along, so that no row of the file is its heading.
    pub(crate) const fn names_its_columns(&self) -> bool {
        matches!(self.layout, Layout::Parquet | Layout::Prepared { .. } | Layout::Json | Layout::Xes)
    }

    pub(crate) fn unreadable(&self, error: &dyn std::fmt::Display) -> Refusal {
        Fault::Unreadable { file: self.name.to_string(), message: error.to_string() }.into()
    }

    pub(crate) fn wrong_format(&self, expected: &str, found: impl Into<String>) -> Refusal {
        Fault::WrongFormat { file: self.name.to_string(), expected: expected.to_owned(), found: found.into() }.into()
    }

    /// Where each wanted column is among `header`.
    pub(crate) fn match_columns(&self, header: &[String], wanted: &[Wanted]) -> Result<Vec<Option<usize>>, Refusal> {
        let (mut places, mut missing) = (Vec::with_capacity(wanted.len()), Vec::new());
        let names = told_apart(header);
        for column in wanted {
            let place = names.iter().position(|name| *name == column.name);
            let alike = || header.iter().zip(&names).filter(|(heading, _)| heading.trim() == column.name);
            if place.is_none() && alike().count() > 1 {
                let called = alike().map(|(_, name)| name.clone()).collect();
                let (file, column) = (self.name.to_string(), column.name.clone());
                return Err(Fault::RepeatedColumn { file, column, called }.into());
            }
            if place.is_none() && !column.optional {
                missing.push(column.name.clone());
            }
            places.push(place);
        }
        if missing.is_empty() {
            return Ok(places);
        }
        let found = names.iter().take(80).map(|name| shortened(name)).collect();
        Err(Fault::MissingColumn { file: self.name.to_string(), columns: missing, found }.into())
    }
}

/// The beginning of a text that may be long, for messages.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().nth(SHOWN).is_none() {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

/// Strings of an array of Parquet; the caller has cast it.
pub(crate) fn strings(array: &dyn Array) -> StringArray {
    array.as_string::<i32>().clone()
}

/// Headings by which columns can be told apart: one that stands several times is numbered (`Date (1)`, `Date (2)`).
pub(crate) fn told_apart(header: &[String]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in header {
        *counts.entry(name.trim()).or_default() += 1;
    }
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for heading in header {
        let name = heading.trim();
        if name.is_empty() || counts[name] == 1 {
            names.push(heading.clone());
            continue;
        }
        let number = numbers.entry(name).or_default();
        loop {
            *number += 1;
            let called = format!("{name} ({number})");
            // Another heading may be called so.
            if !counts.contains_key(called.as_str()) {
                names.push(called);
                break;
            }
        }
    }
    names
}
