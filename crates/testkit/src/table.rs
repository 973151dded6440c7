//! Deals as text, a line each, dense enough to be read:
//!
//! ```text
//! D1 east ann | 01-05 lead 100 | 01-20 contact 120 | 02-01 won
//! D2 west bob | 01-05 contact EUR 100 due:03-31 | 01-09 @ann | 01-20 parked | 09-01 contact
//! D3 west bob | merged
//! ```
//!
//! Before the first bar stand the deal's name, its region and its first owner; `-` is none. Each further part
//! is a day and what is true from it on: a stage (and thereby open), `?` for open in an unknown stage, an
//! outcome or `deleted`; a whole number is the amount in minor units, `none` no amount; three capitals a
//! currency; `@name` the owner; `due:MM-DD` or `due:none` the expected close. Days without a year are of 2026.
//! What a part does not say stays as it was. Blank lines and lines from `#` on are left out.

use std::collections::BTreeMap;

use domain::journal::HotSet;
use domain::{Currency, Day, Outcome, StageId};
use journey::{DealRow, EntryRow, Journeys};
use thiserror::Error;

use crate::deals::{Deal, journeys};

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: `{word}` is no {expected}")]
pub struct TableError {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub word: String,
    /// What is meant to.
    pub expected: &'static str,
}

/// Deals read from text, and what their codes mean.
#[derive(Debug, Clone)]
pub struct Table {
    /// Stage names; the id of a stage is its place, from 1.
    pub stages: Vec<String>,
    /// Names of deals, in order; the id of a deal is its place, from 1.
    pub names: Vec<String>,
    /// Regions by code; code 0 is none.
    pub regions: Vec<String>,
    /// Owners by code; code 0 is none.
    pub owners: Vec<String>,
    /// The deals.
    pub deals: Vec<Deal>,
}

impl Table {
    /// Reads a table; `stages` in the order of the process.
    ///
    /// # Errors
    /// [`TableError`] at the first word that means nothing.
    pub fn read(stages: &[&str], text: &str) -> Result<Self, TableError> {
        let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
        let none = vec!["-".to_owned()];
        let mut table = Self { stages, names: Vec::new(), regions: none.clone(), owners: none, deals: Vec::new() };
        for (at, line) in text.lines().enumerate() {
            let line_text = line.split('#').next().unwrap_or("").trim();
            if !line_text.is_empty() {
                table.line(line_text).map_err(|(word, expected)| TableError { line: at + 1, word, expected })?;
            }
        }
        Ok(table)
    }

    /// The deals as one partition.
    #[must_use]
    pub fn journeys(&self) -> Journeys {
        journeys(&self.deals)
    }

    /// The ids of the stages, in order.
    #[must_use]
    pub fn stage_ids(&self) -> Vec<StageId> {
        (1..).take(self.stages.len()).map(StageId).collect()
    }

    fn line(&mut self, line: &str) -> Result<(), (String, &'static str)> {
        let mut parts = line.split('|').map(str::trim);
        let mut head = parts.next().unwrap_or("").split_whitespace();
        self.names.push(head.next().unwrap_or("").to_owned());
        let region = code(&mut self.regions, head.next().unwrap_or("-"));
        let owner = code(&mut self.owners, head.next().unwrap_or("-"));
        let mut state = EntryRow {
            day: Day(0),
            at: 0,
            known_day: Day(0),
            stage: StageId::UNKNOWN,
            outcome: Some(Outcome::Open),
            amount_minor: None,
            currency: Some(Currency::CNY.code()),
            owner,
            team: 0,
            expected_close: None,
            probability_ppm: None,
            set: HotSet::default(),
        };
        let mut entries = Vec::new();
        for part in parts.filter(|part| *part != "merged") {
            let mut words = part.split_whitespace();
            let day = words.next().unwrap_or("");
            state.day = date(day).ok_or_else(|| (day.to_owned(), "day"))?;
            state.known_day = state.day;
            state.at = i64::from(state.day.0) * 86_400_000_000 + i64::try_from(entries.len()).unwrap_or(0);
            state.set = HotSet::default();
            for word in words {
                self.word(word, &mut state)?;
            }
            entries.push(state);
        }
        let deal = i64::try_from(self.names.len()).unwrap_or(i64::MAX);
        self.deals.push(Deal { row: DealRow { deal, process: 1, region, ..DealRow::default() }, entries });
        Ok(())
    }

