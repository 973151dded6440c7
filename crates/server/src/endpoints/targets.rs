//! Targets: a list and its changes.

use app::records::{Target, TargetsAsk, targets_answer};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::after::{shown, versioned_or_nothing};
use super::opportunities::{MemberBody, date};
use crate::State;
use crate::asker::{Asker, Signed};
use crate::document::IfMatchHeader;
use crate::files::{FileQuery, Files};
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Path, Query};
use crate::version::IfMatch;

/// A target.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetBody {
    id: i64,
    version: i64,
    #[schema(format = Date)]
    from_on: Option<String>,
    #[schema(format = Date)]
    to_on: Option<String>,
    /// Key of its process; null: of any.
    process: Option<String>,
    owner: Option<MemberBody>,
    team: Option<MemberBody>,
    region: Option<MemberBody>,
    product: Option<MemberBody>,
    industry: Option<MemberBody>,
    channel: Option<MemberBody>,
    amount_minor: Option<i64>,
    currency: Option<String>,
    decimals: Option<u32>,
    /// How many deals are to be won.
    deals: Option<i64>,
}

impl From<Target> for TargetBody {
    fn from(target: Target) -> Self {
        let of = |name: &str| {
            let found = target.members.iter().find(|(known, _)| *known == name);
            found.map(|(_, member)| MemberBody { id: member.id, name: member.name.clone() })
        };
        Self {
            id: target.id,
            version: target.version,
            from_on: date(target.from_on),
            to_on: date(target.to_on),
            owner: of("owner"),
            team: of("team"),
            region: of("region"),
            product: of("product"),
            industry: of("industry"),
            channel: of("channel"),
            process: target.process.clone(),
            amount_minor: target.amount_minor,
            currency: target.currency.map(|currency| currency.to_string()),
            decimals: target.currency.map(Currency::decimals),
            deals: target.deals,
        }
    }
}

/// Targets in sight.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetsBody {
    rows: Vec<TargetBody>,
    /// The currency that the process's deals are counted in: a target in another one is compared with nothing.
    currency: Option<String>,
    /// Decimals of that currency.
    decimals: Option<u32>,
}

/// Parameters of a list of targets.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TargetsQuery {
    /// Only targets that touch this calendar year.
    year: Option<i32>,
    /// Only targets of this process, and those of none.
    process: Option<String>,
}

/// Targets in sight, by their first day.
#[utoipa::path(get, path = "/api/v1/targets", tag = "targets", params(TargetsQuery, FileQuery), responses(
    (status = 200, description = "The targets", body = TargetsBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
))]
pub(crate) async fn list(
    Asker(loudou): Asker,
    Query(own): Query<TargetsQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let ask = TargetsAsk { year: own.year, process: own.process.filter(|key| !key.is_empty()) };
    let targets = loudou.target_list(&ask).await?;
    match file.format() {
        None => {
            let currency = loudou.target_currency(ask.process.as_deref()).await?;
            let rows = targets.into_iter().map(TargetBody::from).collect();
            let (code, decimals) = (currency.map(|currency| currency.to_string()), currency.map(Currency::decimals));
            Ok(Json(TargetsBody { rows, currency: code, decimals }).into_response())
        }
        Some(format) => file.whole("targets", format, targets_answer(&targets)).await,
    }
}

/// Sets a target.
#[utoipa::path(post, path = "/api/v1/targets", tag = "targets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")),
    request_body(
        content = Object,
        description = "`from_on`, `to_on`, `amount_minor` or `deals`, and whose or where it is: `owner`, `team`, `region`, \
                       `product`, `industry`, `channel` by id, `process` by key",
    ),
    responses(
        (status = 201, description = "It is set; null where it cannot be shown", body = Option<TargetBody>),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 409, description = "The key was used for another request", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn create(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    key: Key,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let request = Value::Object(values.clone()).to_string();
    let again = loudou.clone();
    let write = async move { Ok(loudou.set_target(&values).await?) };
    let tell = async move |id| shown(again.changed_target(id).await).map(TargetBody::from);
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, write, tell).await
}

/// Changes a target: each value by its name, null empties it.
#[utoipa::path(patch, path = "/api/v1/targets/{id}", tag = "targets",
    params(("id" = i64, Path,), IfMatchHeader),
    request_body(content = Object, description = "Values by name"),
    responses(
        (status = 200, description = "It is changed", body = TargetBody),
        (status = 204, description = "It is changed, and out of sight now"),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such target in sight", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn patch(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    loudou.change_target(id, version, &values).await?;
    let target = shown(loudou.changed_target(id).await);
    Ok(versioned_or_nothing(target.map(|target| (target.version, TargetBody::from(target)))))
}

/// Takes a target away.
#[utoipa::path(delete, path = "/api/v1/targets/{id}", tag = "targets",
    params(("id" = i64, Path,), IfMatchHeader),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such target in sight", body = Problem),
    )
)]
pub(crate) async fn delete(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    loudou.delete_target(id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
