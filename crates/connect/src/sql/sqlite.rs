//! A file of SQLite, which may be in use: it is only read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef};

use super::Sql;
use crate::definition::MarkType;
use crate::failure::Failure;
use crate::table::Table;
use crate::{Ask, Follow, Pulled};

/// How many steps of its machine SQLite takes between two looks whether it is still wanted.
const STEPS: i32 = 10_000;

/// Tells a query that nobody waits for it any more.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Sql {
    pub(super) async fn pull_sqlite(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        let prepared = self.prepared(&ask.since)?;
        let (mut connection, _stop) = self.connect_sqlite().await?;
        let sql = format!("SELECT * FROM (\n{}\n) AS loudou_rows", prepared.sql);
        let statement = (&mut connection).prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await;
        let statement = statement.map_err(|error| self.failed(&error))?;
        let columns: Vec<String> =
            statement.columns().iter().map(|column| own_name(column.name()).to_owned()).collect();
        drop(statement);
        let mut table = Table::begin(ask, &self.of.table, columns, &self.how, &self.limits, follow)?;
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        for parameter in &prepared.parameters {
            // Times are texts there, compared letter by letter, so the mark is written as the source writes times; before
            // the first one every text comes.
            let text = if parameter.ty == MarkType::Time && parameter.value.is_none() { "" } else { parameter.text() };
            query = match (parameter.ty, text.parse::<i64>(), text.parse::<f64>()) {
                (MarkType::Number, Ok(whole), _) => query.bind(whole),
                (MarkType::Number, _, Ok(number)) => query.bind(number),
                _ => query.bind(text.to_owned()),
            };
        }
        let mut rows = query.fetch(&mut connection);
        while let Some(row) = rows.try_next().await.map_err(|error| self.failed(&error))? {
            let cells: Result<Vec<_>, _> = (0..row.len()).map(|at| cell(&row, at)).collect();
            if !table.row(&cells.map_err(|error| self.failed(&error))?)? {
                break;
            }
        }
        table.finish()
    }

    async fn connect_sqlite(&self) -> Result<(SqliteConnection, Stop), Failure> {
        let file = self.reach.path(&self.of.database)?;
        if !file.is_file() {
            let told = &self.of.database;
            return Err(Failure::source(format!("“{told}”不是文件"), format!("`{told}` is no file")));
        }
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .read_only(true)
            .create_if_missing(false)
            .busy_timeout(Duration::from_secs(30))
            .statement_cache_capacity(0)
            .pragma("query_only", "ON")
            .disable_statement_logging();
        let mut connection = options.connect().await.map_err(|error| self.not_connected(&error))?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let mut handle = connection.lock_handle().await.map_err(|error| self.failed(&error))?;
        handle.set_progress_handler(STEPS, move || !asked.load(Ordering::Relaxed));
        drop(handle);
        Ok((connection, Stop(stop)))
    }
}

/// SQLite numbers columns of one name (`id`, `id:1`); told as what they are, they are refused.
fn own_name(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((own, number)) if !own.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
            own
        }
        _ => name,
    }
}

fn cell(row: &SqliteRow, at: usize) -> Result<Option<String>, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(None);
    }
    let ty = value.type_info().name().to_owned();
    Ok(Some(match ty.as_str() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at)?.to_string(),
        "REAL" => row.try_get_unchecked::<f64, _>(at)?.to_string(),
        "BLOB" => hex(&row.try_get_unchecked::<Vec<u8>, _>(at)?),
        _ => row.try_get_unchecked::<String, _>(at)?,
    }))
}

/// Bytes as people write them.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}
