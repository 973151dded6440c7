//! Where deals come from and go to between two days: the rows and columns of a migration.
//!
//! Shared by the migration of one period and of many, so that both decide alike.

use domain::{Day, Outcome};

use crate::cells::Move;
use crate::journeys::{Journey, STATE_DELETED};
use crate::slots::Slot;
use crate::view::View;

/// The first of the codes that are no slot.
const OUTSIDE: u16 = 60_000;

/// Where a deal was at the beginning of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// In the stock, in this open slot.
    Slot(u16),
    /// It did not exist yet.
    New,
    /// Won, lost or cancelled; open again since.
    Reopened,
    /// Parked; open again since.
    Resumed,
    /// Outside of the filters or in another group.
    TransferredIn,
}

impl Origin {
    /// Every origin that is no slot, in the order of the codes.
    pub const OUTSIDE: [Self; 4] = [Self::New, Self::Reopened, Self::Resumed, Self::TransferredIn];

    /// The code in column `from`: the slot, or from 60,000 on.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Slot(slot) => slot,
            Self::New => OUTSIDE,
            Self::Reopened => OUTSIDE + 1,
            Self::Resumed => OUTSIDE + 2,
            Self::TransferredIn => OUTSIDE + 3,
        }
    }

    /// What a code in column `from` means; absent for none.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        if code < OUTSIDE {
            return Some(Self::Slot(code));
        }
        Self::OUTSIDE.get(usize::from(code - OUTSIDE)).copied()
    }

    /// The word for it; of a slot, `slot`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slot(_) => "slot",
            Self::New => "new",
            Self::Reopened => "reopened",
            Self::Resumed => "resumed",
            Self::TransferredIn => "transferred_in",
        }
    }

    fn row(self, open: u16) -> usize {
        match self {
            Self::Slot(slot) => usize::from(slot),
            outside => usize::from(open) + usize::from(outside.code() - OUTSIDE),
        }
    }

    fn of_row(row: usize, open: u16) -> Self {
        match row.checked_sub(usize::from(open)) {
            None => Self::Slot(u16::try_from(row).unwrap_or(u16::MAX)),
            Some(at) => Self::OUTSIDE[at],
        }
    }
}

/// Where a deal is at the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// In the stock, in this open slot.
    Slot(u16),
    /// Won.
    Won,
    /// Lost.
    Lost,
    /// Cancelled, or parked past the limit.
    Cancelled,
    /// Parked.
    Parked,
    /// Deleted.
    Deleted,
    /// Outside of the filters or in another group.
    TransferredOut,
}

impl Destination {
    /// Every destination that is no slot, in the order of the codes.
    pub const OUTSIDE: [Self; 6] =
        [Self::Won, Self::Lost, Self::Cancelled, Self::Parked, Self::Deleted, Self::TransferredOut];

    /// The code in column `to`: the slot, or from 60,000 on.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Slot(slot) => slot,
            Self::Won => OUTSIDE,
            Self::Lost => OUTSIDE + 1,
            Self::Cancelled => OUTSIDE + 2,
            Self::Parked => OUTSIDE + 3,
            Self::Deleted => OUTSIDE + 4,
            Self::TransferredOut => OUTSIDE + 5,
        }
    }

    /// What a code in column `to` means; absent for none.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        if code < OUTSIDE {
            return Some(Self::Slot(code));
        }
        Self::OUTSIDE.get(usize::from(code - OUTSIDE)).copied()
    }

    /// The word for it; of a slot, `slot`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slot(_) => "slot",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
            Self::Deleted => "deleted",
            Self::TransferredOut => "transferred_out",
        }
    }

    /// Where a deal that left the stock went, by its state code; one still open is out of the filters.
    fn of_state(state: u8) -> Self {
        match Outcome::from_code(state) {
            Some(Outcome::Won) => Self::Won,
            Some(Outcome::Lost) => Self::Lost,
            Some(Outcome::Cancelled) => Self::Cancelled,
            Some(Outcome::Parked) => Self::Parked,
            Some(Outcome::Open) => Self::TransferredOut,
            None => Self::Deleted,
        }
    }

    fn column(self, open: u16) -> usize {
        match self {
            Self::Slot(slot) => usize::from(slot),
            outside => usize::from(open) + usize::from(outside.code() - OUTSIDE),
        }
    }

    fn of_column(column: usize, open: u16) -> Self {
        match column.checked_sub(usize::from(open)) {
            None => Self::Slot(u16::try_from(column).unwrap_or(u16::MAX)),
            Some(at) => Self::OUTSIDE[at],
        }
    }
}

/// Cells of one matrix over `open` open slots.
#[inline]
pub(super) fn matrix(open: u16) -> usize {
    (usize::from(open) + Origin::OUTSIDE.len()) * columns(open)
}

#[inline]
fn columns(open: u16) -> usize {
    usize::from(open) + Destination::OUTSIDE.len()
}

/// The cell of a move in its matrix.
#[inline]
pub(super) fn cell_of(from: Origin, to: Destination, open: u16) -> usize {
    from.row(open) * columns(open) + to.column(open)
}

