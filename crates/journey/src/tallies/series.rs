//! The migrations of many consecutive periods, in one pass.
//!
//! A deal that stays in its entry over several ends moves from a slot to itself in each period: it is added at
//! the first and taken away after the last. Only moves are booked period by period, so the cost grows with
//! the entries, not with the periods.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use domain::Day;

use super::flow::{Destination, Ends, Origin, cell_of, matrix, move_of, moved, moves};
use super::periods::Ruler;
use super::table::Table;
use crate::cells::{Cell, Cells, Grid, Layout, Move};
use crate::journeys::{Column, Journey};
use crate::tally::Tally;
use crate::travel::{CellsError, Parts};
use crate::view::View;

/// What [`super::Migration`] says of each pair of consecutive `ends`.
///
/// Rows: `group` UInt64, `period` UInt32 (from `ends[period]` to `ends[period + 1]`), `day` Date32 (the end of
/// the period), then the columns of [`super::Migration`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MigrationSeries {
    /// The days, ascending, each once.
    ends: Ruler,
}

/// The counts of a [`MigrationSeries`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeriesCells {
    /// Differences, over periods, of the deals that stay as they are.
    steady: Grid<Move>,
    /// Deals of which an entry began in the period.
    moving: Grid<Move>,
}

impl Cells for SeriesCells {
    fn merge(&mut self, other: Self) {
        self.steady.merge(other.steady);
        self.moving.merge(other.moving);
    }

    fn bytes(&self) -> usize {
        self.steady.bytes() + self.moving.bytes()
    }

    fn clear(&mut self) {
        self.steady.clear();
        self.moving.clear();
    }

    fn pack(&mut self) {
        self.steady.pack();
        self.moving.pack();
    }

    fn to_batch(&self) -> RecordBatch {
        let mut parts = Parts::default();
        parts.grid(0, &self.steady);
        parts.grid(1, &self.moving);
        parts.finish()
    }

    fn from_batch(batch: &RecordBatch) -> Result<Self, CellsError> {
        let mut parts = Parts::read(batch, 2)?;
        Ok(Self { steady: parts.take_grid(0)?, moving: parts.take_grid(1)? })
    }
}

impl MigrationSeries {
    /// The migrations between these days, in any order.
    #[must_use]
    pub fn new(ends: Vec<Day>) -> Self {
        Self { ends: Ruler::new(ends) }
    }

    /// The days, ascending.
    #[must_use]
    pub fn ends(&self) -> &[Day] {
        self.ends.ends()
    }

    fn periods(&self) -> usize {
        self.ends().len().saturating_sub(1)
    }

    /// Books a deal that one entry keeps in `slot` through the periods of `held`.
    #[inline]
    fn stay(&self, view: &View<'_>, place: usize, held: std::ops::Range<usize>, mut add: impl FnMut(usize, Move)) {
        let day = |end: usize| view.seen(self.ends()[end]);
        let one = |period: usize| {
            let amount = |end| Some(view.amount_minor(place, day(end)));
            moved(amount(period), amount(period + 1))
        };
        let mut stays = one(held.start);
        add(held.start, stays);
        if view.amount_varies(place) {
            for period in held.start + 1..held.end {
                let next = one(period);
                if next != stays {
                    let mut change = stays.negated();
                    change.add(&next);
                    add(period, change);
                    stays = next;
                }
            }
        }
        if held.end < self.periods() {
            add(held.end, stays.negated());
        }
    }

