//! Long work: where it is, as a document and as events; stopping it; what it found in the files.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::import::{ImportReport, Issue, Severity};
use app::jobs::{Job, JobState};
use axum::Json;
use axum::body::Body;
use axum::extract::State as Given;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use utoipa::{IntoParams, ToSchema};

use super::opportunities::page_limit;
use crate::State;
use crate::asker::Signed;
use crate::body::Both;
use crate::files;
use crate::problem::{Code, Problem};
use crate::query::{Path, Query, up_to};

/// Issues in one answer.
const PAGE: usize = 100;
/// How long a look is waited for before it is told as a job.
const LOOK_WAIT: Duration = Duration::from_millis(700);
/// How often a silent stream says that it is alive.
const ALIVE: Duration = Duration::from_secs(15);

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobBody {
    id: i64,
    /// `preview`, `import`, `demo`, `undo`, `pull`, `run`, `duplicates`, `merge`, `unmerge` or `infer`.
    kind: &'static str,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// What it is doing.
    step: Both,
    /// How much of the step is done, in `unit`.
    done: u64,
    /// How much there is to do; null where nobody knows.
    total: Option<u64>,
    /// `bytes`, `rows`, `entries`, `records`, `pairs`, `merges` or `parts`.
    unit: Option<&'static str>,
    rate_per_second: Option<u64>,
    /// How long the step will still take.
    seconds_left: Option<u64>,
    #[schema(format = DateTime)]
    begun_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// What came of it: of an import its report with `import_id` (null where everything was known already), of a pull its
    /// `upload` (null where nothing is new), of a run its `state`, `rows` and `import_id`.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Why nothing came of it.
    problem: Option<Problem>,
    /// How many issues were found in the files; null where none were read.
    issues_total: Option<usize>,
}

/// A server-sent event of a job.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands in the document alone: axum writes the events")]
pub(crate) struct JobEventBody {
    /// What `GET /api/v1/jobs/{id}` answers, as JSON.
    data: String,
}

/// The job that a request began.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BegunBody {
    /// To be watched at `/api/v1/jobs/{id}`.
    pub(crate) job: i64,
}

/// Where a look at all records is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookedBody {
    /// The job that looks; null where what is looked for can be asked at once.
    job: Option<i64>,
}

/// Waits a moment for a look: of few records it is over by then. Nothing begun is over.
pub(super) async fn looked(state: &State, signed: &Signed, begun: Option<Job>) -> Result<Response, Problem> {
    if let Some(id) = begun.map(|job| job.id) {
        let ended = tokio::time::timeout(LOOK_WAIT, state.jobs.ended(&signed.caller.who, id)).await;
        let Ok(ended) = ended else {
            return Ok((StatusCode::ACCEPTED, Json(LookedBody { job: Some(id) })).into_response());
        };
        let ended = ended?;
        if let Some(problem) = ended.problem {
            return Err(problem.into());
        }
        if ended.state == JobState::Cancelled {
            return Err(Problem::new(Code::Conflict, ("已取消", "it was cancelled")));
        }
    }
    Ok(Json(LookedBody { job: None }).into_response())
}

/// Something wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssueBody {
    file: String,
    /// As a spreadsheet numbers it.
    row: u64,
    column: String,
    /// As it stands in the file.
    value: String,
    /// The stable code of the rule.
    rule: &'static str,
    /// Whether the row stays out; else it goes in with this warning.
    is_rejected: bool,
    message: Both,
    /// What to do about it.
    hint: Both,
}

/// A record as it would go in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SampleBody {
    /// Its external id.
    key: String,
    /// Since when this holds.
    #[schema(format = DateTime)]
    at: String,
    /// Fields and their values as people write them.
    fields: BTreeMap<String, String>,
}

/// A page of issues.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuesBody {
    /// Only the first thousands can be listed; the file of rejected rows has all of those.
    issues: Vec<IssueBody>,
    issues_total: usize,
    /// How many there are of each rule, also beyond those that are listed.
    rules: Vec<RuleBody>,
    /// The first records as they would go in, by kind; on the first page.
    samples: BTreeMap<String, Vec<SampleBody>>,
    /// What the fields of the samples are called, by kind.
    labels: BTreeMap<String, BTreeMap<String, Both>>,
}

/// How many issues a rule has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleBody {
    rule: &'static str,
    is_rejected: bool,
    count: u64,
}

