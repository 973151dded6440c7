//! Answering: the views of a question, counted on the warehouse's own threads.
//!
//! Large questions never run on the threads that serve clicks. Masks are remembered by partition and counts by runs
//! of partitions where a process stays resident. Must not know what a tally counts.

use std::hash::Hash;
use std::sync::Arc;

use arrow::array::RecordBatch;
use domain::Currency;
use domain::lifecycle::PARKED_LIMIT_DAYS;
use domain::process::{Process, Stage};
use journey::{Amounts, Column, Scan, Slots, Tally, View};
use rayon::prelude::*;

use crate::keys::Key;
use crate::memory::Memory;
use crate::plan::{Decided, Grouped, Keys, Prepared, Reading, Terms};
use crate::question::{AskError, Question};
use crate::snapshot::{Partition, Snapshot};

/// Partitions whose counts are remembered together: few enough that a write costs little to count again, many
/// enough that merging does not cost more than counting.
const RUN: usize = 8;

/// Counts with what turns them into words.
#[derive(Debug, Clone)]
pub struct Counted<C> {
    /// The counts.
    pub cells: C,
    /// Words of the groups.
    pub keys: Keys,
    /// Where states were counted.
    pub slots: Slots,
    /// The stages of the open slots; absent for the unknown stage.
    pub stages: Vec<Option<Stage>>,
    /// The newest version of the process in view; absent where several are, or none.
    pub process: Option<Process>,
    /// The currency of the amounts; absent where they were grouped by it, or there are several.
    pub currency: Option<Currency>,
    /// Deals in scope and inside the filters on what never changes, begun by the as-of day.
    pub deals_seen: u64,
    /// The journal up to here was counted.
    pub seq: i64,
}

/// The answer of one tally.
#[derive(Debug, Clone)]
pub struct Reply<T: Tally> {
    /// The counts.
    pub cells: T::Cells,
    /// The counts as rows, first column `group`.
    pub batch: RecordBatch,
    /// Words of the groups.
    pub keys: Keys,
    /// Where states were counted.
    pub slots: Slots,
    /// The stages of the open slots; absent for the unknown stage.
    pub stages: Vec<Option<Stage>>,
    /// The newest version of the process in view; absent where several are, or none.
    pub process: Option<Process>,
    /// The currency of the amounts; absent where they were grouped by it, or there are several.
    pub currency: Option<Currency>,
    /// Deals in scope and inside the filters on what never changes, begun by the as-of day.
    pub deals_seen: u64,
    /// The journal up to here was counted.
    pub seq: i64,
}

impl<C> Counted<C> {
    /// The same words with a part of the counts: what one tally of several counted.
    #[must_use]
    pub fn with<D>(&self, cells: D) -> Counted<D> {
        let Self { keys, slots, stages, process, currency, deals_seen, seq, .. } = self;
        Counted {
            cells,
            keys: keys.clone(),
            slots: slots.clone(),
            stages: stages.clone(),
            process: process.clone(),
            currency: *currency,
            deals_seen: *deals_seen,
            seq: *seq,
        }
    }
}

impl<T: Tally> Reply<T> {
    /// The answer of a tally from its counts.
    pub fn of(tally: &T, counted: Counted<T::Cells>) -> Self {
        let Counted { cells, keys, slots, stages, process, currency, deals_seen, seq } = counted;
        let batch = tally.finish(&cells);
        Self { cells, batch, keys, slots, stages, process, currency, deals_seen, seq }
    }
}

/// What counts of a partition depend on, beside its content.
#[derive(Clone, PartialEq, Eq, Hash)]
struct CountTerms<S> {
    terms: Terms,
    by: Vec<(Key, u64, u64)>,
    slots: Slots,
    rates: Option<Arc<domain::Rates>>,
    scan: S,
}

