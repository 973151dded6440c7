//! Parquet, by columns.

use std::fs::File;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimeUnit, UInt64Type,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{BATCH_ROWS, Batch, Column, OwnedCell, Source, Wanted, strings};
use crate::issue::{Fault, Refusal};

/// A column with the number that each row had in another file: issues tell that one.
pub const ROW_COLUMN: &str = "\u{1}row";

pub(super) fn scan(source: &Source, wanted: &[Wanted], sink: &mut super::Sink<'_>) -> Result<String, Refusal> {
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let damaged = |error: &dyn std::fmt::Display| source.wrong_format("Parquet", error.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
    let header: Vec<String> = builder.schema().fields().iter().map(|field| field.name().trim().to_owned()).collect();
    let places = source.match_columns(&header, wanted)?;
    let numbers = builder.schema().fields().iter().position(|field| field.name() == ROW_COLUMN);
    let mut projected: Vec<usize> = places.iter().copied().flatten().chain(numbers).collect();
    projected.sort_unstable();
    projected.dedup();
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0).max(1);
    let mask = ProjectionMask::roots(builder.parquet_schema(), projected.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| damaged(&error))?;
    let mut first = 1;
    for batch in reader {
        let batch = batch.map_err(|error| damaged(&error))?;
        let rows = batch.num_rows() as u64;
        let mut columns = Vec::with_capacity(wanted.len());
        for (place, column) in places.iter().zip(wanted) {
            columns.push(match place.and_then(|place| projected.binary_search(&place).ok()) {
                Some(at) => converted(source, &column.name, batch.column(at))?,
                None => Column::Absent,
            });
        }
        let done = (first - 1 + rows).min(total);
        let bytes_done = u64::try_from(u128::from(source.bytes) * u128::from(done) / u128::from(total)).unwrap_or(0);
        let told = numbers.and_then(|place| projected.binary_search(&place).ok()).map(|at| batch.column(at));
        let rows_told = match told.and_then(|column| column.as_primitive_opt::<UInt64Type>()) {
            Some(told) => told.iter().zip(first..).map(|(row, at)| row.unwrap_or(at)).collect(),
            None => (first..first + rows).collect(),
        };
        sink(&Batch { rows: rows_told, columns, ragged: Vec::new(), bytes_done })?;
        first += rows;
    }
    Ok("parquet".to_owned())
}

/// Hands the names of the columns and then every row to `each`, until it has seen enough. Columns that hold no single
/// values are left out.
pub(super) fn look(source: &Source, each: &mut super::Each<'_>) -> Result<String, Refusal> {
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let damaged = |error: &dyn std::fmt::Display| source.wrong_format("Parquet", error.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
    let fields = builder.schema().fields();
    let is_shown = |at: &usize| !fields[*at].data_type().is_nested() && fields[*at].name() != ROW_COLUMN;
    let plain: Vec<usize> = (0..fields.len()).filter(is_shown).collect();
    let names: Vec<String> = plain.iter().map(|at| fields[*at].name().trim().to_owned()).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), plain.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| damaged(&error))?;
    let header = names.iter().map(|name| OwnedCell::Text(name.as_str().into())).collect();
    let mut row = 1;
    if each(row, header).is_break() {
        return Ok("parquet".to_owned());
    }
    for batch in reader {
        let batch = batch.map_err(|error| damaged(&error))?;
        let columns: Result<Vec<Column>, Refusal> =
            names.iter().zip(batch.columns()).map(|(name, array)| converted(source, name, array)).collect();
        let columns = columns?;
        for at in 0..batch.num_rows() {
            row += 1;
            if each(row, columns.iter().map(|column| OwnedCell::of(column.cell(at))).collect()).is_break() {
                return Ok("parquet".to_owned());
            }
        }
    }
    Ok("parquet".to_owned())
}

fn converted(source: &Source, column: &str, array: &ArrayRef) -> Result<Column, Refusal> {
    let unsupported = || {
        let (file, column, found) = (source.name.to_string(), column.to_owned(), array.data_type().to_string());
        Refusal::from(Fault::UnsupportedColumn { file, column, found })
    };
    let to = |target: &DataType| cast(array, target).map_err(|_| unsupported());
    Ok(match array.data_type() {
        DataType::Null => Column::Absent,
        DataType::Boolean => Column::Bool(array.as_boolean().clone()),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => Column::Int(to(&DataType::Int64)?.as_primitive::<Int64Type>().clone()),
        // Beyond an i64 only a text keeps every digit.
        DataType::UInt64 | DataType::Decimal256(..) => Column::Utf8(strings(&to(&DataType::Utf8)?)),
        DataType::Float16 | DataType::Float32 => {
            Column::Single(to(&DataType::Float32)?.as_primitive::<Float32Type>().clone())
        }
        DataType::Float64 => Column::Float(array.as_primitive::<Float64Type>().clone()),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            let wide = to(&DataType::Decimal128((*precision).max(1), *scale))?;
            Column::Decimal(wide.as_primitive::<Decimal128Type>().clone())
        }
        DataType::Date32 => Column::Day(array.as_primitive::<Date32Type>().clone()),
        DataType::Date64 => {
            Column::Local(micros(&to(&DataType::Timestamp(TimeUnit::Microsecond, None))?, unsupported)?)
        }
        DataType::Timestamp(_, None) => {
            Column::Local(micros(&to(&DataType::Timestamp(TimeUnit::Microsecond, None))?, unsupported)?)
        }
        DataType::Timestamp(_, Some(zone)) => {
            let target = DataType::Timestamp(TimeUnit::Microsecond, Some(zone.clone()));
            Column::Utc(micros(&to(&target)?, unsupported)?)
        }
        DataType::Utf8 => Column::Utf8(strings(array)),
        DataType::LargeUtf8 | DataType::Utf8View => Column::Utf8(strings(&to(&DataType::Utf8)?)),
        DataType::Dictionary(_, values) => {
            let plain = to(values)?;
            return converted(source, column, &plain);
        }
        _ => return Err(unsupported()),
    })
}

fn micros(array: &ArrayRef, unsupported: impl Fn() -> Refusal) -> Result<arrow::array::Int64Array, Refusal> {
    let whole = cast(array, &DataType::Int64).map_err(|_| unsupported())?;
    Ok(whole.as_primitive::<Int64Type>().clone())
}
