//! What an organisation makes of the rules: some switched off, some weighed otherwise, some thresholds moved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rule::{MOST_THRESHOLD, MOST_WEIGHT, RuleBook};

/// A rule that is otherwise than built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// It is not asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
    /// Its weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// Its threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<i64>,
}

/// The changes by key of their rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(pub BTreeMap<String, Change>);

/// Why changes cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsIssue {
    /// There is no such rule.
    Unknown(String),
    /// A weight above the largest.
    Weight {
        /// The rule.
        rule: String,
        /// The largest.
        most: u32,
    },
    /// A threshold below nothing or above the largest.
    Threshold {
        /// The rule.
        rule: String,
        /// The largest.
        most: i64,
    },
    /// A threshold of a rule that has none.
    NoThreshold(String),
}

impl RuleBook {
    /// Whether changes fit the rules.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self, settings: &Settings) -> Result<(), SettingsIssue> {
        for (key, change) in &settings.0 {
            let rule = key.clone();
            let Some((_, known)) = self.find(key) else { return Err(SettingsIssue::Unknown(rule)) };
            if change.weight.is_some_and(|weight| weight > MOST_WEIGHT) {
                return Err(SettingsIssue::Weight { rule, most: MOST_WEIGHT });
            }
            if change.threshold.is_some() && known.threshold.is_none() {
                return Err(SettingsIssue::NoThreshold(rule));
            }
            if change.threshold.is_some_and(|threshold| !(0..=MOST_THRESHOLD).contains(&threshold)) {
                return Err(SettingsIssue::Threshold { rule, most: MOST_THRESHOLD });
            }
        }
        Ok(())
    }

    /// The rules as an organisation has them. What was once set of a rule that is no more is passed over.
    #[must_use]
    pub fn with(&self, settings: &Settings) -> Self {
        let mut book = self.clone();
        for rule in book.deals.iter_mut().chain(&mut book.customers) {
            let Some(change) = settings.0.get(&rule.key) else { continue };
            rule.off = change.off;
            rule.weight = change.weight.unwrap_or(rule.weight);
            if let Some((threshold, value)) = rule.threshold.as_mut().zip(change.threshold) {
                threshold.value = value;
            }
        }
        book
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, change: Change) -> Settings {
        Settings(BTreeMap::from([(key.to_owned(), change)]))
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_does_is_taken() {
        let book = RuleBook::built_in();
        let weight = |weight| Change { weight: Some(weight), ..Change::default() };
        let threshold = |threshold| Change { threshold: Some(threshold), ..Change::default() };
        assert_eq!(book.check(&one("no_such", weight(1))), Err(SettingsIssue::Unknown("no_such".into())));
        assert!(matches!(book.check(&one("silent", weight(101))), Err(SettingsIssue::Weight { .. })));
        assert!(matches!(book.check(&one("silent", threshold(-1))), Err(SettingsIssue::Threshold { .. })));
        assert!(matches!(book.check(&one("twin", threshold(1))), Err(SettingsIssue::NoThreshold(_))));
        let settings = one("silent", Change { off: true, weight: Some(9), threshold: Some(30) });
        assert_eq!(book.check(&settings), Ok(()));
        let changed = book.with(&settings);
        let rule = changed.find("silent").expect("it is there").1;
        assert_eq!((rule.off, rule.weight, rule.threshold.map(|threshold| threshold.value)), (true, 9, Some(30)));
        assert_eq!(book.with(&one("gone", weight(1))), *book);
    }
}