/// Counts on the current thread pool.
pub(crate) fn count<S>(
    snapshot: &Snapshot,
    question: &Question,
    scan: &S,
    memory: &Memory,
    limit_bytes: usize,
) -> Result<Counted<S::Cells>, AskError>
where
    S: Scan + Clone + Eq + Hash + 'static,
    S::Cells: Clone + 'static,
{
    let reading = Reading::new(snapshot, question)?;
    // What was known at a day is another content under the same version.
    let unremembering = Memory::new(0);
    let memory = if question.known_at.is_some() { &unremembering } else { memory };
    let prepared = prepare(snapshot, &reading, memory)?;
    let with_amounts = scan.columns().contains(&Column::AmountMinor);
    let decided = reading.decide(prepared.iter().map(AsRef::as_ref), with_amounts)?;
    let terms = CountTerms {
        terms: reading.terms.clone(),
        by: reading.keys.by(),
        slots: decided.slots.clone(),
        rates: decided.rates.clone(),
        scan: scan.clone(),
    };
    // The latest version in a run of partitions changes with each of them.
    let latest = |run: &[Arc<Partition>]| run.iter().map(|partition| partition.version).max().unwrap_or(0);
    let versions: Vec<(usize, u64)> = snapshot.partitions.chunks(RUN).map(latest).enumerate().collect();
    let known: Vec<Option<Arc<S::Cells>>> = memory.recall(&terms, versions.iter().copied());
    let missing: Vec<usize> = (0..known.len()).filter(|run| known[*run].is_none()).collect();
    let partitions = |run: usize| run * RUN..snapshot.partitions.len().min((run + 1) * RUN);
    let grouped: Vec<Vec<Grouped>> = missing
        .par_iter()
        .map(|run| snapshot.partitions[partitions(*run)].iter().map(|partition| reading.group(partition)).collect())
        .collect();
    let views: Vec<Vec<View<'_>>> = missing
        .iter()
        .zip(&grouped)
        .map(|(run, grouped)| {
            let parts = partitions(*run).zip(grouped);
            parts.map(|(at, grouped)| view(snapshot, &reading, at, (&prepared[at], grouped), &decided)).collect()
        })
        .collect();
    let counted = journey::run::count_each(scan, &views, memory.remembers(), limit_bytes)?;
    let fresh: Vec<(usize, Arc<S::Cells>)> = missing.into_iter().zip(counted.into_iter().map(Arc::new)).collect();
    let kept = fresh.iter().map(|(run, cells)| (*run, versions[*run].1, S::bytes(cells), Arc::clone(cells)));
    memory.keep(terms, kept.collect());
    let all = known.into_iter().flatten().chain(fresh.into_iter().map(|(_, cells)| cells));
    let owned = all.map(|cells| Arc::try_unwrap(cells).unwrap_or_else(|shared| S::Cells::clone(&shared)));
    let merged = journey::run::merge_all(scan, owned, limit_bytes)?;
    let Decided { slots, stages, process, currency, deals_seen, .. } = decided;
    let Reading { keys, .. } = reading;
    Ok(Counted { cells: merged, keys, slots, stages, process, currency, deals_seen, seq: snapshot.seq })
}

pub(crate) fn prepare(
    snapshot: &Snapshot,
    reading: &Reading<'_>,
    memory: &Memory,
) -> Result<Vec<Arc<Prepared>>, AskError> {
    let versions = snapshot.partitions.iter().map(|partition| partition.version).enumerate();
    let known: Vec<Option<Arc<Prepared>>> = memory.recall(&reading.terms, versions);
    let prepared: Vec<(bool, Arc<Prepared>)> = snapshot
        .partitions
        .par_iter()
        .zip(known)
        .map(|(partition, known)| match known {
            Some(known) => Ok((false, known)),
            None => Ok((true, Arc::new(reading.prepare(partition)?))),
        })
        .collect::<Result<_, AskError>>()?;
    let fresh = prepared
        .iter()
        .enumerate()
        .filter(|(_, (fresh, _))| *fresh)
        .map(|(at, (_, prepared))| (at, snapshot.partitions[at].version, prepared.bytes(), Arc::clone(prepared)));
    memory.keep(reading.terms.clone(), fresh.collect());
    Ok(prepared.into_iter().map(|(_, prepared)| prepared).collect())
}

pub(crate) fn view<'a>(
    snapshot: &'a Snapshot,
    reading: &Reading<'_>,
    at: usize,
    (prepared, grouped): (&'a Prepared, &'a Grouped),
    decided: &'a Decided,
) -> View<'a> {
    View {
        journeys: prepared.renamed.as_ref().unwrap_or(&snapshot.partitions[at].journeys),
        member: prepared.member.as_deref(),
        entry_member: prepared.entry_member.as_deref(),
        group: grouped.group.as_deref(),
        entry_group: grouped.entry_group.as_deref(),
        entry_groups: reading.keys.entry_groups(),
        slots: &decided.slots,
        amounts: decided.rates.as_deref().map_or(Amounts::AsBooked, Amounts::Converted),
        parked_limit_days: PARKED_LIMIT_DAYS,
        as_of: reading.as_of(),
    }
}
