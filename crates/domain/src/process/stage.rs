//! A stage of a sales process, as its author writes it.
//!
//! The types are the file format at once, so that what is checked, stored and shown is one thing.
//! They must not know any deal.

use serde::{Deserialize, Serialize};

use super::expr::Expr;
use crate::id::{Outcome, StageId};
use crate::people::Role;
use crate::words::Text2;

/// What it means to stand in a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// Open business.
    Open,
    /// Won.
    Won,
    /// Decided for somebody else.
    Lost,
    /// Ended without a decision.
    Cancelled,
    /// In nurture.
    Parked,
    /// After the sale: repurchase, referral, implementation. Outside win rate, forecast and the
    /// shares of low and high stages.
    Post,
}

impl StageKind {
    /// The word used in files, SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
            Self::Post => "post",
        }
    }

    /// How a deal stands that is in a stage of this kind: after the sale it is won still.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Open => Outcome::Open,
            Self::Won | Self::Post => Outcome::Won,
            Self::Lost => Outcome::Lost,
            Self::Cancelled => Outcome::Cancelled,
            Self::Parked => Outcome::Parked,
        }
    }

    /// Whether the stage lies on the way of the sale: open, won, or after it.
    #[must_use]
    pub const fn is_on_path(self) -> bool {
        matches!(self, Self::Open | Self::Won | Self::Post)
    }
}

/// Early or late. Late begins where the customer clearly means to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Before `intent`.
    #[default]
    Low,
    /// From `intent` on.
    High,
}

/// The part a stage plays for the dials and guards, which never count by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageRole {
    /// No part.
    #[default]
    None,
    /// The customer clearly means to buy.
    Intent,
    /// We have decided to spend sales cost.
    Commit,
}

/// Where a deal of the stage is put in the seller's forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForecastCategory {
    /// Left out.
    Omitted,
    /// Possible.
    Pipeline,
    /// If all goes well.
    BestCase,
    /// Promised.
    Commit,
    /// Done.
    Closed,
}

/// How a stage is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// By the deals that stand in it.
    #[default]
    Deals,
    /// Mostly by totals kept as metric values, without a deal each.
    Totals,
}

/// The part a person plays in the customer's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuyingRole {
    /// Releases the money.
    Economic,
    /// Will work with what is bought.
    User,
    /// Judges whether it fits.
    Technical,
    /// Guides us from inside.
    Coach,
}

impl BuyingRole {
    /// The word used in files, SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Economic => "economic",
            Self::User => "user",
            Self::Technical => "technical",
            Self::Coach => "coach",
        }
    }
}

/// A key selling activity: a task that the stage asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Unique in its stage.
    pub key: String,
    /// Days after the stage was entered.
    pub due_days: u32,
    /// Who does it.
    pub who: Role,
    /// What to do.
    pub text: Text2,
}

/// What must hold before a deal leaves the stage forwards. All parts must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// Fields of the deal that must be filled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Keys of actions of the stage that must be done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// Roles of which at least one person was met, with a dated contact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<BuyingRole>,
    /// Metrics of the stage that must be tracked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// A condition over fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<Expr>,
    /// The same for people.
    pub sentence: Text2,
}

impl Exit {
    /// Whether nothing is asked for but the sentence.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
            && self.actions.is_empty()
            && self.roles.is_empty()
            && self.metrics.is_empty()
            && self.expr.is_none()
    }
}

/// A question that a manager asks about a deal in the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub text: Text2,
    /// Put to the team's playbook board (how do we move to the next stage?), not to one deal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub playbook: bool,
}

/// A number kept for a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Unique in its stage.
    pub key: String,
    /// Its name.
    pub name: Text2,
}

/// One stage of a process version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Given by the store; [`StageId::UNKNOWN`] until then, and never part of a file.
    #[serde(skip)]
    pub id: StageId,
    /// Unique in its process.
    pub key: String,
    /// Position, strictly ascending.
    pub order: i32,
    /// What it means to stand in it.
    pub kind: StageKind,
    /// Early or late.
    #[serde(default)]
    pub level: Level,
    /// Its part for dials and guards.
    #[serde(default, skip_serializing_if = "is_no_role")]
    pub role: StageRole,
    /// Chance of winning while in the stage, in millionths; per cent in the file.
    #[serde(
        rename = "probability_percent",
        default,
        with = "super::percent::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub probability_ppm: Option<i32>,
    /// Standard days in the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_days: Option<u32>,
    /// Days typical in the trade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark_stay_days: Option<u32>,
    /// Standard number of deals that ever reach the stage for [`super::Process::ratio_wins`] wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<u32>,
    /// Forecast category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastCategory>,
    /// How it is counted.
    #[serde(default, skip_serializing_if = "is_by_deals")]
    pub counted: Counted,
    /// Heading over several stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Text2>,
    /// Its name.
    pub name: Text2,
    /// Why we do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text2>,
    /// Where the customer is in its own buying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_state: Option<Text2>,
    /// The event that ends the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Text2>,
    /// What proves the milestone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Text2>,
    /// Numbers kept for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// What to do in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// What must hold to leave it forwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// What a manager asks about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
}

fn is_no_role(role: &StageRole) -> bool {
    *role == StageRole::None
}

fn is_by_deals(counted: &Counted) -> bool {
    *counted == Counted::Deals
}

impl Stage {
    /// A stage with nothing but what every process needs; for processes found in foreign data.
    #[must_use]
    pub fn lean(key: &str, name: Text2, order: i32, kind: StageKind) -> Self {
        Self {
            id: StageId::UNKNOWN,
            key: key.to_owned(),
            order,
            kind,
            level: Level::Low,
            role: StageRole::None,
            probability_ppm: None,
            stay_days: None,
            benchmark_stay_days: None,
            ratio: None,
            forecast: None,
            counted: Counted::Deals,
            group: None,
            name,
            purpose: None,
            customer_state: None,
            milestone: None,
            evidence: None,
            metrics: Vec::new(),
            actions: Vec::new(),
            exit: None,
            questions: Vec::new(),
        }
    }

    /// The action with this key.
    #[must_use]
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.key == key)
    }
}
