//! Bridge: what made the pipeline of one day into that of another, cause by cause, to the minor unit.
//!
//! A *member* is an open deal inside the filters whose expected close lies in the period that is due (where
//! one is given). Between the ends of two days a deal stays a member, becomes one or ceases to be one; the
//! first condition that failed before, or fails now, names the line. Whatever the filters, groups and
//! currencies: begin and the signed lines add up to the end.
//!
//! Amounts that stay are compared at the old rate, so that growth is the seller's and the *rate effect* is
//! not. Unknown amounts count as nothing in sums and are counted apart.

use arrow::array::RecordBatch;
use domain::{Day, Outcome};

use super::table::Table;
use crate::cells::{Grid, Layout, Sum};
use crate::journeys::{Column, Journey, NO_DAY};
use crate::slots::Slot;
use crate::tally::Tally;
use crate::view::View;

/// A line of the bridge. The code stands in column `line`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Line {
    /// Members at the end of the first day.
    Begin = 0,
    /// Did not exist.
    New = 1,
    /// Born and won between the days, at the amount won; leaves again at once.
    CreatedWon = 2,
    /// Born and lost between the days; leaves again at once.
    CreatedLost = 3,
    /// Was won, lost or cancelled.
    Reopened = 4,
    /// Was parked.
    Resumed = 5,
    /// Was outside of the filters or in another group.
    TransferredIn = 6,
    /// Was due after the period, or nobody had said when.
    PulledIn = 7,
    /// Was due before the period.
    PushedIn = 8,
    /// Stayed with a larger amount, at the old rate.
    Grown = 9,
    /// Stayed with a smaller amount, at the old rate; the amount is what is missing, positive.
    Shrunk = 10,
    /// What the rates made of the amounts that stayed; may be negative.
    RateEffect = 11,
    /// Won, at the old amount.
    Won = 12,
    /// What winning changed about the old amount; beside the sum, may be negative.
    WonRevaluation = 13,
    /// Lost, at the old amount.
    Lost = 14,
    /// Cancelled or parked past the limit, at the old amount.
    Cancelled = 15,
    /// Parked, at the old amount.
    Parked = 16,
    /// Now outside of the filters or in another group, at the old amount.
    TransferredOut = 17,
    /// Now due after the period, or nobody says when, at the old amount.
    PushedOut = 18,
    /// Now due before the period, at the old amount.
    PulledOut = 19,
    /// Deleted, at the old amount. (Merged deals are gone from every date.)
    Deleted = 20,
    /// Members at the end of the last day.
    End = 21,
}

impl Line {
    /// Every line, in the order of its code.
    pub const ALL: [Self; 22] = [
        Self::Begin,
        Self::New,
        Self::CreatedWon,
        Self::CreatedLost,
        Self::Reopened,
        Self::Resumed,
        Self::TransferredIn,
        Self::PulledIn,
        Self::PushedIn,
        Self::Grown,
        Self::Shrunk,
        Self::RateEffect,
        Self::Won,
        Self::WonRevaluation,
        Self::Lost,
        Self::Cancelled,
        Self::Parked,
        Self::TransferredOut,
        Self::PushedOut,
        Self::PulledOut,
        Self::Deleted,
        Self::End,
    ];

    /// The line with this code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::New => "new",
            Self::CreatedWon => "created_won",
            Self::CreatedLost => "created_lost",
            Self::Reopened => "reopened",
            Self::Resumed => "resumed",
            Self::TransferredIn => "transferred_in",
            Self::PulledIn => "pulled_in",
            Self::PushedIn => "pushed_in",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::RateEffect => "rate_effect",
            Self::Won => "won",
            Self::WonRevaluation => "won_revaluation",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
            Self::TransferredOut => "transferred_out",
            Self::PushedOut => "pushed_out",
            Self::PulledOut => "pulled_out",
            Self::Deleted => "deleted",
            Self::End => "end",
        }
    }

    /// How the line's amount enters begin + … = end: 1, −1, or 0 for the ends and for what is told beside.
    #[must_use]
    pub const fn amount_sign(self) -> i8 {
        match self {
            Self::Grown | Self::RateEffect => 1,
            Self::Shrunk => -1,
            _ => self.deals_sign(),
        }
    }

    /// How the line's deals enter begin + … = end. Deals that stay only change their amount.
    #[must_use]
    pub const fn deals_sign(self) -> i8 {
        match self {
            Self::New | Self::Reopened | Self::Resumed | Self::TransferredIn | Self::PulledIn | Self::PushedIn => 1,
            Self::Won
            | Self::Lost
            | Self::Cancelled
            | Self::Parked
            | Self::TransferredOut
            | Self::PushedOut
            | Self::PulledOut
            | Self::Deleted => -1,
            _ => 0,
        }
    }
}

