//! Data quality: which rules a record passes, fails, or is not asked.
//!
//! Rules are data (`processes/quality.toml`), written in the language of exit criteria, so that they can be shown,
//! weighed and switched off without a programmer. What a condition needs and does not find it says nothing about: that
//! something is missing is told once, by the rule that asks for it. This module must not know where a record comes
//! from; what it is asked is handed in as a [`Sight`].

mod form;
mod rule;
mod settings;
mod verdict;

pub use form::{email_is_sound, phone_is_sound, tax_number_is_sound};
pub use rule::{Class, MOST_RULES, Of, Rule, RuleBook, RuleIssue, Threshold, Unit};
pub use settings::{Change, Settings, SettingsIssue};
pub use verdict::{CUSTOMER_VALUES, DEAL_VALUES, Sight, Verdicts};
