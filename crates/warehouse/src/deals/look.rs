//! Finding a deal, a customer or a person by a part of a name, within what one may see.
//!
//! What begins with the text comes before what holds it somewhere; of equals the shorter name, then the newer record.

use std::collections::HashSet;

use domain::text::folded;
use domain::{RecordId, Scope};
use rayon::prelude::*;

use super::accounts::is_seen;
use super::rows::Named;
use super::texts::{names, texts};
use crate::keys::{CodeBook, Key};
use crate::labels::{Dimension, Member};
use crate::memory::Memory;
use crate::plan::visible;
use crate::question::AskError;
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;

/// What was found, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// Deals that stand, by record id.
    pub deals: Vec<RecordId>,
    /// Customers that are seen.
    pub accounts: Vec<Named>,
    /// People who have or had a deal in scope.
    pub people: Vec<Named>,
}

/// How well a name fits: smaller is better.
type Fit = (bool, usize);

fn fit(name: &str, needle: &str) -> Option<Fit> {
    name.find(needle).map(|at| (at > 0, name.len()))
}

impl Warehouse {
    /// Looks for a text, at most so many of each sort. People are those of deals in scope, customers those and what is
    /// kept by `keepers` (absent: by anybody); under [`Scope::All`] all there are.
    ///
    /// # Errors
    /// The warehouse is closing.
    pub async fn look(
        &self,
        scope: &Scope,
        keepers: Option<HashSet<RecordId>>,
        text: &str,
        limit: usize,
    ) -> Result<Looked, AskError> {
        let (scope, text) = (scope.clone(), text.to_owned());
        self.read(None, move |snapshot, memory| look(snapshot, &scope, keepers.as_ref(), &text, limit, memory)).await
    }
}

/// Looks on the current thread pool.
pub(crate) fn look(
    snapshot: &Snapshot,
    scope: &Scope,
    keepers: Option<&HashSet<RecordId>>,
    text: &str,
    limit: usize,
    memory: &Memory,
) -> Looked {
    let needle = folded(text);
    let needle = needle.trim();
    if needle.is_empty() {
        return Looked::default();
    }
    let codes = snapshot.scope(scope);
    let all = texts(snapshot, memory);
    let mut deals: Vec<(Fit, std::cmp::Reverse<RecordId>)> = snapshot
        .partitions
        .par_iter()
        .zip(&all)
        .flat_map_iter(|(partition, texts)| {
            let mut matched = vec![false; partition.len()];
            texts.flag(needle, &mut matched);
            let in_scope = partition.in_scope(&codes);
            let mut found = Vec::new();
            for journey in partition.journeys.iter().filter(|journey| matched[journey.index]) {
                let seen = in_scope.as_ref().is_none_or(|in_scope| in_scope[journey.index]);
                let stands = journey
                    .range()
                    .last()
                    .is_some_and(|last| partition.journeys.entries.state[last] != journey::STATE_DELETED);
                let (name, id) = texts.parts(journey.index);
                if let Some(fit) = fit(name, needle).into_iter().chain(fit(id, needle)).min()
                    && seen
                    && stands
                {
                    found.push((fit, std::cmp::Reverse(journey.deal())));
                }
            }
            found
        })
        .collect();
    deals.sort_unstable();
    deals.truncate(limit);
    let book = CodeBook::of(&snapshot.labels, Vec::new());
    let members = |dimension: Dimension| {
        let names = names(snapshot, dimension, memory);
        let visible = visible(snapshot, &codes, Key::Dimension(dimension), &book);
        let members = snapshot.labels.members(dimension);
        let is_shown = |code: u32, member: &Member| {
            let has_deal = visible.as_ref().is_none_or(|visible| visible.get(code as usize) == Some(&true));
            if dimension == Dimension::Account { is_seen(member, keepers, has_deal) } else { has_deal }
        };
        let mut found: Vec<(Fit, u32)> = members
            .iter()
            .filter_map(|(code, member)| {
                Some((fit(names.name(code), needle)?, code)).filter(|_| is_shown(code, member))
            })
            .collect();
        found.sort_unstable();
        let named = |(_, code): (Fit, u32)| Some(Named { id: members.get(code)?.id, name: members.label(code)? });
        found.into_iter().take(limit).filter_map(named).collect()
    };
    Looked {
        deals: deals.into_iter().map(|(_, std::cmp::Reverse(deal))| deal).collect(),
        accounts: members(Dimension::Account),
        people: members(Dimension::Owner),
    }
}
