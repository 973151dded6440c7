//! Backup while others write, and restore into either engine.
//!
//! A backup is one file in the format of the embedded engine, whichever engine it was taken of; so it can be
//! restored into both, and opened to be looked at. It is written beside its final name and moved there when
//! it is whole.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value as Sql};

use crate::bulk::Bulk;
use crate::columns::Sort;
use crate::engine::{Connections, Engine, execute, has_log, row, rows, sqlite_path};
use crate::erasure::{carried_out, ledger_of, part_of, read_ledger, sync_folder};
use crate::store::DATABASE_ID;
use crate::tables::{Table, all};
use crate::writer::Head;
use crate::{Store, StoreError, migrate, registry};

/// Rows a page when a table is copied.
const PAGE: usize = 10_000;

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The journal's head now.
    pub head: i64,
    /// Erasures of people that the backup did not know of and that were repeated.
    pub erasures_repeated: u64,
}

impl Store {
    /// Writes a backup to `to`, replacing a file of that name. Writers go on meanwhile; the backup holds what
    /// was committed when it began. Returns the journal's head in it.
    ///
    /// # Errors
    /// [`StoreError::BackupOntoItself`], [`StoreError::File`], or the database's own. A file that was there
    /// before stays then.
    pub async fn backup(&self, to: &Path) -> Result<i64, StoreError> {
        let to = std::path::absolute(to).map_err(|error| StoreError::file(to, error))?;
        if self.inner.connections.file.as_deref().is_some_and(|file| is_same_file(file, &to)) {
            return Err(StoreError::BackupOntoItself { path: to.display().to_string() });
        }
        let part = part_of(&to);
        File::create(&part).map_err(|error| StoreError::file(&part, error))?;
        // First of all the path: an erasure from here on is noted beside the file, even if it comes before
        // the file is whole.
        self.register_backup(&to).await?;
        let written = match self.engine() {
            Engine::Sqlite => vacuum_into(&self.inner.connections, &part).await,
            Engine::Postgres => self.dump(&part).await,
        };
        if let Err(error) = written {
            remove(&part)?;
            return Err(error);
        }
        let head = head_of(&part).await?;
        File::open(&part).and_then(|file| file.sync_all()).map_err(|error| StoreError::file(&part, error))?;
        fs::rename(&part, &to).map_err(|error| StoreError::file(&to, error))?;
        sync_folder(&to)?;
        Ok(head)
    }

    async fn register_backup(&self, to: &Path) -> Result<(), StoreError> {
        let writer = self.begin().await?;
        remember_path(&writer.tx, writer.engine, &to.display().to_string(), writer.head()).await?;
        writer.commit().await.map(|_| ())
    }

    /// Copies everything into a new embedded database, and that into `part`.
    async fn dump(&self, part: &Path) -> Result<(), StoreError> {
        let folder = part.parent().unwrap_or(Path::new("."));
        let folder = tempfile::tempdir_in(folder).map_err(|error| StoreError::file(part, error))?;
        let copy = Self::open(&address(&folder.path().join("copy.db")), 0).await?;
        let from = self.inner.connections.begin_read().await?;
        let into = copy.begin().await?;
        replace_all(&from, self.engine(), &into.tx, copy.engine()).await?;
        from.rollback().await?;
        into.commit().await?;
        vacuum_into(&copy.inner.connections, part).await?;
        copy.close().await
    }
}

/// Whether two names lead to one file that exists.
fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

fn address(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn remove(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::file(file, error)),
        _ => Ok(()),
    }
}

async fn vacuum_into(connections: &Connections, file: &Path) -> Result<(), StoreError> {
    let name = Sql::String(Some(file.display().to_string()));
    execute(&connections.readers, Engine::Sqlite, "VACUUM INTO ?", vec![name]).await?;
    Ok(())
}

/// The head of the journal in a backup.
async fn head_of(file: &Path) -> Result<i64, StoreError> {
    let connections = Connections::open_unchanging(file, 1).await?;
    let sql = "SELECT seq FROM journal_head WHERE id = 1";
    let found = row(&connections.readers, Engine::Sqlite, sql, Vec::new()).await?;
    let head = found.ok_or_else(|| StoreError::damaged("the head of the journal", "it is missing"))?;
    let head = head.try_get_by_index(0)?;
    connections.close().await?;
    Ok(head)
}

async fn remember_path(on: &impl ConnectionTrait, engine: Engine, path: &str, seq: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO backups (path, made_at_seq) VALUES (?,?) \
               ON CONFLICT (path) DO UPDATE SET made_at_seq = excluded.made_at_seq";
    execute(on, engine, sql, vec![Sql::String(Some(path.to_owned())), Sql::BigInt(Some(seq))]).await?;
    Ok(())
}

