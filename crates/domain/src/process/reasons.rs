//! Reason codes: why a deal was lost, cancelled, moved back or let skip a stage.
//!
//! The common codes come with the product; a process adds its own. Codes, not free text, because a
//! share by reason is one of the first questions of a review.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::issue::{Findings, Place, ProcessIssue, Rule};
use super::{Process, load};
use crate::id::Outcome;
use crate::words::Text2;

/// A move that a reason explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasonMove {
    /// The customer decided for somebody else.
    Lose,
    /// The deal ends without a decision.
    Cancel,
    /// Stages are left out.
    Skip,
    /// The deal goes back.
    Back,
}

impl ReasonMove {
    /// The word used in files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lose => "lose",
            Self::Cancel => "cancel",
            Self::Skip => "skip",
            Self::Back => "back",
        }
    }
}

impl std::fmt::Display for ReasonMove {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a reason asks for beside its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasonNeed {
    /// The competitor's name.
    Competitor,
    /// The code of the obstacle, out of the group `obstacle`.
    Obstacle,
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Group and word with a dot between: `lost.price`.
    pub code: String,
    /// What people read.
    pub name: Text2,
    /// What must be told with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<ReasonNeed>,
}

impl Reason {
    /// The part of the code before the dot.
    #[must_use]
    pub fn group(&self) -> &str {
        self.code.split_once('.').map_or("", |(group, _)| group)
    }
}

/// Reasons that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonGroup {
    /// The part of the codes before the dot.
    pub key: String,
    /// The moves that its codes explain; none for codes that describe a deal or an order.
    pub moves: Vec<ReasonMove>,
    /// What people read.
    pub name: Text2,
}

/// A way for a deal to end or rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndState {
    /// The outcome.
    pub outcome: Outcome,
    /// What people read.
    pub name: Text2,
}

/// All reasons that hold for a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonBook {
    /// Ways to end or rest.
    pub ends: Vec<EndState>,
    /// Groups.
    pub groups: Vec<ReasonGroup>,
    /// Reasons.
    pub reasons: Vec<Reason>,
}

static COMMON: LazyLock<ReasonBook> = LazyLock::new(|| {
    ReasonBook::load(include_str!("../../../../processes/reasons.toml"))
        .expect("a test reads the reasons that are built in")
});

impl ReasonBook {
    /// Reads and checks a book.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(text: &str) -> Result<Self, Vec<ProcessIssue>> {
        let mut book: Self = load::shape(text)?;
        let mut found = Findings::default();
        let reasons = std::mem::take(&mut book.reasons);
        book.check_more(&reasons, &mut found);
        book.reasons = reasons;
        found.into_result(book)
    }

    /// The codes that hold in every process.
    #[must_use]
    pub fn common() -> &'static Self {
        &COMMON
    }

    /// The common codes and those of a process.
    #[must_use]
    pub fn of(process: &Process) -> Self {
        let mut book = COMMON.clone();
        book.reasons.extend(process.reasons.iter().cloned());
        book
    }

    /// The reason with this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }

    /// The reasons of a group, in the order of the file.
    pub fn of_group<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Reason> {
        self.reasons.iter().filter(move |reason| reason.group() == group)
    }

    /// The reasons that explain a move, in the order of the file.
    pub fn for_move(&self, wanted: ReasonMove) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(move |reason| self.explains(reason, wanted))
    }

    /// Whether a reason explains a move.
    #[must_use]
    pub fn explains(&self, reason: &Reason, wanted: ReasonMove) -> bool {
        self.groups.iter().any(|group| group.key == reason.group() && group.moves.contains(&wanted))
    }

    /// Checks further codes against this book.
    pub(super) fn check_more(&self, more: &[Reason], found: &mut Findings) {
        let mut seen: BTreeSet<&str> = self.reasons.iter().map(|r| r.code.as_str()).collect();
        let groups: Vec<&str> = self.groups.iter().map(|group| group.key.as_str()).collect();
        for reason in more {
            let place = Place::process(format!("reasons.{}", reason.code));
            if !seen.insert(&reason.code) {
                found.add(
                    place.clone(),
                    Rule::Duplicate,
                    format!("the reason code {:?} exists already", reason.code),
                    "choose another code",
                );
            }
            if !groups.contains(&reason.group()) {
                found.add(
                    place,
                    Rule::Reference,
                    format!("the code {:?} belongs to no group", reason.code),
                    format!("begin it with one of {}, then a dot", groups.join(", ")),
                );
            }
        }
    }
}
