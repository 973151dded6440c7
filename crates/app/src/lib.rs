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
pub mod demo;
pub mod doctor;
mod error;
pub mod import;
mod loudou;
pub mod meta;
mod place;
pub mod process;
mod question;
mod rates;
pub mod records;
mod sql;
mod who;

pub use error::{AppError, Fault, Result};
pub use loudou::Loudou;
pub use place::{Organisation, Place};
pub use question::{Ask, require_everybody};
pub use sql::{SqlAnswer, SqlAsk};
pub use who::Who;

/// Where long work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Something whose length is not known.
    Doing(String),
    /// Files are being read.
    Reading {
        /// The file.
        file: String,
        /// Rows so far.
        rows: u64,
        /// Bytes so far, of all files.
        bytes_done: u64,
        /// Bytes of all files.
        bytes_total: u64,
    },
    /// Journal rows are being written.
    Writing {
        /// So far.
        done: u64,
        /// In all.
        total: u64,
    },
}
