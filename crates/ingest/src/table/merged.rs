//! Merged cells: what is written in one counts for every row that it covers.
//!
//! Across columns nothing is filled: there a merged cell is a title, or a heading of several columns.

use std::collections::HashMap;

use calamine::Dimensions;

use super::OwnedCell;
use crate::issue::Refusal;

/// Cells of a sheet that are filled from merged ones at most: a few merged cells may cover a whole sheet.
const MOST_FILLED: u64 = 5_000_000;

/// What is called with row (from 1 on), column (from 0 on) and value of every cell, and says whether it goes on.
pub(super) type Each<'e> = dyn FnMut(u32, usize, OwnedCell) -> Result<bool, Refusal> + 'e;

/// A merged cell that covers the row that is being read.
struct Open {
    column: usize,
    last_row: u32,
    value: OwnedCell,
}

/// The merged cells of a sheet, while its rows go by from the first on.
pub(super) struct Merged {
    /// Last row by row and column of the cell that holds the value.
    regions: HashMap<(u32, usize), u32>,
    open: Vec<Open>,
    row: u32,
    filled: u64,
}

impl Merged {
    pub(super) fn new(regions: &[Dimensions]) -> Self {
        let over_rows = regions.iter().filter(|region| region.end.0 > region.start.0);
        let region = |region: &Dimensions| ((region.start.0 + 1, region.start.1 as usize), region.end.0 + 1);
        Self { regions: over_rows.map(region).collect(), open: Vec::new(), row: 0, filled: 0 }
    }

    /// Hands a cell on, and before the first of a row that holds something what merged cells above say of that row. A row
    /// that they alone cover is none. `None` where more would be filled than a sheet may have.
    pub(super) fn pass(
        &mut self,
        (row, column): (u32, usize),
        cell: OwnedCell,
        each: &mut Each<'_>,
    ) -> Option<Result<bool, Refusal>> {
        if !cell.cell().is_blank() && !self.regions.is_empty() {
            if row != self.row {
                self.row = row;
                self.open.retain(|open| open.last_row >= row);
                self.filled += self.open.len() as u64;
                if self.filled > MOST_FILLED {
                    return None;
                }
                for Open { column, value, .. } in &self.open {
                    match each(row, *column, value.clone()) {
                        Ok(true) => {}
                        ended => return Some(ended),
                    }
                }
            }
            if let Some(last_row) = self.regions.get(&(row, column)) {
                self.open.push(Open { column, last_row: *last_row, value: cell.clone() });
            }
        }
        Some(each(row, column, cell))
    }
}
