//! SQL for analysts, as one scope sees the data.

use std::time::Duration;

use arrow::util::pretty::pretty_format_batches;
use serde_json::{Value, json};
use warehouse::sql::{self, SqlOptions};

use crate::answer::Terms;
use crate::{AppError, Ask, Loudou, Result};

/// A query and its bounds.
#[derive(Debug, Clone)]
pub struct SqlAsk {
    /// Scope, as-of, known-at and process; the rest does not apply.
    pub common: Ask,
    /// The query.
    pub query: String,
    /// How long it may run.
    pub timeout_seconds: u64,
    /// Memory it may take.
    pub memory_bytes: usize,
}

/// The answer to a query.
#[derive(Debug, Clone)]
pub struct SqlAnswer {
    terms: Terms,
    answer: sql::SqlAnswer,
}

impl SqlAnswer {
    /// `{"terms": {…}, "rows": [{column: value}]}`.
    ///
    /// # Errors
    /// A value that JSON has no form for.
    pub fn to_json(&self) -> Result<Value> {
        let rows = self.answer.rows().map_err(|error| AppError::system(error.to_string()))?;
        Ok(json!({"terms": self.terms.to_json(), "rows": rows}))
    }

    /// A table for people.
    ///
    /// # Errors
    /// A value that cannot be written.
    pub fn to_table(&self) -> Result<String> {
        let table = pretty_format_batches(&self.answer.batches).map_err(|error| AppError::system(error.to_string()))?;
        Ok(format!("{table}\n({} rows)\n", self.answer.len()))
    }
}

impl Loudou {
    /// Answers one query.
    ///
    /// # Errors
    /// The query is refused, not understood, or stopped at a bound.
    pub async fn sql(&self, ask: &SqlAsk) -> Result<SqlAnswer> {
        let asked = self.asked(&ask.common).await?;
        let options = SqlOptions {
            memory_bytes: ask.memory_bytes,
            timeout: Duration::from_secs(ask.timeout_seconds),
            process: ask.common.process.clone(),
            ..SqlOptions::new(asked.as_of)
        };
        let warehouse = self.warehouse().await?;
        let snapshot = warehouse.snapshot_known_at(asked.question.known_at).await?;
        let answer = sql::query(snapshot, &asked.question.scope, &ask.query, &options).await?;
        Ok(SqlAnswer { terms: asked.terms, answer })
    }
}

impl From<sql::SqlError> for AppError {
    fn from(error: sql::SqlError) -> Self {
        let message = error.to_string();
        let hint = error.hint();
        let app = match error {
            sql::SqlError::Failed(_) => Self::system(message),
            _ => Self::input(message),
        };
        Self { hint, ..app }
    }
}
