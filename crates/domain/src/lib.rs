//! What things are and which moves are legal: time, money, records, the journal's fold, sales
//! processes, the lifecycle of a deal, people and scope.
//!
//! Everything here is a pure function of its arguments. The crate must not know files, databases,
//! clocks, SQL, HTTP or Arrow: whoever needs `now` or the user passes them in.

pub mod calendar;
pub mod chain;
pub mod custom;
pub mod field;
pub mod id;
pub mod journal;
pub mod lifecycle;
pub mod money;
pub mod people;
pub mod process;
pub mod quality;
pub mod scope;
pub mod text;
pub mod words;

pub use calendar::{Calendar, Day, Instant};
pub use custom::CustomField;
pub use id::{Kind, Outcome, ProcessId, RecordId, StageId};
pub use money::{Currency, MOST_MINOR, Rates};
pub use scope::Scope;
