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
    /// Scope, as-of, known-at and process; the rest is for the query to say, and refused here.
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
        let common = &ask.common;
        only_what_applies(common)?;
        let as_of = common.as_of.unwrap_or_else(|| self.today());
        let scope = crate::question::scope(&self.store, &self.who, &common.scope).await?;
        let options = SqlOptions {
            memory_bytes: ask.memory_bytes,
            timeout: Duration::from_secs(ask.timeout_seconds),
            process: common.process.clone(),
            ..SqlOptions::new(as_of)
        };
        let keepers = self.keepers(&scope).await?;
        let warehouse = self.warehouse().await?;
        let answer = warehouse.sql(common.known_at, (&scope, keepers), &ask.query, &options).await?;
        let terms = Terms::default()
            .with("process", common.process.clone())
            .with("as_of", as_of.to_string())
            .with("known_at", common.known_at.map(|day| day.to_string()))
            .with("scope", if common.scope.is_empty() { "all" } else { &common.scope })
            .with("zone", self.calendar.zone.name())
            .with(
                "tables",
                "every deal in scope as it is now, or was known at known_at; as_of and process leave nothing out",
            )
            .with("tally_functions", "as of the end of as_of, in the stages of process");
        Ok(SqlAnswer { terms, answer })
    }
}

/// Refuses what a query has to say itself.
fn only_what_applies(ask: &Ask) -> Result<()> {
    let given = [
        (ask.filter.is_some(), "where", "WHERE"),
        (!ask.by.is_empty(), "by", "GROUP BY"),
        (ask.from.is_some(), "from", "WHERE on a date, or the argument of a tally function"),
        (ask.to.is_some(), "to", "WHERE on a date, or the argument of a tally function"),
        (ask.currency.is_some(), "currency", "WHERE currency = '…'"),
    ];
    match given.into_iter().find(|(given, ..)| *given) {
        None => Ok(()),
        Some((_, option, clause)) => {
            Err(AppError::input((format!("--{option} 不适用于 SQL"), format!("--{option} does not apply to SQL")))
                .hint(format!("write it in the query: {clause}")))
        }
    }
}

impl From<sql::SqlFault> for AppError {
    fn from(fault: sql::SqlFault) -> Self {
        match fault {
            sql::SqlFault::Sql(error) => error.into(),
            sql::SqlFault::Ask(error) => error.into(),
        }
    }
}

impl From<sql::SqlError> for AppError {
    fn from(error: sql::SqlError) -> Self {
        let message = error.to_string();
        let hint = error.hint();
        let app = match error {
            sql::SqlError::Failed(_) | sql::SqlError::Memory { .. } | sql::SqlError::Timeout { .. } => {
                Self::system(message)
            }
            _ => Self::input(message),
        };
        Self { hint, ..app }
    }
}
