//! Long work in the background of a process that stays: imports, previews, the demonstration company, duplicates, undo.
//!
//! A job belongs to whoever began it; to anybody else it does not exist. It runs on a thread of its own, tells where it
//! is, and can be cancelled until what it does is committed. Its end is remembered for a day. Jobs are of this process:
//! what they bring in is in the database, the rest is gone with it.

mod follower;
mod kind;
mod records;
mod work;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::people::May;
use domain::words::Text2;
use domain::{Instant, Kind};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

use crate::import::ImportReport;
use crate::step::Follow;
use crate::{AppError, Loudou, Result, Who};

use follower::Follower;
pub use kind::{JobKind, JobState};

/// How long the end of a job is remembered.
const KEPT_MICROS: i64 = 24 * 3600 * 1_000_000;
/// Ends that are remembered, of all users.
const MAX_KEPT: usize = 200;
/// Issues that the remembered ends hold in memory together; beyond, the oldest ends are forgotten.
const MAX_KEPT_ISSUES: usize = 50_000;
/// Jobs that run at once; others wait.
const AT_ONCE: usize = 2;
/// Jobs of one user that are not at their end.
const MAX_OPEN: usize = 5;

/// The time.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// A job at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What it is about.
    pub kind: JobKind,
    /// Where it is.
    pub state: JobState,
    /// What it is doing, in words.
    pub step: Text2,
    /// How much of the step is done, in [`Job::unit`].
    pub done: u64,
    /// How much there is to do; absent where nobody knows.
    pub total: Option<u64>,
    /// `bytes`, `rows`, `entries`, `records`, `pairs`, `merges` or `parts`.
    pub unit: Option<&'static str>,
    /// How much a second.
    pub rate_per_second: Option<u64>,
    /// How long the step will still take.
    pub seconds_left: Option<u64>,
    /// Since when it is.
    pub begun_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why nothing came of it.
    pub problem: Option<AppError>,
    /// What was found in the files, also where nothing came in.
    pub report: Option<Arc<ImportReport>>,
}

/// What came of a job's work.
#[derive(Debug)]
struct End {
    result: Option<Value>,
    report: Option<Arc<ImportReport>>,
    problem: Option<AppError>,
}

/// What a job works on, where another one on the same would be in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    /// An upload that is read.
    Upload(i64),
    /// Duplicates of a kind, from a score on that is kept as its bits.
    Duplicates(Kind, u64),
    /// Industries, right in a share that is kept as its bits.
    Industries(u64),
    /// None.
    Nothing,
}

struct Entry {
    user: String,
    topic: Topic,
    cancelled: Arc<AtomicBool>,
    state: watch::Sender<Job>,
}

#[derive(Default)]
struct Entries {
    last_id: i64,
    by_id: BTreeMap<i64, Entry>,
    ended: VecDeque<i64>,
}

/// The jobs of a process. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Jobs {
    clock: Clock,
    entries: Arc<Mutex<Entries>>,
    turns: Arc<Semaphore>,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("jobs", &self.entries().by_id.len()).finish()
    }
}

impl Jobs {
    /// None yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, entries: Arc::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The asker's jobs that they may hear of, as they are now, the latest first.
    ///
    /// # Errors
    /// The asker may begin no job of any kind.
    pub fn list(&self, who: &Who) -> Result<Vec<Job>> {
        may_hear(who)?;
        let entries = self.entries();
        let own = entries.by_id.values().rev().filter(|entry| entry.is_told(who));
        Ok(own.map(|entry| entry.state.borrow().clone()).collect())
    }

    /// A job of the asker's, as it is now.
    ///
    /// # Errors
    /// The asker has no such job, or may not hear of it any more.
    pub fn find(&self, who: &Who, id: i64) -> Result<Job> {
        Ok(self.follow(who, id)?.borrow().clone())
    }

    /// A job of the asker's, as it is now and as it goes on.
    ///
    /// # Errors
    /// The asker has no such job, or may not hear of it any more.
    pub fn follow(&self, who: &Who, id: i64) -> Result<watch::Receiver<Job>> {
        may_hear(who)?;
        let entries = self.entries();
        let entry = entries.by_id.get(&id).filter(|entry| entry.is_told(who));
        let entry = entry.ok_or_else(|| {
            AppError::not_found((format!("没有任务 {id}"), format!("there is no job {id}"))).hint((
                "任务随运行它的程序结束；已导入的内容见导入列表",
                "jobs end with the program that runs them; what was imported is in the list of imports",
            ))
        })?;
        Ok(entry.state.subscribe())
    }

    /// Asks a job of the asker's to stop. What it has committed by then stays.
    ///
    /// # Errors
    /// The asker has no such job, or may not hear of it any more.
    pub fn cancel(&self, who: &Who, id: i64) -> Result<Job> {
        let job = self.find(who, id)?;
        if let Some(entry) = self.entries().by_id.get(&id) {
            entry.cancelled.store(true, Ordering::SeqCst);
        }
        Ok(job)
    }

    /// The job once it is at its end.
    ///
    /// # Errors
    /// The asker has no such job, or may not hear of it any more.
    pub async fn ended(&self, who: &Who, id: i64) -> Result<Job> {
        let mut states = self.follow(who, id)?;
        let ended = states.wait_for(|job| job.state.is_end()).await;
        ended.map(|job| job.clone()).map_err(|_| AppError::system(format!("job {id} was forgotten before it ended")))
    }

    /// Asks all jobs to stop and waits until they have: for a process that ends.
    pub async fn stop(&self) {
        let mut states: Vec<watch::Receiver<Job>> = Vec::new();
        for entry in self.entries().by_id.values() {
            entry.cancelled.store(true, Ordering::SeqCst);
            states.push(entry.state.subscribe());
        }
        for state in &mut states {
            // A job whose sender is gone has ended as well.
            let _ = state.wait_for(|job| job.state.is_end()).await;
        }
    }