/// Which changes between the two days are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Events {
    /// The difference of the two ends: one line a deal (two where it changed its group).
    #[default]
    Endpoints,
    /// Every event on the way, valued at the rate of its day: a deal that leaves and comes back is told
    /// twice, and rate effects are booked event by event.
    Path,
}

/// The bridge from the end of `from` to the end of `to`.
///
/// Rows: `group` UInt64, `line` UInt8 ([`Line`]), `deals` Int64, `amount_minor` Decimal128(38, 0),
/// `deals_without_amount` Int64. Per group, with the signs of [`Line::amount_sign`] and
/// [`Line::deals_sign`]: begin + Σ sign × line = end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bridge {
    /// The day at whose end it begins.
    pub from: Day,
    /// The day at whose end it ends.
    pub to: Day,
    /// Only deals whose expected close is from the first to the second day, both inside. Absent: all.
    pub due: Option<(Day, Day)>,
    /// Endpoint or path.
    pub events: Events,
}

impl Tally for Bridge {
    type Cells = Grid<Sum>;

    const COLUMNS: &'static [Column] =
        &[Column::Day, Column::Stage, Column::State, Column::AmountMinor, Column::Currency, Column::ExpectedClose];

    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) {
            return;
        }
        let (from, to) = (view.seen(self.from), view.seen(self.to));
        if view.rests_since(journey, from) {
            return;
        }
        let Some(after) = journey.at(to) else { return };
        cells.shape(Layout::new(view.slots.open_count(), Line::ALL.len()));
        let book = Booking { bridge: self, journey, view, cells };
        match self.events {
            Events::Endpoints => book.endpoints(from, journey.at(from), to, after),
            Events::Path => book.path(from, to),
        }
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let rows = cells.rows();
        Table::default()
            .group(rows.iter().map(|(group, ..)| *group))
            .u8("line", rows.iter().map(|(_, line, _)| u8::try_from(*line).unwrap_or(u8::MAX)))
            .count("deals", rows.iter().map(|(.., sum)| sum.deals))
            .money("amount_minor", rows.iter().map(|(.., sum)| sum.amount_minor))
            .count("deals_without_amount", rows.iter().map(|(.., sum)| sum.deals_without_amount))
            .finish()
    }
}

/// A deal being booked.
struct Booking<'a, 'v> {
    bridge: &'a Bridge,
    journey: Journey<'v>,
    view: &'a View<'v>,
    cells: &'a mut Grid<Sum>,
}

impl Booking<'_, '_> {
    fn add(&mut self, group: u64, line: Line, sum: Sum) {
        self.cells.add(group, line as usize, &sum);
    }

    fn amount(&self, place: usize, on: Day) -> Option<i64> {
        self.view.amount_minor(place, on)
    }

    fn group(&self, place: usize) -> u64 {
        self.view.group(self.journey, place)
    }

    /// Whether the entry's expected close is before, in or after the period that is due.
    fn due(&self, place: usize) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        let Some((first, last)) = self.bridge.due else { return Ordering::Equal };
        match self.view.journeys.entries.expected_close[place] {
            NO_DAY => Ordering::Greater,
            day if day < first.0 => Ordering::Less,
            day if day > last.0 => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }

    /// The group of a member; absent where the entry does not make the deal one.
    fn member(&self, place: usize) -> Option<u64> {
        let member = self.view.stock_slot(place).is_some() && self.due(place).is_eq();
        member.then(|| self.group(place))
    }

    fn inside(&self, place: usize, group: u64) -> bool {
        self.view.admits(place) && self.view.slot(place) != Slot::NOWHERE && self.group(place) == group
    }

    /// Why a member of `group` was none while the entry at `before` held, up to `on`.
    fn entered(&self, before: Option<usize>, on: Day, group: u64) -> Line {
        let Some(before) = before.filter(|place| self.view.exists(*place)) else { return Line::New };
        match Outcome::from_code(self.view.state(self.journey, before, on)) {
            _ if !self.inside(before, group) => Line::TransferredIn,
            Some(Outcome::Won | Outcome::Lost | Outcome::Cancelled) => Line::Reopened,
            Some(Outcome::Parked) => Line::Resumed,
            Some(Outcome::Open) | None if self.due(before).is_lt() => Line::PushedIn,
            Some(Outcome::Open) | None => Line::PulledIn,
        }
    }

    /// Why a member of `group` is none while the entry at `after` holds, on `on`.
    fn left(&self, after: usize, on: Day, group: u64) -> Line {
        match Outcome::from_code(self.view.state(self.journey, after, on)) {
            None => Line::Deleted,
            Some(Outcome::Won) => Line::Won,
            Some(Outcome::Lost) => Line::Lost,
            Some(Outcome::Cancelled) => Line::Cancelled,
            Some(Outcome::Parked) => Line::Parked,
            Some(Outcome::Open) if !self.inside(after, group) => Line::TransferredOut,
            Some(Outcome::Open) if self.due(after).is_gt() => Line::PushedOut,
            Some(Outcome::Open) => Line::PulledOut,
        }
    }

