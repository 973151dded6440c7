//! Lists of deals: one page in order, and what all of them add up to.
//!
//! A deal is shown by the entry that holds at the end of the as-of, where the filters admit that entry. Every deal is
//! looked at for the sums; only the best of each partition are kept for the page, so a list of a million deals sorts
//! a few thousand. Deals of several processes and currencies may stand in one list.

use std::sync::Arc;

use domain::text::folded;
use domain::{Currency, Outcome, StageId};
use journey::{Added, Journey, View};
use rayon::prelude::*;

use super::find::Found;
use super::order::{After, Order, Part, Place, Sort};
use super::rows::{Listed, listed};
use super::texts::{Texts, names, texts};
use crate::ask::{prepare, view};
use crate::keys::CodeBook;
use crate::labels::Dimension;
use crate::memory::Memory;
use crate::plan::{Decided, Prepared, Reading, UNGROUPED};
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;

/// What to list.
#[derive(Debug, Clone)]
pub struct DealsAsk {
    /// Which deals; groups do not matter.
    pub question: Question,
    /// Only the deals behind some cells, told with what they add. They are shown whatever became of them.
    pub found: Option<Arc<Found>>,
    /// Only deals in whose name, customer or external id this occurs, whatever its case and width.
    pub text: String,
    /// Only open ones, or only those that are not: closed, in nurture or deleted.
    pub open: Option<bool>,
    /// The order.
    pub sort: Sort,
    /// Deals of a page.
    pub limit: usize,
    /// The last deal of the page before.
    pub after: Option<After>,
}

/// What the deals of a list add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DealSums {
    /// How many there are.
    pub deals: u64,
    /// Their amounts at the rate of the as-of.
    pub amount_minor: i128,
    /// Deals whose amount is not known.
    pub without_amount: u64,
    /// Amount × probability of the stage, of open deals; in millionths of a minor unit.
    pub weighted_ppm: i128,
    /// Open deals with an amount in a stage without a probability.
    pub without_probability: u64,
    /// Deals by outcome, in the order of [`Outcome::ALL`]; deleted ones stand in none.
    pub by_outcome: [u64; 5],
    /// What they add to the cell asked about.
    pub added: Added,
    /// Deals that were left out for not being open.
    pub others_left_out: u64,
    /// Deals that were left out for being open.
    pub open_left_out: u64,
}