/// Replaces everything in the database at `url` by what the backup `from` holds, in one transaction, and
/// repeats the erasures that the backup does not know of: those in the ledger beside it, in the ledger beside
/// the database file, and in the replaced database itself. The database gets `fresh_id`, so that caches of
/// what it was before are noticed.
///
/// # Errors
/// [`StoreError::NotABackup`], [`StoreError::NewerVersion`], [`StoreError::Address`], [`StoreError::File`], or
/// the database's own; the database is as it was then.
pub async fn restore(from: &Path, url: &str, fresh_id: u128) -> Result<Restored, StoreError> {
    let from = std::path::absolute(from).map_err(|error| StoreError::file(from, error))?;
    check_backup(&from).await?;
    let folder = tempfile::tempdir().map_err(|error| StoreError::file(&std::env::temp_dir(), error))?;
    let copy_file = folder.path().join("backup.db");
    fs::copy(&from, &copy_file).map_err(|error| StoreError::file(&from, error))?;
    // A backup of an older format is brought up to date in the copy.
    let backup = Store::open(&address(&copy_file), 0).await?;
    let target = Store::open(url, fresh_id).await?;
    let mut erasures = read_ledger(&ledger_of(&from))?;
    if let Some(file) = sqlite_path(url) {
        erasures.extend(read_ledger(&ledger_of(&file))?);
    }
    let mut writer = target.begin().await?;
    let engine = writer.engine;
    erasures.extend(carried_out(&writer.tx, engine).await?);
    let mut paths = vec![from.display().to_string()];
    for row in rows(&writer.tx, engine, "SELECT path FROM backups", Vec::new()).await? {
        paths.push(row.try_get_by_index(0)?);
    }
    let source = backup.inner.connections.begin_read().await?;
    replace_all(&source, backup.engine(), &writer.tx, engine).await?;
    source.rollback().await?;
    backup.close().await?;
    let before = writer.head;
    let head = Head::lock(&writer.tx, engine).await?;
    writer.reset(head);
    // Whoever follows this database looks again, whatever the numbers of the backup.
    writer.head.config = before.config.max(head.config) + 1;
    registry::put_setting(&writer.tx, engine, DATABASE_ID, &format!("{fresh_id:032x}")).await?;
    for path in paths {
        remember_path(&writer.tx, engine, &path, writer.head()).await?;
    }
    let erasures_repeated = writer.repeat(&erasures).await?;
    let head = writer.commit().await?;
    target.close().await?;
    Ok(Restored { head, erasures_repeated })
}

/// Looks whether a file is a backup that [`restore`] can read.
///
/// # Errors
/// [`StoreError::NotABackup`], [`StoreError::NewerVersion`], [`StoreError::File`], or the database's own.
pub async fn check_backup(file: &Path) -> Result<(), StoreError> {
    let refuse = |reason: &str| StoreError::NotABackup { path: file.display().to_string(), reason: reason.to_owned() };
    let mut magic = [0; 16];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut magic)).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => refuse("it is too short"),
        _ => StoreError::file(file, error),
    });
    read?;
    if &magic != b"SQLite format 3\0" {
        return Err(refuse("it is no database file"));
    }
    // The newest part of a database in use lies in its log, which a copy of the file alone would lose.
    if has_log(file) {
        return Err(refuse("it is a database in use: make a backup of it first"));
    }
    let connections = Connections::open_unchanging(file, 1).await?;
    let sql = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('schema_format', 'journal_head', 'settings')";
    let found = row(&connections.readers, Engine::Sqlite, sql, Vec::new()).await?;
    let tables: i64 = found.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    if tables < 3 {
        return Err(refuse("it has no journal"));
    }
    let found = migrate::format(&connections).await?;
    connections.close().await?;
    if found > migrate::FORMAT {
        return Err(StoreError::NewerVersion { found, known: migrate::FORMAT });
    }
    Ok(())
}

/// Empties every table, and fills those that last from another database.
async fn replace_all(
    from: &DatabaseTransaction,
    from_engine: Engine,
    into: &DatabaseTransaction,
    into_engine: Engine,
) -> Result<(), StoreError> {
    for table in all() {
        into.execute_unprepared(&format!("DELETE FROM {}", table.name)).await?;
        if table.lasting {
            copy_table(&table, from, from_engine, into, into_engine).await?;
        }
    }
    Ok(())
}

async fn copy_table(
    table: &Table,
    from: &DatabaseTransaction,
    from_engine: Engine,
    into: &DatabaseTransaction,
    into_engine: Engine,
) -> Result<(), StoreError> {
    let quote = |names: &[&str]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
    let (columns, keys) = (quote(&table.columns), quote(&table.columns[..table.keys]));
    let marks = vec!["?"; table.keys].join(",");
    let select = format!("SELECT {columns} FROM {}", table.name);
    let order = format!("ORDER BY {keys} LIMIT {PAGE}");
    let mut bulk = Bulk::new(into_engine, table.name, &table.columns, "");
    let mut after: Option<Vec<Sql>> = None;
    loop {
        let page = match after.take() {
            None => rows(from, from_engine, &format!("{select} {order}"), Vec::new()).await?,
            Some(values) => {
                rows(from, from_engine, &format!("{select} WHERE ({keys}) > ({marks}) {order}"), values).await?
            }
        };
        for row in &page {
            let values = read_row(row, &table.sorts)?;
            after = Some(values[..table.keys].to_vec());
            bulk.values().extend(values);
            bulk.flush_full(into).await?;
        }
        if page.len() < PAGE {
            return bulk.flush(into).await;
        }
    }
}

fn read_row(row: &QueryResult, sorts: &[Sort]) -> Result<Vec<Sql>, StoreError> {
    sorts
        .iter()
        .enumerate()
        .map(|(at, sort)| {
            Ok(match sort {
                Sort::Int => Sql::BigInt(row.try_get_by_index(at)?),
                Sort::Bool => Sql::Bool(row.try_get_by_index(at)?),
                Sort::Text => Sql::String(row.try_get_by_index(at)?),
            })
        })
        .collect()
}