    /// Every move, by group, period and cell of its matrix.
    fn moves(&self, cells: &SeriesCells) -> BTreeMap<(u64, usize, Origin, Destination), Move> {
        let mut all: BTreeMap<(u64, usize, Origin, Destination), Move> = BTreeMap::new();
        let periods = self.periods();
        let mut steady = cells.steady.rows().into_iter().peekable();
        while let Some((group, place, first)) = steady.next() {
            let (slot, mut period) = (place as usize / periods, place as usize % periods);
            let mut stays = first;
            loop {
                let next = steady.next_if(|(g, p, _)| *g == group && *p as usize / periods == slot);
                let until = next.map_or(periods, |(_, p, _)| p as usize % periods);
                let at = u16::try_from(slot).unwrap_or(u16::MAX);
                for period in (period..until).filter(|_| !stays.is_zero()) {
                    all.entry((group, period, Origin::Slot(at), Destination::Slot(at))).or_default().add(&stays);
                }
                let Some((.., change)) = next else { break };
                stays.add(&change);
                period = until;
            }
        }
        let open = cells.moving.layout().open;
        for (group, place, counts) in cells.moving.rows() {
            let (period, cell) = (place as usize / matrix(open), place as usize % matrix(open));
            let (from, to) = move_of(cell, open);
            all.entry((group, period, from, to)).or_default().add(&counts);
        }
        all
    }
}

impl Tally for MigrationSeries {
    type Cells = SeriesCells;

    const COLUMNS: &'static [Column] =
        &[Column::Day, Column::Stage, Column::State, Column::AmountMinor, Column::Currency];

    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) || self.periods() == 0 {
            return;
        }
        if view.rests_since(journey, self.ends()[0]) {
            return;
        }
        let (periods, open) = (self.periods(), view.slots.open_count());
        cells.steady.shape(Layout::new(open, usize::from(open) * periods));
        cells.moving.shape(Layout::new(open, matrix(open) * periods));
        let days = journey.days();
        let Some(&first) = days.first().filter(|day| **day <= view.as_of.0) else { return };
        let mut begin = self.ends.of(first);
        let mut before = None;
        for (nth, place) in journey.range().enumerate() {
            let next = days.get(nth + 1).copied().filter(|day| *day <= view.as_of.0);
            let end = next.map_or(self.ends().len(), |day| self.ends.of(day));
            if begin < end {
                if begin > 0 {
                    let (from, to) = (view.seen(self.ends()[begin - 1]), view.seen(self.ends()[begin]));
                    let row = (begin - 1) * matrix(open);
                    moves(journey, view, Ends { from, before, to, after: place }, |group, from, to, one| {
                        cells.moving.add(group, row + cell_of(from, to, open), &one);
                    });
                }
                if begin + 1 < end
                    && let Some(slot) = view.stock_slot(place)
                {
                    let group = view.group(journey, place);
                    let row = usize::from(slot) * periods;
                    self.stay(view, place, begin..end - 1, |at, one| cells.steady.add(group, row + at, &one));
                }
                before = Some(place);
            }
            begin = end;
            if next.is_none() || begin == self.ends().len() {
                break;
            }
        }
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let mut moves: Vec<_> = self.moves(cells).into_iter().collect();
        moves.sort_by_key(|((group, period, from, to), _)| (*group, *period, from.code(), to.code()));
        let day = |period: usize| self.ends().get(period + 1).map_or(0, |day| day.0);
        Table::default()
            .group(moves.iter().map(|(key, _)| key.0))
            .u32("period", moves.iter().map(|(key, _)| u32::try_from(key.1).unwrap_or(u32::MAX)))
            .date("day", moves.iter().map(|(key, _)| day(key.1)))
            .u16("from", moves.iter().map(|(key, _)| key.2.code()))
            .u16("to", moves.iter().map(|(key, _)| key.3.code()))
            .count("deals", moves.iter().map(|(_, one)| one.deals))
            .money("amount_from_minor", moves.iter().map(|(_, one)| one.amount_from_minor))
            .money("amount_to_minor", moves.iter().map(|(_, one)| one.amount_to_minor))
            .count("deals_without_amount_from", moves.iter().map(|(_, one)| one.deals_without_amount_from))
            .count("deals_without_amount_to", moves.iter().map(|(_, one)| one.deals_without_amount_to))
            .finish()
    }
}
