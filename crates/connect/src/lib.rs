//! Where rows come from beside files that people send: files of the machine, SQL queries on other databases, and JSON
//! over HTTP, behind one trait.
//!
//! A [`Definition`] says without any secret where the rows are; [`open`] makes a [`Source`] of it, and a pull writes what
//! is new since a [`Mark`] into a folder as files that `ingest` reads, in bounded memory. Nothing is ever written to the
//! other side. The crate must not know the store, deals, processes or users; nor the clock: whoever pulls tells the time.
//!
//! To add a kind of source: a table in [`Definition`], a file with its [`Source`], an arm in [`open`].

mod check;
mod definition;
mod failure;
mod files;
mod guard;
mod http;
mod mark;
mod reach;
mod secret;
mod sql;
mod table;
mod time;
mod trust;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

pub use definition::{
    Definition, Engine, FilesDefinition, HttpDefinition, Incremental, Limits, MarkType, PagingBy, PagingDefinition,
    SqlDefinition, Tls,
};
pub use failure::{Failure, FailureKind};
pub use mark::Mark;
pub use reach::{Folders, Reach, is_forbidden};
pub use secret::Secret;
pub use trust::Authorities;

/// Whoever follows a pull.
pub trait Follow: Sync {
    /// Hears how much has come so far.
    fn told(&self, rows: u64, bytes: u64);

    /// Whether the rows are wanted no longer.
    fn is_cancelled(&self) -> bool;
}

/// What to pull.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Up to where everything was brought in before; empty: from the beginning.
    pub since: Mark,
    /// An empty folder for the files.
    pub into: PathBuf,
    /// Stop after so many rows: a look, and no pull.
    pub first: Option<u64>,
    /// The time, in microseconds since 1970: no mark moves beyond it.
    pub now_micros: i64,
}

/// Rows whose time of change is still to come: they come as any, and the mark stays before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// How many.
    pub rows: u64,
    /// Such a time, as the source wrote it.
    pub such: String,
}

/// What came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Names of the files in the folder.
    pub files: Vec<String>,
    /// The columns of the table; empty where files came as they are.
    pub columns: Vec<String>,
    /// Rows of the table; absent where files came as they are.
    pub rows: Option<u64>,
    /// Bytes of the files.
    pub bytes: u64,
    /// Rows that came once more and were brought in before.
    pub known: u64,
    /// Those whose time of change is still to come.
    pub ahead: Option<Ahead>,
    /// Where the next pull goes on, once these rows have been brought in.
    pub mark: Mark,
    /// Whether another pull from that mark would bring more at once.
    pub is_more: bool,
}

impl Pulled {
    /// Whether nothing new came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() || self.rows == Some(0)
    }
}

/// Somewhere that rows can be pulled from.
#[async_trait]
pub trait Source: Send + Sync {
    /// Writes what is new since a mark into a folder.
    ///
    /// # Errors
    /// The other side cannot be reached or refuses, more comes than is allowed, or it was cancelled. What lies in the
    /// folder is worth nothing then.
    async fn pull(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure>;
}

impl std::fmt::Debug for dyn Source + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

/// How often and after how long a refused request is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How many times.
    pub tries: u32,
    /// The first pause; each one after is twice as long.
    pub first_pause: Duration,
    /// The longest pause, also where the other side asks for more.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 5, first_pause: Duration::from_secs(1), longest_pause: Duration::from_secs(120) }
    }
}

/// Makes a source of its definition.
///
/// # Errors
/// The definition contradicts itself, or names what is out of reach.
pub fn open(
    definition: &Definition,
    secret: Option<Secret>,
    reach: &Reach,
    patience: Patience,
) -> Result<Box<dyn Source>, Failure> {
    definition.check()?;
    let Definition { incremental, limits, .. } = definition.clone();
    if let Some(files) = &definition.files {
        return Ok(Box::new(files::Files::new(files.clone(), limits, reach.clone())));
    }
    if let Some(sql) = &definition.sql {
        return Ok(Box::new(sql::Sql::new(sql.clone(), incremental, limits, secret, reach.clone())));
    }
    let Some(http) = &definition.http else { return Err(definition::none_given()) };
    Ok(Box::new(http::Http::new(http.clone(), incremental, limits, secret, reach.clone(), patience)?))
}
