//! Rows of answers as Arrow batches, column by column.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema};

/// A batch under construction; every column has the same length and no nulls.
#[derive(Debug, Default)]
pub(crate) struct Table {
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Table {
    fn push(mut self, name: &str, ty: DataType, column: ArrayRef) -> Self {
        self.fields.push(Field::new(name, ty, false));
        self.columns.push(column);
        self
    }

    pub(crate) fn group(self, values: impl Iterator<Item = u64>) -> Self {
        self.push("group", DataType::UInt64, Arc::new(UInt64Array::from_iter_values(values)))
    }

    pub(crate) fn u8(self, name: &str, values: impl Iterator<Item = u8>) -> Self {
        self.push(name, DataType::UInt8, Arc::new(UInt8Array::from_iter_values(values)))
    }

    pub(crate) fn u16(self, name: &str, values: impl Iterator<Item = u16>) -> Self {
        self.push(name, DataType::UInt16, Arc::new(UInt16Array::from_iter_values(values)))
    }

    pub(crate) fn u32(self, name: &str, values: impl Iterator<Item = u32>) -> Self {
        self.push(name, DataType::UInt32, Arc::new(UInt32Array::from_iter_values(values)))
    }

    pub(crate) fn count(self, name: &str, values: impl Iterator<Item = i64>) -> Self {
        self.push(name, DataType::Int64, Arc::new(Int64Array::from_iter_values(values)))
    }

    pub(crate) fn date(self, name: &str, values: impl Iterator<Item = i32>) -> Self {
        self.push(name, DataType::Date32, Arc::new(Date32Array::from_iter_values(values)))
    }

    /// Money, in minor units.
    pub(crate) fn money(self, name: &str, values: impl Iterator<Item = i128>) -> Self {
        let ty = DataType::Decimal128(38, 0);
        let column = Decimal128Array::from_iter_values(values).with_data_type(ty.clone());
        self.push(name, ty, Arc::new(column))
    }

    pub(crate) fn finish(self) -> RecordBatch {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.columns)
            .expect("columns of an answer are of one length and of their fields' types")
    }
}
