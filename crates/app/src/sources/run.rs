//! A source that runs by itself: pull, read by the kept recipe, import, move the mark. Once because somebody asks, or
//! again and again on a schedule.
//!
//! Several servers may share one database. Who runs a source holds a lease that runs out, so that exactly one is at it
//! and a server that was killed is not waited for. The mark moves after the import was committed: what breaks off in
//! between comes once more, and an import knows its deals. Nothing goes in silently: missing columns stop a run, and
//! rejected rows do where the source does not say otherwise.

use std::path::Path;
use std::time::Duration;

use connect::{Ask, Pulled};
use domain::Instant;
use domain::people::May;
use store::{ConnectionDraft, RunDraft, RunEnd};
use tokio::sync::watch;

use super::pull::{Following, detail, folder, whole};
use super::{Known, Schedule, Sources, Told, mark_text};
use crate::import::{ImportReport, Input, Outcome, Recipe};
use crate::jobs::Clock;
use crate::step::Follow;
use crate::{AppError, Fault, Loudou, Result, Step, Who};

/// How long nobody else may be at a source, in microseconds; it is renewed.
const LEASE_MICROS: i64 = 10 * 60 * 1_000_000;
/// How often a lease is renewed.
const RENEW: Duration = Duration::from_secs(120);
/// How often a process that stays looks for sources whose time has come.
const LOOK_UP: Duration = Duration::from_secs(20);
/// Pulls of one run at most: files of a folder are one each.
const MOST_PULLS: usize = 1_000;
/// Rejected rows that a run tells.
const NAMED: usize = 10;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its time has come.
    Schedule,
    /// Somebody asks.
    Person,
}

impl Cause {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Person => "person",
        }
    }
}

/// What a run has come to.
#[derive(Debug, Default)]
pub struct Ran {
    /// `done`, `nothing`, `rejected` or `columns`.
    pub state: &'static str,
    /// Rows that came.
    pub rows: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// The latest import; absent where everything was known.
    pub import: Option<i64>,
    /// What happened, in words.
    pub told: Told,
    /// What the latest import has found in the rows.
    pub report: Option<Box<ImportReport>>,
}

impl Ran {
    /// Why nothing more went in, where the run stopped.
    #[must_use]
    pub fn problem(&self) -> Option<AppError> {
        let stopped = matches!(self.state, "rejected" | "columns");
        let told = &self.told;
        stopped.then(|| {
            AppError::input((told.zh.clone(), told.en.clone())).hint((told.hint_zh.clone(), told.hint_en.clone()))
        })
    }
}

impl Sources {
    /// Pulls what is new and imports it by the source's recipe.
    ///
    /// # Errors
    /// The asker may not import, somebody is at it already, there is no recipe, the source cannot be reached or read, or
    /// the import fails. What was imported before that stays.
    pub async fn run(
        &self,
        loudou: &Loudou,
        id: i64,
        cause: Cause,
        clock: &Clock,
        follow: &(dyn Follow + Sync),
    ) -> Result<Ran> {
        loudou.who.require(May::Import)?;
        let lease = self.random.secret();
        if !self.hold(loudou, id, &lease, clock()).await? {
            loudou.store.connection(id).await?;
            return Err(AppError::of(Fault::Conflict, ("此来源正在运行", "this source runs already"))
                .hint(("请等它结束", "wait until it has ended")));
        }
        let begun = self.begin(loudou, id, cause, clock()).await;
        let ran = match begun {
            Err(error) => Err(error),
            Ok(run) => {
                let ran = tokio::select! {
                    ran = self.run_held(loudou, id, follow) => ran,
                    never = self.keep_holding(loudou, id, &lease, clock) => match never {},
                };
                self.end(loudou, run, &ran, follow, clock()).await?;
                ran
            }
        };
        self.let_go(loudou, id, &lease, clock()).await?;
        ran
    }

    async fn hold(&self, loudou: &Loudou, id: i64, lease: &str, now: Instant) -> Result<bool> {
        let mut writer = loudou.store.begin().await?;
        let got = writer.lease_connection(id, lease, now, Instant(now.0 + LEASE_MICROS)).await?;
        writer.commit().await?;
        Ok(got)
    }