impl DealSums {
    fn add(&mut self, other: &Self) {
        self.deals += other.deals;
        self.amount_minor += other.amount_minor;
        self.without_amount += other.without_amount;
        self.weighted_ppm += other.weighted_ppm;
        self.without_probability += other.without_probability;
        self.by_outcome.iter_mut().zip(other.by_outcome).for_each(|(own, theirs)| *own += theirs);
        self.added = self.added.plus(other.added);
        self.others_left_out += other.others_left_out;
        self.open_left_out += other.open_left_out;
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct DealList {
    /// The deals, in order.
    pub rows: Vec<Listed>,
    /// What all of them add up to, those of other pages too.
    pub sums: DealSums,
    /// The currency of the sums; absent where amounts do not add up.
    pub currency: Option<Currency>,
    /// Whether some amounts were converted into that currency: rows tell their own.
    pub converted: bool,
    /// Why amounts do not add up.
    pub no_amount: Option<AskError>,
    /// Where the next page begins; absent where this is the last.
    pub next: Option<After>,
    /// The journal up to here was read.
    pub seq: i64,
}

impl Warehouse {
    /// Lists deals.
    ///
    /// # Errors
    /// As [`Warehouse::ask`]; several processes or currencies are no error here.
    pub async fn list(&self, ask: DealsAsk) -> Result<DealList, AskError> {
        self.read(ask.question.known_at, move |snapshot, memory| list(snapshot, &ask, memory)).await?
    }
}

/// Lists on the current thread pool.
pub(crate) fn list(snapshot: &Snapshot, ask: &DealsAsk, memory: &Memory) -> Result<DealList, AskError> {
    let reading = Reading::new(snapshot, &ask.question)?;
    let prepared = prepare(snapshot, &reading, memory)?;
    let (decided, no_amount) = reading.decide_amounts(prepared.iter().map(AsRef::as_ref));
    let seen = Seen { snapshot, reading: &reading, prepared: &prepared, decided: &decided };
    let order = Order::new(ask.sort, ask.after.as_ref(), snapshot, &reading.terms.book, memory);
    let search = Search::new(&ask.text, snapshot, memory);
    let texts = (search.is_some() || order.reads_texts()).then(|| texts(snapshot, memory));
    let parts: Vec<Part<'_>> = (0..snapshot.partitions.len())
        .map(|at| Part::new(&snapshot.partitions[at], seen.view(at), texts.as_ref().map(|t| &*t[at]), &order))
        .collect();
    let probabilities = probabilities(snapshot, &reading.terms.book);
    let best = ask.limit.max(1);
    let scanned: Vec<(Vec<Place>, DealSums)> = parts
        .par_iter()
        .enumerate()
        .map(|(at, part)| {
            let matched = search.as_ref().map(|search| search.flags(part));
            let hits = ask.found.as_ref().map(|found| found.hits.get(at).map_or(&[][..], Vec::as_slice));
            let mut scan =
                Scan { ask, order: &order, parts: &parts, best, sums: DealSums::default(), kept: Vec::new() };
            let valued = no_amount.is_none();
            each_shown(&part.view, hits, matched.as_deref(), |journey, place, added| {
                scan.see(at, part, journey, place, added, valued.then_some(&probabilities));
            });
            scan.finish()
        })
        .collect();
    let mut sums = DealSums::default();
    let mut places = Vec::new();
    for (kept, part_sums) in scanned {
        sums.add(&part_sums);
        places.extend(kept);
    }
    places.sort_unstable_by(|a, b| order.compare(&parts, a, b));
    let more = places.len() > ask.limit;
    places.truncate(ask.limit);
    let next = places.last().filter(|_| more).map(|last| order.after(&parts, last));
    let rows = places.iter().map(|place| listed(snapshot, &reading.terms.book, &parts[place.part as usize], place));
    Ok(DealList {
        rows: rows.collect(),
        sums,
        currency: decided.currency,
        converted: decided.rates.is_some(),
        no_amount,
        next,
        seq: snapshot.seq,
    })
}

/// How a question sees the partitions of a snapshot.
pub(super) struct Seen<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) reading: &'a Reading<'a>,
    pub(super) prepared: &'a [Arc<Prepared>],
    pub(super) decided: &'a Decided,
}

impl<'a> Seen<'a> {
    pub(super) fn view(&self, at: usize) -> View<'a> {
        view(self.snapshot, self.reading, at, (&self.prepared[at], &UNGROUPED), self.decided)
    }
}

/// Calls `each` for every deal of a partition that is shown, with the entry that holds and what it adds.
pub(super) fn each_shown<'a>(
    view: &View<'a>,
    hits: Option<&[(u32, Added)]>,
    matched: Option<&[bool]>,
    mut each: impl FnMut(Journey<'a>, usize, Added),
) {
    let matches = |row: usize| matched.is_none_or(|matched| matched[row]);
    match hits {
        Some(hits) => {
            for (row, added) in hits.iter().filter(|(row, _)| matches(*row as usize)) {
                let journey = view.journeys.get(*row as usize);
                if let Some(place) = journey.at(view.as_of) {
                    each(journey, place, *added);
                }
            }
        }
        None => {
            for journey in view.journeys.iter().filter(|journey| view.sees(*journey) && matches(journey.index)) {
                if let Some(place) = journey.at(view.as_of)
                    && view.exists(place)
                    && view.admits(place)
                {
                    each(journey, place, Added::default());
                }
            }
        }
    }
}

