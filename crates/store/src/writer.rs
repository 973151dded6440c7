//! One writing transaction.
//!
//! Entries go to the journal at once; the tables of current records follow before the commit, once a record
//! however often it was touched. A record that was made in this transaction, and whose entries came in
//! order, is carried in memory; every other touched record is read back from the journal and folded.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use domain::field::{FieldId, FieldType, Value};
use domain::journal::{Cut, Entry, Facts, Op, fold};
use domain::{Calendar, Instant, Kind, RecordId};
use sea_orm::{DatabaseTransaction, Value as Sql};

use crate::bulk::{Bulk, id_list, id_runs};
use crate::codec::{COLUMNS, push_row};
use crate::columns::{is_hot, shape, takes};
use crate::current::Current;
use crate::engine::{Engine, execute, row, rows};
use crate::erasure::Erasure;
use crate::journal::{Retractions, is_ordered, read_records};
use crate::merges::{self, Led, Survivors};
use crate::store::CustomTypes;
use crate::{Store, StoreError, registry, vault};

/// Touched entries beyond which the writer's memory is given back after the commit.
const LARGE: i64 = 100_000;

/// An entry before the journal gave it a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The kind of the record.
    pub kind: Kind,
    /// The record, from [`Writer::allocate`] or an earlier transaction.
    pub record: RecordId,
    /// When it was true.
    pub effective_at: Instant,
    /// When the source knew it.
    pub known_at: Instant,
    /// The source's own order among entries of one instant.
    pub source_seq: i64,
    /// The import that brings it, if one does.
    pub import: Option<i64>,
    /// Who does it.
    pub actor: RecordId,
    /// What it does: assert, delete, merge, or retract an entry.
    pub op: Op,
}

/// The last numbers given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) record: i64,
    pub(crate) process: i64,
    pub(crate) stage: i64,
    pub(crate) import: i64,
    pub(crate) vault: i64,
    pub(crate) source: i64,
    /// Raised by what changes without an entry.
    pub(crate) config: i64,
    pub(crate) access: i64,
}

/// A record that this transaction has made.
#[derive(Debug)]
enum Made {
    /// It has no entry yet.
    Unborn,
    /// It stands so.
    Carried(Kind, Current),
    /// It is folded from the journal.
    Folded,
}

/// A writing transaction; the only one on its database until it ends. Dropped without
/// [`Writer::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Writer {
    pub(crate) store: Store,
    pub(crate) tx: DatabaseTransaction,
    pub(crate) engine: Engine,
    pub(crate) head: Head,
    pub(crate) calendar: Calendar,
    pub(crate) ledger: Vec<Erasure>,
    start: Head,
    custom: Arc<CustomTypes>,
    made: Vec<Made>,
    touched: HashMap<RecordId, Kind>,
    /// Where merged records lead; read when first needed, kept in step by every merge.
    pub(crate) survivors: Option<Led>,
    /// Records whose references lead elsewhere since this transaction, by kind.
    pub(crate) relead: BTreeMap<Kind, BTreeSet<RecordId>>,
    spans: Vec<(i64, i64, i64)>,
}

impl Store {
    /// Begins to write, as soon as no other writer does.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where the other one does not finish in time, or the database's own.
    pub async fn begin(&self) -> Result<Writer, StoreError> {
        let engine = self.engine();
        let tx = self.inner.connections.begin_write(self.turn).await?;
        let head = Head::lock(&tx, engine).await.map_err(|error| match error {
            StoreError::Busy { .. } => StoreError::Busy { waited_seconds: self.turn.as_secs() },
            other => other,
        })?;
        let organisation = registry::organisation(&tx, engine).await?;
        Ok(Writer {
            store: self.clone(),
            tx,
            engine,
            head,
            calendar: registry::calendar(organisation.as_ref()),
            ledger: Vec::new(),
            start: head,
            custom: self.custom_types(),
            made: Vec::new(),
            touched: HashMap::new(),
            survivors: None,
            relead: BTreeMap::new(),
            spans: Vec::new(),
        })
    }
}

