//! What a source goes on saying of a record that was merged: it is said of the survivor.
//!
//! The record's key stays its own, and so do its entries, so that an undo finds everything in its place. A row that says
//! what it said before the merge says nothing new; what it says otherwise since is news of the survivor. What it said and an
//! undone import took back is its own once more.

use domain::RecordId;
use domain::journal::{Cut, Facts, Hot, HotSet, Op, Timeline, Withdrawn, fold};
use store::Draft;

use super::reconcile;
use crate::{Loudou, Result};

/// Records whose journal is looked at together.
const CHUNK: usize = 20_000;

impl Loudou {
    /// Turns drafts of merged records into drafts of their survivors, and leaves out what they had said before. Returns
    /// the drafts, whether each comes from a source without history, and how many were left out.
    pub(super) async fn lead_drafts(
        &self,
        mut drafts: Vec<Draft>,
        snapshot: Vec<bool>,
    ) -> Result<(Vec<Draft>, Vec<bool>, u64)> {
        let survivors = self.store.survivors().await?;
        let mut merged: Vec<RecordId> = match survivors.is_empty() {
            true => Vec::new(),
            false => drafts.iter().map(|draft| draft.record).filter(|record| survivors.contains_key(record)).collect(),
        };
        if merged.is_empty() {
            return Ok((drafts, snapshot, 0));
        }
        merged.sort_unstable();
        merged.dedup();
        let by_record = reconcile::by_record(&drafts);
        let withdrawn = self.store.withdrawn().await?;
        let before = drafts.len();
        let (mut left_out, mut own) = (vec![false; before], vec![false; before]);
        let mut again: Vec<(Draft, bool)> = Vec::new();
        for chunk in merged.chunks(CHUNK) {
            let mut entries = self.store.entries_of(chunk).await?;
            entries.retain(|entry| !matches!(entry.op, Op::Merge { .. }));
            entries.sort_by_key(|entry| (entry.record, entry.seq));
            for said in entries.chunk_by(|a, b| a.record == b.record) {
                let places = &by_record[&said[0].record];
                let of_record: Vec<_> = places.iter().map(|place| (&drafts[*place], snapshot[*place])).collect();
                let news = reconcile::news(said, &withdrawn, &of_record);
                // What was said and taken back with its import was said: it is the merged record's own, and no news of
                // the survivor.
                let never_said = reconcile::news(said, &Withdrawn::default(), &of_record);
                let ever = fold(said, &Withdrawn::default(), Cut::Everything);
                let now = fold(said, &withdrawn, Cut::Everything);
                for (place, (is_news, is_new)) in places.iter().zip(news.into_iter().zip(never_said)) {
                    let draft = &mut drafts[*place];
                    (left_out[*place], own[*place]) = (!is_news, is_news && !is_new);
                    if let (true, Op::Assert(facts)) = (is_news && is_new, &mut draft.op) {
                        let (old, new) = apart(std::mem::take(facts), &ever);
                        left_out[*place] = new.is_empty();
                        *facts = new;
                        let (_, back) = apart(old, &now);
                        if !back.is_empty() {
                            again.push((Draft { op: Op::Assert(back), ..draft.clone() }, snapshot[*place]));
                        }
                    }
                }
            }
        }
        for (draft, _) in drafts.iter_mut().zip(own).filter(|(_, own)| !own) {
            draft.record = survivors.get(&draft.record).copied().unwrap_or(draft.record);
        }
        let kept = drafts.into_iter().zip(snapshot).zip(&left_out).filter(|(_, left_out)| !**left_out);
        let (drafts, snapshot): (Vec<_>, Vec<_>) = kept.map(|(draft, _)| draft).chain(again).unzip();
        let left_out = before.saturating_sub(drafts.len()) as u64;
        Ok((drafts, snapshot, left_out))
    }
}

/// Facts in two parts: what a record says as it stands in a timeline, and what it does not say.
pub(crate) fn apart(facts: Facts, timeline: &Timeline) -> (Facts, Facts) {
    let (said, news) = facts.rest.into_iter().partition(|(field, value)| timeline.rest.get(field) == Some(value));
    let state = timeline.current().map(|state| state.hot);
    let parts = [
        HotSet::STAGE,
        HotSet::OUTCOME,
        HotSet::AMOUNT,
        HotSet::CURRENCY,
        HotSet::OWNER,
        HotSet::TEAM,
        HotSet::EXPECTED_CLOSE,
        HotSet::PROBABILITY,
    ];
    let part = |set: HotSet, rest| {
        // What is not told stays at its default, as the journal gives it back.
        let mut told = Hot::default();
        Facts { set, hot: facts.hot, rest: Vec::new() }.apply(&mut told);
        Facts { set, hot: told, rest }
    };
    let (mut old, mut new) = (HotSet::default(), HotSet::default());
    for set in parts.into_iter().filter(|part| facts.set.has(*part)) {
        let is_said = state.is_some_and(|state| {
            let mut after = state;
            part(set, Vec::new()).apply(&mut after);
            after == state
        });
        let of = if is_said { &mut old } else { &mut new };
        *of = of.with(set);
    }
    (part(old, said), part(new, news))
}
