//! Facts: what exit criteria ask for and no field of every deal holds, with what it is called and what stands in it.
//!
//! The common facts come with the product; a process adds its own. A fact that neither knows is a text under its key.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::expr::kind_of_name;
use super::{Process, ProcessIssue, ValueKind, load};
use crate::words::Text2;

/// Where overrides of gates are kept among a deal's facts.
pub const OVERRIDES: &str = "gate_overrides";
/// Where the obstacle is kept on which a deal failed.
pub const OBSTACLE: &str = "obstacle";

/// Whether a key among a deal's facts is what moves leave there: no fact has it, and no file writes it.
#[must_use]
pub fn is_kept_by_moves(key: &str) -> bool {
    [OVERRIDES, OBSTACLE].contains(&key)
}

/// What stands in a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactType {
    /// Words.
    #[default]
    Text,
    /// A whole number.
    Number,
    /// Minor units of the deal's currency.
    Amount,
    /// A date.
    Day,
    /// Yes or no.
    Bool,
    /// The key of one of its choices.
    Choice,
}

impl FactType {
    /// The kind of value that conditions see.
    #[must_use]
    pub const fn kind(self) -> ValueKind {
        match self {
            Self::Text | Self::Choice => ValueKind::Text,
            Self::Number | Self::Amount => ValueKind::Number,
            Self::Day => ValueKind::Date,
            Self::Bool => ValueKind::Flag,
        }
    }
}

/// A value of a field or a fact that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedValue {
    /// As conditions write it.
    pub key: String,
    /// What people read.
    pub name: Text2,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// As exit criteria name it.
    pub key: String,
    /// What stands in it.
    #[serde(rename = "type", default)]
    pub ty: FactType,
    /// What people read.
    pub name: Text2,
    /// Its values, where it is a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<NamedValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    facts: Vec<Fact>,
}

static COMMON: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    read(include_str!("../../../../processes/facts.toml")).expect("a test reads the facts that are built in")
});

fn read(text: &str) -> Result<Vec<Fact>, Vec<ProcessIssue>> {
    load::shape::<Book>(text).map(|book| book.facts)
}

fn named_type(key: &str) -> Option<FactType> {
    Some(match kind_of_name(key)? {
        ValueKind::Date => FactType::Day,
        _ if key.ends_with("_minor") => FactType::Amount,
        _ => FactType::Number,
    })
}

impl Process {
    /// What stands in a fact: as it is described; of one that nobody describes its name tells, where it ends in a unit
    /// (`_on` a date, `_minor` an amount, `_days`, `_count` or `_ppm` a number). None: nobody says, and people write
    /// words.
    #[must_use]
    pub fn fact_type(&self, key: &str) -> Option<FactType> {
        self.fact(key).map(|fact| fact.ty).or_else(|| named_type(key))
    }

    /// The fact of this key: the process's own, else the common one.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&Fact> {
        self.facts.iter().chain(COMMON.iter()).find(|fact| fact.key == key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Kind;
    use crate::field::named;
    use crate::process::load_ready_made;

    #[test]
    fn whatever_ready_made_processes_ask_for_has_a_name() {
        let common = read(include_str!("../../../../processes/facts.toml")).expect("it is sound");
        let keys: BTreeSet<&str> = common.iter().map(|fact| fact.key.as_str()).collect();
        assert_eq!(keys.len(), common.len(), "a key stands twice");
        let mut asked = BTreeSet::new();
        for process in load_ready_made().expect("they load") {
            for exit in process.stages.iter().filter_map(|stage| stage.exit.as_ref()) {
                let of_expr = exit.expr.iter().flat_map(|expr| expr.fields()).map(str::to_owned);
                asked.extend(exit.fields.iter().cloned().chain(of_expr));
            }
        }
        asked.retain(|name| named(Kind::Opportunity, name).is_none());
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
        assert_eq!(asked, keys, "asked for, and known");
    }

    #[test]
    fn the_common_facts_keep_the_rules_of_a_process_of_ones_own() {
        let mut found = crate::process::issue::Findings::default();
        crate::process::checks::facts(&COMMON, &mut found);
        assert_eq!(found.0, []);
    }
}
