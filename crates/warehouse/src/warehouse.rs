//! The warehouse that stays: one ledger that follows the journal, one snapshot that questions read.
//!
//! Opening takes the checkpoint where it fits and the journal where not; a refresh reads what was committed
//! since, so a committed write is seen by the next question. Questions read the published snapshot and never
//! wait for a refresh. Must not know what is asked.

use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use domain::id::Kind;
use domain::journal::{Cut, Entry};
use domain::{Day, RecordId};
use journey::{Scan, Tally};
use rayon::{ThreadPool, ThreadPoolBuilder};
use store::{Mark, Store, StoreError};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::ask::{Counted, Reply, count};
use crate::build::ExternalIds;
use crate::chain::{Chain, Moment};
use crate::checkpoint::{self, Checkpoint, CheckpointError, Expected, Stale};
use crate::codes::ById;
use crate::labels::Dimension;
use crate::ledger::{Context, Ledger, Rebuild};
use crate::memory::Memory;
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;

/// Entries of the tail read at a time.
const TAIL: u32 = 50_000;
/// A tail of more entries than this, and than half of what is there, is read as a rebuild.
const REBUILD_AT: i64 = 200_000;
/// Records whose entries are read at a time.
const RECORDS: usize = 20_000;
/// Snapshots of what was known at a day, kept for the next question.
const KNOWN: usize = 2;

/// How a warehouse works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Threads for questions; 0: as many as cores.
    pub threads: usize,
    /// Memory for answers remembered by partition; 0 where the process ends after its question.
    pub remember_bytes: usize,
    /// Memory for the counts of one question.
    pub counts_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { threads: 0, remember_bytes: 256 << 20, counts_bytes: 1 << 30 }
    }
}

/// Why the warehouse could not be opened or follow the journal.
#[derive(Debug, Error)]
pub enum WarehouseError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint could not be written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Threads could not be started.
    #[error("cannot start the threads of the warehouse: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A task ended without an answer.
    #[error("the warehouse is closing")]
    Closing,
}

/// How a warehouse was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// From its checkpoint, which held the journal up to `seq`.
    Checkpoint {
        /// The last entry in the checkpoint.
        seq: i64,
    },
    /// From the whole journal.
    Rebuilt {
        /// Why the checkpoint was not taken.
        why: Stale,
        /// Entries read.
        entries: u64,
    },
}

impl std::fmt::Display for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Checkpoint { seq } => write!(f, "opened from the checkpoint at entry {seq}"),
            Self::Rebuilt { why, entries } => write!(f, "rebuilt from {entries} journal entries: {why}"),
        }
    }
}

/// The warehouse of one database. Cheap to clone; clones are one warehouse.
#[derive(Clone)]
pub struct Warehouse {
    inner: Arc<Inner>,
    /// The state that it stays at.
    held: Option<Arc<Snapshot>>,
}

struct Inner {
    store: Store,
    dir: PathBuf,
    settings: Settings,
    pool: ThreadPool,
    ledger: tokio::sync::Mutex<Ledger>,
    snapshot: RwLock<Arc<Snapshot>>,
    memory: Memory,
    known: Mutex<Vec<Known>>,
    /// The chain as it was last read, with the day by whose end it was known, if one was given.
    chains: tokio::sync::Mutex<Vec<(Option<Day>, Arc<Chain>)>>,
}

/// What was known at a day of a state. Two states may end at one entry and differ in what has none (rates), so the
/// state itself is named.
#[derive(Clone)]
struct Known {
    day: Day,
    of: Weak<Snapshot>,
    snapshot: Arc<Snapshot>,
}

impl std::fmt::Debug for Warehouse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let snapshot = self.snapshot();
        f.debug_struct("Warehouse").field("seq", &snapshot.seq).field("deals", &snapshot.deals()).finish()
    }
}

impl Warehouse {
    /// Opens the warehouse of a database with its checkpoint in `dir`, up to date with the journal.
    ///
    /// # Errors
    /// The database failed. A checkpoint that does not fit is no error: the journal is read instead.
    pub async fn open(store: Store, dir: PathBuf) -> Result<(Self, Opened), WarehouseError> {
        Self::open_with(store, dir, Settings::default()).await
    }