impl Head {
    pub(crate) async fn lock(tx: &DatabaseTransaction, engine: Engine) -> Result<Self, StoreError> {
        let sql = format!(
            "SELECT seq, record, process, stage, import, vault, source, config, access FROM journal_head WHERE id = 1{}",
            engine.for_update()
        );
        let found = row(tx, engine, &sql, Vec::new()).await?;
        let found = found.ok_or_else(|| StoreError::damaged("the head of the journal", "it is missing"))?;
        Ok(Self {
            seq: found.try_get_by_index(0)?,
            record: found.try_get_by_index(1)?,
            process: found.try_get_by_index(2)?,
            stage: found.try_get_by_index(3)?,
            import: found.try_get_by_index(4)?,
            vault: found.try_get_by_index(5)?,
            source: found.try_get_by_index(6)?,
            config: found.try_get_by_index(7)?,
            access: found.try_get_by_index(8)?,
        })
    }

    async fn write(&self, tx: &DatabaseTransaction, engine: Engine) -> Result<(), StoreError> {
        let sql = "UPDATE journal_head SET seq = ?, record = ?, process = ?, stage = ?, import = ?, vault = ?, \
                   source = ?, config = ?, access = ? WHERE id = 1";
        let numbers = [
            self.seq,
            self.record,
            self.process,
            self.stage,
            self.import,
            self.vault,
            self.source,
            self.config,
            self.access,
        ];
        execute(tx, engine, sql, numbers.into_iter().map(|number| Sql::BigInt(Some(number))).collect()).await?;
        Ok(())
    }
}

impl Writer {
    /// The first of `count` new record ids in a row.
    pub fn allocate(&mut self, count: usize) -> RecordId {
        let first = self.head.record + 1;
        self.head.record += i64::try_from(count).unwrap_or(i64::MAX - self.head.record);
        first
    }

    /// The journal's head as this transaction sees it: its own entries included.
    #[must_use]
    pub fn head(&self) -> i64 {
        self.head.seq
    }

    /// Appends entries, in the order given, and returns their numbers. They are final: nobody else numbers
    /// entries until this transaction ends.
    ///
    /// # Errors
    /// [`StoreError::NotADraft`], [`StoreError::Misfit`], [`StoreError::HotOutsideDeals`] and
    /// [`StoreError::ZeroCharacter`] for entries that do not fit; or the database's own.
    pub async fn append(&mut self, drafts: Vec<Draft>, now: Instant) -> Result<Range<i64>, StoreError> {
        if drafts.iter().any(|draft| draft.record <= 0 || matches!(draft.op, Op::RetractImport { .. } | Op::Erase)) {
            return Err(StoreError::NotADraft);
        }
        self.know_fields(&drafts).await?;
        self.append_any(drafts, now).await
    }

    /// Makes sure that every custom field of the drafts is known; other processes add fields too.
    async fn know_fields(&mut self, drafts: &[Draft]) -> Result<(), StoreError> {
        let unknown = drafts.iter().any(|draft| match &draft.op {
            Op::Assert(facts) => facts.rest.iter().any(|(field, _)| vault::type_of(*field, &self.custom).is_none()),
            _ => false,
        });
        if unknown {
            self.read_fields().await?;
        }
        Ok(())
    }

    async fn read_fields(&mut self) -> Result<(), StoreError> {
        let fields = crate::custom::custom_fields(&self.tx, self.engine).await?;
        self.store.remember_custom_fields(&fields);
        self.custom = self.store.custom_types();
        Ok(())
    }

    /// Fields of the organisation's own that refer to records of a kind, with the kinds that carry them.
    pub(crate) async fn own_references(&mut self, to: Kind) -> Result<Vec<(FieldId, Kind)>, StoreError> {
        self.read_fields().await?;
        let refers = |(field, (kind, ty)): (&FieldId, &(Kind, FieldType))| {
            (*ty == FieldType::Ref(to)).then_some((*field, *kind))
        };
        Ok(self.custom.iter().filter_map(refers).collect())
    }

