//! The database's format: an append-only list of steps.
//!
//! A released step is never edited. `schema_format` holds the numbers of the steps that were taken; a
//! number that is not known here means that a newer program has been at work.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use crate::StoreError;
use crate::engine::{Connections, Engine, execute, row};

/// The steps, by number from 1.
const STEPS: &[&str] =
    &[include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql"), include_str!("migrations/0003.sql")];

/// The newest format this program writes.
pub(crate) const FORMAT: i64 = STEPS.len() as i64;

/// Two processes that open a PostgreSQL database at once take turns by this number.
const ADVISORY_LOCK: i64 = 0x6c6f_7564_6f75;

/// The format of the database, 0 where it has none yet. It is read without waiting for a writer.
pub(crate) async fn format(connections: &Connections) -> Result<i64, StoreError> {
    let (on, engine) = (&connections.readers, connections.engine);
    let table = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'schema_format'",
        Engine::Postgres => "SELECT relname FROM pg_class WHERE oid = to_regclass('schema_format')",
    };
    match row(on, engine, table, Vec::new()).await? {
        Some(_) => current(on, engine).await,
        None => Ok(0),
    }
}

/// Brings the database up to [`FORMAT`]; `fresh_id` becomes the id of a database that is new. One that is up to
/// date is only read, so that it opens beside a running import and where nothing can be written.
pub(crate) async fn migrate(connections: &Connections, fresh_id: &str) -> Result<(), StoreError> {
    match format(connections).await? {
        FORMAT => return Ok(()),
        found if found > FORMAT => return Err(StoreError::NewerVersion { found, known: FORMAT }),
        _ => {}
    }
    let engine = connections.engine;
    let transaction = connections.begin_write(crate::engine::TURN).await?;
    if engine == Engine::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).await?;
    }
    transaction.execute_unprepared("CREATE TABLE IF NOT EXISTS schema_format (step BIGINT PRIMARY KEY)").await?;
    let found = current(&transaction, engine).await?;
    if found > FORMAT {
        return Err(StoreError::NewerVersion { found, known: FORMAT });
    }
    for (number, step) in (1..).zip(STEPS) {
        if number > found {
            take(&transaction, engine, number, step).await?;
        }
    }
    if found == 0 {
        for key in [crate::store::DATABASE_ID, crate::store::LINEAGE_ID] {
            crate::registry::put_setting(&transaction, engine, key, fresh_id).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

async fn current(on: &impl ConnectionTrait, engine: Engine) -> Result<i64, StoreError> {
    let newest = row(on, engine, "SELECT MAX(step) FROM schema_format", Vec::new()).await?;
    Ok(newest.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten().unwrap_or(0))
}

async fn take(transaction: &DatabaseTransaction, engine: Engine, number: i64, step: &str) -> Result<(), StoreError> {
    let text: String = step.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    for statement in text.replace("{id}", engine.id_type()).split(";\n").map(str::trim).filter(|text| !text.is_empty())
    {
        transaction.execute_unprepared(statement.trim_end_matches(';')).await?;
    }
    let insert = "INSERT INTO schema_format (step) VALUES (?)";
    execute(transaction, engine, insert, vec![Value::BigInt(Some(number))]).await?;
    Ok(())
}
