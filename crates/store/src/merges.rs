//! Which records were merged into which, and where references to them lead.
//!
//! A merge is one entry on the record that goes. References to it stay in the journal as they were said; the tables of
//! current records show the survivor in their place, and show the record itself again once the merge is undone. So a
//! merge moves nothing, an undo moves nothing back, and what comes in later for the merged record is in its place
//! either way.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::field::{BUILTIN, FieldId, FieldType, Value, ids};
use domain::journal::{Cut, Entry, Op, SYSTEM_ACTOR};
use domain::{Instant, Kind, RecordId};
use sea_orm::{ConnectionTrait, QueryResult, Value as Sql};

use crate::bulk::{Bulk, id_list, id_runs};
use crate::engine::{Engine, execute, row, rows};
use crate::journal::read;
use crate::registry::int;
use crate::{Draft, Store, StoreError, Writer, vault};

/// Survivors by merged record: where each leads at last.
pub type Survivors = HashMap<RecordId, RecordId>;

/// Where merged records lead: by one step, as they were merged, and at last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Led {
    next: Survivors,
    pub(crate) ends: Arc<Survivors>,
}

impl Led {
    fn of(next: Survivors) -> Self {
        Self { ends: Arc::new(next.keys().map(|from| (*from, end(&next, *from))).collect()), next }
    }

    /// Kept in step instead of read again: thousands may be merged, or taken back, in one transaction.
    fn merged(&mut self, from: RecordId, into: RecordId) {
        self.next.insert(from, into);
        let last = self.ends.get(&into).copied().unwrap_or(into);
        let ends = Arc::make_mut(&mut self.ends);
        ends.values_mut().filter(|leads| **leads == from).for_each(|leads| *leads = last);
        ends.insert(from, last);
    }

    fn unmerged(&mut self, from: RecordId) {
        self.next.remove(&from);
        let ends = Arc::make_mut(&mut self.ends);
        let Some(last) = ends.remove(&from) else { return };
        for (record, leads) in ends.iter_mut().filter(|(_, leads)| **leads == last) {
            *leads = end(&self.next, *record);
        }
    }
}

/// The undo of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmerge {
    /// The entry that takes the merge back.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: RecordId,
}

/// A merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// Its entry in the journal, by which it is named.
    pub seq: i64,
    /// The kind of both records.
    pub kind: Kind,
    /// The record that went.
    pub record: RecordId,
    /// The record that stays.
    pub into: RecordId,
    /// The entry that gave the survivor what it lacked.
    pub filled: Option<i64>,
    /// When it was merged.
    pub at: Instant,
    /// Who did it.
    pub actor: RecordId,
    /// The first of the merges that were made at once with it; its own number where it was made alone.
    pub batch: i64,
    /// Whether it was taken back.
    pub undone: Option<Unmerge>,
}

pub(crate) const COLUMNS: &str =
    "seq, kind, record, into_record, filled, merged_at, actor, batch, undone_seq, undone_at, undone_by";

pub(crate) fn read_merge(row: &QueryResult) -> Result<Merge, StoreError> {
    let code: i64 = row.try_get_by_index(1)?;
    let kind = i16::try_from(code).ok().and_then(Kind::from_code);
    let undone = match row.try_get_by_index::<Option<i64>>(8)? {
        Some(seq) => {
            let at = Instant(row.try_get_by_index::<Option<i64>>(9)?.unwrap_or_default());
            Some(Unmerge { seq, at, actor: row.try_get_by_index::<Option<i64>>(10)?.unwrap_or(SYSTEM_ACTOR) })
        }
        None => None,
    };
    Ok(Merge {
        seq: row.try_get_by_index(0)?,
        kind: kind.ok_or_else(|| StoreError::damaged("a merge", format!("kind {code}")))?,
        record: row.try_get_by_index(2)?,
        into: row.try_get_by_index(3)?,
        filled: row.try_get_by_index(4)?,
        at: Instant(row.try_get_by_index(5)?),
        actor: row.try_get_by_index(6)?,
        batch: row.try_get_by_index(7)?,
        undone,
    })
}

/// Where each merged record leads.
pub(crate) async fn survivors(on: &impl ConnectionTrait, engine: Engine) -> Result<Led, StoreError> {
    survivors_where(on, engine, "undone_seq IS NULL", Vec::new()).await
}

