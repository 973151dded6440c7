//! Whether a deal may leave its stage forwards.
//!
//! The exit criteria are the stage's; the facts are the deal's, asked for one by one, so that this
//! module needs to know neither records nor people. What is missing is listed whole, because people
//! fill a form once and not field by field.

use serde::Serialize;

use super::expr::{ExprValue, Verdict};
use super::stage::{BuyingRole, Stage};
use crate::calendar::Day;
use crate::words::Text2;

/// What a gate asks about a deal.
pub trait Facts {
    /// A field's value; `None` when it is not filled. Amounts in minor units.
    fn field(&self, name: &str) -> Option<ExprValue>;

    /// Whether a field is filled at all; a field may be filled with what no condition can use.
    fn is_filled(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// Whether the stage's action with this key is done.
    fn is_done(&self, action: &str) -> bool;

    /// Whether somebody of this role was met, with a dated contact. Being named is not enough.
    fn is_met(&self, role: BuyingRole) -> bool;

    /// Whether the metric with this key has a value for the stage.
    fn is_tracked(&self, metric: &str) -> bool;
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedExpr {
    /// The condition as written.
    pub expr: String,
    /// The whole exit for people.
    pub sentence: Text2,
    /// Fields without which it cannot be told; empty when it is plainly false.
    pub missing_fields: Vec<String>,
    /// A field's value that the condition cannot use.
    pub fault: Option<String>,
}

/// What keeps a deal in its stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GateReport {
    /// Fields that are not filled.
    pub missing_fields: Vec<String>,
    /// Actions that are not done.
    pub missing_actions: Vec<String>,
    /// Roles of which nobody was met.
    pub missing_roles: Vec<BuyingRole>,
    /// Metrics that are not tracked.
    pub missing_metrics: Vec<String>,
    /// The condition, where it does not hold.
    pub failed_expr: Option<FailedExpr>,
}

impl GateReport {
    /// Whether nothing keeps the deal.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Display for GateReport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let roles: Vec<String> = self.missing_roles.iter().map(|role| role.as_str().to_owned()).collect();
        let parts: Vec<String> = [
            ("fields", &self.missing_fields),
            ("actions", &self.missing_actions),
            ("roles", &roles),
            ("metrics", &self.missing_metrics),
        ]
        .into_iter()
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(head, keys)| format!("{head} {}", keys.join(", ")))
        .chain(self.failed_expr.iter().map(|failed| format!("condition {}", failed.expr)))
        .collect();
        if parts.is_empty() { out.write_str("nothing") } else { out.write_str(&parts.join("; ")) }
    }
}

/// Holds a deal's facts against the exit criteria of a stage. A stage without criteria is open.
///
/// `today` is the business date in the organisation's zone.
#[must_use]
pub fn check(stage: &Stage, facts: &dyn Facts, today: Day) -> GateReport {
    let Some(exit) = &stage.exit else { return GateReport::default() };
    let missing = |keys: &[String], there: &dyn Fn(&str) -> bool| -> Vec<String> {
        keys.iter().filter(|key| !there(key)).cloned().collect()
    };
    let failed_expr = exit.expr.as_ref().and_then(|expr| {
        let (missing_fields, fault) = match expr.evaluate(&|name| facts.field(name), today) {
            Ok(Verdict::Holds) => return None,
            Ok(Verdict::Fails) => (Vec::new(), None),
            Ok(Verdict::Unknown { missing }) => (missing, None),
            Err(fault) => (Vec::new(), Some(fault.to_string())),
        };
        Some(FailedExpr { expr: expr.to_string(), sentence: exit.sentence.clone(), missing_fields, fault })
    });
    GateReport {
        missing_fields: missing(&exit.fields, &|name| facts.is_filled(name)),
        missing_actions: missing(&exit.actions, &|key| facts.is_done(key)),
        missing_roles: exit.roles.iter().copied().filter(|&role| !facts.is_met(role)).collect(),
        missing_metrics: missing(&exit.metrics, &|key| facts.is_tracked(key)),
        failed_expr,
    }
}