    fn word(&mut self, word: &str, state: &mut EntryRow) -> Result<(), (String, &'static str)> {
        let mut set = |field| state.set = state.set.with(field);
        if let Some(outcome) = Outcome::parse(word) {
            state.outcome = Some(outcome);
            set(HotSet::OUTCOME);
        } else if word == "deleted" {
            state.outcome = None;
        } else if word == "?" {
            (state.stage, state.outcome) = (StageId::UNKNOWN, Some(Outcome::Open));
            set(HotSet::STAGE);
        } else if word == "none" {
            state.amount_minor = None;
            set(HotSet::AMOUNT);
        } else if let Ok(amount_minor) = word.parse() {
            state.amount_minor = Some(amount_minor);
            set(HotSet::AMOUNT);
        } else if let Ok(currency) = Currency::parse(word) {
            state.currency = Some(currency.code());
            set(HotSet::CURRENCY);
        } else if let Some(name) = word.strip_prefix('@') {
            state.owner = code(&mut self.owners, name);
            set(HotSet::OWNER);
        } else if let Some(on) = word.strip_prefix("due:") {
            state.expected_close =
                if on == "none" { None } else { Some(date(on).ok_or_else(|| (word.to_owned(), "day"))?) };
            set(HotSet::EXPECTED_CLOSE);
        } else if let Some(at) = self.stages.iter().position(|stage| stage == word) {
            let stage = StageId(u32::try_from(at + 1).unwrap_or(u32::MAX));
            (state.stage, state.outcome) = (stage, Some(Outcome::Open));
            set(HotSet::STAGE);
        } else {
            return Err((word.to_owned(), "stage, outcome, amount, currency, owner or expected close"));
        }
        Ok(())
    }
}

/// The code of a name; `-` is 0.
fn code(names: &mut Vec<String>, name: &str) -> u32 {
    let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A day written `01-31` (of 2026) or `2025-01-31`.
#[must_use]
pub fn date(text: &str) -> Option<Day> {
    if text.len() == 5 { Day::parse(&format!("2026-{text}")) } else { Day::parse(text) }
}

/// The lines of a table of cases, each `deal => result`: the deal's line and the result, spaces run together.
/// Results of equal text merge nothing: each line is a case of its own.
#[must_use]
pub fn cases(text: &str) -> Vec<(String, String)> {
    let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().filter_map(|line| line.split_once("=>")).map(|(deal, result)| (tidy(deal), tidy(result))).collect()
}

/// Names by code, for printing.
#[must_use]
pub fn names(of: &[String]) -> BTreeMap<u64, String> {
    (0..).zip(of.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_changes() {
        let text = "
            # name region owner
            D1 east ann | 01-05 lead 100 | 01-20 contact EUR 120 @bob due:03-31 | 02-01 won
            D2 - - | merged
            D3 east - | 2025-12-31 ? none | 01-01 deleted";
        let table = Table::read(&["lead", "contact"], text).expect("a table");
        assert_eq!(table.names, ["D1", "D2", "D3"]);
        assert_eq!((table.regions.len(), table.owners.len()), (2, 3));
        let [first, second, third] = table.deals.as_slice() else { panic!("three deals") };
        let won = first.entries[2];
        assert_eq!((won.stage, won.outcome, won.amount_minor), (StageId(2), Some(Outcome::Won), Some(120)));
        assert_eq!((won.owner, won.currency), (2, Some(Currency::EUR.code())));
        assert_eq!(won.expected_close, Day::from_ymd(2026, 3, 31));
        assert!(second.entries.is_empty());
        assert_eq!((third.entries[0].stage, third.entries[1].outcome), (StageId::UNKNOWN, None));
    }

    #[test]
    fn a_word_that_means_nothing_is_refused() {
        let error = Table::read(&["lead"], "D1 - - | 01-05 leed").expect_err("a typing error");
        assert_eq!((error.line, error.word.as_str()), (1, "leed"));
        assert!(Table::read(&["lead"], "D1 - - | 13-05 lead").is_err());
    }
}
