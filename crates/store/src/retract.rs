//! Undo, delete, and the guard against edits that cross.

use std::collections::HashSet;

use domain::journal::{Entry, Op, SYSTEM_ACTOR};
use domain::{Instant, Kind, RecordId};
use sea_orm::Value as Sql;

use crate::engine::{execute, row, rows};
use crate::journal::{Retractions, read};
use crate::{Draft, ImportState, StoreError, Writer};

/// What the undo of an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The import.
    pub import: i64,
    /// Journal sequence of the retraction.
    pub seq: i64,
    /// How many entries it withdrew.
    pub entries: u64,
    /// Every record that the import had touched, by kind and id.
    pub records: Vec<(Kind, RecordId)>,
    /// Those that people have edited since; their edits stay.
    pub survivors: Vec<Survivor>,
}

/// A record that an undone import had touched and people have edited since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// Its kind.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// Journal sequences of the edits that stay.
    pub edits: Vec<i64>,
}

fn int(value: i64) -> Sql {
    Sql::BigInt(Some(value))
}

impl Writer {
    /// Withdraws everything that an import wrote, updates included. Every record goes back to what it would
    /// be without the import; what people edited since stays, and is listed.
    ///
    /// # Errors
    /// [`StoreError::NoImport`], [`StoreError::AlreadyUndone`], or the database's own.
    pub async fn retract_import(&mut self, import: i64, actor: RecordId, now: Instant) -> Result<Undo, StoreError> {
        let found = row(&self.tx, self.engine, "SELECT state FROM imports WHERE id = ?", vec![int(import)]).await?;
        let state: String = found.ok_or(StoreError::NoImport(import))?.try_get_by_index(0)?;
        if state == ImportState::Undone.as_str() {
            return Err(StoreError::AlreadyUndone(import));
        }
        self.write_spans().await?;
        let (records, entries) = self.touched_by(import).await?;
        let draft = Draft {
            kind: Kind::Opportunity,
            record: 0,
            effective_at: now,
            known_at: now,
            source_seq: 0,
            import: None,
            actor,
            op: Op::RetractImport { import },
        };
        let seq = self.append_any(vec![draft], now).await?.start;
        let sql = "INSERT INTO withdrawals (seq, import, known_at) VALUES (?,?,?)";
        execute(&self.tx, self.engine, sql, vec![int(seq), int(import), int(now.0)]).await?;
        let sql = "UPDATE imports SET state = ? WHERE id = ?";
        let state = Sql::String(Some(ImportState::Undone.as_str().to_owned()));
        execute(&self.tx, self.engine, sql, vec![state, int(import)]).await?;
        // What this transaction wrote before is projected first, so that the survivors are the undo's alone.
        self.project(|_, _, _| ()).await?;
        for (kind, record) in &records {
            self.mark(*kind, *record);
        }
        let mut survivors = Vec::new();
        self.project(|kind, record, entries| {
            let edits = edits_since(entries, import);
            if !edits.is_empty() {
                survivors.push(Survivor { kind, record, edits });
            }
        })
        .await?;
        Ok(Undo { import, seq, entries, records, survivors })
    }

    /// The records that an import has entries of, and how many entries there are.
    async fn touched_by(&self, import: i64) -> Result<(Vec<(Kind, RecordId)>, u64), StoreError> {
        let sql = "SELECT from_seq, to_seq FROM import_spans WHERE import = ? ORDER BY from_seq";
        let mut records = HashSet::new();
        let mut entries = 0;
        for span in rows(&self.tx, self.engine, sql, vec![int(import)]).await? {
            let sql = "SELECT kind, record, COUNT(*) FROM journal WHERE seq BETWEEN ? AND ? AND import = ? \
                       GROUP BY kind, record";
            let (from, to): (i64, i64) = (span.try_get_by_index(0)?, span.try_get_by_index(1)?);
            for row in rows(&self.tx, self.engine, sql, vec![int(from), int(to), int(import)]).await? {
                let code: i64 = row.try_get_by_index(0)?;
                let kind = i16::try_from(code).ok().and_then(Kind::from_code);
                let kind = kind.ok_or_else(|| StoreError::damaged("a journal entry", format!("kind {code}")))?;
                records.insert((kind, row.try_get_by_index::<i64>(1)?));
                entries += u64::try_from(row.try_get_by_index::<i64>(2)?).unwrap_or(0);
            }
        }
        let mut records: Vec<_> = records.into_iter().collect();
        records.sort_unstable();
        Ok((records, entries))
    }

    /// Fails if a record was changed since its `version` was read (see [`crate::Record::version`]). Changes
    /// of this transaction do not count.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], or the database's own.
    pub async fn expect_version(&mut self, kind: Kind, record: RecordId, version: i64) -> Result<(), StoreError> {
        let sql = format!("SELECT version FROM {} WHERE id = ?", kind.table());
        let found = match row(&self.tx, self.engine, &sql, vec![int(record)]).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => {
                let entries = read(&self.tx, self.engine, "record = ?", vec![int(record)]).await?;
                Retractions::load(&self.tx, self.engine).await?.version(&entries)
            }
        };
        if found == version {
            return Ok(());
        }
        Err(StoreError::Conflict { kind, record, expected: version, found })
    }

    /// Ends a record at `effective_at`; what was before stays.
    ///
    /// # Errors
    /// [`StoreError::NoRecord`], or the database's own.
    pub async fn delete(
        &mut self,
        kind: Kind,
        record: RecordId,
        effective_at: Instant,
        actor: RecordId,
        now: Instant,
    ) -> Result<i64, StoreError> {
        self.must_stand(kind, record).await?;
        self.append_one(kind, record, Op::Delete, effective_at, actor, now).await
    }

    /// Appends one entry that concerns its record as a whole.
    pub(crate) async fn append_one(
        &mut self,
        kind: Kind,
        record: RecordId,
        op: Op,
        effective_at: Instant,
        actor: RecordId,
        now: Instant,
    ) -> Result<i64, StoreError> {
        let draft = Draft { kind, record, effective_at, known_at: now, source_seq: 0, import: None, actor, op };
        Ok(self.append_any(vec![draft], now).await?.start)
    }

    pub(crate) async fn must_stand(&mut self, kind: Kind, record: RecordId) -> Result<(), StoreError> {
        self.project(|_, _, _| ()).await?;
        let sql = format!("SELECT id FROM {} WHERE id = ?", kind.table());
        match row(&self.tx, self.engine, &sql, vec![int(record)]).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::NoRecord { kind, record }),
        }
    }
}

/// Sequences of a record's standing edits by people that came after the import's first entry on it.
fn edits_since(entries: &[Entry], import: i64) -> Vec<i64> {
    let Some(first) = entries.iter().find(|entry| entry.import == Some(import)).map(|entry| entry.seq) else {
        return Vec::new();
    };
    let retracted: HashSet<i64> = entries
        .iter()
        .filter_map(|entry| match entry.op {
            Op::RetractEntry { seq } => Some(seq),
            _ => None,
        })
        .collect();
    entries
        .iter()
        .filter(|entry| entry.seq > first && entry.import.is_none() && entry.actor != SYSTEM_ACTOR)
        .filter(|entry| matches!(entry.op, Op::Assert(_) | Op::Delete | Op::Merge { .. }))
        .map(|entry| entry.seq)
        .filter(|seq| !retracted.contains(seq))
        .collect()
}
