//! Win rate: how deals were decided, by the day of the decision or of their creation.
//!
//! A decision is the state that stands at the as-of: a deal that was lost, reopened and won is won, once. The
//! entry that brought the decision names day, group, filters and amount; a deal that is deleted counts as it
//! stood before. A deal parked past the limit is cancelled on the day after the limit.

use arrow::array::RecordBatch;
use domain::{Day, Outcome};

use super::periods::Periods;
use super::table::Table;
use crate::cells::{Cell, Cells, Counts, Grid, Layout, Sum};
use crate::journeys::{Column, Journey};
use crate::slots::Slot;
use crate::spells::{Cause, Spell, Spells};
use crate::tally::Tally;
use crate::travel::{CellsError, Parts};
use crate::view::View;

/// Which day puts a deal in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Basis {
    /// The day it was decided.
    #[default]
    Decided,
    /// The day it was created: open deals count too, in the group and by the filters of the as-of.
    Created,
}

/// How the deals of periods were decided.
///
/// Rows: `group` UInt64, `period` UInt32 (its place in [`Periods::ends`]), `day` Date32 (its
/// last day), then for each of `won`, `lost`, `cancelled`, `parked`, `deleted`, `open`: the deals as Int64
/// under that name, and their amount in minor units as `…_amount_minor` Decimal128(38, 0); last
/// `deals_without_amount` Int64 over all of them and `won_cycle_days` Int64, the sum of days from creation to
/// win. [`WinRateCells::cycles`] has the single cycles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WinRate {
    /// When deals are decided or created.
    pub periods: Periods,
    /// Decided or created in the period.
    pub basis: Basis,
}

pub(super) const STATES: usize = 6;
pub(super) const NAMES: [(&str, &str); STATES] = [
    ("won", "won_amount_minor"),
    ("lost", "lost_amount_minor"),
    ("cancelled", "cancelled_amount_minor"),
    ("parked", "parked_amount_minor"),
    ("deleted", "deleted_amount_minor"),
    ("open", "open_amount_minor"),
];

/// The counts of a [`WinRate`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WinRateCells {
    /// Per period and state.
    pub(super) decided: Grid<Sum>,
    /// Days of the won cycles, per period.
    days: Grid<Counts<1>>,
    /// The won cycles, per period.
    cycles: Spells,
}

impl WinRateCells {
    /// The won cycles: group, period, days from creation to win, deals; ascending.
    #[must_use]
    pub fn cycles(&self) -> Vec<(u64, u32, u32, i64)> {
        let rows = self.cycles.rows().into_iter();
        rows.map(|(group, period, spell, deals)| (group, period, spell.exit_days, deals)).collect()
    }
}

impl Cells for WinRateCells {
    fn merge(&mut self, other: Self) {
        self.decided.merge(other.decided);
        self.days.merge(other.days);
        self.cycles.merge(other.cycles);
    }

    fn bytes(&self) -> usize {
        self.decided.bytes() + self.days.bytes() + self.cycles.bytes()
    }

    fn clear(&mut self) {
        self.decided.clear();
        self.days.clear();
        self.cycles.clear();
    }

    fn pack(&mut self) {
        self.decided.pack();
        self.days.pack();
        self.cycles.pack();
    }

    fn to_batch(&self) -> RecordBatch {
        let mut parts = Parts::default();
        parts.grid(0, &self.decided);
        parts.grid(1, &self.days);
        parts.spells(2, &self.cycles);
        parts.finish()
    }

    fn from_batch(batch: &RecordBatch) -> Result<Self, CellsError> {
        let mut parts = Parts::read(batch, 3)?;
        Ok(Self { decided: parts.take_grid(0)?, days: parts.take_grid(1)?, cycles: parts.take_spells(2)? })
    }
}

impl WinRate {
    /// One period, both days inside, by the day of the decision.
    #[must_use]
    pub fn between(from: Day, to: Day) -> Self {
        Self { periods: Periods::new(from, vec![to]), basis: Basis::Decided }
    }

