//! The values that deals have of a dimension, with how many deals have each: what filters are offered from.
//!
//! Counted over what the question shows, by the entry that holds at the as-of; a value that nobody in scope has is
//! never told.

use std::collections::BTreeMap;

use arrow::array::Array;
use domain::text::folded;
use rayon::prelude::*;

use super::list::{Seen, each_shown};
use crate::ask::prepare;
use crate::labels::Tree;
use crate::memory::Memory;
use crate::plan::{Reading, dimension};
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// What selects it: the label, or `#` and the record's id where several have the label; absent for the deals
    /// that have no value.
    pub value: Option<String>,
    /// What people call it; of stages and processes the key.
    pub label: Option<String>,
    /// The record; absent where the value is none, such as a stage.
    pub id: Option<i64>,
    /// Deals that have it.
    pub deals: u64,
}

impl Warehouse {
    /// The values of a dimension whose label holds `text` (whatever its case and width), most deals first.
    ///
    /// # Errors
    /// As [`Warehouse::list`].
    pub async fn facets(
        &self,
        question: &Question,
        name: &str,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Facet>, AskError> {
        let (question, name, text) = (question.clone(), name.to_owned(), text.to_owned());
        let known_at = question.known_at;
        self.read(known_at, move |snapshot, memory| facets(snapshot, &question, &name, &text, limit, memory)).await?
    }
}

/// Counts on the current thread pool.
pub(crate) fn facets(
    snapshot: &Snapshot,
    question: &Question,
    name: &str,
    text: &str,
    limit: usize,
    memory: &Memory,
) -> Result<Vec<Facet>, AskError> {
    let key = dimension(name, &snapshot.labels)?;
    let reading = Reading::new(snapshot, question)?;
    let prepared = prepare(snapshot, &reading, memory)?;
    let (decided, _) = reading.decide_amounts(prepared.iter().map(AsRef::as_ref));
    let seen = Seen { snapshot, reading: &reading, prepared: &prepared, decided: &decided };
    let book = &reading.terms.book;
    let words = key.words(snapshot, book);
    let count = |at: usize| {
        let mut counts = vec![0_u64; words.len().max(1)];
        let codes = key.codes(&snapshot.partitions[at], &snapshot.labels, book);
        each_shown(&seen.view(at), None, None, |journey, place, _| {
            let code = codes[if key.changes() { place } else { journey.index }] as usize;
            counts[if code < words.len() { code } else { 0 }] += 1;
        });
        counts
    };
    let add = |mut own: Vec<u64>, theirs: Vec<u64>| {
        own.iter_mut().zip(theirs).for_each(|(own, theirs)| *own += theirs);
        own
    };
    let counts = (0..snapshot.partitions.len()).into_par_iter().map(count).reduce(|| vec![0; words.len().max(1)], add);
    let counts =
        key.tree().map_or_else(|| counts.clone(), |of| with_below(&counts, snapshot.labels.members(of).tree()));
    let needle = folded(text);
    let needle = needle.trim();
    // Codes of one word (a stage in several processes) are one value; records of one name stay apart, by their ids.
    let mut by_word: BTreeMap<Option<&str>, Vec<(u32, u64)>> = BTreeMap::new();
    for (code, deals) in counts.into_iter().enumerate() {
        let word = (code < words.len() && words.is_valid(code)).then(|| words.value(code));
        let wanted = needle.is_empty() || word.is_some_and(|word| folded(word).contains(needle));
        if deals > 0 && wanted {
            by_word.entry(word).or_default().push((u32::try_from(code).unwrap_or(0), deals));
        }
    }
    let id_of = |code| key.members(&snapshot.labels).and_then(|members| members.get(code)).map(|member| member.id);
    let mut facets: Vec<Facet> = Vec::new();
    for (word, codes) in by_word {
        let label = word.map(str::to_owned);
        match key {
            _ if key.members(&snapshot.labels).is_some() && codes.len() > 1 && label.is_some() => {
                facets.extend(codes.into_iter().map(|(code, deals)| {
                    let id = id_of(code);
                    Facet { value: id.map(|id| format!("#{id}")), label: label.clone(), id, deals }
                }));
            }
            _ => {
                let id = codes.first().filter(|_| label.is_some()).and_then(|(code, _)| id_of(*code));
                let deals = codes.iter().map(|(_, deals)| deals).sum();
                facets.push(Facet { value: label.clone(), label, id, deals });
            }
        }
    }
    facets.sort_by(|a, b| b.deals.cmp(&a.deals).then(a.label.cmp(&b.label)).then(a.value.cmp(&b.value)));
    facets.truncate(limit);
    Ok(facets)
}

/// Counts of members of a tree with those of what lies below them: as many as choosing the member shows.
fn with_below(counts: &[u64], tree: &Tree) -> Vec<u64> {
    let mut all = counts.to_vec();
    for (code, deals) in (0..).zip(counts).filter(|(_, deals)| **deals > 0) {
        for above in tree.above(code) {
            if let Some(sum) = all.get_mut(above as usize) {
                *sum += deals;
            }
        }
    }
    all
}
