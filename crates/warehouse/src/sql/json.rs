//! Answers as JSON: a row is an object keyed by column name.
//!
//! Whole numbers are numbers, all 64 bits of them. Decimals are exact: a number where they are whole and fit
//! 64 bits, else text with all their digits. Floats that are no number are null. Dates are ISO 8601, instants
//! RFC 3339 in UTC; lists are arrays and structs objects. Unknown is null.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

/// The rows of batches, in order.
///
/// # Errors
/// [`ArrowError`] for a value that cannot be written, such as a date beyond the calendar.
pub fn rows(batches: &[RecordBatch]) -> Result<Vec<Map<String, Value>>, ArrowError> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let array = StructArray::from(batch.clone());
        for row in 0..batch.num_rows() {
            rows.push(object(&array, row)?);
        }
    }
    Ok(rows)
}

fn object(array: &StructArray, row: usize) -> Result<Map<String, Value>, ArrowError> {
    array
        .fields()
        .iter()
        .zip(array.columns())
        .map(|(field, column)| Ok((field.name().clone(), value(column, row)?)))
        .collect()
}

fn list(items: &ArrayRef) -> Result<Value, ArrowError> {
    (0..items.len()).map(|at| value(items, at)).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn value(array: &ArrayRef, row: usize) -> Result<Value, ArrowError> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float16 => f64::from(array.as_primitive::<Float16Type>().value(row)).into(),
        DataType::Float32 => f64::from(array.as_primitive::<Float32Type>().value(row)).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        DataType::Decimal128(_, _) => decimal(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Decimal256(_, _) => decimal(array.as_primitive::<Decimal256Type>().value_as_string(row)),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Timestamp(unit, Some(_)) => instant(array, *unit, row)?,
        DataType::List(_) => list(&array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(_, _) => list(&array.as_fixed_size_list().value(row))?,
        DataType::Struct(_) => Value::Object(object(array.as_struct(), row)?),
        _ => {
            let written = ArrayFormatter::try_new(array.as_ref(), &FormatOptions::default())?;
            written.value(row).try_to_string()?.into()
        }
    })
}

fn decimal(digits: String) -> Value {
    digits.parse::<i64>().map_or(Value::String(digits), Value::from)
}

fn instant(array: &ArrayRef, unit: TimeUnit, row: usize) -> Result<Value, ArrowError> {
    let at: Option<DateTime<Utc>> = match unit {
        TimeUnit::Second => DateTime::from_timestamp(array.as_primitive::<TimestampSecondType>().value(row), 0),
        TimeUnit::Millisecond => {
            DateTime::from_timestamp_millis(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            DateTime::from_timestamp_micros(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => {
            Some(DateTime::from_timestamp_nanos(array.as_primitive::<TimestampNanosecondType>().value(row)))
        }
    };
    let at = at.ok_or_else(|| ArrowError::CastError("an instant lies beyond the calendar".to_owned()))?;
    Ok(at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
}
