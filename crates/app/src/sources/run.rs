//! A source that runs by itself: pull, read by the kept recipe, import, move the mark. Once because somebody asks, or
//! again and again on a schedule.
//!
//! Several servers may share one database. Who runs a source holds a lease that runs out, so that exactly one is at it
//! and a server that was killed is not waited for. The mark moves after the import was committed: what breaks off in
//! between comes once more, and an import knows its deals. Nothing goes in silently: missing columns stop a run, and
//! rejected rows do where the source does not say otherwise.

use std::path::Path;

use connect::{Ask, Pulled};
use domain::Instant;
use domain::people::May;
use serde_json::json;
use store::{ConnectionDraft, RunDraft, RunEnd};

use super::lease::{Held, WhileHeld, taken_over};
use super::pull::{Following, detail, folder, whole};
use super::{Known, Schedule, Sources, Told, mark_text};
use crate::access::{Action, Caller, note};
use crate::import::{ImportReport, Input, Outcome, Recipe};
use crate::jobs::Clock;
use crate::step::Follow;
use crate::{AppError, Fault, Loudou, Result};

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

/// Whose run it is.
#[derive(Debug)]
pub struct By<'a> {
    /// Who is told to have brought the data in.
    pub caller: &'a Caller,
    /// What it is for.
    pub cause: Cause,
}

/// What a run has come to.
#[derive(Debug, Default)]
pub struct Ran {
    /// `done`, `nothing`, `rejected`, `columns`; or `failed` or `cancelled` where it was stopped after something had gone
    /// in.
    pub state: &'static str,
    /// Rows that came.
    pub rows: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// What they became; empty where everything was known.
    pub imports: Vec<i64>,
    /// What happened, in words.
    pub told: Told,
    /// What the latest import has found in the rows.
    pub report: Option<Box<ImportReport>>,
    /// What has stopped it.
    stopped_by: Option<AppError>,
}

impl Ran {
    /// Why nothing more went in, where the run stopped.
    #[must_use]
    pub fn problem(&self) -> Option<AppError> {
        if self.stopped_by.is_some() {
            return self.stopped_by.clone();
        }
        let stopped = matches!(self.state, "rejected" | "columns");
        let told = &self.told;
        stopped.then(|| {
            AppError::input((told.zh.clone(), told.en.clone())).hint((told.hint_zh.clone(), told.hint_en.clone()))
        })
    }

    /// A run that something has stopped, after some of its files or none had gone in.
    fn stopped(mut self, error: AppError, state: &'static str) -> Result<Self> {
        if self.imports.is_empty() {
            return Err(error);
        }
        let (zh, en) = what_stands(&self.imports);
        let error = error.and((zh, en));
        let columns = std::mem::take(&mut self.told.columns);
        self.told = Told { columns, ..Told::of(&error) };
        Ok(Self { state, stopped_by: Some(error), ..self })
    }
}

impl Sources {
    /// Pulls what is new and imports it by the source's recipe.
    ///
    /// # Errors
    /// The asker may not import, somebody is at it already, there is no recipe, the source cannot be reached or read, or
    /// the import fails. Where files before that have gone in, it is no error here: they stay, and [`Ran::problem`] tells.
    pub async fn run(
        &self,
        loudou: &Loudou,
        id: i64,
        by: By<'_>,
        clock: &Clock,
        follow: &(dyn Follow + Sync),
    ) -> Result<Ran> {
        loudou.who.require(May::Import)?;
        let Some(held) = Held::take(loudou, id, self.random.secret(), clock, self.renew_every).await? else {
            loudou.store.connection(id).await?;
            return Err(AppError::of(Fault::Conflict, ("此来源正在运行", "this source runs already"))
                .hint(("请等它结束", "wait until it has ended")));
        };
        let begun = self.begin(loudou, id, by.cause, clock()).await;
        let ran = match begun {
            Err(error) => Err(error),
            Ok(run) => {
                let followed = WhileHeld { held: &held, follow };
                let mut ran = Ran { state: "nothing", ..Ran::default() };
                let ended = self.run_held(loudou, id, by.caller, clock, &followed, &mut ran).await;
                let ran = match ended {
                    Ok(()) => Ok(ran),
                    Err(_) if held.is_lost() => ran.stopped(taken_over(), "failed"),
                    Err(error) => ran.stopped(error, if follow.is_cancelled() { "cancelled" } else { "failed" }),
                };
                self.end(loudou, run, &ran, follow, clock()).await?;
                ran
            }
        };
        let next_at = self.next_at(loudou, id, clock()).await?;
        held.let_go(next_at).await?;
        ran
    }

    /// When a source runs by itself next, after a run.
    async fn next_at(&self, loudou: &Loudou, id: i64, now: Instant) -> Result<Option<Instant>> {
        let Ok(stored) = loudou.store.connection(id).await else { return Ok(None) };
        let schedule = stored.draft.schedule.as_deref().filter(|_| stored.draft.recipe.is_some());
        schedule.map(|text| Ok(Schedule::parse(text)?.after(now, loudou.calendar.zone))).transpose()
    }

