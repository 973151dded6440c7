//! The SQL engine as far as people may use it: without the functions that make much out of little, and with no more
//! operators than what reads them has stack for.
//!
//! Used by whoever takes SQL from people: filters, queries, steps. Must not know what is asked, nor of what.

mod amplifiers;
mod depth;

pub use amplifiers::without_amplifiers;
pub use depth::{MAX_OPERATORS, operators, operators_of};
