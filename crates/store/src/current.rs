//! The present of one record, as its table shows it.
//!
//! It is the end of [`domain::journal::fold`], in two ways: from a folded timeline, or step by step for a
//! record that this transaction made and whose entries arrive in order. The second spares an import from
//! reading back what it has just written; a property test holds it to the first.

use domain::field::{FieldId, Value};
use domain::journal::{Entry, Facts, Hot, Timeline};
use domain::{Instant, Outcome};

/// The state of a record that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    /// Sequence of the entry (or the undo) that changed it last.
    pub(crate) version: i64,
    pub(crate) hot: Hot,
    /// Other fields, by ascending id.
    pub(crate) rest: Vec<(FieldId, Value)>,
    pub(crate) created_at: Instant,
    /// Since when the outcome is what it is.
    outcome_since: Instant,
    /// Place of the latest entry in the order of the fold.
    place: (Instant, i64, i64),
}

impl Current {
    /// A record by its first entry.
    pub(crate) fn first(entry: &Entry, facts: Facts) -> Self {
        let mut hot = Hot::default();
        facts.apply(&mut hot);
        Self {
            version: entry.seq,
            hot,
            rest: facts.rest,
            created_at: entry.effective_at,
            outcome_since: entry.effective_at,
            place: (entry.effective_at, entry.source_seq, entry.seq),
        }
    }

    /// Takes in the next entry, unless it belongs before one that was taken in.
    pub(crate) fn next(&mut self, entry: &Entry, facts: Facts) -> bool {
        let place = (entry.effective_at, entry.source_seq, entry.seq);
        if place < self.place {
            return false;
        }
        let before = self.hot.outcome;
        facts.apply(&mut self.hot);
        if self.hot.outcome != before {
            self.outcome_since = entry.effective_at;
        }
        for (field, value) in facts.rest {
            match self.rest.binary_search_by_key(&field, |(id, _)| *id) {
                Ok(at) => self.rest[at].1 = value,
                Err(at) => self.rest.insert(at, (field, value)),
            }
        }
        self.version = entry.seq;
        self.place = place;
        true
    }

    /// The end of a timeline; nothing where the record does not stand.
    pub(crate) fn of(timeline: Timeline, version: i64) -> Option<Self> {
        let last = *timeline.current()?;
        let created_at = timeline.states.first()?.effective_at;
        let mut since = (created_at, timeline.states.first()?.hot.outcome);
        for state in &timeline.states {
            if state.hot.outcome != since.1 {
                since = (state.effective_at, state.hot.outcome);
            }
        }
        Some(Self {
            version,
            hot: last.hot,
            rest: timeline.rest.into_iter().collect(),
            created_at,
            outcome_since: since.0,
            place: (last.effective_at, i64::MAX, last.seq),
        })
    }

    /// Since when the deal is over.
    pub(crate) fn closed_at(&self) -> Option<Instant> {
        Outcome::is_closed(self.hot.outcome).then_some(self.outcome_since)
    }
}
