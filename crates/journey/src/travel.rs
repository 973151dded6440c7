//! Cells as Arrow, so that partial counts travel: between partitions and a file, between machines, and as
//! the state of an aggregate in SQL.
//!
//! All tallies share one schema: a row is one cell of one part (a tally may keep a grid and a histogram),
//! with its place, the spell it counts where the part is a histogram, and its integers.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, ListArray, PrimitiveArray, RecordBatch, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Field, Schema, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use thiserror::Error;

use crate::cells::{Cell, Grid, Layout};
use crate::spells::{Cause, Spell, Spells};

/// Why a batch is not the cells it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CellsError {
    /// Columns or types differ.
    #[error("cells are read from a batch of the schema that cells are written in; column `{column}` {what}")]
    Schema {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A row says something that no tally writes.
    #[error("row {row} of a batch of cells {what}")]
    Row {
        /// The row, from 0.
        row: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// The largest magnitude that 38 decimal digits hold.
const LARGEST: i128 = 99_999_999_999_999_999_999_999_999_999_999_999_999;

fn item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Decimal128(38, 0), false))
}

/// The schema of every batch of cells.
#[must_use]
pub fn schema() -> Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            Field::new("part", DataType::UInt8, false),
            Field::new("open", DataType::UInt16, false),
            Field::new("stride", DataType::UInt32, false),
            Field::new("group", DataType::UInt64, false),
            Field::new("place", DataType::UInt32, false),
            Field::new("entry_days", DataType::UInt32, false),
            Field::new("exit_days", DataType::UInt32, false),
            Field::new("cause", DataType::UInt8, false),
            Field::new("values", DataType::List(item()), false),
        ]))
    });
    Arc::clone(&SCHEMA)
}

const NO_SPELL: Spell = Spell { entry_days: 0, exit_days: 0, cause: Cause::Censored };

#[derive(Debug, Clone, PartialEq)]
struct Row {
    part: u8,
    layout: Layout,
    group: u64,
    place: u32,
    spell: Spell,
    values: Vec<i128>,
}

/// The parts of a tally's cells on their way out or in.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    rows: Vec<Row>,
}

impl Parts {
    pub(crate) fn grid<C: Cell>(&mut self, part: u8, grid: &Grid<C>) {
        let layout = grid.layout();
        self.rows.extend(grid.rows().into_iter().map(|(group, place, cell)| {
            let values = cell.values().collect();
            Row { part, layout, group, place, spell: NO_SPELL, values }
        }));
    }

    pub(crate) fn spells(&mut self, part: u8, spells: &Spells) {
        let layout = spells.layout();
        self.rows.extend(spells.rows().into_iter().map(|(group, place, spell, count)| {
            let values = vec![i128::from(count)];
            Row { part, layout, group, place, spell, values }
        }));
    }

