//! Slots: where a state of a deal is counted.
//!
//! Stage ids are unique over processes and versions, and mean nothing by their value. A question lays out
//! the slots it wants (one per stage of the chosen process, one per end state) and maps stage × state to
//! them once; a tally then only looks up.

use domain::{Outcome, StageId};

use crate::journeys::STATE_DELETED;

/// A place to count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(pub u16);

impl Slot {
    /// Counted nowhere: not in the process asked for, or deleted.
    pub const NOWHERE: Self = Self(u16::MAX);
}

/// Codes of states: the outcomes and "deleted".
const STATES: usize = STATE_DELETED as usize + 1;

/// The map from stage × state to slot of one question. Open slots come first, in stage order, so that a
/// comparison of open slots is a comparison of stages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slots {
    table: Vec<u16>,
    orders: Vec<i32>,
    count: u16,
    open: u16,
}

impl Slots {
    /// Slots `0..open_stages.len()` for open deals by stage, in the order given (that of the process; the
    /// number beside each stage is its order in the source), then one slot each for won, lost, cancelled and
    /// parked. A deal whose stage is not listed falls in no slot, except that its end states do when
    /// `members` names the stage.
    #[must_use]
    pub fn of_stages(open_stages: &[(StageId, i32)], members: &[(StageId, i32)]) -> Self {
        let largest = open_stages.iter().chain(members).map(|(stage, _)| stage.0 as usize).max().unwrap_or(0);
        let mut table = vec![Slot::NOWHERE.0; (largest + 1) * STATES];
        let mut orders = vec![0; largest + 1];
        let open = u16::try_from(open_stages.len()).unwrap_or(u16::MAX - 8);
        for (at, (stage, _)) in (0_u16..).zip(open_stages) {
            table[stage.0 as usize * STATES + Outcome::Open as usize] = at;
        }
        for (stage, order) in members.iter().chain(open_stages) {
            orders[stage.0 as usize] = *order;
            for (end, state) in (open..).zip([Outcome::Won, Outcome::Lost, Outcome::Cancelled, Outcome::Parked]) {
                table[stage.0 as usize * STATES + state as usize] = end;
            }
        }
        Self { table, orders, count: open + 4, open }
    }

    /// How many slots there are.
    #[must_use]
    pub const fn count(&self) -> u16 {
        self.count
    }

    /// How many of them are open stages: slots `0..open_count()`.
    #[must_use]
    pub const fn open_count(&self) -> u16 {
        self.open
    }

    /// The slot of an end state; [`Slot::NOWHERE`] for [`Outcome::Open`].
    #[must_use]
    pub const fn end(&self, outcome: Outcome) -> Slot {
        match outcome {
            Outcome::Open => Slot::NOWHERE,
            Outcome::Won => Slot(self.open),
            Outcome::Lost => Slot(self.open + 1),
            Outcome::Cancelled => Slot(self.open + 2),
            Outcome::Parked => Slot(self.open + 3),
        }
    }

    /// The slot of a stage id and a state code as they stand in the columns.
    #[must_use]
    #[inline]
    pub fn get(&self, stage: u32, state: u8) -> Slot {
        Slot(self.table.get(stage as usize * STATES + state as usize).copied().unwrap_or(Slot::NOWHERE.0))
    }

    /// The stage's order in its source, for steps up and down.
    #[must_use]
    pub fn order(&self, stage: u32) -> Option<i32> {
        self.orders.get(stage as usize).copied()
    }
}