/// Where each merged record leads by the merges that meet a condition. The database packs the pairs, as it does entries.
async fn survivors_where(
    on: &impl ConnectionTrait,
    engine: Engine,
    condition: &str,
    values: Vec<Sql>,
) -> Result<Led, StoreError> {
    let sql = format!("SELECT string_agg(format('%s,%s', record, into_record), ';') FROM merges WHERE {condition}");
    let packed = match row(on, engine, &sql, values).await? {
        Some(row) => row.try_get_by_index::<Option<String>>(0)?.unwrap_or_default(),
        None => String::new(),
    };
    let mut next = Survivors::new();
    for pair in packed.split(';').filter(|pair| !pair.is_empty()) {
        let read = pair.split_once(',').and_then(|(from, into)| Some((from.parse().ok()?, into.parse().ok()?)));
        let (from, into) = read.ok_or_else(|| StoreError::damaged("the merges", pair))?;
        next.insert(from, into);
    }
    Ok(Led::of(next))
}

/// Follows a chain to its end. A survivor stood when it was merged into, so that there is no circle; a damaged database
/// is not followed forever.
fn end(next: &Survivors, from: RecordId) -> RecordId {
    let mut at = from;
    for _ in 0..next.len() {
        match next.get(&at) {
            Some(further) => at = *further,
            None => break,
        }
    }
    at
}

/// Whether a field leads to the survivor of what it names. A line of a deal describes that deal alone: the survivor has
/// its own, and would be counted twice.
fn leads(field: FieldId, ty: Option<FieldType>) -> bool {
    matches!(ty, Some(FieldType::Ref(_))) && field != ids::DEAL_LINE_OPPORTUNITY
}

/// Puts survivors in the place of merged records. A record that would refer to itself refers to nothing.
pub(crate) fn lead(
    record: RecordId,
    rest: &mut [(FieldId, Value)],
    survivors: &Survivors,
    type_of: impl Fn(FieldId) -> Option<FieldType>,
) {
    if survivors.is_empty() {
        return;
    }
    for (field, value) in rest {
        if let Value::Ref(id) = value
            && let Some(survivor) = survivors.get(id)
            && leads(*field, type_of(*field))
        {
            *value = if *survivor == record { Value::Null } else { Value::Ref(*survivor) };
        }
    }
}

impl Store {
    /// Merges, the latest first: at most `limit` before the entry `before`.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn merges(&self, before: Option<i64>, limit: u32) -> Result<Vec<Merge>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM merges WHERE seq < ? ORDER BY seq DESC LIMIT ?");
        let values = vec![int(before.unwrap_or(i64::MAX)), int(i64::from(limit))];
        rows(self.readers(), self.engine(), &sql, values).await?.iter().map(read_merge).collect()
    }

    /// Where each merged record of every kind leads.
    ///
    /// # Errors
    /// The database's own.
    pub async fn survivors(&self) -> Result<Survivors, StoreError> {
        let led = survivors(self.readers(), self.engine()).await?;
        Ok(Arc::unwrap_or_clone(led.ends))
    }

    /// Where each merged record of every kind led, as far as the journal up to `seq` tells and `cut` admits it.
    ///
    /// # Errors
    /// The database's own.
    pub async fn survivors_at(&self, seq: i64, cut: Cut) -> Result<Survivors, StoreError> {
        let end = match cut {
            Cut::Everything => i64::MAX,
            Cut::KnownBefore(end) => end.0,
        };
        let condition = "seq <= ? AND merged_at < ? AND (undone_seq IS NULL OR undone_seq > ? OR undone_at >= ?)";
        let values = [seq, end, seq, end].map(int).to_vec();
        let led = survivors_where(self.readers(), self.engine(), condition, values).await?;
        Ok(Arc::unwrap_or_clone(led.ends))
    }

    /// Puts survivors in the place of merged records in what was folded of one, as the tables of current records do.
    pub fn lead(&self, record: RecordId, rest: &mut [(FieldId, Value)], survivors: &Survivors) {
        let custom = self.custom_types();
        lead(record, rest, survivors, |field| vault::type_of(field, &custom));
    }

    /// Where a merged record leads at last; nothing where it was not merged.
    ///
    /// # Errors
    /// The database's own.
    pub async fn survivor(&self, record: RecordId) -> Result<Option<RecordId>, StoreError> {
        let sql = "SELECT into_record FROM merges WHERE record = ? AND undone_seq IS NULL";
        let mut at = None;
        let mut met = HashSet::new();
        while let Some(found) = row(self.readers(), self.engine(), sql, vec![int(at.unwrap_or(record))]).await? {
            let next: RecordId = found.try_get_by_index(0)?;
            if !met.insert(next) {
                break;
            }
            at = Some(next);
        }
        Ok(at)
    }

    /// The pairs of a kind that people said are two, the smaller id first.
    ///
    /// # Errors
    /// The database's own.
    pub async fn not_duplicates(&self, kind: Kind) -> Result<HashSet<(RecordId, RecordId)>, StoreError> {
        let sql = "SELECT a, b FROM not_duplicates WHERE kind = ?";
        let found = rows(self.readers(), self.engine(), sql, vec![int(i64::from(kind.code()))]).await?;
        found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }
}

