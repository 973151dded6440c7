//! What an entry of a journey did to its deal: the kinds of the `transitions` table.
//!
//! One entry makes at most one move. The state decides before the stage: a deal that is won from any stage
//! is `won`, however far it came; how far is told by the steps. What is not known is not guessed: a stage
//! that becomes known after it was not (or is forgotten again) is a move without kind and without steps.
//!
//! This module must not know tables: it reads two entries and the catalogue of stages.

use std::ops::Range;

use domain::journal::HotSet;
use domain::{Outcome, StageId};
use journey::{Entries, STATE_DELETED};

use super::catalogue::Catalogue;

/// The kind of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum MoveKind {
    /// The deal began, in the first stage of its process or in one that is not known.
    New = 1,
    /// The deal began in a later stage.
    Direct = 2,
    /// On to the next stage of the way.
    Forward = 3,
    /// On by more than one stage.
    Skip = 4,
    /// Back to an earlier stage.
    Back = 5,
    /// The stage it was in was asserted again.
    Same = 6,
    /// Became won.
    Won = 7,
    /// Became lost.
    Lost = 8,
    /// Became cancelled.
    Cancelled = 9,
    /// Went into nurture.
    Parked = 10,
    /// Came back from nurture.
    Resumed = 11,
    /// Became open again after it was over, or after it was deleted.
    Reopened = 12,
}

impl MoveKind {
    /// Every kind, in the order of its code less one.
    pub(super) const ALL: [Self; 12] = [
        Self::New,
        Self::Direct,
        Self::Forward,
        Self::Skip,
        Self::Back,
        Self::Same,
        Self::Won,
        Self::Lost,
        Self::Cancelled,
        Self::Parked,
        Self::Resumed,
        Self::Reopened,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Direct => "direct",
            Self::Forward => "forward",
            Self::Skip => "skip",
            Self::Back => "back",
            Self::Same => "same",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
            Self::Resumed => "resumed",
            Self::Reopened => "reopened",
        }
    }
}

/// A move of one deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    /// Absent where the stage before or after is not known, or where two stages cannot be compared.
    pub(super) kind: Option<MoveKind>,
    /// The order of the stage after less that of the stage before; absent where either is not known, where
    /// they belong to two process versions, where no stage was told, and for the beginning of a deal.
    pub(super) steps: Option<i32>,
    /// The entry before; absent for the beginning of a deal.
    pub(super) before: Option<usize>,
}

/// The move that the entry at `place` made; `range` is that of its deal. Absent where neither stage nor
/// state changed nor was the stage asserted again, and where the deal was deleted.
pub(super) fn at(entries: &Entries, range: &Range<usize>, place: usize, catalogue: &Catalogue) -> Option<Move> {
    let state = entries.state[place];
    if state == STATE_DELETED {
        return None;
    }
    let stage = entries.stage[place];
    let Some(before) = place.checked_sub(1).filter(|before| *before >= range.start) else {
        let kind = ended(state).unwrap_or_else(|| born(stage, catalogue));
        return Some(Move { kind: Some(kind), steps: None, before: None });
    };
    let (from_stage, from_state) = (entries.stage[before], entries.state[before]);
    let asserted = HotSet(entries.set[place]).has(HotSet::STAGE) && stage != StageId::UNKNOWN.0;
    // A deal that is lost where it stands took no step: zero is for a stage that was asserted again.
    let steps = if asserted || from_stage != stage { steps(from_stage, stage, catalogue) } else { None };
    let kind = if from_state != state {
        Some(ended(state).unwrap_or(if from_state == Outcome::Parked as u8 {
            MoveKind::Resumed
        } else {
            MoveKind::Reopened
        }))
    } else if from_stage != stage {
        direction(from_stage, stage, catalogue)
    } else if asserted {
        Some(MoveKind::Same)
    } else {
        return None;
    };
    Some(Move { kind, steps, before: Some(before) })
}

fn ended(state: u8) -> Option<MoveKind> {
    Some(match Outcome::from_code(state)? {
        Outcome::Open => return None,
        Outcome::Won => MoveKind::Won,
        Outcome::Lost => MoveKind::Lost,
        Outcome::Cancelled => MoveKind::Cancelled,
        Outcome::Parked => MoveKind::Parked,
    })
}

fn born(stage: u32, catalogue: &Catalogue) -> MoveKind {
    let later = catalogue.rung(stage).and_then(|rung| rung.step).is_some_and(|step| step > 0);
    if later { MoveKind::Direct } else { MoveKind::New }
}

fn steps(from: u32, to: u32, catalogue: &Catalogue) -> Option<i32> {
    let (from, to) = (catalogue.rung(from)?, catalogue.rung(to)?);
    (from.process == to.process).then(|| to.order.saturating_sub(from.order))
}

fn direction(from: u32, to: u32, catalogue: &Catalogue) -> Option<MoveKind> {
    let (from, to) = (catalogue.rung(from)?, catalogue.rung(to)?);
    if from.process != to.process {
        return None;
    }
    let (from, to) = (from.step?, to.step?);
    Some(match to.checked_sub(from) {
        None => MoveKind::Back,
        Some(0) => MoveKind::Same,
        Some(1) => MoveKind::Forward,
        Some(_) => MoveKind::Skip,
    })
}
