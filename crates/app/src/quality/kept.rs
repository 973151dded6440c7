//! What is kept of one question for the next: the past of the journal, and verdicts of the last days asked for.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Day, Scope};
use tokio::sync::{Mutex as Turn, RwLock};

use super::infer::Proposed;
use super::judge::Judged;
use super::past::Past;
use crate::answer::Answer;

/// Days whose verdicts are kept: today's, and a day or two that somebody looks back to.
const DAYS: usize = 3;
/// Trends that are kept: a few words each.
const TRENDS: usize = 64;

/// What verdicts depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    /// The journal up to here.
    pub(crate) seq: i64,
    /// The mark of what has no entry: rules, processes, rates.
    pub(crate) config: i64,
    pub(crate) day: Day,
    pub(crate) known_at: Option<Day>,
}

/// What stays in memory. Whatever is in it can be made again.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) past: Arc<RwLock<Past>>,
    /// Whoever judges a day holds it: a page asks several questions of one day at once.
    pub(crate) turn: Turn<()>,
    judged: Mutex<Vec<(Basis, Arc<Judged>)>>,
    trends: Mutex<Vec<(String, Answer)>>,
    proposed: Mutex<Option<(Wanted, Arc<Proposed>)>>,
}

/// What industries were inferred for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) basis: Basis,
    pub(crate) scope: Scope,
    /// The share of answers that is to be right, as its bits.
    pub(crate) share: u64,
}

impl Kept {
    pub(crate) fn judged(&self, basis: Basis) -> Option<Arc<Judged>> {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.iter().find(|(known, _)| *known == basis).map(|(_, judged)| Arc::clone(judged))
    }

    pub(crate) fn keep(&self, basis: Basis, judged: &Arc<Judged>) {
        let mut all = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(0, (basis, Arc::clone(judged)));
        all.truncate(DAYS);
    }

    /// What was inferred last, if it was for this.
    pub(crate) fn proposed(&self, wanted: &Wanted) -> Option<Arc<Proposed>> {
        let kept = self.proposed.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(known, _)| known == wanted).map(|(_, proposed)| Arc::clone(proposed))
    }

    pub(crate) fn keep_proposed(&self, wanted: Wanted, proposed: &Arc<Proposed>) {
        *self.proposed.lock().unwrap_or_else(PoisonError::into_inner) = Some((wanted, Arc::clone(proposed)));
    }

    /// A trend under its terms, which name all that it depends on.
    pub(crate) fn trend(&self, terms: &str) -> Option<Answer> {
        let trends = self.trends.lock().unwrap_or_else(PoisonError::into_inner);
        trends.iter().find(|(known, _)| known == terms).map(|(_, answer)| answer.clone())
    }

    pub(crate) fn keep_trend(&self, terms: String, answer: &Answer) {
        let mut all = self.trends.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(0, (terms, answer.clone()));
        all.truncate(TRENDS);
    }
}
