//! A deal's journey, what happened to it in order, as Arrow lists, and the tallies over it.
//!
//! Three types carry the crate. [`Journeys`] is a partition of journeys in columns. A [`View`] is how one
//! question sees a partition: who is a member, in which group, which slot a state falls in, in which
//! currency. A [`Tally`] observes one journey at a time through a view and counts into sparse integer
//! cells that merge in any order.
//!
//! The crate must not know SQL engines, storage or HTTP: it is handed columns and gives counts.

mod journeys;
mod slots;
mod tally;
mod view;

pub use journeys::{Column, DealRow, Entries, EntryRow, Journey, Journeys, JourneysBuilder, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, NONE, STATE_DELETED};
pub use slots::{Slot, Slots};
pub use tally::{Cells, Tally};
pub use view::{Amounts, View};
