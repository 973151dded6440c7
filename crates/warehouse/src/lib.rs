//! From the journal to answers: journeys kept in memory as Arrow columns, and the planning of questions
//! over them.
//!
//! The warehouse folds the journal into one row a deal, follows it as it grows, keeps checkpoints in
//! Parquet, and turns a question (process, filter, groups, scope, dates, currency) into the view through
//! which tallies count. It must not know HTTP, users' sessions or the meaning of any number: scope comes as
//! a value, numbers come from the tallies.

mod ask;
mod build;
mod chain;
mod checkpoint;
mod codes;
mod days;
mod deals;
mod filter;
mod fold;
mod keys;
mod known;
mod labels;
mod ledger;
mod memory;
mod pinned;
mod plan;
mod question;
mod raw;
mod snapshot;
pub mod sql;
mod warehouse;

#[cfg(test)]
mod checkpoint_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod own_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod testing;

pub use ask::{Counted, Reply};
pub use chain::{
    Amount, ChainFound, CustomerBy, CustomerFaces, CustomerFunnel, CustomersAsk, FunnelGroup, GroupKey, LeadCounts,
    Measure, Step, StepCells, StepList, Which,
};
pub use checkpoint::{CheckpointError, Stale};
pub use deals::{
    AccountSort, AccountSums, AccountsAsk, AccountsList, After, DealList, DealSums, DealsAsk, Facet, Found, Hits,
    Listed, ListedStage, Looked, Named, Sort, SortBy, SortValue, Standing,
};
pub use keys::AMOUNT_CLASSES;
pub use labels::{Dimension, KeptField, Labels, Member, Members, OwnDimension};
pub use ledger::Context;
pub use pinned::pinned;
pub use plan::Keys;
pub use question::{AskError, FilterFault, Only, Question, similar};
pub use snapshot::{Attributes, PARTITION_DEALS, Partition, ScopeCodes, Snapshot, Span};
pub use warehouse::{Opened, Settings, Warehouse, WarehouseError};
