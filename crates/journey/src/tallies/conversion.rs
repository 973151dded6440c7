//! Conversion: of the deals that reached a stage in a period, how many went on, and when.
//!
//! A deal *reaches* a stage by being in it or in a later one; won is later than every stage. Of the stages it
//! passes without having been in them, those after its first stage are *skipped*, and count as reached; those
//! before its first stage are *passed directly* (a deal created late) and are counted apart; those between an
//! unknown stage and the one it is found in are neither, and a stage that it is found in has an unknown
//! beginning: it is counted apart as well. The entry by which the deal reached the stage decides group and
//! filters; what becomes of it is followed to the as-of, whatever period it was reached in.

use arrow::array::RecordBatch;
use domain::{Day, Outcome, StageId};

use super::periods::Periods;
use super::table::Table;
use crate::cells::{Cells, Counts, Grid, Layout};
use crate::journeys::{Column, Journey};
use crate::slots::Slot;
use crate::spells::{Cause, Spell, Spells};
use crate::tally::Tally;
use crate::travel::{CellsError, Parts};
use crate::view::View;

/// What going on means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Goal {
    /// The next stage (see [`Reach`]), once, whatever came after.
    #[default]
    Next,
    /// Won, as it stands at the as-of.
    Won,
}

/// What reaching a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reach {
    /// Being in it or in a later one: skipped stages count.
    #[default]
    OrBeyond,
    /// Being in it: skipped stages are counted apart, and so is whoever skipped the next one.
    Visited,
}

/// Which visit of a deal that came back counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Visit {
    /// The first time it reached the stage, if that is in a period.
    #[default]
    First,
    /// The last time it came into the stage.
    Last,
    /// Every time, each followed to the as-of.
    Every,
}

/// The way in which a deal reached a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reached {
    /// It came into it.
    Entered,
    /// It came into it by being created there, behind the first stage.
    EnteredDirectly,
    /// It jumped over it.
    Skipped,
    /// It was created beyond it.
    PassedDirectly,
    /// It was found in it, its stage having been unknown before.
    Found,
}

/// Conversion of the deals that reached a stage in each period.
///
/// Rows: `group` UInt64, `period` UInt32 (its place in [`Periods::ends`]), `day` Date32 (its
/// last day), `slot` UInt16, then Int64 counts:
/// `entered` (those created there among them), `entered_directly`, `skipped`, `passed_directly`, `found`;
/// and what became of the population, which is `entered`, with `skipped` where [`Reach::OrBeyond`]:
/// `forward`, `lost`, `cancelled`, `parked`, `deleted`, `pending` (these six add up to it), and `regressed`
/// (was in an earlier stage before it went forward or to its end; counted among the six too).
/// [`ConversionCells::times`] has the days.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Conversion {
    /// When stages are reached.
    pub periods: Periods,
    /// The next stage, or the win.
    pub goal: Goal,
    /// What counts as reached.
    pub reach: Reach,
    /// Which visit counts.
    pub visit: Visit,
}

pub(super) const COUNTS: [&str; 12] = [
    "entered",
    "entered_directly",
    "skipped",
    "passed_directly",
    "found",
    "forward",
    "lost",
    "cancelled",
    "parked",
    "deleted",
    "pending",
    "regressed",
];

/// The counts of a [`Conversion`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversionCells {
    pub(super) counts: Grid<Counts<{ COUNTS.len() }>>,
    times: Spells,
}

impl ConversionCells {
    /// The population by the days from reaching the stage to going on (`forward`), to its end (`lost`,
    /// `cancelled`, `parked`) or to the as-of (`censored`; deleted deals on the day they were deleted):
    /// group, period, slot, spell, deals; ascending. It is the input of Aalen–Johansen.
    #[must_use]
    pub fn times(&self) -> Vec<(u64, u32, u16, Spell, i64)> {
        let open = u32::from(self.times.layout().open.max(1));
        let slot = |place: u32| u16::try_from(place % open).unwrap_or(u16::MAX);
        let rows = self.times.rows().into_iter();
        rows.map(|(group, place, spell, deals)| (group, place / open, slot(place), spell, deals)).collect()
    }
}

impl Cells for ConversionCells {
    fn merge(&mut self, other: Self) {
        self.counts.merge(other.counts);
        self.times.merge(other.times);
    }

    fn bytes(&self) -> usize {
        self.counts.bytes() + self.times.bytes()
    }

    fn clear(&mut self) {
        self.counts.clear();
        self.times.clear();
    }

    fn pack(&mut self) {
        self.counts.pack();
        self.times.pack();
    }

    fn to_batch(&self) -> RecordBatch {
        let mut parts = Parts::default();
        parts.grid(0, &self.counts);
        parts.spells(1, &self.times);
        parts.finish()
    }

