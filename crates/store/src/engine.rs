//! The two engines: how to connect, and the few words of SQL in which they differ.
//!
//! SQL of this crate is written with `?` and standard constructs that both engines know. What differs is
//! here and nowhere else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::field::FieldId;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

use crate::StoreError;

/// How long to wait for a connection.
const WAIT: Duration = Duration::from_secs(30);
/// How long a writer waits for another one, where nobody said otherwise: longer than an import of millions of rows
/// takes.
pub(crate) const TURN: Duration = Duration::from_secs(600);

/// The database below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// One file, embedded.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    pub(crate) const fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

    /// What makes a `SELECT` lock its row. SQLite's immediate transaction has locked everything by then.
    pub(crate) const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// The type of a numeric primary key; in SQLite only this spelling makes it the table's own key.
    pub(crate) const fn id_type(self) -> &'static str {
        match self {
            Self::Sqlite => "INTEGER",
            Self::Postgres => "BIGINT",
        }
    }

    /// The record that a field of the organisation's own refers to, in a column that [`crate::codec::encode_rest`]
    /// wrote; null where it refers to none.
    pub(crate) fn own_reference(self, column: &str, field: FieldId) -> String {
        match self {
            Self::Sqlite => format!("json_extract({column}, '$.\"{}\"[0]')", field.0),
            Self::Postgres => format!("({column}::json -> '{}' ->> 0)::bigint", field.0),
        }
    }

    /// `?` as the engine wants it. Texts of this crate hold `?` for nothing else.
    pub(crate) fn sql(self, sql: &str) -> String {
        if self == Self::Sqlite {
            return sql.to_owned();
        }
        let mut out = String::with_capacity(sql.len() + sql.len() / 4);
        let mut number = 0;
        for part in sql.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(before) => {
                    number += 1;
                    out.push_str(before);
                    out.push('$');
                    out.push_str(&format!("{number}"));
                }
                None => out.push_str(part),
            }
        }
        out
    }

    pub(crate) fn statement(self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), self.sql(sql), values)
    }
}

