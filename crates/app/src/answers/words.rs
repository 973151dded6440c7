//! Members that the product or a process names: their names for people, and the order in which one reads them.
//!
//! Customers, people and the like are called what their records say and stand by name; stages, outcomes and classes of
//! amounts have keys, and an order of their own.

use domain::Outcome;
use domain::process::{NamedValue, Process};
use domain::words::Text2;
use warehouse::{AMOUNT_CLASSES, Keys};

use super::frame::own_label;

use crate::answer::{Cell, why};

/// Names of classes of amounts, from the smallest.
const CLASSES: [(&str, &str); 5] = [
    ("不足 1 万", "under 10 K"),
    ("1 万–10 万", "10 K – 100 K"),
    ("10 万–100 万", "100 K – 1 M"),
    ("100 万–1000 万", "1 M – 10 M"),
    ("1000 万及以上", "10 M and more"),
];

/// The words of the members of one question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Words {
    stages: Vec<(String, Text2)>,
    process: Option<(String, Text2)>,
    own: Vec<OwnWords>,
}

/// An own dimension: its key, what it is called, and the values that have names.
#[derive(Debug, Clone, PartialEq)]
struct OwnWords {
    key: String,
    label: Text2,
    choices: Vec<NamedValue>,
}

impl Words {
    /// Those of the question's process (without one stages stay keys) and of what it groups by.
    pub(crate) fn of(process: Option<&Process>, keys: &Keys) -> Self {
        let own = keys.own().map(|own| OwnWords {
            key: own.name.clone(),
            label: own_label(own),
            choices: own.field.choices.clone(),
        });
        Self { own: own.collect(), ..Self::of_process(process) }
    }

    /// Those of a process.
    pub(crate) fn of_process(process: Option<&Process>) -> Self {
        let stages = process.into_iter().flat_map(|process| &process.stages);
        Self {
            stages: stages.map(|stage| (stage.key.clone(), stage.name.clone())).collect(),
            process: process.map(|process| (process.key.clone(), process.name.clone())),
            own: Vec::new(),
        }
    }

    /// What an own dimension is called.
    pub(crate) fn dimension(&self, key: &str) -> Option<Text2> {
        self.own.iter().find(|own| own.key == key).map(|own| own.label.clone())
    }

    /// The choices of an own dimension.
    fn choices(&self, dimension: &str) -> &[NamedValue] {
        self.own.iter().find(|own| own.key == dimension).map_or(&[], |own| &own.choices)
    }

    /// The place of a member among those of its dimension; those that stand by name share one.
    pub(crate) fn rank(&self, dimension: &str, key: &str) -> usize {
        match dimension {
            "stage" => self.stages.iter().position(|(stage, _)| stage == key).unwrap_or(self.stages.len()),
            "outcome" => Outcome::parse(key).map_or(usize::MAX, |outcome| outcome as usize),
            "amount_class" => AMOUNT_CLASSES.iter().position(|class| *class == key).unwrap_or(usize::MAX),
            _ => {
                let choices = self.choices(dimension);
                choices.iter().position(|choice| choice.key == key).unwrap_or(choices.len())
            }
        }
    }

    /// By what members of several dimensions are sorted: what has no member first, then in the order that one reads them.
    pub(crate) fn order(&self, by: &[String], members: &[Option<String>]) -> Vec<(Option<usize>, Option<String>)> {
        let place = |(dimension, member): (&String, &Option<String>)| {
            (member.as_ref().map(|key| self.rank(dimension, key)), member.clone())
        };
        by.iter().zip(members).map(place).collect()
    }

    /// A member as a cell: by its name where it has one, else as it is written.
    pub(crate) fn cell(&self, dimension: &str, member: Option<&str>) -> Cell {
        let Some(key) = member else { return Cell::Undefined(why::NOT_RECORDED) };
        self.name(dimension, key)
            .map_or_else(|| Cell::Text(key.to_owned()), |(zh, en)| Cell::Name { zh, en, key: key.to_owned() })
    }

    fn name(&self, dimension: &str, key: &str) -> Option<(String, String)> {
        let both = |text: &Text2| (text.zh.clone(), text.en.clone());
        match dimension {
            "stage" => self.stages.iter().find(|(stage, _)| stage == key).map(|(_, name)| both(name)),
            "process" => self.process.as_ref().filter(|(process, _)| process == key).map(|(_, name)| both(name)),
            "outcome" => {
                let (zh, en) = outcome(Outcome::parse(key)?);
                Some((zh.to_owned(), en.to_owned()))
            }
            "amount_class" => {
                let at = AMOUNT_CLASSES.iter().position(|class| *class == key)?;
                CLASSES.get(at).map(|(zh, en)| ((*zh).to_owned(), (*en).to_owned()))
            }
            _ => self.choices(dimension).iter().find(|choice| choice.key == key).map(|choice| both(&choice.name)),
        }
    }
}

/// What an outcome is called.
pub(crate) const fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Open => ("进行中", "open"),
        Outcome::Won => ("赢单", "won"),
        Outcome::Lost => ("丢单", "lost"),
        Outcome::Cancelled => ("取消", "cancelled"),
        Outcome::Parked => ("培育", "nurture"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_and_every_stage_has_a_name_and_a_place() {
        let process = crate::process::read("b2b-seven").expect("it is ready-made");
        let words = Words::of_process(Some(&process));
        assert_eq!(CLASSES.len(), AMOUNT_CLASSES.len());
        let stages: Vec<usize> = process.stages.iter().map(|stage| words.rank("stage", &stage.key)).collect();
        assert!(stages.windows(2).all(|pair| pair[0] < pair[1]), "{stages:?}");
        assert!(words.rank("outcome", "open") < words.rank("outcome", "won"));
        assert!(words.rank("amount_class", AMOUNT_CLASSES[1]) < words.rank("amount_class", AMOUNT_CLASSES[2]));
        assert_eq!(words.rank("region", "East"), words.rank("region", "West"));
        for (dimension, key) in [("stage", "lead"), ("outcome", "lost"), ("amount_class", AMOUNT_CLASSES[0])] {
            assert!(matches!(words.cell(dimension, Some(key)), Cell::Name { zh, .. } if !zh.is_ascii()), "{key}");
        }
        assert_eq!(words.cell("region", Some("East")), Cell::Text("East".to_owned()));
    }
}
