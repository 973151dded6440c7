//! Records, journal and migrations on SQLite and on PostgreSQL, through one code path.
//!
//! Every change of every record is appended to one journal, in the transaction of the change. The tables of
//! current records are a projection of it, made by [`domain::journal::fold`]; nothing else writes them.
//! Numbers, tables and files of this crate are promises to databases that exist: migrations only append.
//!
//! **Writers are serial, on both engines.** SQLite has one writer by nature (an immediate transaction). On
//! PostgreSQL a writer takes the row lock of `journal_head` before it reads or numbers anything, and keeps
//! it until its commit. So the order of the journal is the order of the commits, a reader that has read up
//! to the head has missed nothing however many processes write, and nobody folds a record while somebody
//! else appends to it. The price: a long import makes other writers wait (for a bounded time, then
//! [`StoreError::Busy`]), and writes do not scale with the cores of the database server. Readers never wait.
//! The head itself is moved by the last statement before the commit.
//!
//! The crate must not know business rules, users' sessions, HTTP or analyses. Clock and randomness are
//! arguments.
//!
//! To add a stored field: add it to [`domain::field::BUILTIN`], then a migration that adds the column; the
//! conformance suite compares the two.

pub mod access;
mod backup;
mod bulk;
mod codec;
mod columns;
mod connections;
mod current;
mod custom;
mod engine;
mod erasure;
mod error;
mod journal;
mod merge_batches;
mod merges;
mod migrate;
mod model;
mod record;
mod referring;
mod registry;
mod retract;
mod sources;
mod store;
mod tables;
mod vault;
mod writer;

pub use backup::{Restored, check_backup, restore};
pub use connections::{Connection, ConnectionDraft, Run, RunDraft, RunEnd};
pub use engine::Engine;
pub use error::StoreError;
pub use journal::Mark;
pub use merge_batches::MergeBatch;
pub use merges::{Merge, Survivors, Unmerge};
pub use model::{JoinCount, LooseKey, Reference, TableCount, Why};
pub use record::Record;
pub use registry::Organisation;
pub use retract::{Survivor, Undo};
pub use sources::{ExternalId, Import, ImportState, Rate};
pub use store::{JournalCheck, Store};
pub use writer::{Draft, Writer};
