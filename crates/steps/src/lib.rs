//! Steps: an ordered list of changes to a table, written down as TOML, that makes next month's file what this month's
//! was made by hand.
//!
//! A table comes in as the texts that stand in its file ([`ingest::texts`]); each step makes another table of it. Steps
//! become a plan of the query engine, which streams what can be streamed and spills what cannot, in one partition: the
//! same steps on the same file give the same rows in the same order. Rows keep the number that they have in the file for
//! as long as they are rows of it, so that a value that is none is told with its row.
//!
//! The crate must not know deals, processes, the store or HTTP; the engine is nobody else's affair.

mod action;
mod by_row;
mod error;
mod expression;
mod file;
mod input;
mod numbers;
mod plan;
mod room;
mod run;
mod texts;
mod watched;

pub use action::{Action, Case, Keep, Kind, Take, Type};
pub use error::StepsError;
pub use file::{Step, Steps};
pub use run::{
    Glimpse, Issue, Limits, Outcome, Preview, READING, Shown, Source, Sources, Target, Watch, check, preview, run,
};
