//! Who is at a source: one holds its lease, which is renewed while they work and runs out by itself where they were
//! killed.
//!
//! It is renewed by a task of its own: a run keeps its thread busy with files for longer than a lease lasts. Where
//! somebody else has it all the same, the run is stopped at its next step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::Instant;
use store::Store;
use tokio::task::AbortHandle;

use crate::jobs::Clock;
use crate::step::Follow;
use crate::{AppError, Fault, Loudou, Result, Step};

/// How long nobody else may be at a source, in microseconds; it is renewed.
const LEASE_MICROS: i64 = 10 * 60 * 1_000_000;
/// How often a lease is renewed.
pub(super) const RENEW: Duration = Duration::from_secs(120);

/// A lease that is held, and renewed until it is let go or dropped.
pub(super) struct Held {
    store: Store,
    id: i64,
    lease: String,
    is_lost: Arc<AtomicBool>,
    renewing: AbortHandle,
}

impl Held {
    /// Takes the lease of a source; nothing where somebody else has it.
    pub(super) async fn take(
        loudou: &Loudou,
        id: i64,
        lease: String,
        clock: &Clock,
        every: Duration,
    ) -> Result<Option<Self>> {
        let now = clock();
        let mut writer = loudou.store.begin().await?;
        let got = writer.lease_connection(id, &lease, now, until(now)).await?;
        writer.commit().await?;
        if !got {
            return Ok(None);
        }
        let is_lost = Arc::new(AtomicBool::new(false));
        let renewing = renew(loudou.store.clone(), id, lease.clone(), Clock::clone(clock), every, Arc::clone(&is_lost));
        let renewing = tokio::spawn(renewing).abort_handle();
        Ok(Some(Self { store: loudou.store.clone(), id, lease, is_lost, renewing }))
    }

    /// Whether somebody else is at the source by now.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::SeqCst)
    }

    /// Lets the source go, and says when it runs by itself next.
    pub(super) async fn let_go(self, next_at: Option<Instant>) -> Result<()> {
        let mut writer = self.store.begin().await?;
        writer.release_connection(self.id, &self.lease, next_at).await?;
        writer.commit().await?;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

fn until(now: Instant) -> Instant {
    Instant(now.0 + LEASE_MICROS)
}

/// Renews a lease again and again, until somebody else has it.
async fn renew(store: Store, id: i64, lease: String, clock: Clock, every: Duration, is_lost: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(every).await;
        match store.renew_lease(id, &lease, until(clock())).await {
            Ok(true) => {}
            Ok(false) => return is_lost.store(true, Ordering::SeqCst),
            Err(error) => tracing::warn!(%error, source = id, "the lease of a source is not renewed"),
        }
    }
}

/// Whoever follows a run, which also ends where its lease is lost.
pub(super) struct WhileHeld<'a> {
    pub(super) held: &'a Held,
    pub(super) follow: &'a (dyn Follow + Sync),
}

impl Follow for WhileHeld<'_> {
    fn tell(&self, step: Step) {
        self.follow.tell(step);
    }

    fn is_cancelled(&self) -> bool {
        self.held.is_lost() || self.follow.is_cancelled()
    }
}

