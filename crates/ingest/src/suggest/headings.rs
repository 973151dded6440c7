//! How well a heading names a field.

use domain::Kind;
use domain::field::{self, FieldType};

use super::kind_words;
use super::words::{HEADINGS, NOT_MEANT, NOT_MEANT_OF_RECORDS, PREFIXES, REFERRED, SUFFIXES, folded, outside_brackets};

/// Words that mean a field in many a table say less than those of just this kind.
const LOOSE: f64 = 0.75;
/// What fields of deals are called says a hair less than a kind's own words.
const BORROWED: f64 = 0.97;

/// How well a heading names a field of deals: from 0 (not at all) to 1 (it is the word for it).
pub(super) fn score(field: &str, heading: &str) -> f64 {
    scored(of_deals(field), PREFIXES, NOT_MEANT, &folded(&outside_brackets(heading)))
}

/// The same for a field of records of another kind; `id` is what tells one from another.
pub(super) fn score_of(kind: Kind, field: &str, heading: &str) -> f64 {
    if kind == Kind::Opportunity {
        return score(field, heading);
    }
    let Some(own) = kind_words::of(kind) else { return 0.0 };
    let whole = folded(&outside_brackets(heading));
    let words = own.fields.iter().find(|(name, _)| *name == field).map_or("", |(_, words)| *words);
    let (telling, loose) = words.split_once('|').unwrap_or((words, ""));
    let mut parts = vec![(telling, 1.0), (loose, LOOSE)];
    if field == "id" {
        parts.push((own.id, 1.0));
    }
    if let Some(FieldType::Ref(target)) = field::named(kind, field).map(|def| def.ty)
        && (field == target.as_str() || field == "owner")
    {
        parts.push((kind_words::of(target).map_or("", |words| words.id), 1.0));
        parts.push((REFERRED.iter().find(|(of, _)| *of == target).map_or("", |(_, words)| *words), 1.0));
        parts.push((of_deals(field), BORROWED));
    } else if matches!(field, "currency" | "reason") {
        parts.push((of_deals(field), BORROWED));
    }
    let scores =
        parts.into_iter().map(|(words, factor)| factor * scored(words, own.table, NOT_MEANT_OF_RECORDS, &whole));
    scores.fold(0.0, f64::max)
}

/// Whether a heading is plainly the word for what tells records of a kind apart, and for nothing else.
pub(super) fn names_id(kind: Kind, heading: &str) -> bool {
    let whole = folded(&outside_brackets(heading));
    kind_words::of(kind).is_some_and(|words| scored(words.id, "", "", &whole) >= 0.86)
}

fn of_deals(field: &str) -> &'static str {
    HEADINGS.iter().find(|(name, _)| *name == field).map_or("", |(_, words)| *words)
}

/// How well a heading, folded, is one of the words, or one of them behind a prefix.
fn scored(words: &str, prefixes: &str, not_meant: &str, whole: &str) -> f64 {
    if whole.is_empty() || words.is_empty() || is_something_else(whole, words, not_meant) {
        return 0.0;
    }
    let rank = |word: &str| words.split_whitespace().position(|known| known == word);
    // Earlier words are likelier by a hair, so that of two columns the plainer one is taken.
    let hair = |at: usize| 0.002 * f64::from(u32::try_from(at).unwrap_or(0));
    if let Some(at) = rank(whole) {
        return 1.0 - hair(at);
    }
    for prefix in prefixes.split_whitespace() {
        if let Some(at) = whole.strip_prefix(prefix).and_then(rank) {
            return 0.93 - hair(at);
        }
    }
    for suffix in SUFFIXES.split_whitespace() {
        if let Some(at) = whole.strip_suffix(suffix).and_then(rank) {
            return 0.86 - hair(at);
        }
    }
    words.split_whitespace().map(|word| within(whole, word)).fold(0.0, f64::max)
}

fn is_something_else(heading: &str, words: &str, not_meant: &str) -> bool {
    !words.split_whitespace().any(|word| word == heading)
        && not_meant.split_whitespace().any(|word| heading.contains(word))
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
