//! Stays: how long what is open has stood where it stands.
//!
//! The entry that holds at the end of the day decides stage, group and filters, as of the stock; the stay is that of
//! [`Journey::stay_since`].

use arrow::array::RecordBatch;
use domain::Day;

use super::table::Table;
use crate::cells::{Counts, Grid, Layout};
use crate::journeys::{Column, Journey};
use crate::tally::Tally;
use crate::view::View;

/// Deals and days per open slot at the end of `at` (of the as-of, where that is earlier): the mean stay is their
/// quotient.
///
/// Rows: `group` UInt64, `slot` UInt16, `deals` Int64, `days` Int64, the sum of the days since each came to its slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stays {
    /// The day.
    pub at: Day,
}

impl Tally for Stays {
    type Cells = Grid<Counts<2>>;

    const COLUMNS: &'static [Column] = &[Column::Day, Column::Stage, Column::State];

    #[inline]
    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) {
            return;
        }
        let at = view.seen(self.at);
        let Some(place) = journey.at(at) else { return };
        let Some(slot) = view.stock_slot(place) else { return };
        let Some(since) = journey.stay_since(place) else { return };
        let open = view.slots.open_count();
        cells.shape(Layout::new(open, usize::from(open)));
        let days = i64::from(at.0) - i64::from(since);
        cells.add(view.group(journey, place), usize::from(slot), &Counts([1, days]));
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let rows = cells.rows();
        Table::default()
            .group(rows.iter().map(|(group, ..)| *group))
            .u16("slot", rows.iter().map(|(_, slot, _)| u16::try_from(*slot).unwrap_or(u16::MAX)))
            .count("deals", rows.iter().map(|(.., counts)| counts.0[0]))
            .count("days", rows.iter().map(|(.., counts)| counts.0[1]))
            .finish()
    }
}
