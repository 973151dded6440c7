//! Files to assertions: a company's own exports become facts with their dates, and a list of what was
//! wrong with the rows that do not.
//!
//! A *profile* (a TOML file, see [`profile`]) says which files there are, how they join, how values are
//! written and where a deal's history lies. [`extract`] reads the files through it and returns an
//! [`Extract`]: external keys by kind, assertions in the order dimensions, deals, changes, the rest, and
//! every [`Issue`] with file, row, column, value and rule. An input that is wrong as a whole is a
//! [`Refusal`].
//!
//! For files that no profile knows, [`look`] shows what is in them, [`suggest`] makes a [`Mapping`] of that, and a
//! mapping becomes a profile.
//!
//! The crate must not know the store, users, HTTP or the clock: it maps bytes to facts, and what becomes
//! of those is decided elsewhere.

mod extract;
mod fault_zh;
mod issue;
mod look;
mod mapping;
mod options;
mod plan;
pub mod profile;
mod reject;
mod run;
mod suggest;
mod table;
mod texts;
mod value;

pub use extract::{Assertion, CheckCount, Counts, Extract, FileCount, Preview, PreviewRow, RuleCount};
pub use issue::{Fault, Issue, Refusal, Rule, Severity};
pub use look::{ColumnLook, Look, look, table_looks};
pub use mapping::{
    History, MappedField, MappedProcess, MappedRecords, MappedStage, Mapping, Milestone, OwnProcess, TableChoice,
    TargetField, mappable, target_fields, value_word,
};
pub use options::{Given, Known, Options, Phase, Progress};
pub use profile::{ProcessSource, Profile};
pub use reject::{is_reject_list, write_rejects};
pub use run::extract;
pub use suggest::{
    Circumstances, Fit, JoinKey, KindFound, Main, Suggestion, Suggestions, TableFound, columns_of, fits, join_keys,
    lasting_name, likeliest, suggest,
};
pub use table::archive::unpack;
pub use table::parquet::ROW_COLUMN;
pub use texts::{DateForms, Texts, number, texts};
