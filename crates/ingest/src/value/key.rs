//! External keys: one spelling for each, and a small number for each spelling.

use std::collections::HashMap;

use crate::table::Cell;

/// A key, whole numbers apart from texts, so that `84`, `84.0` and a number 84 are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key<'a> {
    /// A whole number in its shortest writing.
    Int(i64),
    /// Anything else, without the space around it.
    Text(std::borrow::Cow<'a, str>),
}

impl<'a> Key<'a> {
    /// The key in a cell; absent where there is none.
    pub(crate) fn of(cell: Cell<'a>) -> Option<Self> {
        match cell {
            Cell::Empty => None,
            Cell::Int(number) => Some(Self::Int(number)),
            Cell::Text(text) => Self::of_text(text),
            _ => {
                let text = cell.text();
                Key::of_text(&text).map(Key::into_owned)
            }
        }
    }

    /// The key in a text; absent where it is blank.
    pub(crate) fn of_text(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let whole = match text.split_once('.') {
            Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
            _ => text,
        };
        Some(canonical_int(whole).map_or(Self::Text(text.into()), Self::Int))
    }

    pub(crate) fn into_owned(self) -> Key<'static> {
        match self {
            Self::Int(number) => Key::Int(number),
            Self::Text(text) => Key::Text(text.into_owned().into()),
        }
    }
}

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A whole number that is written in no other way: `007` and `+7` are texts.
fn canonical_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.as_bytes() {
        [b'0'] if digits.len() == text.len() => Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() < 19 && rest.iter().all(u8::is_ascii_digit) => text.parse().ok(),
        _ => None,
    }
}

/// Keys of one kind, numbered in the order of their first appearance.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    ints: HashMap<i64, u32>,
    texts: HashMap<Box<str>, u32>,
    names: Vec<String>,
    /// How many records of one key there are, where there are several.
    copies: HashMap<u32, usize>,
}

impl Keys {
    pub(crate) fn get(&self, key: &Key<'_>) -> Option<u32> {
        match key {
            Key::Int(number) => self.ints.get(number).copied(),
            Key::Text(text) => self.texts.get(text.as_ref()).copied(),
        }
    }

    /// The number of a key, a new one if it is new.
    pub(crate) fn intern(&mut self, key: &Key<'_>) -> u32 {
        if let Some(known) = self.get(key) {
            return known;
        }
        let next = u32::try_from(self.names.len()).expect("fewer than 2^32 records in one import");
        self.names.push(key.to_string());
        match key {
            Key::Int(number) => self.ints.insert(*number, next),
            Key::Text(text) => self.texts.insert(text.as_ref().into(), next),
        };
        next
    }

    /// A record of its own for a key that is taken: the id, [`domain::id::REPEAT_MARK`], and 2, 3 …
    pub(crate) fn intern_again(&mut self, key: &Key<'_>) -> u32 {
        let first = self.intern(key);
        loop {
            let copies = self.copies.entry(first).or_insert(1);
            *copies += 1;
            let again = Key::Text(format!("{key}{}{copies}", domain::id::REPEAT_MARK).into());
            if self.get(&again).is_none() {
                return self.intern(&again);
            }
        }
    }

    pub(crate) fn name(&self, local: u32) -> &str {
        &self.names[local as usize]
    }

    pub(crate) fn into_names(self) -> Vec<String> {
        self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_key_meet() {
        let mut keys = Keys::default();
        for (cell, expected) in [
            (Cell::Text("84.0"), 0),
            (Cell::Text(" 84 "), 0),
            (Cell::Int(84), 0),
            (Cell::Float(84.0), 0),
            (Cell::Decimal(8400, 2), 0),
            (Cell::Text("084"), 1),
            (Cell::Text("84.5"), 2),
            (Cell::Text("-0"), 3),
            (Cell::Text("0"), 4),
            (Cell::Text("99999999999999999999"), 5),
            (Cell::Text("v1.0"), 6),
        ] {
            let key = Key::of(cell).expect("a key");
            assert_eq!(keys.intern(&key), expected, "{cell:?}");
        }
        assert_eq!(Key::of(Cell::Text("  ")), None);
        let names = ["84", "084", "84.5", "-0", "0", "99999999999999999999", "v1.0"];
        assert_eq!(keys.into_names(), names);
    }

    #[test]
    fn a_second_record_of_one_key_gets_a_name_of_its_own() {
        let mut keys = Keys::default();
        let key = Key::Int(302);
        assert_eq!((keys.intern(&key), keys.intern_again(&key), keys.intern_again(&key)), (0, 1, 2));
        assert_eq!(keys.into_names(), ["302", "302\u{1f}2", "302\u{1f}3"]);
    }
}
