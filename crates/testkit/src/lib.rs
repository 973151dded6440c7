//! What tests of every crate share: deals written as text, random deals, a naive reading of every tally, a
//! clock that stands still, and folders that go away.
//!
//! Only tests depend on it. The naive readings must not know the tallies' code, nor borrow from it: they are
//! written from the definitions, the obvious and slow way, so that the two can disagree.

pub mod clock;
pub mod deals;
pub mod folder;
pub mod naive;
pub mod random;
pub mod table;
pub mod terms;

pub use clock::FixedClock;
pub use deals::{Deal, journeys, partitions};
pub use table::{Table, TableError, cases};
pub use terms::{By, Laid, Terms};
