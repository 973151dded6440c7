//! What the work of a job reports to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Instant;
use domain::words::Text2;
use tokio::sync::watch;

use super::{Clock, End, Job, JobState};
use crate::Step;
use crate::step::Follow;

/// What a step counts, and how much of it there is: where these change, the pace begins anew.
fn of(job: &Job) -> (Option<&'static str>, Option<u64>) {
    (job.unit, job.total)
}

/// What a job's work reports to.
#[derive(Clone)]
pub(super) struct Follower {
    pub(super) clock: Clock,
    pub(super) cancelled: Arc<AtomicBool>,
    pub(super) state: watch::Sender<Job>,
    /// When the step began, and how much was done then.
    pub(super) since: Arc<Mutex<(Instant, u64)>>,
}

impl Follower {
    pub(super) fn running(&self) {
        self.state.send_modify(|job| {
            job.state = JobState::Running;
            job.step = Text2::new("开始", "beginning");
        });
    }

    pub(super) fn end(&self, end: Option<End>) {
        let now = (self.clock)();
        let was_cancelled = self.cancelled.load(Ordering::SeqCst);
        self.state.send_modify(|job| {
            job.ended_at = Some(now);
            job.rate_per_second = None;
            job.seconds_left = None;
            let Some(end) = end else {
                job.state = JobState::Cancelled;
                return;
            };
            job.result = end.result;
            job.report = end.report;
            job.state = match &end.problem {
                None => JobState::Done,
                Some(_) if was_cancelled => JobState::Cancelled,
                Some(_) => JobState::Failed,
            };
            if job.state == JobState::Failed {
                job.problem = end.problem;
            }
        });
    }

    /// The rate since the step began, and the seconds that the rest takes at it.
    fn pace(&self, is_new: bool, done: u64, total: u64) -> (Option<u64>, Option<u64>) {
        let now = (self.clock)();
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if is_new {
            *since = (now, done);
        }
        let (micros, more) = (now.0 - since.0.0, done.saturating_sub(since.1));
        let Some(micros) = u64::try_from(micros).ok().filter(|micros| *micros > 0 && more > 0) else {
            return (None, None);
        };
        let rate = u128::from(more) * 1_000_000 / u128::from(micros);
        let left = (rate > 0).then(|| u128::from(total.saturating_sub(done)).div_ceil(rate));
        (u64::try_from(rate).ok(), left.and_then(|left| u64::try_from(left).ok()))
    }
}

impl Follow for Follower {
    fn tell(&self, step: Step) {
        let before = of(&self.state.borrow());
        let (text, done, total, unit) = match step {
            Step::Doing(what) => (Text2::new(what.zh, what.en), 0, None, None),
            Step::Reading { file, rows, bytes_done, bytes_total } => {
                let text = Text2::new(format!("读取 {file}:{rows} 行"), format!("reading {file}: {rows} rows"));
                (text, bytes_done, Some(bytes_total), Some("bytes"))
            }
            Step::Pulling { rows, bytes } => {
                let mib = bytes >> 20;
                let text = Text2::new(
                    format!("从来源取数：{rows} 行，{mib} MiB"),
                    format!("pulling from the source: {rows} rows, {mib} MiB"),
                );
                (text, rows, None, Some("rows"))
            }
            Step::Through { what, done, total, unit } => (Text2::new(what.zh, what.en), done, Some(total), Some(unit)),
            Step::Writing { done, total } => {
                (Text2::new("写入日志", "writing the journal"), done, Some(total), Some("entries"))
            }
        };
        let is_new = before != (unit, total);
        let (rate, left) = match total {
            Some(total) => self.pace(is_new, done, total),
            None if unit.is_some() => (self.pace(is_new, done, done).0, None),
            None => (None, None),
        };
        self.state.send_modify(|job| {
            job.step = text;
            job.done = done;
            job.total = total;
            job.unit = unit;
            job.rate_per_second = rate;
            job.seconds_left = left;
        });
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }
}
