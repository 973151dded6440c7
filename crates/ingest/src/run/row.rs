//! One row with what is joined to it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::{ColumnRef, FieldPlan, From};
use crate::table::{Batch, Cell, OwnedCell};
use crate::value::key::Key;

/// A table that others join to, in memory.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) index: HashMap<Key<'static>, u32>,
    /// By column, then row.
    pub(crate) columns: Vec<Vec<OwnedCell>>,
}

/// A row being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) file: &'a Arc<str>,
    /// Its number in the file.
    pub(crate) number: u64,
    pub(crate) batch: &'a Batch,
    pub(crate) at: usize,
    /// For every join the joined row, if there is one.
    pub(crate) joined: &'a [Option<u32>],
    pub(crate) loaded: &'a [Loaded],
}

impl<'a> Row<'a> {
    pub(crate) fn at(&self, place: ColumnRef) -> Cell<'a> {
        match place {
            ColumnRef::Own(column) => self.batch.columns[column].cell(self.at),
            ColumnRef::Joined { join, column } => match self.joined.get(join).copied().flatten() {
                Some(row) => self.loaded[join].columns[column][row as usize].cell(),
                None => Cell::Empty,
            },
        }
    }

    /// The cell of a field; several columns have none.
    pub(crate) fn cell(&self, plan: &'a FieldPlan) -> Cell<'a> {
        match &plan.from {
            From::Column(place) => self.at(*place),
            From::Constant(text) => Cell::Text(text),
            From::Object(_) => Cell::Empty,
        }
    }
}
