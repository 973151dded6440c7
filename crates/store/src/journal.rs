//! Reading the journal.

use std::collections::HashMap;

use domain::field::FieldId;
use domain::journal::{Entry, Op, Withdrawn};
use domain::{Instant, Kind, RecordId};
use sea_orm::{ConnectionTrait, Value as Sql};

use crate::bulk::{id_list, id_runs};
use crate::codec::{lines_sql, op, parse_lines};
use crate::engine::{Engine, row, rows};
use crate::{Store, StoreError};

/// Entries of the journal that one query of a long read covers.
const SPAN: i64 = 16_384;

/// The retractions of imports, for folding and for versions.
#[derive(Debug, Default)]
pub(crate) struct Retractions {
    pub(crate) withdrawn: Withdrawn,
    by_import: HashMap<i64, Vec<i64>>,
}

impl Retractions {
    pub(crate) async fn load(on: &impl ConnectionTrait, engine: Engine) -> Result<Self, StoreError> {
        let mut out = Self::default();
        let sql = "SELECT seq, import, known_at FROM withdrawals ORDER BY seq";
        for row in rows(on, engine, sql, Vec::new()).await? {
            let (seq, import): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let at = Instant(row.try_get_by_index(2)?);
            out.by_import.entry(import).or_default().push(seq);
            // A fold asks a retraction for nothing but its import, its place and when it was known.
            out.withdrawn.note(&Entry {
                seq,
                kind: Kind::Opportunity,
                record: 0,
                effective_at: at,
                known_at: at,
                recorded_at: at,
                source_seq: 0,
                import: None,
                actor: domain::journal::SYSTEM_ACTOR,
                op: Op::RetractImport { import },
            });
        }
        Ok(out)
    }

    /// The journal sequence of what changed a record last: one of its entries, or the undo of one.
    pub(crate) fn version(&self, entries: &[Entry]) -> i64 {
        let undone = |entry: &Entry| {
            let undos = self.by_import.get(&entry.import?)?;
            undos.iter().copied().filter(|seq| *seq > entry.seq).max()
        };
        entries.iter().map(|entry| undone(entry).unwrap_or(entry.seq)).max().unwrap_or(0)
    }
}

/// Entries that meet a condition on the journal's columns, in its order; personal text is still a number.
pub(crate) async fn read(
    on: &impl ConnectionTrait,
    engine: Engine,
    condition: &str,
    values: Vec<Sql>,
) -> Result<Vec<Entry>, StoreError> {
    let lines = read_lines(on, engine, condition, values).await?;
    lines.map_or(Ok(Vec::new()), |lines| parse_lines(&lines))
}

async fn read_lines(
    on: &impl ConnectionTrait,
    engine: Engine,
    condition: &str,
    values: Vec<Sql>,
) -> Result<Option<String>, StoreError> {
    let found = row(on, engine, &lines_sql(condition), values).await?;
    Ok(found.map(|row| row.try_get_by_index::<Option<String>>(0)).transpose()?.flatten())
}

/// The entries of some records, by record and then in the journal's order.
pub(crate) async fn read_records(
    on: &impl ConnectionTrait,
    engine: Engine,
    run: Vec<Sql>,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = read(on, engine, &format!("record IN {}", id_list(&run)), run).await?;
    entries.sort_by_key(|entry| entry.record);
    Ok(entries)
}

/// How far a database is: who has seen this mark has seen all that is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// The sequence of the last entry; 0 in an empty journal.
    pub seq: i64,
    /// Raised by whatever changes processes, custom fields, rates or the organisation, which have no entries.
    pub config: i64,
}

impl Store {
    /// The sequence of the last committed entry; 0 in an empty journal.
    ///
    /// # Errors
    /// The database's own.
    pub async fn head(&self) -> Result<i64, StoreError> {
        Ok(self.mark().await?.seq)
    }

    /// When some entries were written, by their sequence.
    ///
    /// # Errors
    /// The database's own.
    pub async fn recorded_at(&self, seqs: &[i64]) -> Result<HashMap<i64, Instant>, StoreError> {
        let mut out = HashMap::new();
        for run in id_runs(seqs) {
            let sql = format!("SELECT seq, recorded_at FROM journal WHERE seq IN {}", id_list(&run));
            for row in rows(self.readers(), self.engine(), &sql, run).await? {
                out.insert(row.try_get_by_index(0)?, Instant(row.try_get_by_index(1)?));
            }
        }
        Ok(out)
    }

