//! What jobs do.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Clock, End, Job, JobKind, Jobs, Topic};
use crate::access::Caller;
use crate::demo::Causes;
use crate::import::{ImportReport, Input, Outcome, Recipe};
use crate::sources::{self, By, Cause, Sources};
use crate::step;
use crate::{AppError, Loudou, Result, Step};

/// Issues of a job that stay in memory once it has ended; all rejected rows are in a file.
pub(super) const LISTED: usize = 2_000;
/// Rejected rows that a problem names; the list has all.
const NAMED: usize = 20;
/// The seed of the demonstration company.
const DEMO_SEED: u64 = 1;

impl Jobs {
    /// Begins the import of an upload, which is thrown away once it is in.
    ///
    /// # Errors
    /// The asker may not import, has no such upload, or has too many jobs.
    pub fn import(&self, loudou: &Loudou, upload: i64, recipe: Recipe, skip_rejected: bool) -> Result<Job> {
        let input = input_of(loudou, upload)?;
        self.begin(loudou, JobKind::Import, Topic::Upload(upload), async move |loudou: Loudou, follower| {
            let end = End::of(&loudou, loudou.import(&recipe, input, skip_rejected, &follower).await);
            if end.problem.is_none() {
                let import = end.result.as_ref().and_then(|result| result["import_id"].as_i64());
                if let Err(error) = sources::settle(&loudou, upload, import).await {
                    tracing::warn!(%error, "the source of an upload does not know that it was imported");
                }
                if let Err(error) = loudou.drop_upload(upload) {
                    tracing::warn!(%error, "an upload stays after its import");
                }
            }
            end
        })
    }

    /// Begins a dry run over an upload. An earlier one over the same upload tells of another mapping: it is stopped, and
    /// forgotten where it has ended.
    ///
    /// # Errors
    /// As [`Jobs::import`].
    pub fn preview(&self, loudou: &Loudou, upload: i64, recipe: Recipe) -> Result<Job> {
        let input = input_of(loudou, upload)?;
        self.begin(loudou, JobKind::Preview, Topic::Upload(upload), async move |loudou: Loudou, follower| {
            let previewed = loudou.preview_import(&recipe, input, &follower).await;
            End::of(&loudou, previewed.map(|report| Outcome::Done(Box::new(report))))
        })
    }

    /// Begins to pull what is new in a source into an upload of the asker's: its result tells which, or that nothing is
    /// new.
    ///
    /// # Errors
    /// The asker may not import, there is no such source, or the asker has too many jobs.
    pub async fn pull(&self, loudou: &Loudou, sources: &Sources, id: i64) -> Result<Job> {
        loudou.who().require(domain::people::May::Import)?;
        sources.show(loudou, id).await?;
        let sources = sources.clone();
        self.begin(loudou, JobKind::Pull, Topic::Nothing, async move |loudou: Loudou, follower| {
            match sources.pull_to_upload(&loudou, id, &follower).await {
                Ok(pulled) => {
                    let result = pulled.map_or_else(
                        || json!({"source": id, "upload": null, "rows": 0}),
                        |it| json!({"source": id, "upload": it.upload, "rows": it.rows, "bytes": it.bytes, "files": it.files}),
                    );
                    End { result: Some(result), report: None, problem: None }
                }
                Err(problem) => End { result: None, report: None, problem: Some(problem) },
            }
        })
    }

    /// Begins to pull what is new in a source and to import it, for a caller of whom the access log tells it.
    ///
    /// # Errors
    /// As [`Jobs::pull`].
    pub async fn run_source(&self, loudou: &Loudou, sources: &Sources, id: i64, caller: Caller) -> Result<Job> {
        loudou.who().require(domain::people::May::Import)?;
        sources.show(loudou, id).await?;
        let (sources, clock) = (sources.clone(), Clock::clone(&self.clock));
        self.begin(loudou, JobKind::Run, Topic::Nothing, async move |loudou: Loudou, follower| {
            let by = By { caller: &caller, cause: Cause::Person };
            match sources.run(&loudou, id, by, &clock, &follower).await {
                Ok(mut ran) => {
                    if let Some(report) = &mut ran.report {
                        set_aside(&loudou, report);
                    }
                    let problem = ran.problem();
                    let result = json!({
                        "source": id, "state": ran.state, "rows": ran.rows, "bytes": ran.bytes, "import_ids": ran.imports,
                        "message": {"zh": ran.told.zh, "en": ran.told.en},
                    });
                    let result = (problem.is_none() || !ran.imports.is_empty()).then_some(result);
                    End { result, report: ran.report.map(Arc::from), problem }
                }
                Err(problem) => End { result: None, report: None, problem: Some(problem) },
            }
        })
    }

