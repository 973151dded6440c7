//! Cells that were chosen: what one deal adds to the number that somebody points at.
//!
//! A number is its deals. Which deals, and how much of it each is, is found by observing one journey into empty
//! cells and reading the chosen ones: by the tally itself, so that no second reading of the rules can differ.
//! Groups and slots are the question's; this module must not know their words.

use super::conversion::COUNTS;
use super::flow::{cell_of, matrix, move_of};
use super::win_rate::{NAMES, STATES};
use super::{Bridge, Conversion, Destination, Dwell, Line, Migration, Origin, Stock, WinRate};
use crate::cells::{Cell, Move, Sum};
use crate::spells::Cause;
use crate::tally::Tally;

/// What was added to the chosen cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// To their count: deals, of a stay visits.
    pub count: i64,
    /// To their amount, in minor units; 0 where the tally has none.
    pub amount_minor: i128,
    /// Of the count, those whose amount is unknown and adds nothing; 0 where the tally does not tell.
    pub without_amount: i64,
}

impl Added {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            amount_minor: self.amount_minor + other.amount_minor,
            without_amount: self.without_amount + other.without_amount,
        }
    }

    /// Whether there are deals, and nothing is known of what any of them is worth.
    #[must_use]
    pub const fn is_of_unknown_worth(self) -> bool {
        self.count > 0 && self.count == self.without_amount
    }

    const fn of(sum: Sum) -> Self {
        Self { count: sum.deals, amount_minor: sum.amount_minor, without_amount: sum.deals_without_amount }
    }
}

/// Some cells of a tally, chosen in every group alike.
pub trait Pick: Send + Sync {
    /// The tally.
    type Tally: Tally;

    /// Whether the cells have an amount.
    const HAS_AMOUNT: bool = true;

    /// What the chosen cells of `group` hold.
    fn read(&self, cells: &<Self::Tally as Tally>::Cells, group: u64) -> Added;
}

/// The stock in some slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickStock(pub Vec<u16>);

impl Pick for PickStock {
    type Tally = Stock;

    fn read(&self, cells: &<Stock as Tally>::Cells, group: u64) -> Added {
        self.0.iter().map(|slot| Added::of(cells.get(group, usize::from(*slot)))).fold(Added::default(), Added::plus)
    }
}

/// Which amount of a move is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValuedAt {
    /// That of the first day.
    From,
    /// That of the last day.
    #[default]
    To,
}

/// The moves from somewhere to somewhere; where one end is left open, what flowed in or out: not what stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickMoves {
    /// Where from; absent: from anywhere.
    pub from: Option<Origin>,
    /// Where to; absent: to anywhere.
    pub to: Option<Destination>,
    /// Which amount.
    pub valued_at: ValuedAt,
}

impl PickMoves {
    fn wants(&self, from: Origin, to: Destination) -> bool {
        let stays = from.code() == to.code() && matches!(from, Origin::Slot(_));
        let flow = self.from.is_some() != self.to.is_some();
        self.from.is_none_or(|wanted| wanted == from) && self.to.is_none_or(|wanted| wanted == to) && !(flow && stays)
    }
}

impl Pick for PickMoves {
    type Tally = Migration;

    fn read(&self, cells: &<Migration as Tally>::Cells, group: u64) -> Added {
        let open = cells.layout().open;
        let mut all = Move::default();
        match (self.from, self.to) {
            (Some(from), Some(to)) => all.add(&cells.get(group, cell_of(from, to, open))),
            _ => {
                for cell in 0..matrix(open) {
                    let (from, to) = move_of(cell, open);
                    if self.wants(from, to) {
                        all.add(&cells.get(group, cell));
                    }
                }
            }
        }
        let amount_minor = match self.valued_at {
            ValuedAt::From => all.amount_from_minor,
            ValuedAt::To => all.amount_to_minor,
        };
        Added { count: all.deals, amount_minor, ..Added::default() }
    }
}

/// A line of the bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickLine(pub Line);

impl Pick for PickLine {
    type Tally = Bridge;

    fn read(&self, cells: &<Bridge as Tally>::Cells, group: u64) -> Added {
        Added::of(cells.get(group, self.0 as usize))
    }
}

/// The deals of a win rate that stand in one way or in several, in all its periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickDecision {
    first: usize,
    count: usize,
}

/// What rates are of, by the states that they take together; these stand first among the names.
const TOGETHER: [(&str, usize); 2] = [("decided", 2), ("ended", 3)];

impl PickDecision {
    /// The words there are.
    pub fn words() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().map(|(word, _)| word).chain(TOGETHER.into_iter().map(|(word, _)| word))
    }

    /// `won`, `lost`, `cancelled`, `parked`, `deleted` or `open`; `decided`, won and lost; `ended`, those and cancelled;
    /// absent for any other word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let one = NAMES.iter().position(|(name, _)| *name == word).map(|first| Self { first, count: 1 });
        let several = || TOGETHER.iter().find(|(name, _)| *name == word);
        one.or_else(|| several().map(|(_, count)| Self { first: 0, count: *count }))
    }
}

impl Pick for PickDecision {
    type Tally = WinRate;

    fn read(&self, cells: &<WinRate as Tally>::Cells, group: u64) -> Added {
        let periods = cells.decided.layout().stride as usize / STATES;
        let places = (0..periods).flat_map(|period| (0..self.count).map(move |at| period * STATES + self.first + at));
        places.map(|place| Added::of(cells.decided.get(group, place))).fold(Added::default(), Added::plus)
    }
}

/// Some counts of a conversion at one slot, in all its periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickReached {
    slot: u16,
    counts: Vec<usize>,
}

impl PickReached {
    /// The counts there are: the columns of [`Conversion`].
    pub const WORDS: [&'static str; 12] = COUNTS;

    /// The counts called so, added up; absent where one is none.
    #[must_use]
    pub fn named(slot: u16, words: &[&str]) -> Option<Self> {
        let place = |word: &&str| COUNTS.iter().position(|name| name == word);
        words.iter().map(place).collect::<Option<Vec<_>>>().map(|counts| Self { slot, counts })
    }
}

impl Pick for PickReached {
    type Tally = Conversion;

    const HAS_AMOUNT: bool = false;

    fn read(&self, cells: &<Conversion as Tally>::Cells, group: u64) -> Added {
        let layout = cells.counts.layout();
        let open = usize::from(layout.open.max(1));
        let mut count = 0;
        for period in 0..layout.stride as usize / open {
            let counts = cells.counts.get(group, period * open + usize::from(self.slot)).0;
            count += self.counts.iter().map(|at| counts[*at]).sum::<i64>();
        }
        Added { count, ..Added::default() }
    }
}

/// The visits to one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickVisits {
    /// The slot.
    pub slot: u16,
    /// Only those that go on.
    pub open_only: bool,
}

impl Pick for PickVisits {
    type Tally = Dwell;

    const HAS_AMOUNT: bool = false;

    fn read(&self, cells: &<Dwell as Tally>::Cells, group: u64) -> Added {
        let mut count = 0;
        cells.each_place(|of, place, spells| {
            if of == group && place == u32::from(self.slot) {
                let wanted = spells.iter().filter(|(spell, _)| !self.open_only || spell.cause == Cause::Censored);
                count += wanted.map(|(_, visits)| visits).sum::<i64>();
            }
        });
        Added { count, ..Added::default() }
    }
}
