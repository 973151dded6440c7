//! A profile made ready for the rows of one table: which columns are read, how cells become values, and
//! where the values go.
//!
//! Everything that depends on the profile and the process alone is decided here, once; the loops over rows
//! only follow.

mod columns;
mod field;

pub(crate) use columns::{ColumnRef, Columns, JoinPlan};
pub(crate) use field::{FieldPlan, From, Planner, Slot, may_be_made, title};
