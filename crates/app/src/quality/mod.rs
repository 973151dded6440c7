//! Data quality: scores of records, people, teams and sources, the rules behind them, what to mend first, and
//! industries inferred for confirmation.
//!
//! Nothing is stored beside the journal but which rules an organisation changed: verdicts are made anew from what is
//! told, for any day, and kept in memory until the journal grows. Everything is read under the asker's scope.

mod alike;
mod evidence;
mod fixes;
mod history;
mod infer;
mod judge;
mod kept;
mod learn;
mod past;
mod rules;
mod scores;
mod sight;
mod tables;
mod view;

pub use fixes::{Fix, FixAsk, FixList, FixRule};
pub use infer::{InferenceState, Inferred, InferredList, LEAST_EXAMPLES};
pub(crate) use kept::Kept;
pub use rules::RuleSetting;
pub use scores::{QualityAsk, QualityBy, QualityTrendAsk};
pub use tables::{fixes_answer, inferred_answer, rules_answer};