    async fn keep_holding(&self, loudou: &Loudou, id: i64, lease: &str, clock: &Clock) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(RENEW).await;
            if let Err(error) = self.hold(loudou, id, lease, clock()).await {
                tracing::warn!(%error, source = id, "the lease of a source is not renewed");
            }
        }
    }

    async fn let_go(&self, loudou: &Loudou, id: i64, lease: &str, now: Instant) -> Result<()> {
        let Ok(stored) = loudou.store.connection(id).await else { return Ok(()) };
        let schedule = stored.draft.schedule.as_deref().filter(|_| stored.draft.recipe.is_some());
        let next = schedule.map(|text| Ok::<_, AppError>(Schedule::parse(text)?.after(now, loudou.calendar.zone)));
        let mut writer = loudou.store.begin().await?;
        writer.release_connection(id, lease, next.transpose()?).await?;
        writer.commit().await?;
        Ok(())
    }

    async fn begin(&self, loudou: &Loudou, id: i64, cause: Cause, now: Instant) -> Result<i64> {
        let draft = RunDraft { connection: id, cause: cause.as_str().to_owned(), actor: loudou.who.name.clone() };
        let mut writer = loudou.store.begin().await?;
        let run = writer.begin_run(&draft, now).await?;
        writer.commit().await?;
        Ok(run)
    }

    async fn end(
        &self,
        loudou: &Loudou,
        run: i64,
        ran: &Result<Ran>,
        follow: &(dyn Follow + Sync),
        now: Instant,
    ) -> Result<()> {
        let end = match ran {
            Ok(ran) => RunEnd {
                state: ran.state.to_owned(),
                rows: whole(ran.rows),
                bytes: whole(ran.bytes),
                import: ran.import,
                detail: detail(&ran.told),
            },
            Err(error) => RunEnd {
                state: if follow.is_cancelled() { "cancelled" } else { "failed" }.to_owned(),
                rows: None,
                bytes: None,
                import: None,
                detail: detail(&Told::of(error)),
            },
        };
        let mut writer = loudou.store.begin().await?;
        writer.end_run(run, &end, now).await?;
        writer.commit().await?;
        Ok(())
    }

    async fn run_held(&self, loudou: &Loudou, id: i64, follow: &(dyn Follow + Sync)) -> Result<Ran> {
        let mut known = Known::of(loudou.store.connection(id).await?)?;
        let Some(recipe) = known.recipe(&loudou.own_fields().await?)? else {
            return Err(AppError::input(("此来源还没有导入方式", "this source has no way of being imported yet"))
                .hint((
                    "请先取数，在导入向导中导入一次，再选择“下次照此导入”",
                    "pull from it, import that once in the studio, and choose to do so next time",
                )));
        };
        let source = self.open(loudou, &known).await?;
        let mut ran = Ran { state: "nothing", ..Ran::default() };
        for _ in 0..MOST_PULLS {
            let folder = folder(loudou)?;
            let ask = Ask { since: known.mark.clone(), into: folder.path().to_owned(), first: None };
            let pulled = source.pull(&ask, &Following(follow)).await?;
            if pulled.is_empty() {
                break;
            }
            ran.rows += pulled.rows.unwrap_or(0);
            ran.bytes += pulled.bytes;
            ran.told.columns.clone_from(&pulled.columns);
            if !check_columns(&known, &pulled, &mut ran) {
                break;
            }
            let input = input_of(folder.path(), &pulled, &known.stored.draft.name);
            if !self.bring_in(loudou, &mut known, &recipe, input, &pulled, &mut ran, follow).await? {
                break;
            }
            if !pulled.is_more {
                break;
            }
        }
        Ok(ran)
    }

    /// Imports what was pulled, and moves the mark behind it. Tells whether it went in.
    #[expect(clippy::too_many_arguments, reason = "what one pull and its import have in common")]
    async fn bring_in(
        &self,
        loudou: &Loudou,
        known: &mut Known,
        recipe: &Recipe,
        input: Input,
        pulled: &Pulled,
        ran: &mut Ran,
        follow: &(dyn Follow + Sync),
    ) -> Result<bool> {
        let report = match loudou.import(recipe, input, known.stored.draft.skip_rejected, follow).await? {
            Outcome::Rejected(report) => {
                ran.state = "rejected";
                tell_rejected(&report, &mut ran.told);
                ran.report = Some(report);
                return Ok(false);
            }
            Outcome::Done(report) => report,
        };
        let to = mark_text(&pulled.mark)?;
        let mut writer = loudou.store.begin().await?;
        writer.move_mark(known.stored.id, &known.stored.mark, &to).await?;
        if known.stored.draft.column_names.is_none() && !pulled.columns.is_empty() {
            let columns = Some(serde_json::Value::from(pulled.columns.clone()).to_string());
            let draft = ConnectionDraft { column_names: columns, ..known.stored.draft.clone() };
            // Whoever changes the source meanwhile is not stood in the way of.
            if let Ok(version) =
                writer.change_connection(known.stored.id, known.stored.version, &draft, known.stored.next_at).await
            {
                (known.stored.version, known.stored.draft) = (version, draft);
            }
        }
        writer.commit().await?;
        known.stored.mark = to;
        known.mark = pulled.mark.clone();
        ran.state = "done";
        ran.import = report.import_id.or(ran.import);
        tell_skipped(&report, &mut ran.told);
        ran.report = Some(report);
        Ok(true)
    }

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
            let loudou = loudou.session(Who::system().into(), clock()).await?.with_turn(None);
            match self.run(&loudou, id, Cause::Schedule, clock, follow).await {
                Ok(done) => tracing::info!(source = id, state = done.state, rows = done.rows, "a source ran"),
                // Another server was faster.
                Err(error) if error.fault == Fault::Conflict => continue,
                Err(error) => tracing::warn!(source = id, %error, "a source did not run"),
            }
            ran += 1;
        }
        Ok(ran)
    }

    /// Runs sources on their schedules until `stop` says so: for a process that stays.
    pub async fn keep_running(self, loudou: Loudou, clock: Clock, mut stop: watch::Receiver<bool>) {
        let runtime = tokio::runtime::Handle::current();
        while !*stop.borrow_and_update() {
            let (sources, loudou, clock, runtime) =
                (self.clone(), loudou.clone(), Clock::clone(&clock), runtime.clone());
            let until = UntilStopped(stop.clone());
            // Reading files keeps a thread busy: not one of those that answer requests.
            let ran = tokio::task::spawn_blocking(move || runtime.block_on(sources.run_due(&loudou, &clock, &until)));
            match ran.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "no look for sources whose time has come"),
                Err(error) => tracing::error!(%error, "a run of a source broke off"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_UP) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
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

fn input_of(folder: &Path, pulled: &Pulled, name: &str) -> Input {
    let path = match pulled.files.as_slice() {
        // A single file need not be called as the profile says.
        [only] => folder.join(only),
        _ => folder.to_owned(),
    };
    Input::called(path, name.to_owned())
}

/// Whether every column that the recipe was made for has come; what is new is told.
fn check_columns(known: &Known, pulled: &Pulled, ran: &mut Ran) -> bool {
    let expected = known.columns();
    if expected.is_empty() || pulled.columns.is_empty() {
        return true;
    }
    let not_in = |a: &[String], b: &[String]| a.iter().filter(|name| !b.contains(name)).cloned().collect::<Vec<_>>();
    let (missing, new) = (not_in(&expected, &pulled.columns), not_in(&pulled.columns, &expected));
    if !missing.is_empty() {
        ran.state = "columns";
        ran.told.zh = format!("来源的列变了，缺少：{}；没有导入任何数据", missing.join("、"));
        ran.told.en =
            format!("the columns of the source have changed, there is no {}: nothing was imported", missing.join(", "));
        ran.told.hint_zh = "请改回查询，或重新取数、在导入向导中导入一次并再次选择“下次照此导入”".to_owned();
        ran.told.hint_en =
            "give the query back its columns, or pull again, import once in the studio and choose to do so next time"
                .to_owned();
        return false;
    }
    if !new.is_empty() {
        ran.told.zh = format!("来源多了列：{}；未导入这些列", new.join("、"));
        ran.told.en = format!("the source has new columns, which were not imported: {}", new.join(", "));
    }
    true
}

fn tell_rejected(report: &ImportReport, told: &mut Told) {
    let count = report.rows_rejected();
    told.zh = format!("有 {count} 行有误：没有导入任何数据");
    told.en = format!("{count} of the rows are wrong: nothing was imported");
    for issue in report.rejects().take(NAMED) {
        told.en.push('\n');
        told.en.push_str(&issue.to_string());
        told.zh.push('\n');
        told.zh.push_str(&issue.to_string());
    }
    told.hint_zh = "请在来源中改好这些行，或选择“跳过有误的行”".to_owned();
    told.hint_en = "mend these rows in the source, or let it leave rejected rows out".to_owned();
}

fn tell_skipped(report: &ImportReport, told: &mut Told) {
    let count = report.rows_rejected();
    if count == 0 {
        return;
    }
    let join = |before: &str, more: String| if before.is_empty() { more } else { format!("{before}\n{more}") };
    told.zh = join(&told.zh, format!("跳过了 {count} 行有误的行，见导入的退回清单"));
    told.en = join(&told.en, format!("{count} rows were wrong and left out: see the import's list of rejected rows"));
}
