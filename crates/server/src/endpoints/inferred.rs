//! Industries inferred for customers: proposed, written as inferred, confirmed.

use app::quality::{InferenceState, Inferred, InferredList};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::jobs::{BegunBody, LookedBody, looked};
use super::opportunities::MemberBody;
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::Both;
use crate::document::{Asked, IfMatchHeader};
use crate::problem::Problem;
use crate::query::{Body, Path, Query};
use crate::version::IfMatch;

/// Parameters of inferred industries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InferredQuery {
    /// The share of answers that is to be right; 0.9 where absent.
    #[param(minimum = 0.5, maximum = 0.99)]
    accuracy: Option<f64>,
}

const ACCURACY: f64 = 0.9;

/// An inferred industry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InferredRow {
    account: MemberBody,
    /// The customer's version, to decide on.
    version: i64,
    industry: MemberBody,
    /// How often such an answer was right.
    confidence: f64,
    /// Whether it stands with the customer, marked as inferred; otherwise it is proposed here only.
    written: bool,
}

impl From<Inferred> for InferredRow {
    #[allow(clippy::cast_precision_loss, reason = "millionths")]
    fn from(row: Inferred) -> Self {
        Self {
            account: row.account.into(),
            version: row.version,
            industry: row.industry.into(),
            confidence: row.confidence_ppm as f64 / 1e6,
            written: row.written,
        }
    }
}

/// How well the classifier does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InferenceBody {
    /// Customers in sight with an industry.
    known: u64,
    /// Customers in sight without one.
    unknown: u64,
    /// The share of answers that is to be right.
    wanted: f64,
    /// Customers of known industry held back and asked; null where nothing was learnt, or some are out of sight.
    asked: Option<u64>,
    /// Those of them that were answered.
    answered: Option<u64>,
    /// Those that were answered rightly.
    right: Option<u64>,
    /// Share of right answers.
    accuracy: Option<f64>,
    /// Its bounds, 95 %.
    accuracy_lower: Option<f64>,
    accuracy_upper: Option<f64>,
    /// Share of those asked that were answered.
    coverage: Option<f64>,
    /// Why nothing was learnt.
    too_little: Option<Both>,
}

impl From<InferenceState> for InferenceBody {
    #[allow(clippy::cast_precision_loss, reason = "shares of counts are shown with few digits")]
    fn from(state: InferenceState) -> Self {
        let (asked, answered, right) = match state.tested {
            Some((asked, answered, right)) => (Some(asked), Some(answered), Some(right)),
            None => (None, None, None),
        };
        let share = |part: Option<u64>, whole: Option<u64>| {
            part.zip(whole).filter(|(_, whole)| *whole > 0).map(|(part, whole)| part as f64 / whole as f64)
        };
        Self {
            known: state.known,
            unknown: state.unknown,
            wanted: state.wanted,
            asked,
            answered,
            right,
            accuracy: share(right, answered),
            accuracy_lower: state.bounds.map(|bounds| bounds.0),
            accuracy_upper: state.bounds.map(|bounds| bounds.1),
            coverage: share(answered, asked),
            too_little: state.too_little.map(Both::told),
        }
    }
}

/// Industries to confirm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InferredBody {
    state: InferenceBody,
    /// The surest first, at most 500.
    rows: Vec<InferredRow>,
    /// How many there are.
    proposals: u64,
}

impl From<InferredList> for InferredBody {
    fn from(list: InferredList) -> Self {
        let InferredList { state, rows, proposals } = list;
        Self { state: state.into(), rows: rows.into_iter().map(InferredRow::from).collect(), proposals }
    }
}

/// Industries inferred for customers in sight that have none. Nothing is written.
#[utoipa::path(get, path = "/api/v1/quality/inferred", tag = "quality", params(InferredQuery), responses(
    (status = 200, description = "Proposals, and how far the classifier's word goes", body = InferredBody),
    Asked,
))]
pub(crate) async fn inferred(
    Asker(loudou): Asker,
    Query(own): Query<InferredQuery>,
) -> Result<Json<InferredBody>, Problem> {
    Ok(Json(loudou.inferred(own.accuracy.unwrap_or(ACCURACY)).await?.into()))
}

/// Has industries inferred, so that `GET /api/v1/quality/inferred` answers at once; what takes long goes on as a job.
#[utoipa::path(post, path = "/api/v1/quality/inferred/look", tag = "quality", params(InferredQuery), responses(
    (status = 200, description = "It is inferred", body = LookedBody),
    (status = 202, description = "It takes long: the job tells when it is", body = LookedBody),
    (status = 409, description = "Too many jobs of the asker's run already, or the look was cancelled", body = Problem),
    Asked,
))]
pub(crate) async fn look(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Query(own): Query<InferredQuery>,
) -> Result<Response, Problem> {
    let begun = state.jobs.infer(&loudou, own.accuracy.unwrap_or(ACCURACY)).await?;
    looked(&state, &signed, begun).await
}

/// Begins to write what is inferred with the customers in sight, marked as inferred, in one transaction. The job's result
/// has `customers`, how many were changed.
#[utoipa::path(post, path = "/api/v1/quality/inferred", tag = "quality", params(InferredQuery), responses(
    (status = 202, description = "The job", body = BegunBody),
    (status = 409, description = "Too many jobs of the asker's run already", body = Problem),
    Asked,
))]
pub(crate) async fn apply(
    Given(state): Given<State>,
    Asker(loudou): Asker,
    Query(own): Query<InferredQuery>,
) -> Result<Response, Problem> {
    let job = state.jobs.apply_inferred(&loudou, own.accuracy.unwrap_or(ACCURACY))?.id;
    Ok((StatusCode::ACCEPTED, Json(BegunBody { job })).into_response())
}

/// What is decided of an inferred industry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionBody {
    /// The industry that was shown.
    industry: i64,
    /// It is the customer's; otherwise it is not, and is never proposed again.
    confirm: bool,
}

/// Confirms or rejects an inferred industry of a customer.
#[utoipa::path(put, path = "/api/v1/quality/inferred/{id}", tag = "quality", params(("id" = i64, Path,), IfMatchHeader),
    request_body = DecisionBody,
    responses(
        (status = 204, description = "It is done"),
        (status = 404, description = "There is no such customer in sight", body = Problem),
        (status = 409, description = "The customer has an industry by now", body = Problem),
        Asked,
    )
)]
pub(crate) async fn decide(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(body): Body<DecisionBody>,
) -> Result<StatusCode, Problem> {
    loudou.decide_inferred(id, version, body.industry, body.confirm).await?;
    Ok(StatusCode::NO_CONTENT)
}