    /// Whether one look at the last entry shows that the deal was not decided in any period: it is open, or came to
    /// rest before the first of them. Most deals are passed over so.
    #[inline]
    fn passes_over(&self, journey: Journey<'_>, view: &View<'_>) -> bool {
        let entries = &view.journeys.entries;
        let Some(last) = journey.range().next_back() else { return true };
        let (state, day) = (entries.state[last], entries.day[last]);
        match self.basis {
            Basis::Decided if day > view.as_of.0 || state == Outcome::Parked as u8 => false,
            Basis::Decided => state == Outcome::Open as u8 || day < self.periods.from().0,
            Basis::Created => false,
        }
    }
}

/// How a deal stands at the as-of.
struct Decision {
    state: usize,
    day: Day,
    /// The entry that names group, filters and amount.
    place: usize,
}

fn decision(journey: Journey<'_>, view: &View<'_>) -> Option<Decision> {
    let last = journey.at(view.as_of)?;
    let begun = journey.run_start(last);
    let day = Day(view.journeys.entries.day[begun]);
    let at = |state, day, place| Some(Decision { state, day, place });
    match Outcome::from_code(view.state(journey, last, view.as_of)) {
        Some(Outcome::Won) => at(0, day, begun),
        Some(Outcome::Lost) => at(1, day, begun),
        Some(Outcome::Cancelled) if view.journeys.entries.state[last] == Outcome::Parked as u8 => {
            at(2, view.lapses_on(day), begun)
        }
        Some(Outcome::Cancelled) => at(2, day, begun),
        Some(Outcome::Parked) => at(3, day, begun),
        Some(Outcome::Open) => at(5, day, last),
        None if begun > journey.range().start => at(4, day, begun - 1),
        None => None,
    }
}

impl Tally for WinRate {
    type Cells = WinRateCells;

    const COLUMNS: &'static [Column] =
        &[Column::Day, Column::Stage, Column::State, Column::AmountMinor, Column::Currency];

    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) || self.passes_over(journey, view) {
            return;
        }
        let Some(Decision { state, day, place }) = decision(journey, view) else { return };
        let Some(&created) = journey.days().first() else { return };
        let period = match self.basis {
            Basis::Decided if state == 5 => return,
            Basis::Decided => self.periods.of(day),
            Basis::Created => self.periods.of(Day(created)),
        };
        let Some(period) = period else { return };
        if view.slot(place) == Slot::NOWHERE || !view.admits(place) {
            return;
        }
        let (group, open) = (view.group(journey, place), view.slots.open_count());
        let amount = view.amount_minor(place, day.min(view.as_of));
        cells.decided.shape(Layout::new(open, self.periods.count() * STATES));
        cells.decided.add(group, period * STATES + state, &Sum::one(amount));
        if state == 0 {
            let cycle = day.since(Day(created));
            let layout = Layout::new(open, self.periods.count());
            cells.days.shape(layout);
            cells.days.add(group, period, &Counts([i64::from(cycle)]));
            cells.cycles.shape(layout);
            let exit_days = u32::try_from(cycle).unwrap_or(0);
            cells.cycles.add(group, period, Spell { entry_days: 0, exit_days, cause: Cause::Won });
        }
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let mut rows: Vec<(u64, usize, [Sum; STATES])> = Vec::new();
        for (group, place, sum) in cells.decided.rows() {
            let (period, state) = (place as usize / STATES, place as usize % STATES);
            if rows.last().is_none_or(|(g, p, _)| (*g, *p) != (group, period)) {
                rows.push((group, period, [Sum::default(); STATES]));
            }
            if let Some((.., states)) = rows.last_mut() {
                states[state].add(&sum);
            }
        }
        let mut table = Table::default()
            .group(rows.iter().map(|row| row.0))
            .u32("period", rows.iter().map(|row| u32::try_from(row.1).unwrap_or(u32::MAX)))
            .date("day", rows.iter().map(|row| self.periods.ends().get(row.1).map_or(0, |day| day.0)));
        for (state, (deals, amount)) in NAMES.into_iter().enumerate() {
            table = table
                .count(deals, rows.iter().map(|row| row.2[state].deals))
                .money(amount, rows.iter().map(|row| row.2[state].amount_minor));
        }
        let without = |states: &[Sum; STATES]| states.iter().map(|sum| sum.deals_without_amount).sum();
        table
            .count("deals_without_amount", rows.iter().map(|row| without(&row.2)))
            .count("won_cycle_days", rows.iter().map(|row| cells.days.get(row.0, row.1).0[0]))
            .finish()
    }
}
