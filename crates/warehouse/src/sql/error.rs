//! Why a query was refused or failed, with what to do about it.
//!
//! A refusal names the thing and the nearest one that exists. This module must not know how a query is run.

use std::time::Duration;

use arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::error::DataFusionError;
use thiserror::Error;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SqlError {
    /// The text is empty, or holds more than one statement.
    #[error("one query is expected, and {found} were given")]
    NotOne {
        /// Statements found.
        found: usize,
    },
    /// The text is a statement that is not a query, or holds one.
    #[error("{what} is refused: SQL is read-only here")]
    ReadOnly {
        /// The statement or clause.
        what: String,
    },
    /// The query is too large to be planned safely.
    #[error("the query has {found} {what}; {limit} are allowed")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The text is not SQL.
    #[error("this is not SQL that can be read: {0}")]
    Syntax(String),
    /// There is no such table.
    #[error("there is no table `{name}`")]
    UnknownTable {
        /// The name in the query.
        name: String,
        /// The closest table, if one is close.
        nearest: Option<String>,
        /// Every table.
        tables: Vec<String>,
    },
    /// There is no such column.
    #[error("there is no column `{name}`")]
    UnknownColumn {
        /// The name in the query.
        name: String,
        /// The closest column, if one is close.
        nearest: Option<String>,
        /// Every column that could be meant.
        columns: Vec<String>,
    },
    /// There is no such function.
    #[error("there is no function `{name}`")]
    UnknownFunction {
        /// The name in the query.
        name: String,
        /// The closest function, if one is known.
        nearest: Option<String>,
    },
    /// Names and syntax are right, and it still means nothing.
    #[error("{0}")]
    Invalid(String),
    /// It ran for too long.
    #[error("the query was stopped after {} seconds", limit.as_secs_f64())]
    Timeout {
        /// The time it had.
        limit: Duration,
    },
    /// It needed more memory than a query gets.
    #[error("the query needs more than the {limit_bytes} bytes of memory that a query gets")]
    Memory {
        /// What it had.
        limit_bytes: usize,
    },
    /// The data, or the query's own values, do not allow what it works out: a division by zero, a text that is no
    /// number.
    #[error("the query cannot be worked out: {0}")]
    Evaluation(String),
    /// It failed while it ran.
    #[error("the query failed: {0}")]
    Failed(String),
}

impl SqlError {
    /// What to do about it, as one line.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotOne { found: 0 } => {
                Some("write a query, such as SELECT outcome, count(*) FROM opportunities GROUP BY outcome".to_owned())
            }
            Self::NotOne { .. } => Some("send one query at a time".to_owned()),
            Self::ReadOnly { .. } => {
                Some("use SELECT or WITH … SELECT; records are changed by the commands of loudou".to_owned())
            }
            Self::TooLarge { .. } => Some("split the query, or join a list instead of writing it out".to_owned()),
            Self::Syntax(_) | Self::Invalid(_) | Self::Failed(_) => None,
            Self::Evaluation(_) => {
                Some("leave such rows out by a WHERE, or use nullif(…, 0) and try_cast(… AS …)".to_owned())
            }
            Self::UnknownTable { nearest, tables, .. } => Some(meant(nearest.as_ref(), "tables", tables)),
            Self::UnknownColumn { nearest, columns, .. } => Some(meant(nearest.as_ref(), "columns", columns)),
            Self::UnknownFunction { nearest, .. } => {
                nearest.as_ref().map(|nearest| format!("did you mean `{nearest}`?"))
            }
            Self::Timeout { .. } => Some("narrow the query by a WHERE, or give it more time".to_owned()),
            Self::Memory { .. } => Some("group by fewer keys, sort or join fewer rows, or raise the limit".to_owned()),
        }
    }

    /// An error of the engine, told from the query's side.
    pub(super) fn of(error: &DataFusionError, memory_bytes: usize) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory { limit_bytes: memory_bytes },
            DataFusionError::SchemaError(error, _) => match &**error {
                SchemaError::FieldNotFound { field, valid_fields } => {
                    let mut columns: Vec<String> = valid_fields.iter().map(|field| field.name.clone()).collect();
                    columns.sort_unstable();
                    columns.dedup();
                    let nearest = nearest(&field.name, &columns);
                    Self::UnknownColumn { name: field.flat_name(), nearest, columns }
                }
                other => Self::Invalid(other.to_string()),
            },
            DataFusionError::SQL(error, _) => Self::Syntax(plain(&error.to_string())),
            DataFusionError::Plan(message) => invalid(message),
            DataFusionError::NotImplemented(message) | DataFusionError::Configuration(message) => {
                Self::Invalid(plain(message))
            }
            DataFusionError::Collection(errors) if !errors.is_empty() => Self::of(&errors[0], memory_bytes),
            root if is_evaluation(root) => Self::Evaluation(plain(&root.strip_backtrace())),
            DataFusionError::External(error) => Self::Failed(plain(&error.to_string())),
            other => Self::Failed(plain(&other.strip_backtrace())),
        }
    }
}

/// Whether an expression met values that it has no result for, rather than the engine failing.
pub(crate) fn is_evaluation(root: &DataFusionError) -> bool {
    match root {
        DataFusionError::Execution(_) => true,
        DataFusionError::ArrowError(error, _) => !matches!(
            **error,
            ArrowError::IoError(..)
                | ArrowError::IpcError(_)
                | ArrowError::MemoryError(_)
                | ArrowError::ExternalError(_)
                | ArrowError::ParquetError(_)
                | ArrowError::CDataInterface(_)
        ),
        _ => false,
    }
}

fn meant(nearest: Option<&String>, what: &str, all: &[String]) -> String {
    let all = all.join(", ");
    nearest.map_or_else(|| format!("{what}: {all}"), |nearest| format!("did you mean `{nearest}`? {what}: {all}"))
}

/// The name in `all` that is closest to `name`, where it is close enough to be a slip.
pub(super) fn nearest(name: &str, all: &[String]) -> Option<String> {
    let name = name.to_lowercase();
    let slips = name.chars().count() / 3 + 1;
    let closest = all.iter().map(|known| (levenshtein(&name, known), known)).min()?;
    (closest.0 <= slips).then(|| closest.1.clone())
}

/// Names of functions come inside a text.
fn invalid(message: &str) -> SqlError {
    if let Some(rest) = message.strip_prefix("Invalid function '")
        && let Some((name, rest)) = rest.split_once('\'')
    {
        let nearest = rest.split('\'').nth(1).map(str::to_owned);
        return SqlError::UnknownFunction { name: name.to_owned(), nearest };
    }
    SqlError::Invalid(plain(message))
}

/// The message without prefixes that speak of the engine, and without its stack.
fn plain(message: &str) -> String {
    let message = message.split("\n\nbacktrace:").next().unwrap_or(message);
    let prefixes =
        ["Error during planning: ", "sql parser error: ", "Execution error: ", "Arrow error: ", "External error: "];
    let mut message = message.trim();
    while let Some(rest) = prefixes.iter().find_map(|prefix| message.strip_prefix(prefix)) {
        message = rest;
    }
    message.to_owned()
}
