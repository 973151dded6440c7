//! The lifecycle of an opportunity: which moves are legal, and what each leads to.
//!
//! A move is a method of the present [`State`]; it gives the next state and the [`Transition`] to
//! journal, or a [`Refusal`] that says what is missing. Nothing is changed in place and nothing is
//! looked up: the process, the reasons, who acts and when come in as an [`Occasion`], the deal's
//! facts as [`crate::process::gate::Facts`].
//!
//! ```text
//!            begin                 advance, skip, back (open stages)
//!   nothing ───────► open ◄──────────────────────────────────┐
//!                    │ ▲ └───────────────────────────────────┘
//!        park, resume│ │reopen
//!                    ▼ │
//!   parked ──► lost, cancelled          won ──► stages after the sale
//! ```
//!
//! Skipping and going back are allowed, for selling is not linear, and need a reason. A deal that
//! begins late enters directly: no skip, no reason. A deal that is over can only be reopened.
//!
//! This module must not know how a deal is stored, nor whether the user may see it.

mod moves;
mod refusal;

use serde::{Deserialize, Serialize};

pub use refusal::Refusal;

/// A deal parked for longer counts as cancelled in analyses.
pub const PARKED_LIMIT_DAYS: i32 = 180;

use crate::calendar::{Day, Instant};
use crate::id::{Outcome, RecordId, StageId};
use crate::people::Role;
use crate::process::gate::{Facts, GateReport};
use crate::process::{Process, ReasonBook};

/// How a deal stands, with what is known of how it came there. Records of foreign origin may lack
/// what a move of our own always tells, so that is optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Standing {
    /// In the stock.
    Open,
    /// In nurture.
    Parked {
        /// When somebody will be in touch again.
        next_contact_on: Option<Day>,
    },
    /// Signed with us.
    Won,
    /// Decided for somebody else.
    Lost {
        /// The reason's code.
        reason: Option<String>,
        /// Who got it.
        competitor: Option<String>,
        /// The obstacle on which the terms failed, by code.
        obstacle: Option<String>,
    },
    /// Ended without a decision.
    Cancelled {
        /// The reason's code.
        reason: Option<String>,
    },
}

impl Standing {
    /// The outcome alone.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Open => Outcome::Open,
            Self::Parked { .. } => Outcome::Parked,
            Self::Won => Outcome::Won,
            Self::Lost { .. } => Outcome::Lost,
            Self::Cancelled { .. } => Outcome::Cancelled,
        }
    }
}

/// Where a deal is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The stage it is in; for a deal that is over or parked, the one it was in then, unless the
    /// process has a stage for that end. [`StageId::UNKNOWN`] where the source told none.
    pub stage: StageId,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// Since when it is in this stage without a break; parking and closing break a visit.
    pub entered_at: Instant,
    /// Since when it stands so.
    pub standing_since: Instant,
}

/// What a move is, as analyses count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MoveKind {
    /// Begins in the first stage.
    New,
    /// Begins in a later one, or is put into its stage for the first time.
    Direct,
    /// To the next stage.
    Forward,
    /// Further on, leaving stages out.
    Skip,
    /// To an earlier stage.
    Back,
    /// Won.
    Won,
    /// Lost.
    Lost,
    /// Cancelled.
    Cancelled,
    /// Put into nurture.
    Parked,
    /// Taken out of nurture.
    Resumed,
    /// Open again after it was over.
    Reopened,
}

impl MoveKind {
    /// The word used in files, SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Direct => "direct",
            Self::Forward => "forward",
            Self::Skip => "skip",
            Self::Back => "back",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
            Self::Resumed => "resumed",
            Self::Reopened => "reopened",
        }
    }
}

/// A gate that did not hold and was passed all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overridden {
    /// Why.
    pub reason: String,
    /// What was missing.
    pub report: GateReport,
}

/// What happened in a move: the content of its journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// What it is.
    pub kind: MoveKind,
    /// The stage before; `None` where the deal begins.
    pub from: Option<StageId>,
    /// The stage after.
    pub to: StageId,
    /// Difference of the stages' positions; 0 where one of them is not known.
    pub steps: i32,
    /// Open stages between that were left out, in order.
    pub skipped: Vec<StageId>,
    /// The reason's code.
    pub reason: Option<String>,
    /// Set where a manager let the deal through its gate.
    pub overridden: Option<Overridden>,
    /// Who moved it.
    pub by: RecordId,
    /// When.
    pub at: Instant,
}

/// The next state, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where the deal is now.
    pub state: State,
    /// What happened.
    pub transition: Transition,
}

/// The rules that hold, who acts, and when.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The process version that the deal lives under, with its ids.
    pub process: &'a Process,
    /// The reasons of that process.
    pub reasons: &'a ReasonBook,
    /// Who acts.
    pub person: RecordId,
    /// As what.
    pub role: Role,
    /// When.
    pub at: Instant,
    /// The business date of `at` in the organisation's zone.
    pub today: Day,
}

/// How the gate of the present stage is to be passed.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The deal's facts.
    pub facts: &'a dyn Facts,
    /// A manager's reason to let the deal through although something is missing.
    pub overriding: Option<&'a str>,
}

/// Why a deal was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss<'a> {
    /// The reason's code.
    pub reason: &'a str,
    /// Who got it; some reasons ask for it.
    pub competitor: Option<&'a str>,
    /// The obstacle's code; some reasons ask for it.
    pub obstacle: Option<&'a str>,
}

#[cfg(test)]
mod tests;