    fn from_batch(batch: &RecordBatch) -> Result<Self, CellsError> {
        let mut parts = Parts::read(batch, 2)?;
        Ok(Self { counts: parts.take_grid(0)?, times: parts.take_spells(1)? })
    }
}

impl Conversion {
    /// One period, both days inside, by the default rules.
    #[must_use]
    pub fn between(from: Day, to: Day) -> Self {
        Self { periods: Periods::new(from, vec![to]), goal: Goal::Next, reach: Reach::OrBeyond, visit: Visit::First }
    }

    fn in_population(&self, reached: Reached) -> bool {
        match reached {
            Reached::Entered | Reached::EnteredDirectly => true,
            Reached::Skipped => self.reach == Reach::OrBeyond,
            Reached::PassedDirectly | Reached::Found => false,
        }
    }
}

/// Where an entry puts a deal, as far as stages are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Slot(u16),
    Won,
    /// Open in an unknown stage or in none of those asked for, or won there.
    Elsewhere,
    /// Lost, cancelled, parked or deleted.
    Out,
}

#[inline]
fn step(view: &View<'_>, place: usize) -> Step {
    let entries = &view.journeys.entries;
    match Outcome::from_code(entries.state[place]) {
        // Won in another process is no step in this one.
        Some(Outcome::Won) if view.slot(place) == Slot::NOWHERE => Step::Elsewhere,
        Some(Outcome::Won) => Step::Won,
        Some(Outcome::Open) => match view.slot(place).0 {
            slot if slot < view.slots.open_count() && entries.stage[place] != StageId::UNKNOWN.0 => Step::Slot(slot),
            _ => Step::Elsewhere,
        },
        _ => Step::Out,
    }
}

/// Steps of a deal for which no memory is asked for.
const FEW: usize = 24;

/// The entries of one deal up to the as-of, being followed. Steps are numbered from its first entry.
struct Follow<'a> {
    tally: &'a Conversion,
    open: u16,
    steps: &'a [Step],
    days: &'a [i32],
    /// How the deal stands at the as-of: the count, how, and since when.
    standing: (usize, Cause, i32),
}

impl Follow<'_> {
    /// Calls `reach` for each slot that the deal reaches, with the way and the step.
    #[inline]
    fn each_reached(&self, mut reach: impl FnMut(u16, Reached, usize)) {
        let open = self.open;
        // Slots below `high` have been reached or passed.
        let (mut high, mut before) = (0_u16, None);
        for (at, here) in self.steps.iter().copied().enumerate() {
            let (slot, above) = match here {
                Step::Slot(slot) => (slot, slot.saturating_add(1)),
                Step::Won => (open, open),
                Step::Elsewhere => {
                    before = Some(here);
                    continue;
                }
                // Being out says nothing of where the deal stood: what is unknown stays so.
                Step::Out => {
                    if matches!(before, Some(Step::Slot(_) | Step::Won)) {
                        before = Some(here);
                    }
                    continue;
                }
            };
            let passed = match before {
                None => Some(Reached::PassedDirectly),
                Some(Step::Elsewhere) => None,
                Some(_) => Some(Reached::Skipped),
            };
            if let Some(passed) = passed {
                (high..slot).for_each(|over| reach(over, passed, at));
            }
            if slot < open && before != Some(here) {
                let entered = match before {
                    None if slot > 0 => Reached::EnteredDirectly,
                    Some(Step::Elsewhere) => Reached::Found,
                    _ => Reached::Entered,
                };
                if self.visit_counts(slot, at, slot < high) {
                    reach(slot, entered, at);
                }
            }
            (high, before) = (high.max(above), Some(here));
        }
    }

    /// Whether the visit to `slot` that begins with the step `at` is the one that counts.
    #[inline]
    fn visit_counts(&self, slot: u16, at: usize, reached_before: bool) -> bool {
        let visited = |steps: &[Step]| steps.contains(&Step::Slot(slot));
        match (self.tally.visit, self.tally.reach) {
            (Visit::First, Reach::OrBeyond) => !reached_before,
            (Visit::First, Reach::Visited) => !visited(&self.steps[..at]),
            (Visit::Every, _) => true,
            (Visit::Last, _) => {
                let left = self.steps[at..].iter().position(|step| *step != Step::Slot(slot));
                left.is_none_or(|left| !visited(&self.steps[at + left..]))
            }
        }
    }

    /// What becomes of a deal that reached `slot` by the step `at`: the count, how, when, and whether it was in
    /// an earlier stage before.
    #[inline]
    fn outcome(&self, slot: u16, reached: Reached, at: usize) -> (usize, Cause, i32, bool) {
        let begin = if reached == Reached::Skipped { at } else { at + 1 };
        let beyond = self.tally.reach == Reach::OrBeyond;
        let mut regressed = false;
        for (at, step) in self.steps.iter().enumerate().skip(begin) {
            let forward = match *step {
                Step::Slot(next) => next > slot && (beyond || next == slot + 1),
                Step::Won => beyond || slot + 1 == self.open,
                Step::Elsewhere | Step::Out => false,
            };
            if forward && self.tally.goal == Goal::Next {
                return (5, Cause::Forward, self.days[at], regressed);
            }
            regressed |= matches!(*step, Step::Slot(next) if next < slot);
        }
        let (count, cause, day) = self.standing;
        (count, cause, day, regressed)
    }
}

