//! Merging everything that is sure enough.

use std::collections::{BTreeMap, HashMap};

use domain::{Kind, RecordId};
use store::Record;

use super::survivorship::{self, Strategy};
use crate::{Loudou, Result};

/// What a merge of everything did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedAll {
    /// Clusters merged.
    pub clusters: usize,
    /// Records that went into others.
    pub merged: usize,
    /// Records that stay.
    pub left: usize,
    /// The first of the merges and the last; absent where nothing was written.
    pub merges: Option<(i64, i64)>,
}

impl Loudou {
    /// Merges every cluster that scores at least `min_score` into the record it proposes, all in one transaction. With
    /// `dry_run` nothing is written.
    ///
    /// # Errors
    /// The asker may not merge, the score is none, or the database fails.
    pub async fn merge_all(&self, kind: Kind, min_score: f64, strategy: Strategy, dry_run: bool) -> Result<MergedAll> {
        self.may_merge()?;
        let found = self.look(kind, min_score).await?;
        let merged: usize = found.clusters.iter().map(|cluster| cluster.records.len() - 1).sum();
        let mut all = MergedAll { clusters: found.clusters.len(), merged, left: 0, merges: None };
        let mut records: HashMap<RecordId, Record> = HashMap::new();
        self.store
            .for_each_record(kind, |page| {
                all.left += page.len();
                records.extend(page.into_iter().map(|record| (record.id, record)));
            })
            .await?;
        all.left = all.left.saturating_sub(merged);
        if dry_run || all.clusters == 0 {
            return Ok(all);
        }
        let mut writer = self.store.begin().await?;
        for cluster in &found.clusters {
            let of: Vec<&Record> = cluster.records.iter().filter_map(|id| records.get(id)).collect();
            let Some(survivor) = survivorship::propose(&of) else { continue };
            let (survivors, merged): (Vec<&Record>, Vec<&Record>) =
                of.into_iter().partition(|record| record.id == survivor);
            for record in survivors.iter().chain(&merged) {
                writer.expect_version(kind, record.id, record.version).await?;
            }
            let Some(survivor) = survivors.first() else { continue };
            let merges = self.write_merges(&mut writer, survivor, &merged, strategy, &BTreeMap::new()).await?;
            let first = all.merges.map_or_else(|| merges.first().copied(), |(first, _)| Some(first));
            all.merges = first.zip(merges.last().copied()).or(all.merges);
        }
        writer.commit().await?;
        Ok(all)
    }
}
