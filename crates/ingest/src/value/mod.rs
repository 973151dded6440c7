//! Cells to values: dates, exact decimals, keys, yes and no. Nothing here knows files or records.

pub(crate) mod date;
pub(crate) mod decimal;
pub(crate) mod key;
mod period;

use crate::table::Cell;

/// Yes or no, in the spellings that exports use.
pub(crate) fn yes_or_no(cell: Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Bool(yes) => Some(yes),
        Cell::Int(0) => Some(false),
        Cell::Int(1) => Some(true),
        _ => domain::text::yes_or_no(&cell.text()),
    }
}
