//! Jobs over records that are there: duplicates looked for, merged and taken back, industries inferred.

use domain::Kind;
use serde_json::{Value, json};

use super::{End, Follower, Job, JobKind, Jobs, Topic};
use crate::duplicates::{self, DuplicatesAsk, MergeAllAsk};
use crate::{Loudou, Result};

impl Jobs {
    /// Begins to look for duplicates; afterwards [`Loudou::duplicates`] answers at once. Nothing begins where it does so
    /// already; a look of the asker's for the same goes on, one for something else is stopped.
    ///
    /// # Errors
    /// The asker may not merge, the score is none, or the asker has too many jobs.
    pub async fn look_for_duplicates(&self, loudou: &Loudou, kind: Kind, min_score: f64) -> Result<Option<Job>> {
        if loudou.knows_duplicates(kind, min_score).await? {
            return Ok(None);
        }
        let topic = Topic::Duplicates(kind, min_score.to_bits());
        if let Some(job) = self.going_on(&loudou.who().name, topic) {
            return Ok(Some(job));
        }
        let ask = DuplicatesAsk { kind, min_score, limit: 1, skip: 0 };
        let job = self.begin(loudou, JobKind::Duplicates, topic, async move |loudou: Loudou, follower: Follower| {
            End::told(loudou.duplicates_followed(&ask, &follower).await.map(|found| {
                json!({
                    "kind": duplicates::word(kind), "min_score": min_score, "compared": found.compared,
                    "clusters": found.clusters, "superfluous": found.superfluous,
                })
            }))
        })?;
        Ok(Some(job))
    }

    /// Begins to merge everything that scores enough, or to tell what would be merged.
    ///
    /// # Errors
    /// The asker may not merge, the score is none, or the asker has too many jobs.
    pub async fn merge_all(&self, loudou: &Loudou, ask: MergeAllAsk) -> Result<Job> {
        loudou.knows_duplicates(ask.kind, ask.min_score).await?;
        self.begin(loudou, JobKind::Merge, Topic::Nothing, async move |loudou: Loudou, follower: Follower| {
            End::told(loudou.merge_all(&ask, &follower).await.map(|all| {
                json!({
                    "kind": duplicates::word(ask.kind), "min_score": ask.min_score, "dry_run": ask.dry_run,
                    "found": all.found, "clusters": all.clusters, "merged": all.merged, "left": all.left,
                    "batch": all.merges.map(|(first, _)| first),
                })
            }))
        })
    }

    /// Begins to take back what was merged at once.
    ///
    /// # Errors
    /// The asker may not merge, or has too many jobs.
    pub fn undo_merges(&self, loudou: &Loudou, batch: i64) -> Result<Job> {
        loudou.may_merge()?;
        self.begin(loudou, JobKind::Unmerge, Topic::Nothing, async move |loudou: Loudou, follower: Follower| {
            End::told(loudou.undo_merges(batch, &follower).await.map(|all| {
                json!({
                    "kind": duplicates::word(all.kind), "batch": all.batch, "back": all.back, "edited": all.edited,
                })
            }))
        })
    }

    /// Begins to learn and infer industries; afterwards [`Loudou::inferred`] answers at once. Nothing begins where it does
    /// so already.
    ///
    /// # Errors
    /// As [`Loudou::inferred`]; or the asker has too many jobs.
    pub async fn infer(&self, loudou: &Loudou, wanted: f64) -> Result<Option<Job>> {
        if loudou.knows_inferred(wanted).await? {
            return Ok(None);
        }
        let topic = Topic::Industries(wanted.to_bits());
        if let Some(job) = self.going_on(&loudou.who().name, topic) {
            return Ok(Some(job));
        }
        let job = self.begin(loudou, JobKind::Infer, topic, async move |loudou: Loudou, follower: Follower| {
            let list = loudou.inferred_followed(wanted, &follower).await;
            End::told(list.map(|list| json!({"accuracy": wanted, "proposals": list.proposals})))
        })?;
        Ok(Some(job))
    }

    /// Begins to write inferred industries with the customers in sight.
    ///
    /// # Errors
    /// The asker may not change customers, or has too many jobs.
    pub fn apply_inferred(&self, loudou: &Loudou, wanted: f64) -> Result<Job> {
        loudou.who().require(domain::people::May::EditCustomers)?;
        self.begin(loudou, JobKind::Infer, Topic::Nothing, async move |loudou: Loudou, follower: Follower| {
            let written = loudou.apply_inferred(wanted, &follower).await;
            End::told(written.map(|customers| json!({"accuracy": wanted, "customers": customers})))
        })
    }

    /// A user's job on a topic that is not at its end or about to be.
    fn going_on(&self, user: &str, topic: Topic) -> Option<Job> {
        let entries = self.entries();
        let open = entries.by_id.values().find(|entry| entry.topic == topic && entry.is_open_of(user));
        open.map(|entry| entry.state.borrow().clone())
    }
}

impl End {
    /// The end of work that read no files.
    pub(super) fn told(told: Result<Value>) -> Self {
        match told {
            Ok(result) => Self { result: Some(result), report: None, problem: None },
            Err(problem) => Self { result: None, report: None, problem: Some(problem) },
        }
    }
}
