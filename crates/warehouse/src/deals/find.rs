//! The deals behind a number: which of them add to the cells that were chosen, and what.
//!
//! The same plan as for counting, then each journey is observed alone into empty cells. Groups are narrowed to "the
//! one" and "any other" before, so that the cells of a journey are few whatever the grouping.

use domain::process::{Process, Stage};
use domain::{Currency, RecordId};
use journey::{Added, Cells, Column, Pick, Slots, Tally, View};
use rayon::prelude::*;

use crate::ask::{prepare, view};
use crate::memory::Memory;
use crate::plan::{Decided, Grouped, Keys, Prepared, Reading};
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;

/// What a choice of cells is made by: the slots of the question and the stages behind them.
#[derive(Debug)]
pub struct Standing<'a> {
    /// Where states are counted.
    pub slots: &'a Slots,
    /// The stages of the open slots; absent for the unknown stage.
    pub stages: &'a [Option<Stage>],
    /// The newest version of the process in view; absent where several are, or none.
    pub process: Option<&'a Process>,
}

/// Deals of a partition by row, ascending, with what each adds.
pub type Hits = Vec<(u32, Added)>;

/// The deals behind some cells.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// By partition of the snapshot.
    pub hits: Vec<Hits>,
    /// Whether the cells have an amount.
    pub has_amount: bool,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
    /// The journal up to here was read.
    pub seq: i64,
}

impl Found {
    /// Single deals, that add nothing to any cell: to list them whatever became of them.
    #[must_use]
    pub fn deals(snapshot: &Snapshot, deals: &[RecordId]) -> Self {
        let mut hits = vec![Hits::new(); snapshot.partitions.len()];
        for (partition, row) in deals.iter().filter_map(|deal| snapshot.place_of(*deal)) {
            hits[partition].push((u32::try_from(row).unwrap_or(u32::MAX), Added::default()));
        }
        hits.iter_mut().for_each(|hits| hits.sort_by_key(|(row, _)| *row));
        Self { hits, seq: snapshot.seq, ..Self::default() }
    }

    /// What all of them add together.
    #[must_use]
    pub fn total(&self) -> Added {
        self.hits.iter().flatten().map(|(_, added)| *added).fold(Added::default(), Added::plus)
    }

    /// These and others, the parts of a number that is made of two. A deal in both is one, with both parts.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let merge = |own: Hits, theirs: Hits| {
            let mut all: Hits = own.into_iter().chain(theirs).collect();
            all.sort_by_key(|(row, _)| *row);
            all.dedup_by(|later, first| {
                let same = later.0 == first.0;
                if same {
                    first.1 = first.1.plus(later.1);
                }
                same
            });
            all
        };
        let hits = self.hits.into_iter().zip(other.hits).map(|(own, theirs)| merge(own, theirs)).collect();
        Self { hits, ..self }
    }
}

impl Warehouse {
    /// Finds the deals that add to the cells that `choose` picks out of the tally's, in the group of the question
    /// with these words, one a dimension.
    ///
    /// # Errors
    /// As [`Warehouse::ask`], and what `choose` refuses.
    pub async fn find<P, E>(
        &self,
        question: &Question,
        tally: &P::Tally,
        group: Vec<Option<String>>,
        choose: impl FnOnce(&Standing<'_>) -> Result<P, E> + Send + 'static,
    ) -> Result<Found, E>
    where
        P: Pick + 'static,
        E: From<AskError> + Send + 'static,
    {
        let (question, tally) = (question.clone(), tally.clone());
        let known_at = question.known_at;
        self.read(known_at, move |snapshot, memory| find(snapshot, &question, &tally, &group, choose, memory))
            .await
            .map_err(E::from)?
    }
}

/// Finds on the current thread pool.
pub(crate) fn find<P, E>(
    snapshot: &Snapshot,
    question: &Question,
    tally: &P::Tally,
    group: &[Option<String>],
    choose: impl FnOnce(&Standing<'_>) -> Result<P, E>,
    memory: &Memory,
) -> Result<Found, E>
where
    P: Pick,
    E: From<AskError>,
{
    let reading = Reading::new(snapshot, question)?;
    let prepared = prepare(snapshot, &reading, memory)?;
    let with_amounts = P::Tally::COLUMNS.contains(&Column::AmountMinor);
    let decided = reading.decide(prepared.iter().map(AsRef::as_ref), with_amounts)?;
    let Decided { slots, stages, process, .. } = &decided;
    let pick = choose(&Standing { slots, stages, process: process.as_ref() })?;
    let hits = (0..snapshot.partitions.len())
        .into_par_iter()
        .map(|at| {
            let grouped = reading.group(&snapshot.partitions[at]);
            let narrowed = Narrowed::of(&prepared[at], &grouped, &reading.keys, group);
            let whole = view(snapshot, &reading, at, (&prepared[at], &grouped), &decided);
            hits(&narrowed.view(whole), tally, &pick, narrowed.wanted())
        })
        .collect();
    Ok(Found { hits, has_amount: P::HAS_AMOUNT, currency: decided.currency, seq: snapshot.seq })
}

fn hits<P: Pick>(view: &View<'_>, tally: &P::Tally, pick: &P, group: u64) -> Hits {
    let mut cells = <P::Tally as Tally>::Cells::default();
    let mut hits = Hits::new();
    for journey in view.journeys.iter().filter(|journey| view.sees(*journey)) {
        cells.clear();
        tally.observe(journey, view, &mut cells);
        let added = pick.read(&cells, group);
        if added != Added::default() {
            hits.push((u32::try_from(journey.index).unwrap_or(u32::MAX), added));
        }
    }
    hits
}

/// The groups of a partition as the one that is wanted and the others.
struct Narrowed {
    member: Option<Vec<bool>>,
    entry_group: Option<Vec<u32>>,
}

impl Narrowed {
    fn of(prepared: &Prepared, grouped: &Grouped, keys: &Keys, labels: &[Option<String>]) -> Self {
        let (fixed, changing) = keys.wanted(labels);
        let member = match (&grouped.group, &prepared.member) {
            (None, member) => member.clone(),
            (Some(groups), None) => Some(groups.iter().map(|group| fixed(*group)).collect()),
            (Some(groups), Some(member)) => {
                Some(groups.iter().zip(member).map(|(group, member)| *member && fixed(*group)).collect())
            }
        };
        let entry_group = grouped.entry_group.as_ref().filter(|_| keys.change());
        let entry_group = entry_group.map(|groups| groups.iter().map(|group| u32::from(changing(*group))).collect());
        Self { member, entry_group }
    }

    fn view<'a>(&'a self, whole: View<'a>) -> View<'a> {
        View {
            member: self.member.as_deref(),
            group: None,
            entry_group: self.entry_group.as_deref(),
            entry_groups: 2,
            ..whole
        }
    }

    fn wanted(&self) -> u64 {
        u64::from(self.entry_group.is_some())
    }
}
