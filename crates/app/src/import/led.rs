//! What a source goes on saying of a record that was merged: it is said of the survivor.
//!
//! The record's key stays its own, and so do its entries, so that an undo finds everything in its place. A row that says
//! what it said before the merge says nothing new; what it says otherwise since is news of the survivor.

use domain::RecordId;
use domain::journal::{Cut, Entry, Facts, Hot, HotSet, Op, Withdrawn, fold};
use store::{Draft, Survivors};

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
        let mut keep = vec![true; drafts.len()];
        for chunk in merged.chunks(CHUNK) {
            let mut entries = self.store.entries_of(chunk).await?;
            entries.retain(|entry| !matches!(entry.op, Op::Merge { .. }));
            entries.sort_by_key(|entry| (entry.record, entry.seq));
            for said in entries.chunk_by(|a, b| a.record == b.record) {
                let places = &by_record[&said[0].record];
                let of_record: Vec<_> = places.iter().map(|place| (&drafts[*place], snapshot[*place])).collect();
                let news = reconcile::news(said, &withdrawn, &of_record);
                for (place, is_news) in places.iter().zip(news) {
                    keep[*place] = is_news && leave_said(said, &withdrawn, &mut drafts[*place]);
                }
            }
        }
        lead(&mut drafts, &survivors);
        let before = drafts.len();
        let kept = drafts.into_iter().zip(snapshot).zip(keep).filter(|(_, keep)| *keep).map(|(draft, _)| draft);
        let (drafts, snapshot): (Vec<_>, Vec<_>) = kept.unzip();
        let left_out = (before - drafts.len()) as u64;
        Ok((drafts, snapshot, left_out))
    }
}

fn lead(drafts: &mut [Draft], survivors: &Survivors) {
    for draft in drafts {
        if let Some(survivor) = survivors.get(&draft.record) {
            draft.record = *survivor;
        }
    }
}

/// Takes out of a draft what the merged record said at last; whether anything is left.
fn leave_said(said: &[Entry], withdrawn: &Withdrawn, draft: &mut Draft) -> bool {
    let timeline = fold(said, withdrawn, Cut::Everything);
    let Op::Assert(facts) = &mut draft.op else { return true };
    facts.rest.retain(|(field, value)| timeline.rest.get(field) != Some(value));
    if let Some(state) = timeline.current() {
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
        let told = facts.set;
        for part in parts.into_iter().filter(|part| told.has(*part)) {
            let mut after = state.hot;
            Facts { set: part, hot: facts.hot, rest: Vec::new() }.apply(&mut after);
            if after == state.hot {
                facts.set = HotSet(facts.set.0 & !part.0);
            }
        }
        // What is not told stays at its default, as the journal gives it back.
        let mut told = Hot::default();
        facts.apply(&mut told);
        facts.hot = told;
    }
    !facts.is_empty()
}