/// Which page of the issues.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IssuesPage {
    /// Issues to leave out at the beginning.
    #[param(maximum = 1_000_000_000)]
    offset: Option<u32>,
    /// Issues in the answer; 100 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

impl From<Job> for JobBody {
    fn from(job: Job) -> Self {
        let rejected = job.state == JobState::Failed && job.report.is_some();
        let issues_total = job.report.as_ref().map(|report| report.issues_total());
        Self {
            id: job.id,
            kind: job.kind.as_str(),
            state: job.state.as_str(),
            step: Both::new(job.step.zh, job.step.en),
            done: job.done,
            total: job.total,
            unit: job.unit,
            rate_per_second: job.rate_per_second,
            seconds_left: job.seconds_left,
            begun_at: job.begun_at.to_string(),
            ended_at: job.ended_at.map(|at| at.to_string()),
            // What was found in files that did not go in is a result as well.
            result: job.result.or_else(|| job.report.filter(|_| rejected).map(|report| counts(&report))),
            problem: job.problem.map(Problem::of_input),
            issues_total,
        }
    }
}

/// The counts of a report.
pub(crate) fn counts(report: &ImportReport) -> Value {
    report.to_json()["rows"][0].clone()
}

impl From<&Issue> for IssueBody {
    fn from(issue: &Issue) -> Self {
        Self {
            file: issue.file.to_string(),
            row: issue.row,
            column: issue.column.to_string(),
            value: issue.value.to_string(),
            rule: issue.rule.code(),
            is_rejected: issue.severity == Severity::Reject,
            message: Both::new(issue.rule.meaning_zh(), issue.message.to_string()),
            hint: Both::new(issue.rule.remedy_zh(), issue.hint()),
        }
    }
}

impl IssuesBody {
    pub(crate) fn of(report: &ImportReport, offset: usize, limit: usize) -> Self {
        let all = report.issues();
        let rule = |(rule, is_rejected, count)| RuleBody { rule, is_rejected, count };
        Self {
            issues: all.iter().skip(offset).take(limit).map(IssueBody::from).collect(),
            issues_total: report.issues_total(),
            rules: report.rules().map(rule).collect(),
            samples: if offset == 0 { samples(report) } else { BTreeMap::new() },
            labels: if offset == 0 { labels(report) } else { BTreeMap::new() },
        }
    }

    /// The first page.
    pub(crate) fn first(report: &ImportReport) -> Self {
        Self::of(report, 0, PAGE)
    }
}

/// The asker's jobs, the latest first: those of a day, of this process.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "imports", responses(
    (status = 200, description = "Where they are", body = Vec<JobBody>),
    (status = 403, description = "It takes the right to analyse or to import", body = Problem),
))]
pub(crate) async fn jobs(Given(state): Given<State>, signed: Signed) -> Result<Json<Vec<JobBody>>, Problem> {
    Ok(Json(state.jobs.list(&signed.caller.who)?.into_iter().map(JobBody::from).collect()))
}

fn samples(report: &ImportReport) -> BTreeMap<String, Vec<SampleBody>> {
    let mut samples: BTreeMap<String, Vec<SampleBody>> = BTreeMap::new();
    for row in &report.samples {
        let fields = row.fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let sample = SampleBody { key: row.key.clone(), at: row.effective_at.to_string(), fields };
        samples.entry(row.kind.table().to_owned()).or_default().push(sample);
    }
    samples
}

/// Own fields are not among them: they go by their names.
fn labels(report: &ImportReport) -> BTreeMap<String, BTreeMap<String, Both>> {
    let mut labels: BTreeMap<String, BTreeMap<String, Both>> = BTreeMap::new();
    for row in &report.samples {
        let of_kind = labels.entry(row.kind.table().to_owned()).or_default();
        for (name, _) in &row.fields {
            if let Some(label) = app::model::field_label(row.kind, name) {
                of_kind.entry(name.clone()).or_insert_with(|| label.into());
            }
        }
    }
    labels
}

/// A job of the asker's.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "imports",
    params(("id" = i64, Path, description = "The job")), responses(
        (status = 200, description = "Where it is", body = JobBody),
        (status = 403, description = "It takes the right to analyse or to import", body = Problem),
        (status = 404, description = "The asker has no such job", body = Problem),
    ))]