    /// Appends entries of any sort.
    pub(crate) async fn append_any(&mut self, drafts: Vec<Draft>, now: Instant) -> Result<Range<i64>, StoreError> {
        let first = self.head.seq + 1;
        let mut journal = Bulk::new(self.engine, "journal", &COLUMNS, "");
        let mut texts = Bulk::new(self.engine, "vault", &["id", "record", "field", "value"], "");
        let mut merges = Vec::new();
        for draft in drafts {
            let seq = self.head.seq + 1;
            let Draft { kind, record, effective_at, known_at, source_seq, import, actor, op } = draft;
            let mut entry =
                Entry { seq, kind, record, effective_at, known_at, recorded_at: now, source_seq, import, actor, op };
            if let Op::Assert(facts) = &mut entry.op {
                self.admit(kind, record, facts, &mut texts)?;
                texts.flush_full(&self.tx).await?;
            }
            self.head.seq = seq;
            push_row(&entry, journal.values());
            self.note_span(import, seq);
            if matches!(entry.op, Op::Merge { .. } | Op::RetractEntry { .. }) {
                merges.push(entry.clone());
            }
            if record != 0 {
                self.touch(entry);
            }
            journal.flush_full(&self.tx).await?;
        }
        texts.flush(&self.tx).await?;
        journal.flush(&self.tx).await?;
        for entry in merges {
            self.note_merge(&entry).await?;
        }
        Ok(first..self.head.seq + 1)
    }