    /// Begins a job. `work` gets the data at the time of its beginning.
    fn begin<W, F>(&self, loudou: &Loudou, kind: JobKind, topic: Topic, work: W) -> Result<Job>
    where
        W: FnOnce(Loudou, Follower) -> F + Send + 'static,
        F: Future<Output = End>,
    {
        let now = (self.clock)();
        let (id, follower, job) = self.enter(loudou.who(), kind, topic, now)?;
        // Nobody holds a connection for it: it may wait for another writer as long as that takes.
        let (jobs, loudou) = (self.clone(), loudou.clone().with_turn(None));
        let runtime = tokio::runtime::Handle::current();
        tokio::spawn(async move {
            let turn = jobs.turns.clone().acquire_owned().await;
            let end = if follower.is_cancelled() {
                None
            } else {
                follower.running();
                // Reading files keeps a thread busy: not one of those that answer requests.
                let (followed, runtime) = (follower.clone(), runtime.clone());
                let worked = tokio::task::spawn_blocking(move || runtime.block_on(work(loudou, followed))).await;
                Some(worked.unwrap_or_else(|error| {
                    tracing::error!(%error, "a job broke off");
                    let problem = AppError::system("the work broke off; nothing was changed");
                    End { result: None, report: None, problem: Some(problem) }
                }))
            };
            drop(turn);
            follower.end(end);
            jobs.entries().ended.push_back(id);
        });
        Ok(job)
    }

    fn enter(&self, who: &Who, kind: JobKind, topic: Topic, now: Instant) -> Result<(i64, Follower, Job)> {
        let mut entries = self.entries();
        entries.forget_old(now);
        // A new look takes the place of the one before: a preview of the same upload, a look for other duplicates or in
        // another share.
        if !matches!((kind, topic), (JobKind::Import, _) | (_, Topic::Nothing)) {
            entries.drop_others(&who.name, kind, |other| match (other, topic) {
                (Topic::Upload(other), Topic::Upload(upload)) => other == upload,
                (other, topic) => std::mem::discriminant(&other) == std::mem::discriminant(&topic),
            });
        }
        if entries.by_id.values().filter(|entry| entry.is_open_of(&who.name)).count() >= MAX_OPEN {
            return Err(AppError::of(
                crate::Fault::Conflict,
                (format!("您已有 {MAX_OPEN} 个任务在运行"), format!("{MAX_OPEN} jobs of yours run already")),
            )
            .hint(("请等其中一个结束，或取消它", "wait for one of them, or cancel it")));
        }
        // Ids of a process that was started anew are not those of the one before.
        let id = now.0.max(entries.last_id + 1);
        entries.last_id = id;
        let job = Job {
            id,
            kind,
            state: JobState::Waiting,
            step: Text2::new("等待其他任务结束", "waiting for other jobs"),
            done: 0,
            total: None,
            unit: None,
            rate_per_second: None,
            seconds_left: None,
            begun_at: now,
            ended_at: None,
            result: None,
            problem: None,
            report: None,
        };
        let state = watch::Sender::new(job.clone());
        let cancelled = Arc::new(AtomicBool::new(false));
        let follower = Follower {
            clock: Arc::clone(&self.clock),
            cancelled: Arc::clone(&cancelled),
            state: state.clone(),
            since: Arc::new(Mutex::new((now, 0))),
        };
        entries.by_id.insert(id, Entry { user: who.name.clone(), topic, cancelled, state });
        Ok((id, follower, job))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody may begin jobs of any kind.
fn may_hear(who: &Who) -> Result<()> {
    if who.may.contains(&May::Analyse) { Ok(()) } else { who.require(May::Import) }
}

impl Entry {
    fn is_told(&self, who: &Who) -> bool {
        self.user == who.name && who.may.contains(&self.state.borrow().kind.takes())
    }

    /// Whether it is a user's, and not at its end or about to be.
    fn is_open_of(&self, user: &str) -> bool {
        self.user == user && !self.cancelled.load(Ordering::SeqCst) && !self.state.borrow().state.is_end()
    }
}

impl Entries {
    /// Stops a user's jobs of a kind on some topics, and forgets those that have ended.
    fn drop_others(&mut self, user: &str, kind: JobKind, on: impl Fn(Topic) -> bool) {
        self.by_id.retain(|_, entry| {
            let job = entry.state.borrow();
            if entry.user != user || job.kind != kind || !on(entry.topic) {
                return true;
            }
            entry.cancelled.store(true, Ordering::SeqCst);
            !job.state.is_end()
        });
    }

    /// Issues of an end that are in memory.
    fn issues_of(&self, id: i64) -> usize {
        let job = self.by_id.get(&id).map(|entry| entry.state.borrow());
        job.and_then(|job| job.report.as_ref().map(|report| report.issues().len())).unwrap_or(0)
    }

    fn forget_old(&mut self, now: Instant) {
        let mut issues: usize = self.ended.iter().map(|id| self.issues_of(*id)).sum();
        while let Some(id) = self.ended.front().copied() {
            let ended_at = self.by_id.get(&id).and_then(|entry| entry.state.borrow().ended_at);
            let is_old = ended_at.is_none_or(|ended_at| now.0 - ended_at.0 > KEPT_MICROS);
            if !is_old && self.ended.len() <= MAX_KEPT && issues <= MAX_KEPT_ISSUES {
                return;
            }
            issues -= self.issues_of(id);
            self.ended.pop_front();
            self.by_id.remove(&id);
        }
    }
}
