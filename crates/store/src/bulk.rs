//! Statements of many rows: an import is hundreds of rows a statement, or it is slow.

use sea_orm::{ConnectionTrait, Value};

use crate::StoreError;
use crate::engine::Engine;

/// Parameters a statement: below both engines' limits (32,766 and 65,535), and long enough that a longer one
/// gains nothing.
const PARAMETERS: usize = 8_000;

/// Collects rows and writes them in statements of as many as fit.
#[derive(Debug)]
pub(crate) struct Bulk {
    engine: Engine,
    head: String,
    tail: String,
    columns: usize,
    rows_a_statement: usize,
    full: String,
    values: Vec<Value>,
}

impl Bulk {
    /// Rows of `columns`; `tail` is what follows the values, such as a conflict clause.
    pub(crate) fn new(engine: Engine, table: &str, columns: &[&str], tail: &str) -> Self {
        let names = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
        let head = format!("INSERT INTO \"{table}\" ({names}) VALUES ");
        let rows_a_statement = (PARAMETERS / columns.len()).max(1);
        Self {
            engine,
            head,
            tail: tail.to_owned(),
            columns: columns.len(),
            rows_a_statement,
            full: String::new(),
            values: Vec::new(),
        }
    }

    /// Rows that replace what is stored under the first `keys` columns.
    pub(crate) fn upsert(engine: Engine, table: &str, columns: &[&str], keys: usize) -> Self {
        let quoted = |names: &[&str]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
        let sets = columns[keys..]
            .iter()
            .map(|name| format!("\"{name}\" = excluded.\"{name}\""))
            .collect::<Vec<_>>()
            .join(",");
        let tail = if sets.is_empty() {
            format!(" ON CONFLICT ({}) DO NOTHING", quoted(&columns[..keys]))
        } else {
            format!(" ON CONFLICT ({}) DO UPDATE SET {sets}", quoted(&columns[..keys]))
        };
        Self::new(engine, table, columns, &tail)
    }

    /// Where the next row's values go; exactly one a column.
    pub(crate) fn values(&mut self) -> &mut Vec<Value> {
        if self.values.capacity() == 0 {
            self.values.reserve(self.rows_a_statement.min(64) * self.columns);
        }
        &mut self.values
    }

    /// Whether a statement's worth of rows is there.
    pub(crate) fn is_full(&self) -> bool {
        self.values.len() >= self.rows_a_statement * self.columns
    }

    /// Writes what is there.
    pub(crate) async fn flush(&mut self, on: &impl ConnectionTrait) -> Result<(), StoreError> {
        debug_assert_eq!(self.values.len() % self.columns, 0, "whole rows only");
        let count = self.values.len() / self.columns;
        if count == 0 {
            return Ok(());
        }
        let sql = if count == self.rows_a_statement {
            if self.full.is_empty() {
                self.full = self.text(count);
            }
            self.full.clone()
        } else {
            self.text(count)
        };
        let next = Vec::with_capacity(if count == self.rows_a_statement { self.values.len() } else { 0 });
        let values = std::mem::replace(&mut self.values, next);
        on.execute_raw(sea_orm::Statement::from_sql_and_values(self.engine.backend(), sql, values)).await?;
        Ok(())
    }

    /// Writes what is there if it fills a statement.
    pub(crate) async fn flush_full(&mut self, on: &impl ConnectionTrait) -> Result<(), StoreError> {
        if self.is_full() { self.flush(on).await } else { Ok(()) }
    }

    fn text(&self, count: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns].join(","));
        let sql = format!("{}{}{}", self.head, vec![row.as_str(); count].join(","), self.tail);
        self.engine.sql(&sql)
    }
}

/// Ids in runs of one length, so that the statement text stays the same; the last run repeats its last id.
pub(crate) fn id_runs(ids: &[i64]) -> impl Iterator<Item = Vec<Value>> + '_ {
    ids.chunks(ID_RUN).map(|run| {
        let last = run.last().copied().unwrap_or(0);
        let length = if run.len() == 1 { 1 } else { ID_RUN };
        run.iter().copied().chain(std::iter::repeat(last)).take(length).map(|id| Value::BigInt(Some(id))).collect()
    })
}

const ID_RUN: usize = 512;

/// `(?,?,…)` for a run of ids.
pub(crate) fn id_list(run: &[Value]) -> String {
    format!("({})", vec!["?"; run.len()].join(","))
}
