//! Parquet, typed: amounts as decimals, dates as dates; names by their keys, since programs read it.

use std::io::Write;
use std::sync::Arc;

use app::answer::{Answer, Cell, Unit};
use arrow::array::{Array, ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::{ReportError, decimals};

/// Rows of a row group: what is held in memory until it is written.
const GROUP_ROWS: usize = 100_000;

/// The answer as one Parquet file; columns are called by their keys.
///
/// # Errors
/// The writer's own.
pub fn parquet(answer: &Answer) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let mut file = ParquetFile::new(answer, &mut bytes)?;
    file.rows(answer)?;
    file.finish()?;
    Ok(bytes)
}

/// A Parquet file that is written page by page.
pub struct ParquetFile<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    units: Vec<Unit>,
    decimals: u32,
}

impl<W: Write + Send> std::fmt::Debug for ParquetFile<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetFile").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl<W: Write + Send> ParquetFile<W> {
    /// A file for pages like the first one, which says what each column holds.
    ///
    /// # Errors
    /// The writer's own.
    pub fn new(first: &Answer, out: W) -> Result<Self, ReportError> {
        let decimals = decimals(first);
        let (units, schema) = columns(first, decimals)?;
        let level = ZstdLevel::try_new(3)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?;
        Ok(Self { writer, schema, units, decimals })
    }

    /// Writes the rows of a page.
    ///
    /// # Errors
    /// A column holds text that held none on the first page, or the writer's own.
    pub fn rows(&mut self, page: &Answer) -> Result<(), ReportError> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.units.len());
        for (at, unit) in self.units.iter().enumerate() {
            let cells = || page.rows.iter().map(|row| &row[at]);
            if *unit != Unit::Text && cells().any(is_text) {
                return Err(ReportError::Failed(format!("column {at} holds text on a later page")));
            }
            arrays.push(array(*unit, cells(), self.decimals)?);
        }
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        if self.writer.in_progress_rows() >= GROUP_ROWS {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Writes the rest. Returns what was written to.
    ///
    /// # Errors
    /// The writer's own.
    pub fn finish(self) -> Result<W, ReportError> {
        Ok(self.writer.into_inner()?)
    }
}

impl From<ArrowError> for ReportError {
    fn from(error: ArrowError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ParquetError> for ReportError {
    fn from(error: ParquetError) -> Self {
        Self::Failed(error.to_string())
    }
}

const fn is_text(cell: &Cell) -> bool {
    matches!(cell, Cell::Text(_) | Cell::Name { .. })
}

/// What each column holds, and what it is called.
fn columns(answer: &Answer, decimals: u32) -> Result<(Vec<Unit>, SchemaRef), ReportError> {
    let (mut units, mut fields) = (Vec::new(), Vec::<Field>::new());
    for (at, column) in answer.columns.iter().enumerate() {
        let has_text = answer.rows.iter().any(|row| is_text(&row[at]));
        let unit = if has_text { Unit::Text } else { column.unit };
        let key = column.key.strip_suffix("_minor").filter(|_| answer.currency.is_some()).unwrap_or(&column.key);
        // Both of one name would be one column.
        let is_taken = fields.iter().any(|field| field.name() == key);
        let key = if is_taken { format!("{key}_{at}") } else { key.to_owned() };
        let none = array(unit, std::iter::empty(), decimals)?;
        fields.push(Field::new(key, none.data_type().clone(), true));
        units.push(unit);
    }
    Ok((units, Arc::new(Schema::new(fields))))
}

fn array<'a>(unit: Unit, cells: impl Iterator<Item = &'a Cell>, decimals: u32) -> Result<ArrayRef, ArrowError> {
    Ok(match unit {
        Unit::Text => Arc::new(
            cells
                .map(|cell| match cell {
                    Cell::Text(text) => Some(text.clone()),
                    Cell::Name { key, .. } => Some(key.clone()),
                    Cell::Int(value) => Some(value.to_string()),
                    Cell::Date(day) => Some(day.to_string()),
                    _ => None,
                })
                .collect::<StringArray>(),
        ),
        Unit::Count => Arc::new(
            cells.map(|cell| if let Cell::Int(value) = cell { Some(*value) } else { None }).collect::<Int64Array>(),
        ),
        Unit::AmountMinor => {
            let minor = |cell: &Cell| if let Cell::Minor(minor) = cell { Some(*minor) } else { None };
            let scale = i8::try_from(decimals).unwrap_or(0);
            let column = cells.map(minor).collect::<Decimal128Array>();
            Arc::new(column.with_data_type(DataType::Decimal128(38, scale)))
        }
        Unit::Date => Arc::new(
            cells.map(|cell| if let Cell::Date(day) = cell { Some(day.0) } else { None }).collect::<Date32Array>(),
        ),
        Unit::Share | Unit::Days | Unit::Number => {
            #[allow(clippy::cast_precision_loss, reason = "days and plain numbers are small")]
            let number = |cell: &Cell| match cell {
                Cell::Float(value) => Some(*value),
                Cell::Int(value) => Some(*value as f64),
                _ => None,
            };
            Arc::new(cells.map(number).collect::<Float64Array>())
        }
    })
}
