//! Rules held against a record.
//!
//! A verdict is a bit a rule, so that the verdicts of a million records are two words each and scores under other
//! weights are made from them without looking at a record again.

use super::rule::{Of, Rule, RuleBook};
use crate::calendar::Day;
use crate::id::Outcome;
use crate::process::{Expr, ExprValue, Process, Stage, ValueKind, Verdict};

/// What a condition calls the threshold of its rule.
pub(super) const THRESHOLD: &str = "threshold";
/// The threshold in days, or the standard stay of the stage where that is 0.
pub(super) const LIMIT_DAYS: &str = "limit_days";
/// Standard days of the stage.
const STANDARD_DAYS: &str = "standard_days";

use ValueKind::{Date, Flag, Number, Text};

/// What conditions about deals may ask for.
pub const DEAL_VALUES: &[(&str, ValueKind)] = &[
    ("process", Text),
    ("stage", Text),
    ("outcome", Text),
    ("amount_minor", Number),
    ("currency", Text),
    ("owner", Number),
    ("team", Number),
    ("account", Number),
    ("product", Number),
    ("region", Number),
    ("industry", Number),
    ("channel", Number),
    ("reason", Text),
    ("created_on", Date),
    ("expected_close_on", Date),
    ("next_step_on", Date),
    ("probability_ppm", Number),
    // Chance of winning that history gives the stage.
    ("historical_ppm", Number),
    // Days since anything was told of it or done about it.
    ("silent_days", Number),
    ("days_in_stage", Number),
    (STANDARD_DAYS, Number),
    // Days in its stage in per cent of the standard ones.
    ("stay_percent", Number),
    // Other open deals of its customer with its name and amount.
    ("open_twins", Number),
    // Stages left forwards that ask for something, and those of them for which it is not there.
    ("exits_passed", Number),
    ("exits_unmet", Number),
];

/// What conditions about customers may ask for.
pub const CUSTOMER_VALUES: &[(&str, ValueKind)] = &[
    ("name", Text),
    ("industry", Number),
    ("region", Number),
    ("owner", Number),
    ("country", Text),
    ("grade", Text),
    ("tax_number", Text),
    ("tax_number_sound", Flag),
    ("phone_sound", Flag),
    // Contacts with an e-mail or a phone, and those of them of which one is impossible.
    ("contacts_reachable", Number),
    ("contacts_unsound", Number),
    ("open_deals", Number),
    // Other customers with the name or the tax number, as far as whoever asks sees them.
    ("alike", Number),
];

pub(super) const fn values_of(of: Of) -> &'static [(&'static str, ValueKind)] {
    match of {
        Of::Deal => DEAL_VALUES,
        Of::Customer => CUSTOMER_VALUES,
    }
}

/// A record as rules see it.
pub trait Sight {
    /// What the record tells under this name ([`DEAL_VALUES`], [`CUSTOMER_VALUES`]); `None` where it does not.
    fn value(&self, name: &str) -> Option<ExprValue>;
}

/// Which rules a record was asked, and which of those it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// Rules that apply, by bit.
    pub applied: u64,
    /// Those of them that it fails.
    pub failed: u64,
}

impl Rule {
    /// Holds the rule against a record that may be asked: whether it passes. `None` where the rule does not apply.
    #[must_use]
    pub fn judge(&self, record: &dyn Sight, today: Day) -> Option<bool> {
        let value = |name: &str| self.value(name, record);
        let holds = |condition: &Expr| match condition.evaluate(&value, today) {
            Ok(Verdict::Holds) => Some(true),
            Ok(Verdict::Fails) => Some(false),
            // What is not known, or left its range, is held against nobody.
            Ok(Verdict::Unknown { .. }) | Err(_) => None,
        };
        if self.when.as_ref().is_some_and(|when| holds(when) != Some(true)) {
            return None;
        }
        match &self.holds {
            Some(condition) => holds(condition),
            None => Some(self.filled.iter().all(|name| record.value(name).is_some())),
        }
    }

    fn value(&self, name: &str, record: &dyn Sight) -> Option<ExprValue> {
        match name {
            THRESHOLD => self.threshold.map(|threshold| ExprValue::Number(threshold.value)),
            LIMIT_DAYS => match self.threshold {
                Some(threshold) if threshold.value > 0 => Some(ExprValue::Number(threshold.value)),
                _ => record.value(STANDARD_DAYS),
            },
            _ => record.value(name),
        }
    }
}

impl RuleBook {
    /// The rules that deals of a state, process and stage may be asked, by bit: the same for all of them.
    #[must_use]
    pub fn candidates(&self, state: Outcome, place: Option<(&Process, &Stage)>) -> u64 {
        let bits = self.deals.iter().enumerate().filter(|(_, rule)| !rule.off && rule.may_ask(state, place));
        bits.fold(0, |all, (bit, _)| all | 1 << bit)
    }

    /// The rules that customers are asked, by bit.
    #[must_use]
    pub fn of_customers(&self) -> u64 {
        let bits = self.customers.iter().enumerate().filter(|(_, rule)| !rule.off);
        bits.fold(0, |all, (bit, _)| all | 1 << bit)
    }

    /// Holds the rules of these bits against a record.
    #[must_use]
    pub fn judge(&self, of: Of, candidates: u64, record: &dyn Sight, today: Day) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (bit, rule) in self.rules(of).iter().enumerate() {
            if candidates >> bit & 1 == 0 {
                continue;
            }
            if let Some(passed) = rule.judge(record, today) {
                verdicts.applied |= 1 << bit;
                verdicts.failed |= u64::from(!passed) << bit;
            }
        }
        verdicts
    }

    /// The verdicts with the rules that ask for `value` judged again, by what `record` tells: where they ask for more than
    /// that, they apply no longer.
    #[must_use]
    pub fn judge_again(&self, of: Of, before: Verdicts, value: &str, record: &dyn Sight, today: Day) -> Verdicts {
        let asks = |rule: &Rule| [&rule.when, &rule.holds].into_iter().flatten().any(|it| it.fields().contains(value));
        let rules = self.rules(of).iter().enumerate().filter(|(_, rule)| asks(rule));
        let asking = rules.fold(0, |all, (bit, _)| all | 1 << bit) & before.applied;
        let again = self.judge(of, asking, record, today);
        Verdicts { applied: before.applied & !asking | again.applied, failed: before.failed & !asking | again.failed }
    }

    /// The weight of the rules that a record passes, and of those that apply.
    #[must_use]
    pub fn weigh(&self, of: Of, verdicts: Verdicts) -> (u64, u64) {
        let weight = |bits: u64| -> u64 {
            let rules = self.rules(of).iter().enumerate();
            rules.filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, rule)| u64::from(rule.weight)).sum()
        };
        (weight(verdicts.applied & !verdicts.failed), weight(verdicts.applied))
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
