//! Duplicates of everybody at once: looked for, merged from a score on, and taken back together. What takes long goes on
//! as a job.

use app::access::{Action, Caller};
use app::duplicates::{BatchSeen, MIN_SCORE, MergeAllAsk, word};
use app::jobs::{Job, JobState};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::duplicates::{Kinds, MergesQuery, StrategyBody};
use super::jobs::{BegunBody, LookedBody, looked};
use crate::State;
use crate::asker::{Asker, Signed};
use crate::problem::Problem;
use crate::query::{Body, Path, Query, bounded};

/// What to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookBody {
    kind: Kinds,
    /// The least score, 0.8 where absent.
    #[schema(minimum = 0.5, maximum = 1.0)]
    min_score: Option<f64>,
}

/// Looks for duplicates, so that `GET /api/v1/duplicates` answers at once; what takes long goes on as a job. Another look
/// of the asker's, for something else, is stopped.
#[utoipa::path(post, path = "/api/v1/duplicates/look", tag = "duplicates", request_body = LookBody, responses(
    (status = 200, description = "What there is was found", body = LookedBody),
    (status = 202, description = "It takes long: the job tells when it is found", body = LookedBody),
    (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
    (status = 409, description = "Too many jobs of the asker's run already, or the look was cancelled", body = Problem),
    (status = 422, description = "The score is none", body = Problem),
))]
pub(crate) async fn look(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Body(body): Body<LookBody>,
) -> Result<Response, Problem> {
    let min_score = body.min_score.unwrap_or(MIN_SCORE);
    let begun = state.jobs.look_for_duplicates(&loudou, body.kind.into(), min_score).await?;
    looked(&state, &signed, begun).await
}

/// What to merge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeAllBody {
    kind: Kinds,
    /// The least score of a cluster, 0.8 where absent.
    #[schema(minimum = 0.5, maximum = 1.0)]
    min_score: Option<f64>,
    #[serde(default)]
    strategy: StrategyBody,
    /// Nothing is changed: the job's result tells what would be.
    #[serde(default)]
    dry_run: bool,
    /// What a dry run said it found: where it would be others by now, nothing is merged.
    found: Option<String>,
}

/// Begins to merge every cluster that scores enough into the record it proposes, in one transaction. The job's result has
/// `found` (a mark of which records they are, to be handed back by whoever merges what a dry run told), `clusters`, `merged` (records that go), `left` (those that stay), `dry_run`, and `batch`, by which all is taken back
/// (null where nothing was written).
#[utoipa::path(post, path = "/api/v1/merges/all", tag = "duplicates", request_body = MergeAllBody, responses(
    (status = 202, description = "The job", body = BegunBody),
    (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
    (status = 409, description = "Too many jobs of the asker's run already", body = Problem),
    (status = 422, description = "The score is none", body = Problem),
))]
pub(crate) async fn merge_all(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Body(body): Body<MergeAllBody>,
) -> Result<Response, Problem> {
    let MergeAllBody { kind, min_score, strategy, dry_run, found } = body;
    let min_score = min_score.unwrap_or(MIN_SCORE);
    let ask = MergeAllAsk { kind: kind.into(), min_score, strategy: strategy.into(), dry_run, found };
    let job = state.jobs.merge_all(&loudou, ask).await?;
    Ok(begun(&state, &signed.caller, &job, Action::Merged))
}

/// Tells of a job, and has the access log tell of what it merged or took back.
fn begun(state: &State, caller: &Caller, job: &Job, action: Action) -> Response {
    let (state, caller, id) = (state.clone(), caller.clone(), job.id);
    tokio::spawn(async move {
        let Ok(ended) = state.jobs.ended(&caller.who, id).await else { return };
        let result = ended.result.filter(|_| ended.state == JobState::Done).unwrap_or_default();
        let Some(batch) = result["batch"].as_i64() else { return };
        let records = if action == Action::Merged { &result["merged"] } else { &result["back"] };
        let detail = json!({"kind": result["kind"], "batch": batch, "records": records});
        if let Err(error) = state.access.log(&caller, action, &batch.to_string(), detail, state.now()).await {
            tracing::warn!(%error, batch, "a batch of merges is not in the access log");
        }
    });
    (StatusCode::ACCEPTED, Json(BegunBody { job: id })).into_response()
}

/// Merges that were made at once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchBody {
    /// The first of the merges, by which all are taken back.
    id: i64,
    /// `customers`, `contacts` or `deals`.
    kind: &'static str,
    #[schema(format = DateTime)]
    at: String,
    /// Who did it; null where it was a command of the machine.
    actor: Option<String>,
    /// How many records went.
    merges: u64,
    /// How many of them are there again.
    undone: u64,
}

impl From<BatchSeen> for BatchBody {
    fn from(seen: BatchSeen) -> Self {
        let BatchSeen { id, kind, at, actor, merges, undone } = seen;
        Self { id, kind: word(kind), at: at.to_string(), actor, merges, undone }
    }
}

/// Merges of several records at once, the latest first.
#[utoipa::path(get, path = "/api/v1/merges/batches", tag = "duplicates", params(MergesQuery), responses(
    (status = 200, description = "A page of the batches", body = Vec<BatchBody>),
    (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
    (status = 422, description = "The limit is none", body = Problem),
))]
pub(crate) async fn batches(
    Asker(loudou): Asker,
    Query(own): Query<MergesQuery>,
) -> Result<Json<Vec<BatchBody>>, Problem> {
    let limit = bounded("limit", own.limit.unwrap_or(50), 500)?;
    Ok(Json(loudou.merge_batches(own.before, limit).await?.into_iter().map(BatchBody::from).collect()))
}

/// Begins to take back, in one transaction, what was merged at once. The job fails, and changes nothing, where there is no
/// such batch, nothing of it stands, or a record that was to stay was merged further or deleted since; its result has
/// `back`, the records that are there again, and `edited`, those that stayed and that people changed since.
#[utoipa::path(post, path = "/api/v1/merges/batches/{id}/undo", tag = "duplicates",
    params(("id" = i64, Path, description = "The batch: its first merge")), responses(
        (status = 202, description = "The job", body = BegunBody),
        (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
        (status = 409, description = "Too many jobs of the asker's run already", body = Problem),
    ))]
pub(crate) async fn undo_batch(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let job = state.jobs.undo_merges(&loudou, id)?;
    Ok(begun(&state, &signed.caller, &job, Action::MergeUndone))
}