    /// Opens the warehouse with other settings.
    ///
    /// # Errors
    /// The database failed, or threads could not be started.
    pub async fn open_with(store: Store, dir: PathBuf, settings: Settings) -> Result<(Self, Opened), WarehouseError> {
        let named = |at| format!("warehouse-{at}");
        let pool = ThreadPoolBuilder::new().num_threads(settings.threads).thread_name(named).build()?;
        let context = context(&store).await?;
        let head = store.head().await?;
        let read = {
            let (dir, database_id) = (dir.clone(), context.database_id.clone());
            let zone = context.calendar.zone.name();
            let own: Vec<u16> =
                context.custom_fields.iter().filter(|field| field.is_dimension()).map(|field| field.id.0).collect();
            on(&pool, move || checkpoint::read(&dir, &Expected { database_id: &database_id, zone, head, own: &own }))
                .await
        };
        let read = read.ok_or(WarehouseError::Closing)?;
        let (ledger, opened) = match read {
            Ok(checkpoint) => {
                let seq = checkpoint.seq;
                (restored(&store, context, checkpoint).await?, Opened::Checkpoint { seq })
            }
            Err(why) => {
                let (ledger, entries) = rebuilt(&store, &pool, context, 1).await?;
                (ledger, Opened::Rebuilt { why, entries })
            }
        };
        tracing::info!(%opened, "warehouse");
        let snapshot = RwLock::new(Arc::new(ledger.snapshot()));
        let memory = Memory::new(settings.remember_bytes);
        let ledger = tokio::sync::Mutex::new(ledger);
        let inner = Inner {
            store,
            dir,
            settings,
            pool,
            ledger,
            snapshot,
            memory,
            known: Mutex::default(),
            chains: tokio::sync::Mutex::default(),
        };
        let warehouse = Self { inner: Arc::new(inner), held: None };
        warehouse.refresh().await?;
        Ok((warehouse, opened))
    }

    /// Reads what was committed since, entries and what has none, and returns the sequence of the last entry read.
    ///
    /// # Errors
    /// The database failed; what was published stays.
    pub async fn refresh(&self) -> Result<i64, WarehouseError> {
        if let Some(held) = &self.held {
            return Ok(held.seq);
        }
        let mut ledger = self.inner.ledger.lock().await;
        let mark = self.inner.store.mark().await?;
        if mark == (Mark { seq: ledger.seq(), config: ledger.context().config }) {
            return Ok(mark.seq);
        }
        self.follow(&mut ledger, mark.seq).await
    }

    async fn follow(&self, ledger: &mut Ledger, head: i64) -> Result<i64, WarehouseError> {
        let context = context(&self.inner.store).await?;
        let far = head - ledger.seq() > REBUILD_AT.max(ledger.seq() / 2);
        if far || head < ledger.seq() || !ledger.set_context(context.clone()) {
            return self.rebuild(ledger, context).await;
        }
        loop {
            let tail = self.inner.store.tail(ledger.seq(), TAIL).await?;
            if tail.is_empty() {
                break;
            }
            let touched = ledger.touched(&tail);
            if !touched.imports.is_empty() {
                // An undo withdraws entries anywhere in the journal.
                return self.rebuild(ledger, context).await;
            }
            let imported = tail.iter().any(|entry| entry.kind == Kind::Opportunity && entry.import.is_some());
            let external = if imported && !touched.new_deals.is_empty() {
                external_ids(&self.inner.store).await?
            } else {
                ExternalIds::default()
            };
            let ids: Vec<RecordId> =
                touched.members.iter().map(|(_, id)| *id).chain(touched.deals.iter().copied()).collect();
            let mut entries = self.entries_of(&ids).await?;
            for entry in tail.iter().filter(|entry| entry.kind == Kind::Opportunity) {
                if !touched.deals.contains(&entry.record) {
                    entries.entry(entry.record).or_default().push(entry.clone());
                }
            }
            ledger.meet(&tail);
            let mut take = |id: &RecordId| entries.remove(id).unwrap_or_default();
            let members: Vec<_> = touched.members.iter().map(|(kind, id)| (*kind, *id, take(id))).collect();
            let deals = touched.deals.iter().chain(&touched.new_deals);
            let deals: Vec<_> = deals.map(|id| (*id, take(id))).collect();
            ledger.apply_members(&members);
            ledger.apply_deals(&deals, &external);
        }
        // What was committed meanwhile may belong to a process or a field that was made meanwhile too.
        let now = self::context(&self.inner.store).await?;
        let read = ledger.context();
        if now.processes != read.processes || now.custom_fields != read.custom_fields {
            return self.rebuild(ledger, now).await;
        }
        self.publish(ledger);
        Ok(ledger.seq())
    }

