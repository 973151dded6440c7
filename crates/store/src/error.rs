//! What can go wrong, with the facts that a message needs.

use domain::field::FieldId;
use domain::{Kind, RecordId};
use sea_orm::{DbErr, RuntimeErr};
use thiserror::Error;

/// Why the store refused or failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The address is none of a database that is known here.
    #[error("`{0}` is no database address: sqlite:///path/to/file.db or postgres://user@host/name is expected")]
    Address(String),
    /// A newer program has written the database.
    #[error("the database has format {found}, this program knows formats up to {known}: use a newer program")]
    NewerVersion {
        /// The format of the database.
        found: i64,
        /// The newest format of this program.
        known: i64,
    },
    /// Another writer did not finish in time.
    #[error("another write (an import, for example) is going on and did not finish within {waited_seconds} seconds")]
    Busy {
        /// How long this one waited.
        waited_seconds: u64,
    },
    /// Somebody changed the record in between.
    #[error("the {} {record} was changed meanwhile: version {expected} was read, now it is {found}", kind.as_str())]
    Conflict {
        /// The record's kind.
        kind: Kind,
        /// The record.
        record: RecordId,
        /// The version that the caller had read.
        expected: i64,
        /// The version now; 0 where the record does not exist.
        found: i64,
    },
    /// There is no such record.
    #[error("there is no {} {record}", kind.as_str())]
    NoRecord {
        /// The kind asked for.
        kind: Kind,
        /// The id asked for.
        record: RecordId,
    },
    /// A record cannot be merged into itself.
    #[error("the {} {record} cannot be merged into itself", kind.as_str())]
    MergeIntoItself {
        /// The record's kind.
        kind: Kind,
        /// The record.
        record: RecordId,
    },
    /// There is no such import.
    #[error("there is no import {0}")]
    NoImport(i64),
    /// The import was undone before.
    #[error("import {0} is undone already")]
    AlreadyUndone(i64),
    /// No entry of the journal with this number merged a record.
    #[error("there is no merge {0}")]
    NoMerge(i64),
    /// The merge was taken back before.
    #[error("merge {0} is undone already")]
    AlreadyUnmerged(i64),
    /// Records that merges of a batch went into do not stand any more: they were merged further, or deleted.
    #[error("merge {merge} cannot be undone: {} {record} went into another record or was deleted since", kind.as_str())]
    SurvivorGone {
        /// The first such merge.
        merge: i64,
        /// The kind of its records.
        kind: Kind,
        /// The record that was to stay.
        record: RecordId,
    },
    /// A draft asserts a field that its kind of record does not have, or a value of another type.
    #[error("field {} does not take this value on a {}", field.0, kind.as_str())]
    Misfit {
        /// The record's kind.
        kind: Kind,
        /// The field.
        field: FieldId,
    },
    /// A text holds a zero character, which PostgreSQL cannot keep.
    #[error("a text of field {} on a {} holds a zero character", field.0, kind.as_str())]
    ZeroCharacter {
        /// The record's kind.
        kind: Kind,
        /// The field.
        field: FieldId,
    },
    /// Only deals have stage, outcome, amount and the other fields of every date.
    #[error("a {} has no stage, outcome or other field of a deal", kind.as_str())]
    HotOutsideDeals {
        /// The record's kind.
        kind: Kind,
    },
    /// Undo and erasure touch more than the journal: they have calls of their own.
    #[error("undo, erasure and entries for no record cannot be appended as drafts")]
    NotADraft,
    /// A custom field of this name and kind exists with another type, or a built-in one has the name.
    #[error("a {} already has a field `{name}` of another type", kind.as_str())]
    FieldExists {
        /// The kind of record.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// There is no such custom field.
    #[error("there is no custom field {}", .0.0)]
    NoField(FieldId),
    /// All ids of custom fields are taken.
    #[error("there are no ids left for custom fields")]
    TooManyFields,
    /// Another user signs in with this name, or one that differs in case or width only.
    #[error("there is a user called `{0}` already")]
    NameTaken(String),
    /// There is no such connection.
    #[error("there is no source {0}")]
    NoConnection(i64),
    /// Another connection has this name, or one that differs in case or width only.
    #[error("there is a source called `{0}` already")]
    ConnectionTaken(String),
    /// Somebody changed the connection in between.
    #[error("source {connection} was changed meanwhile: version {expected} was read, now it is {found}")]
    ConnectionChanged {
        /// The connection.
        connection: i64,
        /// The version that the caller had read.
        expected: i64,
        /// The version now.
        found: i64,
    },
    /// There is no such user.
    #[error("there is no user {0}")]
    NoUser(i64),
    /// Somebody changed the user in between.
    #[error("user {user} was changed meanwhile: version {expected} was read, now it is {found}")]
    UserChanged {
        /// The user.
        user: i64,
        /// The version that the caller had read.
        expected: i64,
        /// The version now.
        found: i64,
    },
    /// What is stored cannot be read: the database was damaged or changed by hand.
    #[error("{what} cannot be read: {detail}")]
    Damaged {
        /// Which part.
        what: &'static str,
        /// The text or number found there.
        detail: String,
    },
    /// A file operation failed.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A backup would overwrite the database.
    #[error("{path} is the database itself: give the backup another name")]
    BackupOntoItself {
        /// The file.
        path: String,
    },
    /// The file is not a backup.
    #[error("{path} is no backup of this program: {reason}")]
    NotABackup {
        /// The file.
        path: String,
        /// What is missing.
        reason: String,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if is_wait_over(&error) {
            return Self::Busy { waited_seconds: crate::engine::TURN.as_secs() };
        }
        Self::Database(error)
    }
}

impl StoreError {
    pub(crate) fn damaged(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Damaged { what, detail: detail.into() }
    }

    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}

/// The code that the database gave its error.
pub(crate) fn database_code(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner))
        | DbErr::Conn(RuntimeErr::SqlxError(inner)) => {
            inner.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned))
        }
        _ => None,
    }
}

/// The database's own words for "I have waited long enough for another writer".
fn is_wait_over(error: &DbErr) -> bool {
    // SQLite: busy, busy in recovery, busy with a stale snapshot, busy by timeout. PostgreSQL: lock timeout.
    matches!(error, DbErr::ConnectionAcquire(_))
        || database_code(error).is_some_and(|code| matches!(code.as_str(), "5" | "261" | "517" | "773" | "55P03"))
}
