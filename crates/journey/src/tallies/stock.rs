//! Stock: the open deals at the end of a day, by stage.
//!
//! The entry that holds at the end of the day decides stage, group, filters and amount; the rate is that of
//! the day. Won, lost, cancelled, parked and deleted deals are not in the stock.
//! Where a period is named, only what is expected to close in it is counted.

use arrow::array::RecordBatch;
use domain::Day;

use super::table::Table;
use crate::cells::{Grid, Layout, Sum};
use crate::journeys::{Column, Journey, NO_DAY};
use crate::tally::Tally;
use crate::view::View;

/// Deals and amount per open slot at the end of `at` (of the as-of, where that is earlier).
///
/// Rows: `group` UInt64, `slot` UInt16, `deals` Int64, `amount_minor` Decimal128(38, 0),
/// `deals_without_amount` Int64 (counted in `deals`, adding nothing to the amount).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stock {
    /// The day.
    pub at: Day,
    /// Only deals whose expected close lies in this period, both days included; absent: all.
    pub due: Option<(Day, Day)>,
}

impl Stock {
    /// Whatever is open at the end of a day.
    #[must_use]
    pub const fn on(at: Day) -> Self {
        Self { at, due: None }
    }

    #[inline]
    fn is_due(&self, view: &View<'_>, place: usize) -> bool {
        self.due.is_none_or(|(from, to)| {
            let close = view.journeys.entries.expected_close[place];
            close != NO_DAY && close >= from.0 && close <= to.0
        })
    }
}

impl Tally for Stock {
    type Cells = Grid<Sum>;

    const COLUMNS: &'static [Column] =
        &[Column::Day, Column::Stage, Column::State, Column::AmountMinor, Column::Currency, Column::ExpectedClose];

    #[inline]
    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) {
            return;
        }
        let at = view.seen(self.at);
        let Some(place) = journey.at(at) else { return };
        let Some(slot) = view.stock_slot(place) else { return };
        if !self.is_due(view, place) {
            return;
        }
        let open = view.slots.open_count();
        cells.shape(Layout::new(open, usize::from(open)));
        cells.add(view.group(journey, place), usize::from(slot), &Sum::one(view.amount_minor(place, at)));
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let rows = cells.rows();
        Table::default()
            .group(rows.iter().map(|(group, ..)| *group))
            .u16("slot", rows.iter().map(|(_, slot, _)| u16::try_from(*slot).unwrap_or(u16::MAX)))
            .count("deals", rows.iter().map(|(.., sum)| sum.deals))
            .money("amount_minor", rows.iter().map(|(.., sum)| sum.amount_minor))
            .count("deals_without_amount", rows.iter().map(|(.., sum)| sum.deals_without_amount))
            .finish()
    }
}