    async fn rebuild(&self, ledger: &mut Ledger, context: Context) -> Result<i64, WarehouseError> {
        let (fresh, entries) = rebuilt(&self.inner.store, &self.inner.pool, context, ledger.next_version()).await?;
        tracing::info!(entries, "warehouse rebuilt");
        *ledger = fresh;
        self.publish(ledger);
        Ok(ledger.seq())
    }

    fn publish(&self, ledger: &Ledger) {
        let snapshot = Arc::new(ledger.snapshot());
        *self.inner.snapshot.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        self.inner.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn entries_of(&self, ids: &[RecordId]) -> Result<ById<Vec<Entry>>, StoreError> {
        let mut by_record: ById<Vec<Entry>> = ById::default();
        for ids in ids.chunks(RECORDS) {
            for entry in self.inner.store.entries_of(ids).await? {
                by_record.entry(entry.record).or_default().push(entry);
            }
        }
        Ok(by_record)
    }

    /// The same warehouse, held at what the last refresh published: for several questions whose answers have to agree.
    #[must_use]
    pub fn held(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), held: Some(self.snapshot()) }
    }

    /// The state that the last refresh published, or that it is held at.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        if let Some(held) = &self.held {
            return Arc::clone(held);
        }
        Arc::clone(&self.inner.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The state as it was known at the end of a day; as it is known now where none is given.
    ///
    /// # Errors
    /// The database failed while the entries of revised deals were read.
    pub async fn snapshot_known_at(&self, day: Option<Day>) -> Result<Arc<Snapshot>, AskError> {
        let now = self.snapshot();
        let Some(day) = day else { return Ok(now) };
        let of = Arc::downgrade(&now);
        let known = self.inner.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.into_iter().find(|known| known.day == day && known.of.ptr_eq(&of)) {
            return Ok(known.snapshot);
        }
        let mut entries = self.entries_of(&now.revised_deals()).await?;
        for entries in entries.values_mut() {
            entries.retain(|entry| entry.seq <= now.seq);
        }
        let snapshot = on(&self.inner.pool, move || Arc::new(now.known_at(day, &entries))).await;
        let snapshot = snapshot.ok_or(AskError::Closing)?;
        let mut known = self.inner.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(0, Known { day, of, snapshot: Arc::clone(&snapshot) });
        known.truncate(KNOWN);
        Ok(snapshot)
    }

    /// The first business day on which anything is recorded of a deal.
    #[must_use]
    pub fn first_day(&self) -> Option<Day> {
        let snapshot = self.snapshot();
        let days = snapshot.partitions.iter().flat_map(|partition| partition.journeys.entries.day.iter().copied());
        days.min().map(Day)
    }

    /// Answers a question with one tally.
    ///
    /// # Errors
    /// [`AskError`]: the question names what is not there, mixes what does not mix, or is too large.
    pub async fn ask<T: Tally>(&self, question: &Question, tally: &T) -> Result<Reply<T>, AskError> {
        Ok(Reply::of(tally, self.count(question, tally).await?))
    }

    /// Counts several tallies (a tuple) in one scan over the same view.
    ///
    /// # Errors
    /// As [`Warehouse::ask`].
    pub async fn count<S>(&self, question: &Question, scan: &S) -> Result<Counted<S::Cells>, AskError>
    where
        S: Scan + Clone + Eq + Hash + 'static,
        S::Cells: Clone + 'static,
    {
        let snapshot = self.snapshot_known_at(question.known_at).await?;
        let (inner, question, scan) = (Arc::clone(&self.inner), question.clone(), scan.clone());
        let counted = on(&self.inner.pool, move || {
            count(&snapshot, &question, &scan, &inner.memory, inner.settings.counts_bytes)
        });
        counted.await.ok_or(AskError::Closing)?
    }

    /// Reads the state that a question is about, on the warehouse's own threads. What was known at a day is another
    /// content under the same versions: nothing is remembered of it.
    pub(crate) async fn read<R: Send + 'static>(
        &self,
        known_at: Option<Day>,
        work: impl FnOnce(&Snapshot, &Memory) -> R + Send + 'static,
    ) -> Result<R, AskError> {
        let snapshot = self.snapshot_known_at(known_at).await?;
        let inner = Arc::clone(&self.inner);
        let read = on(&self.inner.pool, move || match known_at {
            Some(_) => work(&snapshot, &Memory::new(0)),
            None => work(&snapshot, &inner.memory),
        });
        read.await.ok_or(AskError::Closing)
    }

    /// The deals and the chain of one moment; the chain is read when it is first asked for.
    pub(crate) async fn moment(&self, known_at: Option<Day>) -> Result<Moment, AskError> {
        let snapshot = self.snapshot_known_at(known_at).await?;
        let store = &self.inner.store;
        let mut chains = self.inner.chains.lock().await;
        let held = chains.iter().position(|(day, _)| *day == known_at).map(|at| chains.remove(at).1);
        let held = match held {
            Some(chain) if chain.is_of(&snapshot) => Some(chain),
            Some(chain) if known_at.is_none() => chain.followed(store, &snapshot).await?.map(Arc::new),
            _ => None,
        };
        let cut = known_at.map_or(Cut::Everything, |day| Cut::KnownBefore(snapshot.calendar.start_of(day.plus(1))));
        let chain = match held {
            Some(chain) => chain,
            None => Arc::new(Chain::build(store, &snapshot, cut).await?),
        };
        chains.insert(0, (known_at, Arc::clone(&chain)));
        chains.truncate(KNOWN + 1);
        Ok(Moment { snapshot, chain })
    }

    /// What is kept of one question for the next.
    pub(crate) fn memory(&self) -> &Memory {
        &self.inner.memory
    }

    /// Works on the warehouse's own threads.
    pub(crate) async fn on_threads<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, AskError> {
        on(&self.inner.pool, work).await.ok_or(AskError::Closing)
    }

    /// Writes the checkpoint of what was last published.
    ///
    /// # Errors
    /// The files could not be written; the checkpoint from before stays.
    pub async fn checkpoint(&self) -> Result<(), WarehouseError> {
        let (snapshot, dir) = (self.snapshot(), self.inner.dir.clone());
        let written = on(&self.inner.pool, move || checkpoint::write(&dir, &snapshot)).await;
        Ok(written.ok_or(WarehouseError::Closing)??)
    }
}

