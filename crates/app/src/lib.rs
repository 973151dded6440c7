//! The use cases, shared by the command line and whatever comes beside it: authorise, load, apply a pure
//! rule, persist record and journal in one transaction; ask the warehouse, apply a method, answer.
//!
//! The crate must not know HTTP or the terminal: it takes values and gives answers. The clock and randomness
//! are arguments.
//!
//! To add an analysis: a tally in `journey`, a file in [`answers`] that asks the warehouse for it and turns
//! its cells into an [`answer::Answer`], and a command that shows it.

pub mod access;
pub mod answer;
pub mod answers;
pub mod customers;
pub mod demo;
pub mod doctor;
pub mod duplicates;
mod error;
pub mod fields;
pub mod import;
pub mod jobs;
mod loudou;
pub mod meta;
pub mod model;
mod place;
pub mod process;
pub mod quality;
mod question;
pub mod rates;
pub mod records;
mod scratch;
pub mod sources;
mod sql;
mod step;
pub mod steps;
pub mod uploads;
mod who;
mod words;

pub use error::{AppError, Fault, Result, Words};
pub use loudou::Loudou;
pub use place::{Organisation, Place};
pub use question::{Ask, require_everybody};
pub use scratch::Scratch;
pub use sql::{SqlAnswer, SqlAsk};
pub use step::{Follow, Step};
pub use who::Who;
