//! From the journal to answers: journeys kept in memory as Arrow columns, and the planning of questions
//! over them.
//!
//! The warehouse folds the journal into one row a deal, follows it as it grows, keeps checkpoints in
//! Parquet, and turns a question (process, filter, groups, scope, dates, currency) into the view through
//! which tallies count. It must not know HTTP, users' sessions or the meaning of any number: scope comes as
//! a value, numbers come from the tallies.

mod labels;
mod snapshot;

pub use labels::{Dimension, KeptField, Labels, Member, Members};
pub use snapshot::{Attributes, PARTITION_DEALS, Partition, ScopeCodes, Snapshot};
