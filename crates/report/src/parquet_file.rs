//! Parquet, typed: amounts as decimals, dates as dates; names by their keys, since programs read it.

use std::sync::Arc;

use app::answer::{Answer, Cell, Unit};
use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::{ReportError, decimals};

/// The answer as one Parquet file; columns are called by their keys.
///
/// # Errors
/// The writer's own.
pub fn parquet(answer: &Answer) -> Result<Vec<u8>, ReportError> {
    let failed = |error: &dyn std::fmt::Display| ReportError(error.to_string());
    let batch = batch(answer).map_err(|error| failed(&error))?;
    let level = ZstdLevel::try_new(3).map_err(|error| failed(&error))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).map_err(|error| failed(&error))?;
    writer.write(&batch).map_err(|error| failed(&error))?;
    writer.close().map_err(|error| failed(&error))?;
    Ok(bytes)
}

fn batch(answer: &Answer) -> Result<RecordBatch, ArrowError> {
    let mut columns: Vec<(String, ArrayRef)> = Vec::with_capacity(answer.columns.len());
    for (at, column) in answer.columns.iter().enumerate() {
        let cells = || answer.rows.iter().map(|row| &row[at]);
        let is_text = cells().any(|cell| matches!(cell, Cell::Text(_) | Cell::Name { .. }));
        let key = column.key.strip_suffix("_minor").filter(|_| answer.currency.is_some()).unwrap_or(&column.key);
        let unit = if is_text { Unit::Text } else { column.unit };
        columns.push((key.to_owned(), array(unit, cells(), decimals(answer))?));
    }
    // Both of one name would be one column.
    for at in 1..columns.len() {
        if columns[..at].iter().any(|(name, _)| *name == columns[at].0) {
            columns[at].0 = format!("{}_{at}", columns[at].0);
        }
    }
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
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