    pub(crate) fn finish(self) -> RecordBatch {
        let rows = &self.rows;
        let lengths = rows.iter().map(|row| row.values.len());
        let values: Vec<i128> = rows.iter().flat_map(|row| row.values.iter().copied()).collect();
        let values = Decimal128Array::new(values.into(), None).with_data_type(DataType::Decimal128(38, 0));
        let lists = ListArray::new(item(), OffsetBuffer::from_lengths(lengths), Arc::new(values), None);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| Some(row.part)).collect::<UInt8Array>()),
            Arc::new(rows.iter().map(|row| Some(row.layout.open)).collect::<UInt16Array>()),
            Arc::new(rows.iter().map(|row| Some(row.layout.stride)).collect::<UInt32Array>()),
            Arc::new(rows.iter().map(|row| Some(row.group)).collect::<UInt64Array>()),
            Arc::new(rows.iter().map(|row| Some(row.place)).collect::<UInt32Array>()),
            Arc::new(rows.iter().map(|row| Some(row.spell.entry_days)).collect::<UInt32Array>()),
            Arc::new(rows.iter().map(|row| Some(row.spell.exit_days)).collect::<UInt32Array>()),
            Arc::new(rows.iter().map(|row| Some(row.spell.cause as u8)).collect::<UInt8Array>()),
            Arc::new(lists),
        ];
        RecordBatch::try_new(schema(), columns).expect("the columns were built for the schema")
    }

    /// Reads a batch whose parts are numbered below `parts`.
    pub(crate) fn read(batch: &RecordBatch, parts: u8) -> Result<Self, CellsError> {
        let part = flat::<UInt8Type>(batch, "part")?;
        let open = flat::<UInt16Type>(batch, "open")?;
        let stride = flat::<UInt32Type>(batch, "stride")?;
        let group = flat::<UInt64Type>(batch, "group")?;
        let place = flat::<UInt32Type>(batch, "place")?;
        let entry_days = flat::<UInt32Type>(batch, "entry_days")?;
        let exit_days = flat::<UInt32Type>(batch, "exit_days")?;
        let cause = flat::<UInt8Type>(batch, "cause")?;
        let lists = column(batch, "values")?
            .as_list_opt::<i32>()
            .ok_or(CellsError::Schema { column: "values", what: "is not a list" })?;
        let mut rows = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let wrong = |what| CellsError::Row { row, what };
            let values = numbers(&lists.value(row))?;
            if values.iter().any(|value| value.unsigned_abs() > LARGEST.unsigned_abs()) {
                return Err(wrong("holds a number past 38 digits"));
            }
            if part[row] >= parts {
                return Err(wrong("names a part that these cells do not have"));
            }
            if place[row] >= stride[row] {
                return Err(wrong("lies past the last place of its group"));
            }
            let cause = Cause::from_code(cause[row]).ok_or_else(|| wrong("names a cause that does not exist"))?;
            let spell = Spell { entry_days: entry_days[row], exit_days: exit_days[row], cause };
            if spell.exit_days < spell.entry_days {
                return Err(wrong("counts a spell that ends before it is seen"));
            }
            let layout = Layout { open: open[row], stride: stride[row] };
            rows.push(Row { part: part[row], layout, group: group[row], place: place[row], spell, values });
        }
        Ok(Self { rows })
    }

    pub(crate) fn take_grid<C: Cell>(&mut self, part: u8) -> Result<Grid<C>, CellsError> {
        let mut grid = Grid::default();
        for (row, cell) in self.rows.iter().enumerate().filter(|(_, row)| row.part == part) {
            let wrong = |what| CellsError::Row { row, what };
            if cell.spell != NO_SPELL {
                return Err(wrong("counts a spell where a plain cell is meant"));
            }
            let counts = C::of_values(&cell.values).ok_or_else(|| wrong("holds other numbers than its cells have"))?;
            shaped(row, grid.layout(), cell.layout)?;
            grid.shape(cell.layout);
            grid.add(cell.group, cell.place as usize, &counts);
        }
        Ok(grid)
    }

    pub(crate) fn take_spells(&mut self, part: u8) -> Result<Spells, CellsError> {
        let (mut layout, mut spells) = (Layout::default(), Vec::new());
        for (row, cell) in self.rows.iter().enumerate().filter(|(_, row)| row.part == part) {
            let wrong = |what| CellsError::Row { row, what };
            let &[count] = cell.values.as_slice() else {
                return Err(wrong("holds other numbers than a count of spells"));
            };
            let count = i64::try_from(count).map_err(|_| wrong("counts more spells than there can be"))?;
            shaped(row, layout, cell.layout)?;
            layout = cell.layout;
            spells.push((cell.group, cell.place, cell.spell, count));
        }
        Ok(Spells::of_rows(layout, spells))
    }
}

fn shaped(row: usize, own: Layout, theirs: Layout) -> Result<(), CellsError> {
    if own.stride != 0 && own != theirs {
        return Err(CellsError::Row { row, what: "has another layout than the rows before" });
    }
    Ok(())
}

fn column<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a ArrayRef, CellsError> {
    let array = batch.column_by_name(name).ok_or(CellsError::Schema { column: name, what: "is missing" })?;
    if array.null_count() > 0 {
        return Err(CellsError::Schema { column: name, what: "holds nulls" });
    }
    Ok(array)
}

fn flat<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &'static str) -> Result<ScalarBuffer<T::Native>, CellsError> {
    let array: &PrimitiveArray<T> = column(batch, name)?
        .as_primitive_opt::<T>()
        .ok_or(CellsError::Schema { column: name, what: "has another type" })?;
    Ok(array.values().clone())
}

fn numbers(list: &ArrayRef) -> Result<Vec<i128>, CellsError> {
    let wrong = |what| CellsError::Schema { column: "values", what };
    let values = list.as_primitive_opt::<Decimal128Type>().ok_or_else(|| wrong("has another item type"))?;
    if values.scale() != 0 {
        return Err(wrong("has decimals"));
    }
    if values.null_count() > 0 {
        return Err(wrong("holds null items"));
    }
    Ok(values.values().to_vec())
}