    /// How far the database is.
    ///
    /// # Errors
    /// The database's own.
    pub async fn mark(&self) -> Result<Mark, StoreError> {
        let sql = "SELECT seq, config FROM journal_head WHERE id = 1";
        let found = row(self.readers(), self.engine(), sql, Vec::new()).await?;
        let found = found.ok_or_else(|| StoreError::damaged("the head of the journal", "it is missing"))?;
        Ok(Mark { seq: found.try_get_by_index(0)?, config: found.try_get_by_index(1)? })
    }

    /// At most `limit` entries after `after_seq`, without gaps and in commit order. Fewer than `limit` means
    /// that the head was reached.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn tail(&self, after_seq: i64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let end = after_seq.saturating_add(i64::from(limit));
        let mut out = Vec::new();
        let mut from = after_seq;
        while from < end {
            let to = end.min(from.saturating_add(SPAN));
            let values = vec![Sql::BigInt(Some(from)), Sql::BigInt(Some(to))];
            let mut part = read(self.readers(), self.engine(), "seq > ? AND seq <= ?", values).await?;
            let whole = i64::try_from(part.len()).is_ok_and(|length| length == to - from);
            self.reveal_entries(&mut part).await?;
            out.append(&mut part);
            if !whole {
                break;
            }
            from = to;
        }
        Ok(out)
    }

    /// Every entry of some records, by record and then in commit order.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn entries_of(&self, records: &[RecordId]) -> Result<Vec<Entry>, StoreError> {
        let mut ids: Vec<RecordId> = records.iter().copied().filter(|id| *id != 0).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut out = Vec::new();
        for run in id_runs(&ids) {
            out.append(&mut read_records(self.readers(), self.engine(), run).await?);
        }
        self.reveal_entries(&mut out).await?;
        Ok(out)
    }

    /// Which imports were withdrawn, and when.
    ///
    /// # Errors
    /// The database's own.
    pub async fn withdrawn(&self) -> Result<Withdrawn, StoreError> {
        Ok(Retractions::load(self.readers(), self.engine()).await?.withdrawn)
    }

    /// Hands out the entries of some kinds with `after_seq < seq <= up_to_seq`, in commit order and in
    /// portions; retractions of imports come along whatever the kinds. The next portion is read while `each`
    /// works on one. Returns how many entries there were.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn for_each_entry(
        &self,
        kinds: &[Kind],
        after_seq: i64,
        up_to_seq: i64,
        mut each: impl FnMut(Vec<Entry>),
    ) -> Result<u64, StoreError> {
        let codes = kinds.iter().map(|kind| kind.code().to_string()).collect::<Vec<_>>().join(",");
        let retract = op::RETRACT_IMPORT;
        let condition = if codes.is_empty() {
            format!("seq > ? AND seq <= ? AND op = {retract}")
        } else {
            format!("seq > ? AND seq <= ? AND (kind IN ({codes}) OR op = {retract})")
        };
        let fetch = async |from: i64| {
            if from >= up_to_seq {
                return Ok(None);
            }
            let to = up_to_seq.min(from.saturating_add(SPAN));
            let values = vec![Sql::BigInt(Some(from)), Sql::BigInt(Some(to))];
            let lines = read_lines(self.readers(), self.engine(), &condition, values).await?;
            Ok::<_, StoreError>(Some(lines))
        };
        let mut from = after_seq;
        let mut count = 0;
        let mut portion = fetch(from).await?;
        while let Some(lines) = portion {
            from = from.saturating_add(SPAN);
            let work = async {
                let Some(lines) = lines else { return Ok(()) };
                let mut entries = parse_lines(&lines)?;
                self.reveal_entries(&mut entries).await?;
                count += entries.len() as u64;
                each(entries);
                Ok::<_, StoreError>(())
            };
            let (next, worked) = tokio::join!(fetch(from), work);
            worked?;
            portion = next?;
        }
        Ok(count)
    }
}

/// Whether a field list is in the order that everything here relies on.
pub(crate) fn is_ordered<T>(rest: &[(FieldId, T)]) -> bool {
    rest.windows(2).all(|pair| pair[0].0 < pair[1].0)
}