    /// Begins to make the demonstration company, in a database without deals.
    ///
    /// # Errors
    /// The asker may not import, there are deals, or the asker has too many jobs.
    pub async fn demo(&self, loudou: &Loudou) -> Result<Job> {
        loudou.who().require(domain::people::May::Import)?;
        loudou.require_no_deals().await?;
        self.begin(loudou, JobKind::Demo, Topic::Nothing, async move |loudou: Loudou, follower| {
            let made = loudou.demo_followed(DEMO_SEED, None, &Causes::without(&[]), &follower).await;
            End::of(&loudou, made.map(|report| Outcome::Done(Box::new(report))))
        })
    }

    /// Begins to take an import back.
    ///
    /// # Errors
    /// The asker may not import, there is no such import, or the asker has too many jobs.
    pub async fn undo(&self, loudou: &Loudou, import: i64) -> Result<Job> {
        loudou.import_seen(import).await?;
        self.begin(loudou, JobKind::Undo, Topic::Nothing, async move |loudou: Loudou, follower: super::Follower| {
            let undone = match step::go_on(&follower, Step::Doing(step::WITHDRAWING)) {
                Ok(()) => loudou.undo_import(import).await,
                Err(error) => Err(error),
            };
            match undone {
                Ok(report) => End { result: Some(row(&report.to_json())), report: None, problem: None },
                Err(problem) => End { result: None, report: None, problem: Some(problem) },
            }
        })
    }
}

/// The files of an upload. Where they lie is told to nobody.
fn input_of(loudou: &Loudou, upload: i64) -> Result<Input> {
    let folder = loudou.upload_folder(upload)?;
    let path = match crate::uploads::names_in(&folder)?.as_slice() {
        [] => {
            let what = (format!("上传 {upload} 没有文件"), format!("upload {upload} has no files"));
            return Err(AppError::input(what).hint(("请先发送一个文件", "send a file first")));
        }
        // A single file need not be called as the profile says.
        [only] => folder.join(only),
        _ => folder,
    };
    Ok(Input::called(path, format!("upload {upload}")))
}

/// The one row of a report.
fn row(report: &Value) -> Value {
    report["rows"][0].clone()
}

/// Ends are remembered for a day: what is long of them goes to the disk.
fn set_aside(loudou: &Loudou, report: &mut ImportReport) {
    if let Err(error) = report.set_aside(LISTED, &loudou.scratch_dir()) {
        tracing::warn!(%error, "the rows that a job found wrong stay in memory");
    }
}

impl End {
    fn of(loudou: &Loudou, outcome: Result<Outcome>) -> Self {
        match outcome {
            Ok(Outcome::Done(mut report)) => {
                set_aside(loudou, &mut report);
                let report: Arc<ImportReport> = Arc::from(report);
                Self { result: Some(row(&report.to_json())), report: Some(report), problem: None }
            }
            Ok(Outcome::Rejected(mut report)) => {
                let rejected = report.rows_rejected();
                let mut problem = AppError::input((
                    format!("读到的行中有 {rejected} 行有误：没有导入任何数据"),
                    format!("{rejected} of the rows read are wrong: nothing was imported"),
                ))
                .hint((
                    "改好这些行再导入，或跳过它们导入其余的",
                    "mend these rows and import again, or bring in the others without them",
                ));
                for issue in report.rejects().take(NAMED) {
                    problem = problem.and(issue.to_string());
                }
                set_aside(loudou, &mut report);
                Self { result: None, report: Some(Arc::from(report)), problem: Some(problem) }
            }
            Err(problem) => Self { result: None, report: None, problem: Some(problem) },
        }
    }
}
