//! Teams: for whoever administers.

use app::access::{NewTeam, TeamChange, TeamSeen};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::after::versioned;
use super::users::told;
use crate::State;
use crate::asker::Signed;
use crate::document::IfMatchHeader;
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Path};
use crate::version::IfMatch;

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamBody {
    id: i64,
    name: String,
    /// The team above.
    parent_id: Option<i64>,
    /// How many people are in it, those of the teams below not counted.
    people: u64,
    /// To be sent as `If-Match` with an edit.
    version: i64,
}

/// A team to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTeamBody {
    name: String,
    /// The team above.
    parent_id: Option<i64>,
}

/// What is to change of a team; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamChangeBody {
    name: Option<String>,
    /// The team above; null puts it at the top.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<i64>)]
    parent_id: Option<Option<i64>>,
}

impl From<TeamSeen> for TeamBody {
    fn from(seen: TeamSeen) -> Self {
        let TeamSeen { id, name, parent, people, version } = seen;
        Self { id, name, parent_id: parent, people, version }
    }
}

/// Every team, by name.
#[utoipa::path(get, path = "/api/v1/teams", tag = "access", responses(
    (status = 200, description = "The teams", body = Vec<TeamBody>),
    (status = 403, description = "It takes an administrator", body = Problem),
))]
pub(crate) async fn teams(Given(state): Given<State>, signed: Signed) -> Result<Json<Vec<TeamBody>>, Problem> {
    Ok(Json(state.access.teams(&signed.caller).await?.into_iter().map(TeamBody::from).collect()))
}

/// Makes a team.
#[utoipa::path(post, path = "/api/v1/teams", tag = "access", request_body = NewTeamBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")), responses(
        (status = 201, description = "The team", body = TeamBody),
        (status = 403, description = "It takes an administrator, on a page of this server", body = Problem),
        (status = 409, description = "The name is taken, or the key was used for another request", body = Problem),
        (status = 422, description = "Something breaks a rule", body = Problem),
    ))]
pub(crate) async fn add_team(
    Given(state): Given<State>,
    signed: Signed,
    key: Key,
    Body(body): Body<NewTeamBody>,
) -> Result<Response, Problem> {
    let (access, caller, now) = (state.access.clone(), signed.caller.clone(), state.now());
    let request = format!("{body:?}");
    let work = async move {
        let new = NewTeam { name: body.name, parent: body.parent_id };
        let added = access.add_team(&caller, new, now).await;
        added.map(TeamBody::from).map_err(Problem::of_input)
    };
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, work, async |made| made).await
}

/// Gives a team another name or place.
#[utoipa::path(patch, path = "/api/v1/teams/{id}", tag = "access", request_body = TeamChangeBody,
    params(
        ("id" = i64, Path, description = "The team"),
        IfMatchHeader,
    ),
    responses(
        (status = 200, description = "The team as it is now; the ETag is the version", body = TeamBody),
        (status = 403, description = "It takes an administrator, on a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 422, description = "Something breaks a rule", body = Problem),
    ))]
pub(crate) async fn change_team(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(body): Body<TeamChangeBody>,
) -> Result<Response, Problem> {
    let change = TeamChange { name: body.name, parent: body.parent_id };
    let changed = state.access.change_team(&signed.caller, id, version, change, state.now()).await;
    let team = TeamBody::from(changed.map_err(Problem::of_input)?);
    Ok(versioned(team.version, team))
}

/// Deletes a team that nobody is in and no team is below. Its past stays.
#[utoipa::path(delete, path = "/api/v1/teams/{id}", tag = "access",
    params(
        ("id" = i64, Path, description = "The team"),
        IfMatchHeader,
    ),
    responses(
        (status = 204, description = "It is deleted"),
        (status = 403, description = "It takes an administrator, on a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is not empty", body = Problem),
    ))]
pub(crate) async fn delete_team(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    state.access.delete_team(&signed.caller, id, version, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
