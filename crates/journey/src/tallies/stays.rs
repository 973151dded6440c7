//! Stays: how long what is open has stood where it stands.
//!
//! The entry that holds at the end of the day decides stage, group and filters, as of the stock; the stay began with
//! the first entry before it from which on the deal was open in that stage without a break. A change of amount or owner
//! breaks nothing. A deal in the unknown stage has no stay, nor has one that came from there: when it came to its stage
//! lies before the day on which that was told.

use arrow::array::RecordBatch;
use domain::{Day, Outcome, StageId};

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
        let entries = &view.journeys.entries;
        if entries.stage[place] == StageId::UNKNOWN.0 {
            return;
        }
        let stays =
            |at: &usize| entries.state[*at] == Outcome::Open as u8 && entries.stage[*at] == entries.stage[place];
        let begun = (journey.range().start..=place).rev().take_while(stays).last().unwrap_or(place);
        let is_unknown =
            |at: usize| entries.state[at] == Outcome::Open as u8 && entries.stage[at] == StageId::UNKNOWN.0;
        if begun > journey.range().start && is_unknown(begun - 1) {
            return;
        }
        let open = view.slots.open_count();
        cells.shape(Layout::new(open, usize::from(open)));
        let days = i64::from(at.0) - i64::from(entries.day[begun]);
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
