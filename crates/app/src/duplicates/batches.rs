//! Merges that were made at once: listed as one, and taken back together.

use std::collections::BTreeMap;

use domain::{Instant, Kind, RecordId};
use store::{Merge, MergeBatch, StoreError};

use super::merge_all::PORTION;
use super::merges::MOST;
use crate::step::{self, go_on};
use crate::{AppError, Follow, Loudou, Result, Step};

/// Merges that were made at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchSeen {
    /// The first of the merges, by which all are taken back.
    pub id: i64,
    /// The kind of the records.
    pub kind: Kind,
    /// When.
    pub at: Instant,
    /// Who did it; absent where it was the program's own command.
    pub actor: Option<String>,
    /// How many records went.
    pub merges: u64,
    /// How many of them are there again.
    pub undone: u64,
}

/// A batch of merges that was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnmergedAll {
    /// The batch.
    pub batch: i64,
    /// The kind of the records.
    pub kind: Kind,
    /// Records that are there again.
    pub back: usize,
    /// Records that stayed and that people changed since; the changes stay.
    pub edited: usize,
}

impl Loudou {
    /// Batches of at least two merges, the latest first; those before the batch `before` where one is named.
    ///
    /// # Errors
    /// The asker may not merge, or the database fails.
    pub async fn merge_batches(&self, before: Option<i64>, limit: u32) -> Result<Vec<BatchSeen>> {
        self.may_merge()?;
        let batches = self.store.merge_batches(before, limit.clamp(1, MOST)).await?;
        let names = self.names(batches.iter().map(|batch| (Kind::Person, batch.actor)).collect()).await?;
        let seen = |batch: &MergeBatch| BatchSeen {
            id: batch.id,
            kind: batch.kind,
            at: batch.at,
            actor: (batch.actor != domain::journal::SYSTEM_ACTOR).then(|| names.of(Kind::Person, batch.actor)),
            merges: batch.merges.unsigned_abs(),
            undone: batch.undone.unsigned_abs(),
        };
        Ok(batches.iter().map(seen).collect())
    }

    /// Takes back every merge of a batch that stands, in one transaction: the latest first, each as
    /// [`Loudou::undo_merge`] does.
    ///
    /// # Errors
    /// The asker may not merge; there is no such batch, or nothing of it stands; a record that was to stay was merged
    /// further or deleted since, and nothing is changed; it was cancelled.
    pub async fn undo_merges(&self, batch: i64, follow: &(dyn Follow + Sync)) -> Result<UnmergedAll> {
        self.may_merge()?;
        go_on(follow, Step::Doing(step::WAITING))?;
        let mut writer = self.store.begin().await?;
        let merges = match writer.standing_of_batch(batch).await {
            Ok(merges) => merges,
            Err(error @ StoreError::SurvivorGone { record, .. }) => {
                return Err(self.stands_against(error, record).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let withdrawn = self.store.withdrawn().await?;
        let mut by_survivor: BTreeMap<RecordId, Vec<&Merge>> = BTreeMap::new();
        merges.iter().for_each(|merge| by_survivor.entry(merge.into).or_default().push(merge));
        let total = merges.len() as u64;
        let (mut done, mut edited) = (0_u64, 0);
        for (at, (survivor, merges)) in by_survivor.into_iter().enumerate() {
            if at % PORTION == 0 {
                go_on(follow, Step::Through { what: step::UNMERGING, done, total, unit: "merges" })?;
            }
            let mut is_edited = false;
            for merge in &merges {
                let (_, edits) = writer.unmerge(merge.seq, self.who.actor, self.now).await?;
                is_edited |= !edits.is_empty();
            }
            if let Some(facts) = self.without_names(&merges, &withdrawn).await? {
                writer.append(vec![self.draft(merges[0].kind, survivor, facts)], self.now).await?;
            }
            done += merges.len() as u64;
            edited += usize::from(is_edited);
        }
        go_on(follow, Step::Doing(step::COMMITTING))?;
        writer.commit().await?;
        let kind = merges.first().map_or(Kind::Account, |merge| merge.kind);
        Ok(UnmergedAll { batch, kind, back: merges.len(), edited })
    }

    /// What stands against taking a batch back, and what to do about it.
    async fn stands_against(&self, error: StoreError, record: RecordId) -> Result<AppError> {
        let later = self.store.merge_standing(record).await?;
        let error = AppError::from(error);
        Ok(match later {
            Some(merge) => error.hint((
                format!("请先撤销之后的合并 {}，再撤销这一批", merge.seq),
                format!("take back the later merge {} first, then this batch", merge.seq),
            )),
            None => error.hint(("请逐条撤销其余的合并", "take back the others one by one")),
        })
    }
}
