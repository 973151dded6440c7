//! Every tally the obvious way: from lists of states, day by day, group by group, stage by stage. Slow, and
//! written from the definitions alone.
//!
//! Answers are rows of integers in the order of the tally's own rows ([`rows_of`] makes such of a batch).

mod bridge;
mod conversion;
mod spells;
mod stock;

pub use bridge::bridge;
pub use conversion::conversion;
pub use spells::{dwell, win_rate};
pub use stock::{migration, migration_series, stays, stock, trend};

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

/// Rows of integers.
pub type Rows = Vec<Vec<i128>>;

/// The rows of an answer, every column as integers.
///
/// # Panics
/// Where a column is of a type that answers do not have.
#[must_use]
pub fn rows_of(batch: &RecordBatch) -> Rows {
    let columns: Vec<Vec<i128>> = batch.columns().iter().map(|column| integers(column)).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

fn integers(column: &dyn Array) -> Vec<i128> {
    match column.data_type() {
        DataType::UInt8 => column.as_primitive::<UInt8Type>().values().iter().map(|v| i128::from(*v)).collect(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().values().iter().map(|v| i128::from(*v)).collect(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().values().iter().map(|v| i128::from(*v)).collect(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().values().iter().map(|v| i128::from(*v)).collect(),
        DataType::Int64 => column.as_primitive::<Int64Type>().values().iter().map(|v| i128::from(*v)).collect(),
        DataType::Date32 => column.as_primitive::<Date32Type>().values().iter().map(|v| i128::from(*v)).collect(),
        DataType::Decimal128(_, 0) => column.as_primitive::<Decimal128Type>().values().to_vec(),
        other => panic!("an answer has no column of {other}"),
    }
}

/// Counts by key, which become rows in the order of the keys; all-zero rows are none.
#[derive(Debug, Default)]
pub(crate) struct Sums(BTreeMap<Vec<i128>, Vec<i128>>);

impl Sums {
    pub(crate) fn add(&mut self, key: &[i128], values: &[i128]) {
        let sums = self.0.entry(key.to_vec()).or_insert_with(|| vec![0; values.len()]);
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }

    pub(crate) fn rows(self) -> Rows {
        let counted = self.0.into_iter().filter(|(_, values)| values.iter().any(|value| *value != 0));
        counted.map(|(key, values)| [key, values].concat()).collect()
    }
}

/// `deals, amount_minor, deals_without_amount` of one deal.
pub(crate) fn one(amount_minor: Option<i64>) -> [i128; 3] {
    [1, i128::from(amount_minor.unwrap_or(0)), i128::from(amount_minor.is_none())]
}

pub(crate) fn int(value: usize) -> i128 {
    i128::try_from(value).unwrap_or(i128::MAX)
}
