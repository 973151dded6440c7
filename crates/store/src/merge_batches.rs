//! Merges that were made at once, in one transaction: listed as one, and taken back together.

use domain::{Instant, Kind, RecordId};

use crate::engine::{execute, row, rows};
use crate::merges::{COLUMNS, Merge, read_merge};
use crate::registry::int;
use crate::{Store, StoreError, Writer};

/// Merges that were made at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeBatch {
    /// The first of the merges, by which the batch is named.
    pub id: i64,
    /// The kind of the records.
    pub kind: Kind,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: RecordId,
    /// How many merges there were.
    pub merges: i64,
    /// How many of them were taken back.
    pub undone: i64,
}

impl Store {
    /// Batches of at least two merges, the latest first: at most `limit` before the batch `before`.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn merge_batches(&self, before: Option<i64>, limit: u32) -> Result<Vec<MergeBatch>, StoreError> {
        let sql = "SELECT batch, MIN(kind), MIN(merged_at), MIN(actor), COUNT(*), COUNT(undone_seq) FROM merges \
                   WHERE batch < ? GROUP BY batch HAVING COUNT(*) > 1 ORDER BY batch DESC LIMIT ?";
        let values = vec![int(before.unwrap_or(i64::MAX)), int(i64::from(limit))];
        let mut out = Vec::new();
        for row in rows(self.readers(), self.engine(), sql, values).await? {
            let code: i64 = row.try_get_by_index(1)?;
            let kind = i16::try_from(code).ok().and_then(Kind::from_code);
            out.push(MergeBatch {
                id: row.try_get_by_index(0)?,
                kind: kind.ok_or_else(|| StoreError::damaged("a merge", format!("kind {code}")))?,
                at: Instant(row.try_get_by_index(2)?),
                actor: row.try_get_by_index(3)?,
                merges: row.try_get_by_index(4)?,
                undone: row.try_get_by_index(5)?,
            });
        }
        Ok(out)
    }

    /// The merge by which a record went, where one stands.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn merge_standing(&self, record: RecordId) -> Result<Option<Merge>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM merges WHERE record = ? AND undone_seq IS NULL");
        row(self.readers(), self.engine(), &sql, vec![int(record)]).await?.as_ref().map(read_merge).transpose()
    }
}

impl Writer {
    /// Notes that merges of this transaction, from `first` to `last`, were made at once.
    ///
    /// # Errors
    /// The database's own.
    pub async fn note_batch(&mut self, first: i64, last: i64) -> Result<(), StoreError> {
        let sql = "UPDATE merges SET batch = ? WHERE seq >= ? AND seq <= ?";
        execute(&self.tx, self.engine, sql, [first, first, last].map(int).to_vec()).await?;
        Ok(())
    }

    /// The merges of a batch that stand, the latest first: as they can be taken back.
    ///
    /// # Errors
    /// [`StoreError::NoMerge`] where there is no such batch; [`StoreError::AlreadyUnmerged`] where none of it stands;
    /// [`StoreError::SurvivorGone`] where a record that it left standing does not stand any more; or the database's own.
    pub async fn standing_of_batch(&mut self, batch: i64) -> Result<Vec<Merge>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM merges WHERE batch = ? ORDER BY seq DESC");
        let found = rows(&self.tx, self.engine, &sql, vec![int(batch)]).await?;
        let mut merges = found.iter().map(read_merge).collect::<Result<Vec<_>, _>>()?;
        let kind = merges.first().ok_or(StoreError::NoMerge(batch))?.kind;
        merges.retain(|merge| merge.undone.is_none());
        if merges.is_empty() {
            return Err(StoreError::AlreadyUnmerged(batch));
        }
        let sql = format!(
            "SELECT seq, into_record FROM merges WHERE batch = ? AND undone_seq IS NULL \
             AND NOT EXISTS (SELECT 1 FROM {} it WHERE it.id = into_record) ORDER BY seq LIMIT 1",
            kind.table()
        );
        match row(&self.tx, self.engine, &sql, vec![int(batch)]).await? {
            None => Ok(merges),
            Some(gone) => Err(StoreError::SurvivorGone {
                merge: gone.try_get_by_index(0)?,
                kind,
                record: gone.try_get_by_index(1)?,
            }),
        }
    }
}