/// Runs a statement and tells how many rows it touched.
pub(crate) async fn execute(
    on: &impl ConnectionTrait,
    engine: Engine,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, StoreError> {
    Ok(on.execute_raw(engine.statement(sql, values)).await?.rows_affected())
}

/// Runs a query.
pub(crate) async fn rows(
    on: &impl ConnectionTrait,
    engine: Engine,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, StoreError> {
    Ok(on.query_all_raw(engine.statement(sql, values)).await?)
}

/// Runs a query that gives one row at most.
pub(crate) async fn row(
    on: &impl ConnectionTrait,
    engine: Engine,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, StoreError> {
    Ok(on.query_one_raw(engine.statement(sql, values)).await?)
}

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) engine: Engine,
    /// The file, where it is one.
    pub(crate) file: Option<PathBuf>,
    pub(crate) readers: DatabaseConnection,
    writer: DatabaseConnection,
}

impl Connections {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = sqlite_path(url) {
            return Self::open_sqlite(path).await;
        }
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(StoreError::Address(url.to_owned()));
        }
        let mut options = ConnectOptions::new(url);
        options.max_connections(8).acquire_timeout(WAIT).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        Ok(Self { engine: Engine::Postgres, file: None, readers: pool.clone(), writer: pool })
    }

    async fn open_sqlite(path: PathBuf) -> Result<Self, StoreError> {
        let connect = |connections: u32, cache_kib: u32, path: PathBuf| {
            let mut options = ConnectOptions::new("sqlite://file");
            options.max_connections(connections).acquire_timeout(TURN).sqlx_logging(false);
            options.map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .filename(&path)
                    .create_if_missing(true)
                    .busy_timeout(TURN)
                    .pragma("journal_mode", "WAL")
                    // An acknowledged write survives the power cut: the log is synced at every commit.
                    .pragma("synchronous", "FULL")
                    // What a large import leaves of the log is cut off after the next checkpoint.
                    .pragma("journal_size_limit", (64 * 1024 * 1024).to_string())
                    // What is erased is overwritten.
                    .pragma("secure_delete", "ON")
                    .pragma("cache_size", format!("-{cache_kib}"))
            });
            Database::connect(options)
        };
        // The writer first: it makes the file, and the log that the readers expect. Its cache holds the
        // index pages that a large import goes back to; it is only filled by such an import, and let go after.
        let writer = match connect(1, 256 * 1024, path.clone()).await {
            Err(error) if path.is_file() && cannot_write(&error) && !has_log(&path) => {
                return Self::open_unchanging(&path, 3).await;
            }
            writer => writer?,
        };
        let readers = connect(3, 16 * 1024, path.clone()).await?;
        Ok(Self { engine: Engine::Sqlite, file: Some(path), readers, writer })
    }

    /// A file that is looked at and left as it is: a backup, or a database where nothing can be written. What is
    /// written to it meanwhile is not seen.
    pub(crate) async fn open_unchanging(path: &Path, connections: u32) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new("sqlite://file");
        options.max_connections(connections).acquire_timeout(WAIT).sqlx_logging(false);
        let file = path.to_owned();
        options.map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&file).read_only(true).immutable(true));
        let pool = Database::connect(options).await?;
        Ok(Self { engine: Engine::Sqlite, file: Some(path.to_owned()), readers: pool.clone(), writer: pool })
    }

    /// A writing transaction, as far as the engine serves one: on SQLite it is the only one from here on. Its turn has
    /// to come within `turn`; a transaction that begins after nobody waits for it any more is rolled back by the driver.
    pub(crate) async fn begin_write(&self, turn: Duration) -> Result<DatabaseTransaction, StoreError> {
        let begun = tokio::time::timeout(turn, self.begin_write_at_last(turn)).await;
        begun.unwrap_or(Err(StoreError::Busy { waited_seconds: turn.as_secs() }))
    }

    async fn begin_write_at_last(&self, turn: Duration) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.engine {
            Engine::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            Engine::Postgres => TransactionOptions::default(),
        };
        let transaction = self.writer.begin_with_options(options).await?;
        if self.engine == Engine::Postgres {
            transaction.execute_unprepared(&format!("SET LOCAL lock_timeout = {}", turn.as_millis())).await?;
        }
        Ok(transaction)
    }

    /// Connections for a single statement that writes, beside any transaction: on SQLite it waits for that.
    pub(crate) const fn writing(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// A transaction that sees one state of the database throughout.
    pub(crate) async fn begin_read(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.engine {
            Engine::Sqlite => TransactionOptions::default(),
            Engine::Postgres => TransactionOptions {
                isolation_level: Some(sea_orm::IsolationLevel::RepeatableRead),
                access_mode: Some(sea_orm::AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        Ok(self.readers.begin_with_options(options).await?)
    }

    /// Gives back the memory that a large write has filled.
    pub(crate) async fn relax(&self) -> Result<(), StoreError> {
        if self.engine == Engine::Sqlite {
            self.writer.execute_unprepared("PRAGMA shrink_memory").await?;
        }
        Ok(())
    }

    /// Closes every connection; the log of an embedded database goes into its file.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.readers.clone().close().await?;
        self.writer.clone().close().await?;
        Ok(())
    }
}

/// Whether a database in use has left its newest part in its log.
pub(crate) fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// SQLite's words for a file, or a log beside it, that it may not write or make.
fn cannot_write(error: &DbErr) -> bool {
    crate::error::database_code(error)
        .and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| matches!(code & 0xff, 8 | 14))
}

/// The file of a SQLite address.
pub(crate) fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_where_the_engine_wants_it() {
        assert_eq!(Engine::Postgres.sql("a = ? and b in (?,?)"), "a = $1 and b in ($2,$3)");
        assert_eq!(Engine::Sqlite.sql("a = ?"), "a = ?");
        assert_eq!(Engine::Postgres.sql("no parameter"), "no parameter");
    }

    #[test]
    fn addresses_of_files() {
        assert_eq!(sqlite_path("sqlite:///a/b c.db"), Some(PathBuf::from("/a/b c.db")));
        assert_eq!(sqlite_path("sqlite:x.db"), Some(PathBuf::from("x.db")));
        assert_eq!(sqlite_path("postgres://x/y"), None);
    }
}
