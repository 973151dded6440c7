//! How well a heading names a field.

use super::words::{HEADINGS, NOT_MEANT, PREFIXES, SUFFIXES, folded, outside_brackets};

/// From 0 (not at all) to 1 (it is the word for it).
pub(super) fn score(field: &str, heading: &str) -> f64 {
    let Some((_, words)) = HEADINGS.iter().find(|(name, _)| *name == field) else { return 0.0 };
    let whole = folded(&outside_brackets(heading));
    if whole.is_empty() || is_something_else(&whole, words) {
        return 0.0;
    }
    let rank = |word: &str| words.split_whitespace().position(|known| known == word);
    // Earlier words are likelier by a hair, so that of two columns the plainer one is taken.
    let hair = |at: usize| 0.002 * f64::from(u32::try_from(at).unwrap_or(0));
    if let Some(at) = rank(&whole) {
        return 1.0 - hair(at);
    }
    for prefix in PREFIXES.split_whitespace() {
        if let Some(at) = whole.strip_prefix(prefix).and_then(rank) {
            return 0.93 - hair(at);
        }
    }
    for suffix in SUFFIXES.split_whitespace() {
        if let Some(at) = whole.strip_suffix(suffix).and_then(rank) {
            return 0.86 - hair(at);
        }
    }
    words.split_whitespace().map(|word| within(&whole, word)).fold(0.0, f64::max)
}

fn is_something_else(heading: &str, words: &str) -> bool {
    !words.split_whitespace().any(|word| word == heading)
        && NOT_MEANT.split_whitespace().any(|word| heading.contains(word))
}

/// A word at the end of a heading is what it names; one at the beginning or inside is what it is about.
fn within(heading: &str, word: &str) -> f64 {
    let length = |text: &str| f64::from(u32::try_from(text.chars().count()).unwrap_or(0));
    let long_enough = if word.is_ascii() { word.len() >= 5 } else { word.chars().count() >= 2 };
    if !long_enough {
        return 0.0;
    }
    let share = length(word) / length(heading).max(1.0);
    if heading.ends_with(word) {
        0.6 + 0.25 * share
    } else if heading.starts_with(word) {
        0.4 + 0.25 * share
    } else if heading.contains(word) {
        0.35 + 0.25 * share
    } else if word.len() >= 6 && word.is_ascii() && strsim::normalized_damerau_levenshtein(heading, word) >= 0.85 {
        0.7
    } else {
        0.0
    }
}
