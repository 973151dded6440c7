//! A deal's journey, what happened to it in order, as Arrow lists, and the tallies over it.
//!
//! Three types carry the crate. [`Journeys`] is a partition of journeys in columns. A [`View`] is how one
//! question sees a partition: who is a member, in which group, which slot a state falls in, in which
//! currency. A [`Tally`] observes one journey at a time through a view and counts into sparse integer
//! cells that merge in any order; [`run`](run::run) takes one or several of them over many partitions.
//!
//! The crate must not know SQL engines, storage or HTTP: it is handed columns and gives counts.

mod builder;
pub mod cells;
mod journeys;
pub mod run;
mod slots;
mod spells;
pub mod tallies;
mod tally;
pub mod travel;
mod view;

pub use builder::{DealRow, EntryRow, JourneysBuilder};
pub use cells::{Cell, Cells, Counts, Grid, Layout, Move, Sum};
pub use journeys::{
    Column, Entries, Journey, Journeys, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, NONE, STATE_DELETED,
};
pub use run::{Scan, TooLarge};
pub use slots::{Slot, Slots};
pub use spells::{Cause, Spell, Spells};
pub use tallies::{Added, Pick, PickDecision, PickLine, PickMoves, PickReached, PickStock, PickVisits, ValuedAt};
pub use tallies::{
    Basis, Bridge, Conversion, ConversionCells, Destination, Dwell, Events, Goal, Line, Migration, MigrationSeries,
    Origin, Periods, Reach, Reached, SeriesCells, Stays, Stock, Trend, Visit, WinRate, WinRateCells,
};
pub use tally::Tally;
pub use travel::CellsError;
pub use view::{Amounts, View};
