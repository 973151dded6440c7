//! The analyses, one file each. Each says at its head what it counts, which entry decides group and filter,
//! and the columns of its rows.

mod bridge;
mod conversion;
mod dwell;
mod flow;
mod migration;
mod periods;
mod picks;
mod series;
mod stays;
mod stock;
mod table;
mod trend;
mod win_rate;

pub use bridge::{Bridge, Events, Line};
pub use conversion::{Conversion, ConversionCells, Goal, Reach, Reached, Visit};
pub use dwell::Dwell;
pub use flow::{Destination, Origin};
pub use migration::Migration;
pub use periods::Periods;
pub use picks::{Added, Pick, PickDecision, PickLine, PickMoves, PickReached, PickStock, PickVisits, ValuedAt};
pub use series::{MigrationSeries, SeriesCells};
pub use stays::Stays;
pub use stock::Stock;
pub use trend::Trend;
pub use win_rate::{Basis, WinRate, WinRateCells};