/// The probability of each stage by its id.
fn probabilities(snapshot: &Snapshot, book: &CodeBook) -> Vec<Option<i32>> {
    let of = |id: u32| snapshot.labels.stage(StageId(book.stage(id))).and_then(|(_, stage)| stage.probability_ppm);
    (0..).take(book.stages.len()).map(of).collect()
}

/// A text that is looked for.
pub(super) struct Search {
    needle: String,
    accounts: Vec<bool>,
}

impl Search {
    /// Absent where there is nothing to look for.
    pub(super) fn new(text: &str, snapshot: &Snapshot, memory: &Memory) -> Option<Self> {
        let needle = folded(text).trim().to_owned();
        let accounts = || names(snapshot, Dimension::Account, memory).flags(&needle);
        (!needle.is_empty()).then(|| Self { accounts: accounts(), needle: needle.clone() })
    }

    fn flags(&self, part: &Part<'_>) -> Vec<bool> {
        let of_account = |code: &u32| self.accounts.get(*code as usize).copied().unwrap_or(false);
        let mut flags: Vec<bool> = part.partition.journeys.account.iter().map(of_account).collect();
        if let Some(texts) = part.texts {
            Texts::flag(texts, &self.needle, &mut flags);
        }
        flags
    }
}

/// One partition being listed.
struct Scan<'a> {
    ask: &'a DealsAsk,
    order: &'a Order<'a>,
    parts: &'a [Part<'a>],
    /// Deals that a page may need.
    best: usize,
    sums: DealSums,
    kept: Vec<Place>,
}

impl Scan<'_> {
    fn see(
        &mut self,
        at: usize,
        part: &Part<'_>,
        journey: Journey<'_>,
        place: usize,
        added: Added,
        probabilities: Option<&Vec<Option<i32>>>,
    ) {
        let state = part.view.journeys.entries.state[place];
        let outcome = Outcome::from_code(state);
        let open = outcome == Some(Outcome::Open);
        match self.ask.open {
            Some(true) if !open => return self.sums.others_left_out += 1,
            Some(false) if open => return self.sums.open_left_out += 1,
            _ => {}
        }
        self.sums.deals += 1;
        self.sums.added = self.sums.added.plus(added);
        if let Some(outcome) = outcome {
            self.sums.by_outcome[outcome as usize] += 1;
        }
        if let Some(probabilities) = probabilities {
            self.value(part, place, outcome == Some(Outcome::Open), probabilities);
        }
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let key = self.order.key(part, journey, place, added);
        let (row, entry) = (small(journey.index), small(place));
        let found = Place { key, part: small(at), row, entry, deal: journey.deal(), added };
        if self.order.is_next(self.parts, &found) {
            self.kept.push(found);
            if self.kept.len() >= self.best.saturating_mul(4).max(4096) {
                self.select();
            }
        }
    }

    fn value(&mut self, part: &Part<'_>, place: usize, open: bool, probabilities: &[Option<i32>]) {
        let Some(minor) = part.view.amount_minor(place, part.view.as_of) else {
            self.sums.without_amount += 1;
            return;
        };
        self.sums.amount_minor += i128::from(minor);
        if !open {
            return;
        }
        let stage = part.view.journeys.entries.stage[place] as usize;
        match probabilities.get(stage).copied().flatten() {
            Some(ppm) => self.sums.weighted_ppm += i128::from(minor) * i128::from(ppm),
            None => self.sums.without_probability += 1,
        }
    }

    /// Forgets what cannot be on the page. One more than the page is kept: it tells that there is a next one.
    fn select(&mut self) {
        if self.kept.len() > self.best + 1 {
            self.kept.select_nth_unstable_by(self.best, |a, b| self.order.compare(self.parts, a, b));
            self.kept.truncate(self.best + 1);
        }
    }

    fn finish(mut self) -> (Vec<Place>, DealSums) {
        self.select();
        (self.kept, self.sums)
    }
}