impl Writer {
    /// Declares `from` a duplicate of `into`: it never counts again, at no date, and what refers to it leads to `into`.
    /// Fields are not moved. Returns the entry that says so, by which [`Writer::unmerge`] takes it back.
    ///
    /// # Errors
    /// [`StoreError::NoRecord`], [`StoreError::MergeIntoItself`], or the database's own.
    pub async fn merge(
        &mut self,
        kind: Kind,
        from: RecordId,
        into: RecordId,
        actor: RecordId,
        now: Instant,
    ) -> Result<i64, StoreError> {
        if from == into {
            return Err(StoreError::MergeIntoItself { kind, record: from });
        }
        self.must_stand(kind, from).await?;
        self.must_stand(kind, into).await?;
        let seq = self.append_one(kind, from, Op::Merge { into }, now, actor, now).await?;
        Ok(seq)
    }

    /// Notes the entry that gave the survivor of a merge what it lacked: the undo withdraws it too.
    ///
    /// # Errors
    /// The database's own.
    pub async fn note_filled(&mut self, merge: i64, filled: i64) -> Result<(), StoreError> {
        let sql = "UPDATE merges SET filled = ? WHERE seq = ?";
        execute(&self.tx, self.engine, sql, vec![int(filled), int(merge)]).await?;
        Ok(())
    }