/// How a deal stands at the as-of with its entry at `last`: the count, how, and since when.
fn standing(goal: Goal, journey: Journey<'_>, view: &View<'_>, last: usize) -> (usize, Cause, i32) {
    let since = view.journeys.entries.day[journey.run_start(last)];
    let parked = view.journeys.entries.state[last] == Outcome::Parked as u8;
    match Outcome::from_code(view.state(journey, last, view.as_of)) {
        Some(Outcome::Won) if goal == Goal::Won => (5, Cause::Forward, since),
        Some(Outcome::Lost) => (6, Cause::Lost, since),
        Some(Outcome::Cancelled) if parked => (7, Cause::Cancelled, view.lapses_on(Day(since)).0),
        Some(Outcome::Cancelled) => (7, Cause::Cancelled, since),
        Some(Outcome::Parked) => (8, Cause::Parked, since),
        None => (9, Cause::Censored, since),
        // Won beside the next stage, where only that one is asked for, is not on the way any more; it is
        // pending for good, and censored when it left.
        Some(Outcome::Won) => (10, Cause::Censored, since),
        Some(Outcome::Open) => (10, Cause::Censored, view.as_of.0),
    }
}

impl Tally for Conversion {
    type Cells = ConversionCells;

    const COLUMNS: &'static [Column] = &[Column::Day, Column::Stage, Column::State];

    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) {
            return;
        }
        let Some(last) = journey.at(view.as_of) else { return };
        let open = view.slots.open_count();
        let layout = Layout::new(open, usize::from(open) * self.periods.count());
        cells.counts.shape(layout);
        cells.times.shape(layout);
        let first = journey.range().start;
        let places = first..last + 1;
        let (mut few, many);
        let steps: &[Step] = if places.len() <= FEW {
            few = [Step::Out; FEW];
            few.iter_mut().zip(places.clone()).for_each(|(here, place)| *here = step(view, place));
            &few[..places.len()]
        } else {
            many = places.map(|place| step(view, place)).collect::<Vec<_>>();
            &many
        };
        let standing = standing(self.goal, journey, view, last);
        let follow = Follow { tally: self, open, steps, days: journey.days(), standing };
        follow.each_reached(|slot, reached, at| {
            let (place, reached_on) = (first + at, follow.days[at]);
            let Some(period) = self.periods.of(Day(reached_on)).filter(|_| view.admits(place)) else { return };
            let (group, row) = (view.group(journey, place), period * usize::from(open) + usize::from(slot));
            let counts = &mut cells.counts.cell(group, row).0;
            match reached {
                Reached::Entered => counts[0] += 1,
                Reached::EnteredDirectly => {
                    counts[0] += 1;
                    counts[1] += 1;
                }
                Reached::Skipped => counts[2] += 1,
                Reached::PassedDirectly => counts[3] += 1,
                Reached::Found => counts[4] += 1,
            }
            if self.in_population(reached) {
                let (count, cause, on, regressed) = follow.outcome(slot, reached, at);
                counts[count] += 1;
                counts[11] += i64::from(regressed);
                let exit_days = u32::try_from(on - reached_on).unwrap_or(0);
                cells.times.add(group, row, Spell { entry_days: 0, exit_days, cause });
            }
        });
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let rows = cells.counts.rows();
        let open = u32::from(cells.counts.layout().open.max(1));
        let day = |place: u32| self.periods.ends().get((place / open) as usize).map_or(0, |day| day.0);
        let mut table = Table::default()
            .group(rows.iter().map(|row| row.0))
            .u32("period", rows.iter().map(|row| row.1 / open))
            .date("day", rows.iter().map(|row| day(row.1)))
            .u16("slot", rows.iter().map(|row| u16::try_from(row.1 % open).unwrap_or(u16::MAX)));
        for (at, name) in COUNTS.into_iter().enumerate() {
            table = table.count(name, rows.iter().map(|row| row.2.0[at]));
        }
        table.finish()
    }
}
