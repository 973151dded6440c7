//! Migration: from which stage to which, between the ends of two days.
//!
//! A deal in the stock at both ends is one cell. Which group and filters it falls in is decided at the later
//! end; a deal that left the stock counts where it was. One that changed its group, or came to pass or fail a
//! filter on something that changes, is *transferred*, so rows add up to the stock before and columns to the
//! stock after, in each group and under every filter. The inflow of a stage is its column.

use arrow::array::RecordBatch;
use domain::Day;

use super::flow::{Ends, cell_of, matrix, move_of, moves};
use super::table::Table;
use crate::cells::{Grid, Layout, Move};
use crate::journeys::{Column, Journey};
use crate::tally::Tally;
use crate::view::View;

/// Deals and amounts by where they were at the end of `from` and are at the end of `to`.
///
/// Rows: `group` UInt64, `from` UInt16 ([`super::Origin`]), `to` UInt16 ([`super::Destination`]), `deals`
/// Int64, `amount_from_minor` Decimal128(38, 0) at the first day's rate, `amount_to_minor` Decimal128(38, 0)
/// at the last day's, `deals_without_amount_from` Int64, `deals_without_amount_to` Int64. Origins other than
/// slots have no amount before, *deleted* and *transferred out* none after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Migration {
    /// The day at whose end deals were somewhere.
    pub from: Day,
    /// The day at whose end they are.
    pub to: Day,
}

impl Tally for Migration {
    type Cells = Grid<Move>;

    const COLUMNS: &'static [Column] =
        &[Column::Day, Column::Stage, Column::State, Column::AmountMinor, Column::Currency];

    #[inline]
    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) {
            return;
        }
        let (from, to) = (view.seen(self.from), view.seen(self.to));
        if view.rests_since(journey, from) {
            return;
        }
        let Some(after) = journey.at(to) else { return };
        let before = journey.at(from);
        let open = view.slots.open_count();
        cells.shape(Layout::new(open, matrix(open)));
        moves(journey, view, Ends { from, before, to, after }, |group, origin, destination, one| {
            cells.add(group, cell_of(origin, destination, open), &one);
        });
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let open = cells.layout().open;
        let rows: Vec<_> = cells
            .rows()
            .into_iter()
            .map(|(group, cell, counts)| {
                let (from, to) = move_of(cell as usize, open);
                (group, from.code(), to.code(), counts)
            })
            .collect();
        Table::default()
            .group(rows.iter().map(|row| row.0))
            .u16("from", rows.iter().map(|row| row.1))
            .u16("to", rows.iter().map(|row| row.2))
            .count("deals", rows.iter().map(|row| row.3.deals))
            .money("amount_from_minor", rows.iter().map(|row| row.3.amount_from_minor))
            .money("amount_to_minor", rows.iter().map(|row| row.3.amount_to_minor))
            .count("deals_without_amount_from", rows.iter().map(|row| row.3.deals_without_amount_from))
            .count("deals_without_amount_to", rows.iter().map(|row| row.3.deals_without_amount_to))
            .finish()
    }
}
