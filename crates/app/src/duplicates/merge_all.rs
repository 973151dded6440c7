//! Merging everything that is sure enough.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{Kind, RecordId};
use matching::Cluster;
use sha2::{Digest, Sha256};
use store::Record;

use super::survivorship::{self, Strategy};
use crate::step::{self, go_on};
use crate::{AppError, Fault, Follow, Loudou, Result, Step};

/// Clusters, or merges, between two words to whoever follows.
pub(super) const PORTION: usize = 32;

/// What to merge.
#[derive(Debug, Clone)]
pub struct MergeAllAsk {
    /// The kind of the records.
    pub kind: Kind,
    /// The least score of a cluster.
    pub min_score: f64,
    /// Whose values stand.
    pub strategy: Strategy,
    /// Nothing is written, it is only told what would be.
    pub dry_run: bool,
    /// The mark of what a dry run found: where it would be others by now, nothing is merged.
    pub found: Option<String>,
}

/// What a merge of everything did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedAll {
    /// The mark of the clusters, alike for the same records alone: a dry run's is handed back by whoever merges them.
    pub found: String,
    /// Clusters merged.
    pub clusters: usize,
    /// Records that went into others.
    pub merged: usize,
    /// Records that stay.
    pub left: usize,
    /// The first of the merges and the last; absent where nothing was written. By the first, all are taken back together.
    pub merges: Option<(i64, i64)>,
}

impl Loudou {
    /// Merges every cluster that scores enough into the record it proposes, all in one transaction.
    ///
    /// # Errors
    /// The asker may not merge, the score is none, other records would go than were expected, somebody changed one of
    /// them meanwhile, it was cancelled, or the database fails.
    pub async fn merge_all(&self, ask: &MergeAllAsk, follow: &(dyn Follow + Sync)) -> Result<MergedAll> {
        let found = self.look(ask.kind, ask.min_score, follow).await?;
        let merged = found.superfluous();
        let left = found.compared.saturating_sub(merged);
        let mark = mark(&found.clusters);
        if ask.found.as_ref().is_some_and(|found| *found != mark) {
            return Err(others(merged));
        }
        let mut all = MergedAll { found: mark, clusters: found.clusters.len(), merged, left, merges: None };
        if ask.dry_run || all.clusters == 0 {
            return Ok(all);
        }
        go_on(follow, Step::Doing(step::READING))?;
        let records = self.records_of(ask.kind, &found.clusters).await?;
        go_on(follow, Step::Doing(step::WAITING))?;
        let mut writer = self.store.begin().await?;
        // Nobody else writes from here on: what somebody said to be two in between is heard.
        if self.store.not_duplicates(ask.kind).await? != found.apart {
            return Err(others(merged));
        }
        let withdrawn = self.store.withdrawn().await?;
        let mut done = 0;
        for (at, cluster) in found.clusters.iter().enumerate() {
            if at % PORTION == 0 {
                go_on(follow, Step::Through { what: step::MERGING, done, total: merged as u64, unit: "merges" })?;
            }
            let of: Vec<&Record> = cluster.records.iter().filter_map(|id| records.get(id)).collect();
            let Some(id) = survivorship::propose(&of).filter(|_| of.len() == cluster.records.len()) else {
                return Err(changed());
            };
            for record in &of {
                writer.expect_version(ask.kind, record.id, record.version).await?;
            }
            let (stays, goes): (Vec<&Record>, Vec<&Record>) = of.into_iter().partition(|record| record.id == id);
            let merges =
                self.write_merges(&mut writer, stays[0], &goes, ask.strategy, &BTreeMap::new(), &withdrawn).await?;
            done += merges.len() as u64;
            let first = all.merges.map_or_else(|| merges.first().copied(), |(first, _)| Some(first));
            all.merges = first.zip(merges.last().copied()).or(all.merges);
        }
        if let Some((first, last)) = all.merges {
            writer.note_batch(first, last).await?;
        }
        go_on(follow, Step::Doing(step::COMMITTING))?;
        writer.commit().await?;
        Ok(all)
    }

    /// The records of clusters.
    async fn records_of(&self, kind: Kind, clusters: &[Cluster]) -> Result<HashMap<RecordId, Record>> {
        let wanted: HashSet<RecordId> = clusters.iter().flat_map(|cluster| cluster.records.iter().copied()).collect();
        let mut records: HashMap<RecordId, Record> = HashMap::new();
        let keep = |page: Vec<Record>| {
            records.extend(page.into_iter().filter(|it| wanted.contains(&it.id)).map(|record| (record.id, record)));
        };
        self.store.for_each_record(kind, keep).await?;
        Ok(records)
    }
}

/// Somebody merged or deleted one of the records between the look and now.
fn changed() -> AppError {
    let message = (
        "有记录其间已被合并或删除；没有改动任何数据",
        "one of the records was merged or deleted meanwhile; nothing was changed",
    );
    AppError::of(Fault::Conflict, message).hint(("请重新查重，再确认", "look again, then confirm"))
}

/// Which records clusters are of, in 64 hexadecimal digits.
fn mark(clusters: &[Cluster]) -> String {
    let sorted = |cluster: &Cluster| {
        let mut records = cluster.records.clone();
        records.sort_unstable();
        records
    };
    let mut groups: Vec<Vec<RecordId>> = clusters.iter().map(sorted).collect();
    groups.sort_unstable();
    let mut hash = Sha256::new();
    for group in groups {
        hash.update((group.len() as u64).to_le_bytes());
        group.iter().for_each(|record| hash.update(record.to_le_bytes()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn others(merged: usize) -> AppError {
    let message = (
        format!("数据已有变化：现在会并入另外的记录（{merged} 条）；没有改动任何数据"),
        format!("the data has changed: other records would go by now ({merged}); nothing was changed"),
    );
    AppError::of(Fault::Conflict, message).hint(("请重新查重，再确认", "look again, then confirm"))
}