pub(crate) async fn job(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<Json<JobBody>, Problem> {
    Ok(Json(state.jobs.find(&signed.caller.who, id)?.into()))
}

/// Asks a job to stop. What it has committed by then stays; before that, nothing is left behind.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "imports",
    params(("id" = i64, Path, description = "The job")), responses(
        (status = 202, description = "It is asked; its state tells when it has stopped", body = JobBody),
        (status = 403, description = "It takes the right to analyse or to import, and a page of this server", body = Problem),
        (status = 404, description = "The asker has no such job", body = Problem),
    ))]
pub(crate) async fn cancel(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let job = state.jobs.cancel(&signed.caller.who, id)?;
    Ok((StatusCode::ACCEPTED, Json(JobBody::from(job))).into_response())
}

/// A job as it goes on, as server-sent events: first as it is now, then whenever something changes, until its end. Each
/// event's data are what `GET /api/v1/jobs/{id}` answers.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/events", tag = "imports",
    params(("id" = i64, Path, description = "The job")), responses(
        (status = 200, description = "Events until the end", body = JobEventBody, content_type = "text/event-stream"),
        (status = 403, description = "It takes the right to analyse or to import", body = Problem),
        (status = 404, description = "The asker has no such job", body = Problem),
    ))]
pub(crate) async fn events(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let mut states = state.jobs.follow(&signed.caller.who, id)?;
    states.mark_changed();
    let events = Sse::new(told(states)).keep_alive(KeepAlive::new().interval(ALIVE));
    // A proxy that gathers answers would hold the events back.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unbuffered], events).into_response())
}

fn told(states: watch::Receiver<Job>) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(Some(states), async |states| {
        let mut states = states?;
        // The sender is gone only where the job was forgotten: nothing more will come.
        states.changed().await.ok()?;
        let job = states.borrow_and_update().clone();
        let is_end = job.state.is_end();
        let event = Event::default().json_data(JobBody::from(job)).unwrap_or_else(|error| {
            tracing::error!(%error, "a job cannot be written as JSON");
            Event::default().comment("a state that cannot be told")
        });
        Some((Ok(event), (!is_end).then_some(states)))
    })
}

fn report_of(state: &State, signed: &Signed, id: i64) -> Result<Arc<ImportReport>, Problem> {
    let job = state.jobs.find(&signed.caller.who, id)?;
    job.report.ok_or_else(|| {
        Problem::not_found((
            format!("任务 {id} 还没有读文件，或没有发现问题"),
            format!("job {id} has found nothing in files, or not yet"),
        ))
    })
}

/// What a job found wrong with rows.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/issues", tag = "imports",
    params(("id" = i64, Path, description = "The job"), IssuesPage), responses(
        (status = 200, description = "A page of issues, in the order they were found", body = IssuesBody),
        (status = 403, description = "It takes the right to analyse or to import", body = Problem),
        (status = 404, description = "The asker has no such job, or it has read nothing yet", body = Problem),
        (status = 422, description = "There is no such page", body = Problem),
    ))]
pub(crate) async fn issues(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
    Query(page): Query<IssuesPage>,
) -> Result<Json<IssuesBody>, Problem> {
    let report = report_of(&state, &signed, id)?;
    let offset = up_to("offset", page.offset.unwrap_or(0), 1_000_000_000)?;
    Ok(Json(IssuesBody::of(&report, offset, page_limit(page.limit)?)))
}

/// The rows that a job left out, as CSV with formulas made harmless.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/rejects", tag = "imports",
    params(("id" = i64, Path, description = "The job")), responses(
        (status = 200, description = "The rows", body = String, content_type = "text/csv"),
        (status = 403, description = "It takes the right to analyse or to import", body = Problem),
        (status = 404, description = "The asker has no such job, or it has read nothing yet", body = Problem),
    ))]
pub(crate) async fn rejects(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let report = report_of(&state, &signed, id)?;
    let name = format!("job-{id}-rejects.csv");
    state.log_export(&signed.caller, name.clone(), json!({})).await?;
    let unreadable = |error: std::io::Error| {
        Problem::from(app::AppError::system(format!("the rejected rows cannot be read: {error}")))
    };
    match report.rejects_file().map_err(unreadable)? {
        Some(file) => Ok(files::csv_of(&name, file)),
        None => {
            // As many as are kept in memory: few.
            let mut csv = Vec::new();
            app::import::write_rejects(&report, &mut csv).map_err(unreadable)?;
            Ok(files::csv_with(&name, Body::from([files::BOM, &csv].concat())))
        }
    }
}
