//! Names of people: titles dropped, order of the parts without meaning.

use crate::text::{folded, is_han};
use crate::words::{HAN_TITLES, TITLES};

/// A name of a person in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// The parts of the name in ascending order: `Zhang, Wei` and `Wei Zhang` are one.
    pub parts: Vec<String>,
}

impl Person {
    /// The parts, joined.
    #[must_use]
    pub fn key(&self) -> String {
        self.parts.concat()
    }
}

/// The normal form of a person's name.
#[must_use]
pub fn person(name: &str) -> Person {
    let folded = folded(name);
    let mut parts: Vec<String> = if folded.contains(is_han) {
        // A Chinese name has no spaces that mean something.
        let mut joined: String = folded.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let title = HAN_TITLES.iter().find_map(|title| joined.strip_suffix(title));
        // A family name alone with a title (`王总`) stays what it is: it names nobody for sure.
        if let Some(rest) = title.filter(|rest| rest.chars().count() >= 2) {
            joined.truncate(rest.len());
        }
        vec![joined]
    } else {
        let words = folded.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '\'' | '’'));
        let words: Vec<String> =
            words.map(|word| word.replace(['\'', '’'], "")).filter(|word| !word.is_empty()).collect();
        let named: Vec<String> = words.iter().filter(|word| !TITLES.contains(&word.as_str())).cloned().collect();
        if named.is_empty() { words } else { named }
    };
    parts.retain(|part| !part.is_empty());
    parts.sort_unstable();
    Person { parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_person_meet() {
        for (one, other) in [
            ("Zhang, Wei", "wei  ZHANG"),
            ("Dr. José O'Neill", "Jose ONeill"),
            ("张 伟", "张伟先生"),
            ("欧阳 娜娜", "欧阳娜娜"),
            ("Mr Smith", "smith"),
        ] {
            assert_eq!(person(one), person(other), "{one} / {other}");
        }
        assert_ne!(person("王总"), person("王"));
        assert_eq!(person("Mr.").key(), "mr");
        assert_eq!(person(" - ").parts, Vec::<String>::new());
    }
}