/// Runs work on the warehouse's threads without holding up the caller's; `None` where it did not end.
async fn on<R: Send + 'static>(pool: &ThreadPool, work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    let (done, answer) = oneshot::channel();
    pool.spawn(move || {
        // Nobody listens any more where the question was given up.
        let _ = done.send(work());
    });
    answer.await.ok()
}

async fn context(store: &Store) -> Result<Context, StoreError> {
    // First of all: what changes while the rest is read is read again by the next refresh.
    let config = store.mark().await?.config;
    let currency = store.organisation().await?.map(|organisation| organisation.currency);
    let rates = match currency {
        Some(currency) => Some(Arc::new(store.rates(currency).await?)),
        None => None,
    };
    Ok(Context {
        database_id: store.database_id().await?,
        config,
        calendar: store.calendar().await?,
        currency,
        rates,
        processes: store.processes().await?,
        custom_fields: store.custom_fields().await?,
    })
}

async fn external_ids(store: &Store) -> Result<ExternalIds, StoreError> {
    let mut ids = ExternalIds::default();
    for id in store.external_ids_of(Kind::Opportunity).await? {
        ids.entry(id.record).or_insert_with(|| Arc::from(domain::id::source_id(&id.external_id)));
    }
    Ok(ids)
}

async fn rebuilt(
    store: &Store,
    pool: &ThreadPool,
    context: Context,
    first_version: u64,
) -> Result<(Ledger, u64), WarehouseError> {
    let head = store.head().await?;
    let kinds: Vec<Kind> = Dimension::ALL.map(Dimension::kind).into_iter().chain([Kind::Opportunity]).collect();
    let mut rebuild = Rebuild::new(context, first_version);
    let entries = store.for_each_entry(&kinds, 0, head, |chunk| rebuild.add(chunk)).await?;
    let external = external_ids(store).await?;
    let ledger = on(pool, move || rebuild.finish(head, &external)).await;
    Ok((ledger.ok_or(WarehouseError::Closing)?, entries))
}

async fn restored(store: &Store, context: Context, read: Checkpoint) -> Result<Ledger, WarehouseError> {
    let people: Vec<RecordId> = read.labels.members(Dimension::Owner).iter().map(|(_, member)| member.id).collect();
    let withdrawn = store.withdrawn().await?;
    let mut ledger = Ledger::restored(context, read.seq, withdrawn, read.labels, read.partitions);
    for ids in people.chunks(RECORDS) {
        let mut by_person: ById<Vec<Entry>> = ById::default();
        for entry in store.entries_of(ids).await? {
            by_person.entry(entry.record).or_default().push(entry);
        }
        let members: Vec<_> = by_person.into_iter().map(|(id, entries)| (Kind::Person, id, entries)).collect();
        ledger.apply_members(&members);
    }
    Ok(ledger)
}
