//! Trend: the stock at the end of each of many days, in one pass.
//!
//! An entry that holds over several ends is added at the first and taken away after the last; sums over the
//! ends in order give the stocks. So the cost grows with the entries, not with the dates. Only an amount of a
//! foreign currency is looked at per date, since its value moves with the rates.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use domain::Day;

use super::periods::Ruler;
use super::table::Table;
use crate::cells::{Cell, Grid, Layout, Sum};
use crate::journeys::{Column, Journey};
use crate::tally::Tally;
use crate::view::View;

/// Deals and amount per open slot at the end of each of `ends`: what [`super::Stock`] says of each.
///
/// Rows: `group` UInt64, `period` UInt32 (the place of the day in `ends`), `day` Date32, `slot` UInt16,
/// `deals` Int64, `amount_minor` Decimal128(38, 0), `deals_without_amount` Int64; no row where there is no deal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Trend {
    /// The days, ascending, each once.
    ends: Ruler,
}

impl Trend {
    /// The stocks at the ends of these days, in any order.
    #[must_use]
    pub fn new(ends: Vec<Day>) -> Self {
        Self { ends: Ruler::new(ends) }
    }

    /// The days, ascending.
    #[must_use]
    pub fn ends(&self) -> &[Day] {
        self.ends.ends()
    }

    /// The stock after each difference: by group, end and slot.
    fn stocks(&self, cells: &Grid<Sum>) -> BTreeMap<(u64, usize, u32), Sum> {
        let ends = self.ends().len();
        let mut stocks = BTreeMap::new();
        let mut rows = cells.rows().into_iter().peekable();
        while let Some((group, place, sum)) = rows.next() {
            let (slot, mut end) = (place / ends as u32, place as usize % ends);
            let mut stock = sum;
            loop {
                let next = rows.next_if(|(g, p, _)| *g == group && *p / ends as u32 == slot);
                let until = next.map_or(ends, |(_, p, _)| p as usize % ends);
                if !stock.is_zero() {
                    stocks.extend((end..until).map(|at| ((group, at, slot), stock)));
                }
                let Some((.., change)) = next else { break };
                stock.add(&change);
                end = until;
            }
        }
        stocks
    }
}

impl Tally for Trend {
    type Cells = Grid<Sum>;

    const COLUMNS: &'static [Column] =
        &[Column::Day, Column::Stage, Column::State, Column::AmountMinor, Column::Currency];

    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) || self.ends().is_empty() {
            return;
        }
        if view.rests_since(journey, self.ends()[0]) {
            return;
        }
        let ends = self.ends().len();
        let open = view.slots.open_count();
        cells.shape(Layout::new(open, usize::from(open) * ends));
        let range = journey.range();
        let days = journey.days();
        let Some(&first) = days.first() else { return };
        let mut begin = self.ends.of(first);
        for (nth, place) in range.enumerate() {
            if begin == ends || days[nth] > view.as_of.0 {
                break;
            }
            // What comes after the as-of is not seen: the entry before it holds for good.
            let next = days.get(nth + 1).copied().filter(|day| *day <= view.as_of.0);
            let end = next.map_or(ends, |day| self.ends.of(day));
            if begin < end
                && let Some(slot) = view.stock_slot(place)
            {
                let row = usize::from(slot) * ends;
                let group = view.group(journey, place);
                self.hold(view, place, begin..end, |at, sum| cells.add(group, row + at, &sum));
            }
            begin = end;
        }
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let stocks = self.stocks(cells);
        let day = |end: usize| self.ends().get(end).map_or(0, |day| day.0);
        Table::default()
            .group(stocks.keys().map(|(group, ..)| *group))
            .u32("period", stocks.keys().map(|(_, end, _)| u32::try_from(*end).unwrap_or(u32::MAX)))
            .date("day", stocks.keys().map(|(_, end, _)| day(*end)))
            .u16("slot", stocks.keys().map(|(.., slot)| u16::try_from(*slot).unwrap_or(u16::MAX)))
            .count("deals", stocks.values().map(|sum| sum.deals))
            .money("amount_minor", stocks.values().map(|sum| sum.amount_minor))
            .count("deals_without_amount", stocks.values().map(|sum| sum.deals_without_amount))
            .finish()
    }
}

impl Trend {
    /// Adds the differences of an entry that is in the stock at the ends of `held`.
    #[inline]
    fn hold(&self, view: &View<'_>, place: usize, held: std::ops::Range<usize>, mut add: impl FnMut(usize, Sum)) {
        let day = |at: usize| view.seen(self.ends()[at]);
        let mut sum = Sum::one(view.amount_minor(place, day(held.start)));
        add(held.start, sum);
        if view.amount_varies(place) {
            for at in held.start + 1..held.end {
                let next = Sum::one(view.amount_minor(place, day(at)));
                if next != sum {
                    let mut change = sum.negated();
                    change.add(&next);
                    add(at, change);
                    sum = next;
                }
            }
        }
        if held.end < self.ends().len() {
            add(held.end, sum.negated());
        }
    }
}
