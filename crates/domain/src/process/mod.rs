//! A sales process: ordered stages with what each means, asks for and is worth.
//!
//! Processes are data, not code: people write them as TOML, and [`load`] refuses what contradicts
//! itself, naming every issue at once. Analyses read order, level, role and probability from here
//! and never count stages by position. A version never changes once deals live under it; an edit
//! makes the next version.
//!
//! This module must not know where a process is stored, nor any deal: whether a deal may leave a
//! stage is [`gate`]'s question, which gets the deal's facts as functions.

mod checks;
mod customer;
mod expr;
pub mod facts;
pub mod gate;
mod issue;
mod load;
mod percent;
mod ready;
mod reasons;
mod stage;

use serde::{Deserialize, Serialize};

pub use checks::check;
pub use customer::{CustomerFunnel, CustomerHolds, CustomerStep, customer_funnel};
pub use expr::{Expr, ExprError, ExprFault, ExprValue, ValueKind, Verdict};
pub use facts::{Fact, FactType, NamedValue};
pub use issue::{Place, ProcessIssue, Rule};
pub use load::load;
pub use ready::{ReadyMade, load_ready_made, ready_made};
pub use reasons::{EndState, Reason, ReasonBook, ReasonGroup, ReasonMove, ReasonNeed};
pub use stage::{
    Action, BuyingRole, Counted, Exit, ForecastCategory, Level, Metric, Question, Stage, StageKind, StageRole,
};

use crate::id::{ProcessId, StageId};
use crate::words::Text2;

/// How much a process must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// Everything that people work by: purpose, milestone, evidence, actions, exit, questions.
    #[default]
    Full,
    /// Names, order, kind, probability and level: enough to analyse data of foreign origin.
    Lean,
}

/// What moves through the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountUnit {
    /// One piece of business.
    #[default]
    Deal,
    /// A buying organisation.
    Customer,
    /// Somebody who looks at a page.
    Visitor,
}

/// A stage that some sales add; offered to whoever copies the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insert {
    /// Key of the stage it would become.
    pub key: String,
    /// The stage before it.
    pub after: String,
    /// The stage that follows it.
    pub before: String,
    /// Lowest usual chance of winning in it, in millionths; per cent in the file.
    #[serde(rename = "probability_from_percent", with = "percent")]
    pub probability_from_ppm: i32,
    /// Highest usual chance of winning in it, in millionths; per cent in the file.
    #[serde(rename = "probability_to_percent", with = "percent")]
    pub probability_to_ppm: i32,
    /// Its name.
    pub name: Text2,
}

/// A number of the process that analyses use by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Unique in its process.
    pub key: String,
    /// The number.
    pub value: i64,
    /// What it is.
    pub name: Text2,
}

/// A conversion that is usual in the trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// The stage it counts from.
    pub from: String,
    /// The stage it counts to.
    pub to: String,
    /// The share that gets there, in millionths; per cent in the file.
    #[serde(rename = "percent", with = "percent")]
    pub share_ppm: i32,
}

/// One version of a sales process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Given by the store, and never part of a file.
    #[serde(skip)]
    pub id: Option<ProcessId>,
    /// Its name for files, options and URLs.
    pub key: String,
    /// Counted from 1.
    #[serde(default = "one")]
    pub version: u32,
    /// How much it must say.
    #[serde(default)]
    pub detail: Detail,
    /// What moves through it.
    #[serde(default)]
    pub unit: CountUnit,
    /// Typical days from the first stage to the win.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_days: Option<u32>,
    /// Keys of the stages that make the top of the funnel, for the shortage rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<String>,
    /// The number of wins that [`Stage::ratio`] belongs to.
    #[serde(default = "ten")]
    pub ratio_wins: u32,
    /// Keys of the stages in which repeat customers rightly begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub direct_entry: Vec<String>,
    /// Its name for people.
    pub name: Text2,
    /// For whom it is, and what is special about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text2>,
    /// Optional further stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inserts: Vec<Insert>,
    /// Numbers by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// Usual conversions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benchmarks: Vec<Benchmark>,
    /// Reason codes of its own, beside the common ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What its exits ask for beside fields and common facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Its stages, by ascending order.
    pub stages: Vec<Stage>,
}

const fn one() -> u32 {
    1
}

const fn ten() -> u32 {
    10
}

impl Process {
    /// The same process with the ids that the store gives: its own, and one a stage, counted
    /// upwards from `first_stage` in the order of the stages.
    #[must_use]
    pub fn with_ids(mut self, process: ProcessId, first_stage: StageId) -> Self {
        self.id = Some(process);
        for (stage, id) in self.stages.iter_mut().zip(first_stage.0..) {
            stage.id = StageId(id);
        }
        self
    }

    /// The process as its author would write it, ids left out; [`load`] reads it back.
    ///
    /// # Errors
    /// A number that TOML cannot hold, which no loaded process has.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The stage with this key.
    #[must_use]
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    /// The stage with this id, once the store gave ids; the unknown stage is none of them.
    #[must_use]
    pub fn stage_by_id(&self, id: StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id && id != StageId::UNKNOWN)
    }

    /// The position of a stage.
    #[must_use]
    pub fn order_of(&self, id: StageId) -> Option<i32> {
        self.stage_by_id(id).map(|stage| stage.order)
    }

    /// Whether the stage is a late one: from `intent` on. False for a stage of another process.
    #[must_use]
    pub fn is_high(&self, id: StageId) -> bool {
        self.stage_by_id(id).is_some_and(|stage| stage.level == Level::High)
    }

    /// The stage with this role, if the process has one. [`StageRole::None`] finds nothing.
    #[must_use]
    pub fn stage_of_role(&self, role: StageRole) -> Option<&Stage> {
        self.stages.iter().find(|stage| role != StageRole::None && stage.role == role)
    }

    /// The position of the stage where the customer clearly means to buy.
    #[must_use]
    pub fn intent_order(&self) -> Option<i32> {
        self.stage_of_role(StageRole::Intent).map(|stage| stage.order)
    }

    /// The position of the stage where we have decided to spend sales cost.
    #[must_use]
    pub fn commit_order(&self) -> Option<i32> {
        self.stage_of_role(StageRole::Commit).map(|stage| stage.order)
    }

    /// The first stage of a kind.
    #[must_use]
    pub fn first_of(&self, kind: StageKind) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.kind == kind)
    }

    /// The stages on the way of the sale (open, won, after it), by ascending order.
    pub fn path(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.kind.is_on_path())
    }

    /// The stages that make the top of the funnel.
    pub fn top_stages(&self) -> impl Iterator<Item = &Stage> {
        self.top.iter().filter_map(|key| self.stage(key))
    }

    /// The number with this name.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<i64> {
        self.settings.iter().find(|setting| setting.key == key).map(|setting| setting.value)
    }
}

#[cfg(test)]
mod tests;