    /// A merge by its entry, as this transaction sees it.
    ///
    /// # Errors
    /// [`StoreError::NoMerge`], or the database's own.
    pub async fn merge_of(&mut self, seq: i64) -> Result<Merge, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM merges WHERE seq = ?");
        let found = row(&self.tx, self.engine, &sql, vec![int(seq)]).await?;
        read_merge(&found.ok_or(StoreError::NoMerge(seq))?)
    }

    /// Takes a merge back: the record is there again as it was, and so is what referred to it. What the merge gave the
    /// survivor is withdrawn. Returns the merge, and the entries by which people changed the survivor since: they stay.
    ///
    /// # Errors
    /// [`StoreError::NoMerge`], [`StoreError::AlreadyUnmerged`], or the database's own.
    pub async fn unmerge(&mut self, seq: i64, actor: RecordId, now: Instant) -> Result<(Merge, Vec<i64>), StoreError> {
        let merge = self.merge_of(seq).await?;
        if merge.undone.is_some() {
            return Err(StoreError::AlreadyUnmerged(seq));
        }
        let edits = self.edits_since(&merge).await?;
        let withdraw = |record, seq| Draft {
            kind: merge.kind,
            record,
            effective_at: now,
            known_at: now,
            source_seq: 0,
            import: None,
            actor,
            op: Op::RetractEntry { seq },
        };
        let mut drafts = vec![withdraw(merge.record, seq)];
        drafts.extend(merge.filled.map(|filled| withdraw(merge.into, filled)));
        let undone = self.append_any(drafts, now).await?.start;
        let undone = Some(Unmerge { seq: undone, at: now, actor });
        Ok((Merge { undone, ..merge }, edits))
    }

    /// Keeps the table of merges in step with the journal: an entry that merges, or takes a merge back, was appended.
    /// What the tables show to refer to either record is folded again.
    pub(crate) async fn note_merge(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let from = entry.record;
        let shown = self.led().await?.get(&from).copied().unwrap_or(from);
        match entry.op {
            Op::Merge { into } => {
                let columns = ["seq", "kind", "record", "into_record", "merged_at", "actor", "batch"];
                let mut bulk = Bulk::new(self.engine, "merges", &columns, "");
                let kind = i64::from(entry.kind.code());
                let values = [entry.seq, kind, from, into, entry.recorded_at.0, entry.actor, entry.seq];
                bulk.values().extend(values.map(int));
                bulk.flush(&self.tx).await?;
                self.survivors.iter_mut().for_each(|led| led.merged(from, into));
            }
            Op::RetractEntry { seq } => {
                let sql = "UPDATE merges SET undone_seq = ?, undone_at = ?, undone_by = ? \
                           WHERE seq = ? AND record = ? AND undone_seq IS NULL";
                let values = [entry.seq, entry.recorded_at.0, entry.actor, seq, from].map(int).to_vec();
                if execute(&self.tx, self.engine, sql, values).await? == 0 {
                    return Ok(());
                }
                self.survivors.iter_mut().for_each(|led| led.unmerged(from));
            }
            _ => return Ok(()),
        }
        self.mark_referring(entry.kind, shown).await
    }

    /// Entries of people on the survivor after a merge that stand, other than what merges gave it.
    async fn edits_since(&mut self, merge: &Merge) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT filled FROM merges WHERE into_record = ? AND filled IS NOT NULL";
        let filled = rows(&self.tx, self.engine, sql, vec![int(merge.into)]).await?;
        let mut not: HashSet<i64> = filled.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        let entries = read(&self.tx, self.engine, "record = ?", vec![int(merge.into)]).await?;
        not.extend(entries.iter().filter_map(|entry| match entry.op {
            Op::RetractEntry { seq } => Some(seq),
            _ => None,
        }));
        let by_people = entries.iter().filter(|entry| {
            let is_edit = matches!(entry.op, Op::Assert(_) | Op::Delete | Op::Merge { .. });
            is_edit && entry.seq > merge.seq && entry.import.is_none() && entry.actor != SYSTEM_ACTOR
        });
        Ok(by_people.map(|entry| entry.seq).filter(|seq| !not.contains(seq)).collect())
    }

    /// Has every record folded again that the tables show to refer to `record`; those that do by fields of the
    /// organisation's own at the commit, since finding them takes a walk through their tables.
    async fn mark_referring(&mut self, kind: Kind, record: RecordId) -> Result<(), StoreError> {
        self.relead.entry(kind).or_default().insert(record);
        // What it said of the other is of itself while they are one, and shown as nothing.
        self.mark(kind, record);
        for def in BUILTIN.iter().filter(|def| def.ty == FieldType::Ref(kind) && leads(def.id, Some(def.ty))) {
            let sql = format!("SELECT id FROM {} WHERE \"{}\" = ?", def.kind.table(), def.name);
            for found in rows(&self.tx, self.engine, &sql, vec![int(record)]).await? {
                let id = found.try_get_by_index(0)?;
                self.mark(def.kind, id);
            }
        }
        Ok(())
    }

    /// Has every record folded again that the tables show to refer by own fields to records that were merged or came
    /// back in this transaction.
    pub(crate) async fn mark_referring_by_own(&mut self) -> Result<(), StoreError> {
        for (to, records) in std::mem::take(&mut self.relead) {
            let records: Vec<RecordId> = records.into_iter().collect();
            for (field, kind) in self.own_references(to).await? {
                let key = self.engine.own_reference("rest", field);
                for run in id_runs(&records) {
                    let list = id_list(&run);
                    let sql = format!("SELECT id FROM {} WHERE rest IS NOT NULL AND {key} IN {list}", kind.table());
                    for found in rows(&self.tx, self.engine, &sql, run).await? {
                        let id = found.try_get_by_index(0)?;
                        self.mark(kind, id);
                    }
                }
            }
        }
        Ok(())
    }

    /// Remembers that pairs of a kind are two.
    ///
    /// # Errors
    /// The database's own.
    pub async fn keep_apart(
        &mut self,
        kind: Kind,
        pairs: &[(RecordId, RecordId)],
        actor: RecordId,
        now: Instant,
    ) -> Result<(), StoreError> {
        let columns = ["kind", "a", "b", "decided_at", "actor"];
        let mut bulk = Bulk::upsert(self.engine, "not_duplicates", &columns, 3);
        let ordered: HashSet<(RecordId, RecordId)> = pairs.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
        for (a, b) in ordered {
            bulk.values().extend([i64::from(kind.code()), a, b, now.0, actor].map(int));
            bulk.flush_full(&self.tx).await?;
        }
        bulk.flush(&self.tx).await
    }

    /// Forgets that pairs are two.
    ///
    /// # Errors
    /// The database's own.
    pub async fn forget_apart(&mut self, kind: Kind, records: &[RecordId]) -> Result<(), StoreError> {
        for run in id_runs(records) {
            let list = id_list(&run);
            let sql = format!("DELETE FROM not_duplicates WHERE kind = ? AND a IN {list} AND b IN {list}");
            let kind = int(i64::from(kind.code()));
            let values: Vec<Sql> =
                std::iter::once(kind).chain(run.iter().cloned()).chain(run.iter().cloned()).collect();
            execute(&self.tx, self.engine, &sql, values).await?;
        }
        Ok(())
    }
}
