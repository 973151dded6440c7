//! Sources that run by themselves when their time has come: once, or as long as a process stays.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Sources;
use super::run::{By, Cause};
use crate::access::Caller;
use crate::jobs::Clock;
use crate::step::Follow;
use crate::{Fault, Loudou, Result, Step, Who};

/// How often a process that stays looks for sources whose time has come.
const LOOK_UP: Duration = Duration::from_secs(20);
/// Sources that run by themselves at once: a slow one is not to keep the others waiting.
const AT_ONCE: usize = 4;

impl Sources {
    /// Runs the sources whose time has come, one after the other. Returns how many ran here.
    ///
    /// # Errors
    /// The data cannot be read. A source that fails tells it in its history, and stops no other.
    pub async fn run_due(&self, loudou: &Loudou, clock: &Clock, follow: &(dyn Follow + Sync)) -> Result<usize> {
        let mut ran = 0;
        for id in loudou.store.due_connections(clock()).await? {
            if follow.is_cancelled() {
                break;
            }
            ran += usize::from(self.run_scheduled(loudou, id, clock, follow).await?);
        }
        Ok(ran)
    }

    /// Runs one source whose time has come. Tells whether it ran here.
    async fn run_scheduled(
        &self,
        loudou: &Loudou,
        id: i64,
        clock: &Clock,
        follow: &(dyn Follow + Sync),
    ) -> Result<bool> {
        let loudou = loudou.session(Who::system().into(), clock()).await?.with_turn(None);
        let by = By { caller: &Caller::machine(), cause: Cause::Schedule };
        match self.run(&loudou, id, by, clock, follow).await {
            // Another server was faster.
            Err(error) if error.fault == Fault::Conflict => return Ok(false),
            Err(error) => tracing::warn!(source = id, %error, "a source did not run"),
            Ok(done) => match done.problem() {
                Some(error) => tracing::warn!(source = id, state = done.state, %error, "a source was stopped"),
                None => tracing::info!(source = id, state = done.state, rows = done.rows, "a source ran"),
            },
        }
        Ok(true)
    }

    /// Runs sources on their schedules until `stop` says so: for a process that stays.
    pub async fn keep_running(self, loudou: Loudou, clock: Clock, mut stop: watch::Receiver<bool>) {
        let (mut runs, mut at_work) = (JoinSet::new(), HashSet::new());
        while !*stop.borrow_and_update() {
            let due = loudou.store.due_connections(clock()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "no look for sources whose time has come");
                Vec::new()
            });
            for id in due {
                if runs.len() < AT_ONCE && at_work.insert(id) {
                    self.spawn_run(&mut runs, id, &loudou, &clock, &stop);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_UP) => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
            while let Some(ended) = runs.try_join_next() {
                forget(&mut at_work, ended);
            }
        }
        // They end by themselves, at a place where nothing is half done.
        while let Some(ended) = runs.join_next().await {
            forget(&mut at_work, ended);
        }
    }

    fn spawn_run(
        &self,
        runs: &mut JoinSet<i64>,
        id: i64,
        loudou: &Loudou,
        clock: &Clock,
        stop: &watch::Receiver<bool>,
    ) {
        let (sources, loudou, clock) = (self.clone(), loudou.clone(), Clock::clone(clock));
        let (until, runtime) = (UntilStopped(stop.clone()), tokio::runtime::Handle::current());
        // Reading files keeps a thread busy: not one of those that answer requests.
        runs.spawn_blocking(move || {
            if let Err(error) = runtime.block_on(sources.run_scheduled(&loudou, id, &clock, &until)) {
                tracing::warn!(source = id, %error, "a source did not run");
            }
            id
        });
    }
}

fn forget(at_work: &mut HashSet<i64>, ended: std::result::Result<i64, tokio::task::JoinError>) {
    match ended {
        Ok(id) => drop(at_work.remove(&id)),
        Err(error) => {
            // Which one it was is not told: of those that still work, the leases keep others away.
            tracing::error!(%error, "a run of a source broke off");
            at_work.clear();
        }
    }
}

/// Goes on until the process ends.
struct UntilStopped(watch::Receiver<bool>);

impl Follow for UntilStopped {
    fn tell(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }
}