/// The move of a cell of a matrix.
pub(super) fn move_of(cell: usize, open: u16) -> (Origin, Destination) {
    (Origin::of_row(cell / columns(open), open), Destination::of_column(cell % columns(open), open))
}

/// The two ends of a period and the entries of a deal that hold at them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) from: Day,
    /// Absent where the deal had not begun.
    pub(super) before: Option<usize>,
    pub(super) to: Day,
    pub(super) after: usize,
}

/// Books the moves of one deal between two ends: none where it is outside at both and nothing happened
/// between, two where it changed its group.
#[inline]
pub(super) fn moves(
    journey: Journey<'_>,
    view: &View<'_>,
    ends: Ends,
    mut book: impl FnMut(u64, Origin, Destination, Move),
) {
    let Ends { from, before, to, after } = ends;
    let inside_before = before.and_then(|place| view.stock_slot(place).map(|slot| (place, slot)));
    let inside_after = view.stock_slot(after);
    match (inside_before, inside_after) {
        (Some((place, slot)), Some(slot_after)) => {
            let (group, group_after) = (view.group(journey, place), view.group(journey, after));
            let amount = (view.amount_minor(place, from), view.amount_minor(after, to));
            if group == group_after {
                book(group, Origin::Slot(slot), Destination::Slot(slot_after), moved(Some(amount.0), Some(amount.1)));
            } else {
                book(group, Origin::Slot(slot), Destination::TransferredOut, moved(Some(amount.0), None));
                book(group_after, Origin::TransferredIn, Destination::Slot(slot_after), moved(None, Some(amount.1)));
            }
        }
        (Some((place, slot)), None) => {
            let to_where = Destination::of_state(view.state(journey, after, to));
            let ended = !matches!(to_where, Destination::Deleted | Destination::TransferredOut);
            let amount_after = ended.then(|| view.amount_minor(after, to));
            let amount = moved(Some(view.amount_minor(place, from)), amount_after);
            book(view.group(journey, place), Origin::Slot(slot), to_where, amount);
        }
        (None, Some(slot)) => {
            let group = view.group(journey, after);
            let origin = origin(journey, view, before, from, group);
            book(group, origin, Destination::Slot(slot), moved(None, Some(view.amount_minor(after, to))));
        }
        (None, None) => passed_through(journey, view, ends, book),
    }
}

/// Where a deal comes from that is in the stock of `group` after and was not before.
fn origin(journey: Journey<'_>, view: &View<'_>, before: Option<usize>, from: Day, group: u64) -> Origin {
    let Some(place) = before.filter(|place| view.exists(*place)) else { return Origin::New };
    let outside = !view.admits(place) || view.slot(place) == Slot::NOWHERE || view.group(journey, place) != group;
    match Outcome::from_code(view.state(journey, place, from)) {
        _ if outside => Origin::TransferredIn,
        Some(Outcome::Parked) => Origin::Resumed,
        Some(Outcome::Won | Outcome::Lost | Outcome::Cancelled) => Origin::Reopened,
        Some(Outcome::Open) | None => Origin::TransferredIn,
    }
}

/// A deal outside of the stock at both ends that was open between: born and ended, or opened again and ended
/// again. It counts in the group, and by the filters, of its end.
#[cold]
fn passed_through(
    journey: Journey<'_>,
    view: &View<'_>,
    ends: Ends,
    mut book: impl FnMut(u64, Origin, Destination, Move),
) {
    let Ends { from, before, to, after } = ends;
    let state = view.state(journey, after, to);
    if before == Some(after)
        || matches!(state, STATE_DELETED | 0)
        || view.slot(after) == Slot::NOWHERE
        || !view.admits(after)
    {
        return;
    }
    let origin = match before.map(|place| view.state(journey, place, from)).and_then(Outcome::from_code) {
        None => Origin::New,
        Some(Outcome::Open) => return,
        Some(earlier) => {
            let ended = journey.run_start(after);
            let reopened = before.is_some_and(|place| ended > place + 1)
                && view.journeys.entries.state[ended - 1] == Outcome::Open as u8;
            match earlier {
                _ if !reopened => return,
                Outcome::Parked => Origin::Resumed,
                _ => Origin::Reopened,
            }
        }
    };
    let amount = moved(None, Some(view.amount_minor(after, to)));
    book(view.group(journey, after), origin, Destination::of_state(state), amount);
}

/// One deal that moved: `None` where it was not there at that end, `Some(None)` where its amount is unknown.
#[inline]
pub(super) fn moved(before: Option<Option<i64>>, after: Option<Option<i64>>) -> Move {
    let amount = |end: Option<Option<i64>>| i128::from(end.flatten().unwrap_or(0));
    Move {
        deals: 1,
        deals_without_amount_from: i64::from(before == Some(None)),
        deals_without_amount_to: i64::from(after == Some(None)),
        amount_from_minor: amount(before),
        amount_to_minor: amount(after),
    }
}