    async fn begin(&self, loudou: &Loudou, id: i64, cause: Cause, now: Instant) -> Result<i64> {
        let draft = RunDraft { connection: id, cause: cause.as_str().to_owned(), actor: loudou.who.name.clone() };
        let mut writer = loudou.store.begin().await?;
        // Whoever holds the lease is the only one at it: a run that has not ended was killed.
        let broken =
            RunEnd { state: "failed".to_owned(), rows: None, bytes: None, detail: detail(&Told::broken_off()) };
        writer.end_broken_runs(id, &broken, now).await?;
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
                detail: detail(&Told { imports: ran.imports.clone(), ..ran.told.clone() }),
            },
            Err(error) => RunEnd {
                state: if follow.is_cancelled() { "cancelled" } else { "failed" }.to_owned(),
                rows: None,
                bytes: None,
                detail: detail(&Told::of(error)),
            },
        };
        let mut writer = loudou.store.begin().await?;
        writer.end_run(run, &end, now).await?;
        writer.commit().await?;
        Ok(())
    }

    async fn run_held(
        &self,
        loudou: &Loudou,
        id: i64,
        caller: &Caller,
        clock: &Clock,
        follow: &(dyn Follow + Sync),
        ran: &mut Ran,
    ) -> Result<()> {
        let mut known = Known::of(loudou.store.connection(id).await?)?;
        let Some(recipe) = known.recipe(&loudou.own_fields().await?)? else {
            return Err(AppError::input(("此来源还没有导入方式", "this source has no way of being imported yet"))
                .hint((
                    "请先取数，在导入向导中导入一次，再选择“下次照此导入”",
                    "pull from it, import that once in the studio, and choose to do so next time",
                )));
        };
        let source = self.open(loudou, &known).await?;
        for _ in 0..MOST_PULLS {
            let folder = folder(loudou)?;
            let ask =
                Ask { since: known.mark.clone(), into: folder.path().to_owned(), first: None, now_micros: clock().0 };
            let pulled = source.pull(&ask, &Following(follow)).await?;
            if pulled.is_empty() {
                break;
            }
            ran.rows += pulled.rows.unwrap_or(0);
            ran.bytes += pulled.bytes;
            ran.told.columns.clone_from(&pulled.columns);
            if !check_columns(&known, &pulled, ran) {
                break;
            }
            let input = input_of(folder.path(), &pulled, &known.stored.draft.name);
            if !self.bring_in(loudou, &mut known, &recipe, input, &pulled, ran, (caller, clock), follow).await? {
                break;
            }
            if !pulled.is_more {
                break;
            }
        }
        Ok(())
    }

    /// Imports what was pulled, and moves the mark behind it. Tells whether it went in and the run may go on.
    #[expect(clippy::too_many_arguments, reason = "what one pull and its import have in common")]
    async fn bring_in(
        &self,
        loudou: &Loudou,
        known: &mut Known,
        recipe: &Recipe,
        input: Input,
        pulled: &Pulled,
        ran: &mut Ran,
        (caller, clock): (&Caller, &Clock),
        follow: &(dyn Follow + Sync),
    ) -> Result<bool> {
        let report = match loudou.import(recipe, input, known.stored.draft.skip_rejected, follow).await? {
            Outcome::Rejected(report) => {
                ran.state = "rejected";
                tell_rejected(&report, ran);
                ran.report = Some(report);
                return Ok(false);
            }
            Outcome::Done(report) => report,
        };
        let to = mark_text(&pulled.mark)?;
        ran.state = "done";
        ran.imports.extend(report.import_id);
        tell_skipped(&report, &mut ran.told);
        ran.told.tell_ahead(pulled.ahead.as_ref());
        let mut writer = loudou.store.begin().await?;
        if let Some(import) = report.import_id {
            let told = json!({"import_id": import, "kind": "run", "source": known.stored.draft.name});
            note(&mut writer, caller, Action::Imported, import.to_string(), told, clock()).await?;
        }
        ran.report = Some(report);
        let stored = &known.stored;
        let has_moved = writer.move_mark(stored.id, &stored.draft.definition, &stored.mark, &to).await?;
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
        // Somebody has changed the source, or begun anew: what comes next is of their source.
        Ok(has_moved)
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
        let (left_zh, left_en) = what_was_left(&ran.imports);
        ran.told.zh = format!("来源的列变了，缺少：{}；{left_zh}", missing.join("、"));
        ran.told.en = format!("the columns of the source have changed, there is no {}: {left_en}", missing.join(", "));
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

/// What had gone in before a run was stopped, and stays.
fn what_stands(imports: &[i64]) -> (String, String) {
    let all: Vec<String> = imports.iter().map(i64::to_string).collect();
    (
        format!("之前的文件已导入并保留（导入 {}）", all.join("、")),
        format!("the files before it went in and stay (imports {})", all.join(", ")),
    )
}

/// What a file that was not imported is told with.
fn what_was_left(imports: &[i64]) -> (String, String) {
    if imports.is_empty() {
        return ("没有导入任何数据".to_owned(), "nothing was imported".to_owned());
    }
    let (zh, en) = what_stands(imports);
    (format!("未导入此文件；{zh}"), format!("this file was not imported; {en}"))
}

fn tell_rejected(report: &ImportReport, ran: &mut Ran) {
    let count = report.rows_rejected();
    let (left_zh, left_en) = what_was_left(&ran.imports);
    let told = &mut ran.told;
    told.zh = format!("有 {count} 行有误：{left_zh}");
    told.en = format!("{count} of the rows are wrong: {left_en}");
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
    told.also(
        format!("跳过了 {count} 行有误的行，见导入的退回清单"),
        format!("{count} rows were wrong and left out: see the import's list of rejected rows"),
    );
}