pub(super) fn taken_over() -> AppError {
    AppError::of(
        Fault::Conflict,
        ("另一个进程已接手此来源，本次运行已停止", "another process has taken this source over: this run has stopped"),
    )
    .hint(("请看下一条运行记录", "look at the run after this one"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::access::{Caller, Random};
    use crate::sources::{By, Cause, Definition, NewSource, RecipeChoice, SourceChange, Sources};
    use crate::{Organisation, Place};

    const START: i64 = 1_800_000_000_000_000;
    const MINUTE: i64 = 60 * 1_000_000;

    struct Quiet;

    impl Follow for Quiet {
        fn tell(&self, _: Step) {}
    }

    /// A source at an address, and whoever may run it.
    struct House {
        loudou: Loudou,
        sources: Sources,
        id: i64,
        time: Arc<AtomicI64>,
        _dir: tempfile::TempDir,
    }

    impl House {
        async fn new(url: &str) -> Self {
            let dir = tempfile::tempdir().expect("a folder");
            let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
            let loudou = Loudou::init(&place, &Organisation::default(), Instant(START)).await.expect("it is made");
            let random = Random::seeded([1; 32]);
            let sources = Sources { renew_every: Duration::from_millis(1), ..Sources::plain(&loudou, random) };
            let definition = Definition::parse(&format!("[http]\nurl = \"{url}\"\n")).expect("it is right");
            let new = NewSource { name: "API".into(), definition, schedule: None, skip_rejected: false };
            let added = sources.add(&loudou, new).await.expect("it is made");
            let recipe = Some(RecipeChoice::Named("deals-and-changes".into()));
            let change = SourceChange { recipe, ..SourceChange::default() };
            sources.change(&loudou, added.id, added.version, change).await.expect("it has a profile");
            Self { loudou, sources, id: added.id, time: Arc::new(AtomicI64::new(START)), _dir: dir }
        }

        fn clock(&self) -> Clock {
            let time = Arc::clone(&self.time);
            Arc::new(move || Instant(time.load(Ordering::SeqCst)))
        }

        async fn lease_until(&self) -> Option<i64> {
            self.loudou.store.connection(self.id).await.expect("it is there").lease_until.map(|until| until.0)
        }

        /// Somebody whose clock is far ahead takes the source.
        async fn rob(&self) {
            let mut writer = self.loudou.store.begin().await.expect("a writer");
            let (now, until) = (Instant(START + 60 * MINUTE), Instant(START + 70 * MINUTE));
            assert!(writer.lease_connection(self.id, "another", now, until).await.expect("it is asked"));
            writer.commit().await.expect("it is written");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_lease_is_renewed_while_the_thread_of_its_run_is_busy() {
        let house = House::new("https://127.0.0.1:9/").await;
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let (loudou, id, clock) = (house.loudou.clone(), house.id, house.clock());
        let runtime = tokio::runtime::Handle::current();
        let busy = tokio::task::spawn_blocking(move || {
            runtime.block_on(async move {
                let taken = Held::take(&loudou, id, "own".into(), &clock, Duration::from_millis(1)).await;
                let held = taken.expect("it is asked").expect("it is free");
                // Nothing else of this task goes on now.
                is_done.recv().expect("it is told");
                assert!(!held.is_lost());
                held.let_go(None).await.expect("it goes");
            });
        });
        house.time.fetch_add(5 * MINUTE, Ordering::SeqCst);
        while house.lease_until().await != Some(START + 15 * MINUTE) {
            tokio::task::yield_now().await;
        }
        done.send(()).expect("it listens");
        busy.await.expect("it ends");
        assert_eq!(house.lease_until().await, None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_run_stops_where_another_has_taken_its_source_over() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let house = House::new(&format!("http://{}/", listener.local_addr().expect("an address"))).await;
        let (caller, clock) = (Caller::machine(), house.clock());
        let by = By { caller: &caller, cause: Cause::Person };
        let run = house.sources.run(&house.loudou, house.id, by, &clock, &Quiet);
        let rob = async {
            let (mut stream, _) = listener.accept().await.expect("it comes");
            stream.read_u8().await.expect("it asks, and waits for an answer");
            house.rob().await;
            stream
        };
        let (ran, _stream) = tokio::join!(run, rob);
        let stopped = ran.expect_err("it is stopped");
        assert_eq!((stopped.fault, stopped.messages.len()), (Fault::Conflict, 1));
        assert!(stopped.messages[0].contains("another process has taken this source over"), "{stopped:?}");
        assert_eq!(house.lease_until().await, Some(START + 70 * MINUTE), "theirs stays");
        let history = house.sources.history(&house.loudou, house.id).await.expect("its runs");
        assert_eq!((history[0].state.as_str(), history.len()), ("failed", 1));
    }
}