    /// Checks what is asserted, and moves personal text to the vault.
    fn admit(&mut self, kind: Kind, record: RecordId, facts: &mut Facts, texts: &mut Bulk) -> Result<(), StoreError> {
        if kind != Kind::Opportunity && facts.set.0 != 0 {
            return Err(StoreError::HotOutsideDeals { kind });
        }
        if !is_ordered(&facts.rest) {
            facts.rest.sort_by_key(|(field, _)| *field);
            if let Some(pair) = facts.rest.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(StoreError::Misfit { kind, field: pair[0].0 });
            }
        }
        for (field, value) in &mut facts.rest {
            let misfit = StoreError::Misfit { kind, field: *field };
            let (of, ty) = match domain::field::builtin(*field) {
                Some(def) => (def.kind, def.ty),
                None => *self.custom.get(field).ok_or(StoreError::Misfit { kind, field: *field })?,
            };
            if of != kind || is_hot(*field) || !takes(ty, value) {
                return Err(misfit);
            }
            let (Value::Text(text) | Value::Json(text)) = &*value else { continue };
            if text.as_bytes().contains(&0) {
                return Err(StoreError::ZeroCharacter { kind, field: *field });
            }
            if ty == FieldType::Personal {
                self.head.vault += 1;
                let int = |value: i64| Sql::BigInt(Some(value));
                texts.values().extend([
                    int(self.head.vault),
                    int(record),
                    int(i64::from(field.0)),
                    Sql::String(Some(text.to_string())),
                ]);
                *value = Value::Ref(self.head.vault);
            }
        }
        Ok(())
    }

    fn note_span(&mut self, import: Option<i64>, seq: i64) {
        let Some(import) = import else { return };
        match self.spans.last_mut() {
            // Other entries may lie between two of one import: an undo looks at the import column too.
            Some((last, _, to)) if *last == import => *to = seq,
            _ => self.spans.push((import, seq, seq)),
        }
    }

    /// Writes down where the entries of imports lie.
    pub(crate) async fn write_spans(&mut self) -> Result<(), StoreError> {
        let mut spans = Bulk::new(self.engine, "import_spans", &["import", "from_seq", "to_seq"], "");
        for (import, from, to) in std::mem::take(&mut self.spans) {
            spans.values().extend([import, from, to].map(|number| Sql::BigInt(Some(number))));
            spans.flush_full(&self.tx).await?;
        }
        spans.flush(&self.tx).await
    }

    /// Keeps in mind that the entry changed its record.
    fn touch(&mut self, entry: Entry) {
        let at = usize::try_from(entry.record - self.start.record - 1).ok();
        let (Some(at), true) = (at, entry.record <= self.head.record) else {
            self.touched.insert(entry.record, entry.kind);
            return;
        };
        if at >= self.made.len() {
            self.made.resize_with(at + 1, || Made::Unborn);
        }
        let slot = &mut self.made[at];
        let (record, kind) = (entry.record, entry.kind);
        let carried = match (&mut *slot, take_facts(entry)) {
            (Made::Unborn, Some((entry, facts))) => {
                *slot = Made::Carried(kind, Current::first(&entry, facts));
                true
            }
            (Made::Carried(of, current), Some((entry, facts))) => *of == kind && current.next(&entry, facts),
            _ => false,
        };
        if !carried {
            *slot = Made::Folded;
            self.touched.insert(record, kind);
        }
    }

    /// Has a record folded again, though it has no new entry.
    pub(crate) fn mark(&mut self, kind: Kind, record: RecordId) {
        self.touched.insert(record, kind);
    }

    /// Writes the current tables of every touched record. `each` sees the entries of those that were folded.
    pub(crate) async fn project(&mut self, each: impl FnMut(Kind, RecordId, &[Entry])) -> Result<(), StoreError> {
        self.project_carried().await?;
        self.project_folded(each).await
    }

    /// Where merged records lead.
    pub(crate) async fn led(&mut self) -> Result<Arc<Survivors>, StoreError> {
        if let Some(known) = &self.survivors {
            return Ok(Arc::clone(&known.ends));
        }
        let read = merges::survivors(&self.tx, self.engine).await?;
        let ends = Arc::clone(&read.ends);
        self.survivors = Some(read);
        if !ends.is_empty() {
            // A field that another process added refers to records too.
            self.read_fields().await?;
        }
        Ok(ends)
    }

    async fn project_carried(&mut self) -> Result<(), StoreError> {
        if self.made.iter().all(|slot| !matches!(slot, Made::Carried(..))) {
            return Ok(());
        }
        let survivors = self.led().await?;
        let custom = Arc::clone(&self.custom);
        let mut tables: HashMap<Kind, Bulk> = HashMap::new();
        for (slot, id) in self.made.iter_mut().zip(self.start.record + 1..) {
            if !matches!(slot, Made::Carried(..)) {
                continue;
            }
            let Made::Carried(kind, mut current) = std::mem::replace(slot, Made::Folded) else { continue };
            merges::lead(id, &mut current.rest, &survivors, |field| vault::type_of(field, &custom));
            let bulk = tables.entry(kind).or_insert_with(|| table(self.engine, kind));
            shape(kind).push_row(id, &current, &self.calendar, bulk.values());
            bulk.flush_full(&self.tx).await?;
        }
        for bulk in tables.values_mut() {
            bulk.flush(&self.tx).await?;
        }
        Ok(())
    }

    async fn project_folded(&mut self, mut each: impl FnMut(Kind, RecordId, &[Entry])) -> Result<(), StoreError> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let retractions = Retractions::load(&self.tx, self.engine).await?;
        let survivors = self.led().await?;
        let custom = Arc::clone(&self.custom);
        let touched = std::mem::take(&mut self.touched);
        let mut ids: Vec<RecordId> = touched.keys().copied().collect();
        ids.sort_unstable();
        let mut tables: HashMap<Kind, Bulk> = HashMap::new();
        for run in id_runs(&ids) {
            let entries = read_records(&self.tx, self.engine, run).await?;
            let mut gone: HashMap<Kind, Vec<i64>> = HashMap::new();
            for entries in entries.chunk_by(|a, b| a.record == b.record) {
                let (kind, id) = (entries[0].kind, entries[0].record);
                each(kind, id, entries);
                let timeline = fold(entries, &retractions.withdrawn, Cut::Everything);
                match Current::of(timeline, retractions.version(entries)) {
                    Some(mut current) => {
                        merges::lead(id, &mut current.rest, &survivors, |field| vault::type_of(field, &custom));
                        let bulk = tables.entry(kind).or_insert_with(|| table(self.engine, kind));
                        shape(kind).push_row(id, &current, &self.calendar, bulk.values());
                        bulk.flush_full(&self.tx).await?;
                    }
                    None => gone.entry(kind).or_default().push(id),
                }
            }
            for (kind, ids) in gone {
                for run in id_runs(&ids) {
                    let sql = format!("DELETE FROM {} WHERE id IN {}", kind.table(), id_list(&run));
                    execute(&self.tx, self.engine, &sql, run).await?;
                }
            }
        }
        for bulk in tables.values_mut() {
            bulk.flush(&self.tx).await?;
        }
        Ok(())
    }

    /// Gives every deal's business days anew, after the calendar's zone has changed.
    pub(crate) async fn redate(&mut self) -> Result<(), StoreError> {
        self.project(|_, _, _| ()).await?;
        let columns = ["id", "version", "created_at", "created_on", "closed_on"];
        let mut bulk = Bulk::upsert(self.engine, Kind::Opportunity.table(), &columns, 1);
        let sql = "SELECT id, version, created_at, closed_at FROM opportunities WHERE id > ? ORDER BY id LIMIT 10000";
        let mut after = 0_i64;
        loop {
            let page = rows(&self.tx, self.engine, sql, vec![Sql::BigInt(Some(after))]).await?;
            if page.is_empty() {
                return bulk.flush(&self.tx).await;
            }
            for row in page {
                after = row.try_get_by_index(0)?;
                let created_at: i64 = row.try_get_by_index(2)?;
                let closed_at: Option<i64> = row.try_get_by_index(3)?;
                let day = |at: i64| i64::from(self.calendar.day(Instant(at)).0);
                bulk.values().extend([
                    Sql::BigInt(Some(after)),
                    Sql::BigInt(Some(row.try_get_by_index(1)?)),
                    Sql::BigInt(Some(created_at)),
                    Sql::BigInt(Some(day(created_at))),
                    Sql::BigInt(closed_at.map(day)),
                ]);
                bulk.flush_full(&self.tx).await?;
            }
        }
    }

    /// Makes everything lasting, and returns the journal's head. When this returns, the data is on the disk.
    ///
    /// # Errors
    /// The database's own; nothing was written then.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        self.mark_referring_by_own().await?;
        self.project(|_, _, _| ()).await?;
        self.write_spans().await?;
        self.note_erasures().await?;
        if self.head != self.start {
            // The last statement: readers see the head move only together with what lies before it.
            self.head.write(&self.tx, self.engine).await?;
        }
        self.tx.commit().await?;
        if self.head.seq - self.start.seq > LARGE {
            self.store.inner.connections.relax().await?;
        }
        Ok(self.head.seq)
    }

    /// Gives up everything.
    ///
    /// # Errors
    /// The database's own.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.tx.rollback().await?)
    }

    /// Forgets what was carried, after the tables were replaced as a whole.
    pub(crate) fn reset(&mut self, head: Head) {
        self.head = head;
        self.made.clear();
        self.touched.clear();
        self.relead.clear();
        self.spans.clear();
        self.survivors = None;
        self.start = head;
    }
}

fn take_facts(mut entry: Entry) -> Option<(Entry, Facts)> {
    let Op::Assert(facts) = std::mem::replace(&mut entry.op, Op::Delete) else { return None };
    Some((entry, facts))
}

fn table(engine: Engine, kind: Kind) -> Bulk {
    Bulk::upsert(engine, kind.table(), &shape(kind).columns, 1)
}