    /// A deal that became, ceased to be or stayed a member; `old` is its amount at the old rate.
    fn step(&mut self, old: Option<(u64, Option<i64>)>, before: Option<usize>, days: (Day, Day), after: usize) {
        let (from, to) = days;
        let member = self.member(after);
        match (old, member) {
            (Some((group, old)), Some(group_after)) if group == group_after => {
                self.changed(group, old, after, from);
            }
            (Some((group, old)), Some(group_after)) => {
                self.add(group, Line::TransferredOut, Sum::one(old));
                self.add(group_after, Line::TransferredIn, Sum::one(self.amount(after, to)));
            }
            (Some((group, old)), None) => {
                let line = self.left(after, to, group);
                self.add(group, line, Sum::one(old));
                if line == Line::Won {
                    let change = difference(self.amount(after, to), old);
                    self.revalued(group, Line::WonRevaluation, change);
                }
            }
            (None, Some(group)) => {
                let line = self.entered(before, from, group);
                self.add(group, line, Sum::one(self.amount(after, to)));
            }
            (None, None) => {}
        }
    }

    /// Books growth of a deal that stays, at the rate of `on`.
    fn changed(&mut self, group: u64, old: Option<i64>, after: usize, on: Day) {
        let change = difference(self.amount(after, on), old);
        let line = if change > 0 { Line::Grown } else { Line::Shrunk };
        self.revalued(group, line, change.abs());
    }

    fn revalued(&mut self, group: u64, line: Line, amount_minor: i128) {
        if amount_minor != 0 {
            self.add(group, line, Sum { deals: 1, deals_without_amount: 0, amount_minor });
        }
    }

    /// What the rates between two days made of an amount.
    fn rates(&mut self, group: u64, place: usize, from: Day, to: Day) {
        if self.view.amount_varies(place) {
            let change = difference(self.amount(place, to), self.amount(place, from));
            self.revalued(group, Line::RateEffect, change);
        }
    }

    fn endpoints(mut self, from: Day, before: Option<usize>, to: Day, after: usize) {
        let old = before.and_then(|place| Some((self.member(place)?, self.amount(place, from))));
        let end = self.member(after);
        if let Some((group, amount)) = old {
            self.add(group, Line::Begin, Sum::one(amount));
        }
        if let Some(group) = end {
            self.add(group, Line::End, Sum::one(self.amount(after, to)));
        }
        self.step(old, before, (from, to), after);
        match (old, end) {
            (Some((group, _)), Some(same)) if group == same => self.rates(group, after, from, to),
            (None, None) if !before.is_some_and(|place| self.view.exists(place)) => self.born_and_ended(after, to),
            _ => {}
        }
    }

    /// The gross lines of a deal that did not exist before and is already won or lost.
    fn born_and_ended(&mut self, after: usize, on: Day) {
        let line = match Outcome::from_code(self.view.journeys.entries.state[after]) {
            Some(Outcome::Won) => Line::CreatedWon,
            Some(Outcome::Lost) => Line::CreatedLost,
            _ => return,
        };
        if self.view.admits(after) && self.view.slot(after) != Slot::NOWHERE {
            self.add(self.group(after), line, Sum::one(self.amount(after, on)));
        }
    }

    fn path(mut self, from: Day, to: Day) {
        let mut before = self.journey.at(from);
        let mut valued = from;
        if let Some((place, group)) = before.and_then(|place| Some((place, self.member(place)?))) {
            self.add(group, Line::Begin, Sum::one(self.amount(place, from)));
        }
        let first = before.map_or(self.journey.range().start, |place| place + 1);
        for after in first..self.journey.range().end {
            let day = Day(self.view.journeys.entries.day[after]);
            if day > to {
                break;
            }
            let member = before.and_then(|place| Some((place, self.member(place)?)));
            if let Some((place, group)) = member {
                self.rates(group, place, valued, day);
            }
            let old = member.map(|(place, group)| (group, self.amount(place, day)));
            self.step(old, before, (day, day), after);
            let born = before.is_none_or(|place| !self.view.exists(place));
            if born {
                self.born_and_ended(after, day);
            }
            (before, valued) = (Some(after), day);
        }
        if let Some((place, group)) = before.and_then(|place| Some((place, self.member(place)?))) {
            self.rates(group, place, valued, to);
            self.add(group, Line::End, Sum::one(self.amount(place, to)));
        }
    }
}

fn difference(new: Option<i64>, old: Option<i64>) -> i128 {
    i128::from(new.unwrap_or(0)) - i128::from(old.unwrap_or(0))
}
