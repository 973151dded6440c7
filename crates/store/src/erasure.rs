//! Forgetting a person, for good.
//!
//! The text goes from the vault, and the journal says that it did. A backup taken before still has it; so
//! every erasure is also noted in a ledger beside the database file and beside each backup that still lies
//! where it was written, and a restore repeats what the ledgers and the replaced database know.
//!
//! A ledger is a text file, one JSON object a line. It holds no personal text. It is written before the
//! commit: where a crash comes between the two, a restore erases what somebody wanted erased.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use domain::journal::Op;
use domain::{Instant, Kind, RecordId};
use sea_orm::{ConnectionTrait, Value as Sql};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, execute, row, rows};
use crate::store::LINEAGE_ID;
use crate::{StoreError, Writer, registry};

/// One erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Erasure {
    /// The family of databases that share record ids: a database and what was restored from its backups.
    lineage: String,
    kind: String,
    record: RecordId,
    /// When the record's first entry was written: its id may be given to another after a restore.
    born_at: i64,
    erased_at: i64,
    actor: RecordId,
}

/// The ledger of a database file or a backup.
pub(crate) fn ledger_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".erasures");
    PathBuf::from(name)
}

/// A backup that is being written.
pub(crate) fn part_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// What a ledger says; nothing where there is none.
pub(crate) fn read_ledger(path: &Path) -> Result<Vec<Erasure>, StoreError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::file(path, error)),
    };
    // A torn last line belongs to an erasure that was never acknowledged.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).map_err(|_| StoreError::damaged("a ledger of erasures", line)))
        .collect()
}

fn append_ledger(path: &Path, erasures: &[Erasure]) -> Result<(), StoreError> {
    let failed = |error| StoreError::file(path, error);
    let mut text = String::new();
    // Closes a line that a crash has torn.
    if std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n')) {
        text.push('\n');
    }
    for erasure in erasures {
        let line = serde_json::to_string(erasure)
            .map_err(|error| StoreError::damaged("a ledger of erasures", error.to_string()))?;
        text.push_str(&line);
        text.push('\n');
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    sync_folder(path)
}

/// Makes the names in a file's folder lasting.
pub(crate) fn sync_folder(file: &Path) -> Result<(), StoreError> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| StoreError::file(folder, error))
}

/// The erasures that a database has carried out.
pub(crate) async fn carried_out(on: &impl ConnectionTrait, engine: Engine) -> Result<Vec<Erasure>, StoreError> {
    let lineage = registry::get_setting(on, engine, LINEAGE_ID).await?.unwrap_or_default();
    let sql = "SELECT record, kind, born_at, erased_at, actor FROM erasures ORDER BY erased_at, record";
    let found = rows(on, engine, sql, Vec::new()).await?;
    found
        .iter()
        .map(|row| {
            let code: i64 = row.try_get_by_index(1)?;
            let kind = i16::try_from(code).ok().and_then(Kind::from_code);
            let kind = kind.ok_or_else(|| StoreError::damaged("an erasure", format!("kind {code}")))?;
            Ok(Erasure {
                lineage: lineage.clone(),
                kind: kind.as_str().to_owned(),
                record: row.try_get_by_index(0)?,
                born_at: row.try_get_by_index(2)?,
                erased_at: row.try_get_by_index(3)?,
                actor: row.try_get_by_index(4)?,
            })
        })
        .collect()
}

impl Writer {
    /// Erases every personal text of a record, in the present and in the history, for good.
    ///
    /// # Errors
    /// [`StoreError::NoRecord`] where the record never was; [`StoreError::File`] from [`Writer::commit`] where
    /// a ledger cannot be written; or the database's own.
    pub async fn erase(
        &mut self,
        kind: Kind,
        record: RecordId,
        actor: RecordId,
        now: Instant,
    ) -> Result<i64, StoreError> {
        let (born_kind, born_at) =
            self.born(record).await?.filter(|(of, _)| *of == kind).ok_or(StoreError::NoRecord { kind, record })?;
        let lineage = registry::get_setting(&self.tx, self.engine, LINEAGE_ID).await?.unwrap_or_default();
        let kind_word = born_kind.as_str().to_owned();
        let erasure = Erasure { lineage, kind: kind_word, record, born_at, erased_at: now.0, actor };
        let seq = self.carry_out(kind, &erasure).await?;
        self.ledger.push(erasure);
        Ok(seq)
    }

    /// Kind and writing time of a record's first entry.
    async fn born(&self, record: RecordId) -> Result<Option<(Kind, i64)>, StoreError> {
        let sql = "SELECT kind, recorded_at FROM journal WHERE record = ? ORDER BY seq LIMIT 1";
        let Some(row) = row(&self.tx, self.engine, sql, vec![Sql::BigInt(Some(record))]).await? else {
            return Ok(None);
        };
        let code: i64 = row.try_get_by_index(0)?;
        let kind = i16::try_from(code).ok().and_then(Kind::from_code);
        Ok(Some((
            kind.ok_or_else(|| StoreError::damaged("a journal entry", format!("kind {code}")))?,
            row.try_get_by_index(1)?,
        )))
    }

    async fn carry_out(&mut self, kind: Kind, erasure: &Erasure) -> Result<i64, StoreError> {
        let int = |value: i64| Sql::BigInt(Some(value));
        execute(&self.tx, self.engine, "DELETE FROM vault WHERE record = ?", vec![int(erasure.record)]).await?;
        let sql = "INSERT INTO erasures (record, kind, born_at, erased_at, actor) VALUES (?,?,?,?,?) \
                   ON CONFLICT (record, erased_at) DO NOTHING";
        let values = vec![
            int(erasure.record),
            int(i64::from(kind.code())),
            int(erasure.born_at),
            int(erasure.erased_at),
            int(erasure.actor),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        let at = Instant(erasure.erased_at);
        self.append_one(kind, erasure.record, Op::Erase, at, erasure.actor, at).await
    }

    /// Repeats erasures that this database, just restored, does not know of. Returns how many there were.
    pub(crate) async fn repeat(&mut self, erasures: &[Erasure]) -> Result<u64, StoreError> {
        let mut known = carried_out(&self.tx, self.engine).await?;
        let lineage = registry::get_setting(&self.tx, self.engine, LINEAGE_ID).await?.unwrap_or_default();
        let mut repeated = 0;
        for erasure in erasures {
            let is_ours = erasure.lineage == lineage && !known.contains(erasure);
            let Some(kind) = Kind::parse(&erasure.kind).filter(|_| is_ours) else { continue };
            if self.born(erasure.record).await? != Some((kind, erasure.born_at)) {
                continue;
            }
            self.carry_out(kind, erasure).await?;
            known.push(erasure.clone());
            self.ledger.push(erasure.clone());
            repeated += 1;
        }
        Ok(repeated)
    }

    /// Notes this transaction's erasures beside the database and beside its backups.
    pub(crate) async fn note_erasures(&mut self) -> Result<(), StoreError> {
        let erasures = std::mem::take(&mut self.ledger);
        if erasures.is_empty() {
            return Ok(());
        }
        if let Some(file) = &self.store.inner.connections.file {
            append_ledger(&ledger_of(file), &erasures)?;
        }
        for row in rows(&self.tx, self.engine, "SELECT path FROM backups ORDER BY path", Vec::new()).await? {
            let path = PathBuf::from(row.try_get_by_index::<String>(0)?);
            if path.exists() || part_of(&path).exists() {
                append_ledger(&ledger_of(&path), &erasures)?;
            }
        }
        Ok(())
    }
}
