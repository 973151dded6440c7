//! Sources: what they are, their secrets (which only go in), their first rows, pulls and runs.

use app::access::Action;
use app::sources::{NewSource, RecipeChoice, Secret, SourceChange, SourceSeen};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::jobs::BegunBody;
use super::source_bodies::{SourceBody, SourceDefinition, SourceRunBody};
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::AnswerBody;
use crate::document::IfMatchHeader;
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Path};
use crate::version::{IfMatch, etag};

/// A source to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSourceBody {
    name: String,
    definition: SourceDefinition,
    /// When it runs by itself, once a profile is kept.
    schedule: Option<String>,
    /// Bring in the rest where rows are rejected.
    #[serde(default)]
    skip_rejected: bool,
}

/// What changes about a source; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceChangeBody {
    name: Option<String>,
    /// As a whole; another address takes an administrator, and drops the password or token. Unless only its limits
    /// change, everything is pulled once more.
    definition: Option<SourceDefinition>,
    /// When it runs by itself; null: never.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>)]
    schedule: Option<Option<String>>,
    skip_rejected: Option<bool>,
    /// Read its rows as in this import of it, from now on; null: as in none.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<i64>)]
    like_import: Option<Option<i64>>,
}

/// A password or token: it goes in and never comes out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceSecretBody {
    secret: String,
}

/// The first rows of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirstRowsBody {
    /// The file that they are of, where there are several.
    file: Option<String>,
    rows: AnswerBody,
}

/// Tells null from what is absent.
fn told<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn versioned(seen: SourceSeen) -> Response {
    (etag(seen.version), Json(SourceBody::from(seen))).into_response()
}

impl State {
    /// Tells the access log what was done to a source.
    async fn log_source(&self, signed: &Signed, action: Action, name: &str) -> Result<(), Problem> {
        Ok(self.access.log(&signed.caller, action, name, json!({}), self.now()).await?)
    }
}

/// The sources, by name.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", responses(
    (status = 200, description = "The sources, with their last and next run", body = Vec<SourceBody>),
    (status = 403, description = "It takes the right to import or to administer", body = Problem),
))]
pub(crate) async fn sources(
    Given(state): Given<State>,
    Asker(loudou): Asker,
) -> Result<Json<Vec<SourceBody>>, Problem> {
    Ok(Json(state.sources.list(&loudou).await?.into_iter().map(SourceBody::from).collect()))
}

/// Makes a source. One with an address takes an administrator.
#[utoipa::path(post, path = "/api/v1/sources", tag = "sources", request_body = NewSourceBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")), responses(
        (status = 201, description = "The source", body = SourceBody),
        (status = 403, description = "The roles do not suffice, or the request came from another site", body = Problem),
        (status = 409, description = "The name is taken, or the key was used for another request", body = Problem),
        (status = 422, description = "Something of it is wrong", body = Problem),
    ))]
pub(crate) async fn add_source(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    key: Key,
    Body(body): Body<NewSourceBody>,
) -> Result<Response, Problem> {
    let request = format!("{body:?}");
    let (given, by) = (state.clone(), signed.clone());
    let work = async move {
        let NewSourceBody { name, definition, schedule, skip_rejected } = body;
        let new = NewSource { name, definition: definition.read()?, schedule, skip_rejected };
        let seen = given.sources.add(&loudou, new).await.map_err(Problem::of_input)?;
        given.log_source(&by, Action::SourceAdded, &seen.name).await?;
        Ok(SourceBody::from(seen))
    };
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, work, async |made| made).await
}

/// A source.
#[utoipa::path(get, path = "/api/v1/sources/{id}", tag = "sources",
    params(("id" = i64, Path, description = "The source")), responses(
        (status = 200, description = "The source; the ETag is the version", body = SourceBody),
        (status = 403, description = "It takes the right to import or to administer", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn source(
    Given(state): Given<State>,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    Ok(versioned(state.sources.show(&loudou, id).await?))
}

/// Changes a source. Another address takes an administrator, and drops the password or token.
#[utoipa::path(patch, path = "/api/v1/sources/{id}", tag = "sources", request_body = SourceChangeBody,
    params(("id" = i64, Path, description = "The source"), IfMatchHeader), responses(
        (status = 200, description = "The source as it is now; the ETag is the version", body = SourceBody),
        (status = 403, description = "The roles do not suffice, or the request came from another site", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 422, description = "Something of it is wrong", body = Problem),
    ))]
pub(crate) async fn change_source(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(body): Body<SourceChangeBody>,
) -> Result<Response, Problem> {
    let change = SourceChange {
        name: body.name,
        definition: body.definition.as_ref().map(SourceDefinition::read).transpose()?,
        schedule: body.schedule,
        skip_rejected: body.skip_rejected,
        recipe: body.like_import.map(|import| import.map_or(RecipeChoice::Nothing, RecipeChoice::Import)),
    };
    let changed = state.sources.change(&loudou, id, version, change).await;
    let seen = changed.map_err(Problem::of_input)?;
    state.log_source(&signed, Action::SourceChanged, &seen.name).await?;
    Ok(versioned(seen))
}

/// Removes a source with its secret and its history; what it brought in stays.
#[utoipa::path(delete, path = "/api/v1/sources/{id}", tag = "sources",
    params(("id" = i64, Path, description = "The source"), IfMatchHeader), responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "The roles do not suffice, or the request came from another site", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn remove_source(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    let name = state.sources.show(&loudou, id).await?.name;
    state.sources.remove(&loudou, id, version).await?;
    state.log_source(&signed, Action::SourceRemoved, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the password or token of a source. Nothing can read it afterwards.
#[utoipa::path(put, path = "/api/v1/sources/{id}/secret", tag = "sources", request_body = SourceSecretBody,
    params(("id" = i64, Path, description = "The source")), responses(
        (status = 204, description = "It is set"),
        (status = 403, description = "It takes an administrator, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "The source takes none, or it is too long", body = Problem),
    ))]
pub(crate) async fn set_source_secret(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Body(body): Body<SourceSecretBody>,
) -> Result<StatusCode, Problem> {
    keep_secret(&state, &signed, &loudou, id, Some(Secret::new(body.secret))).await
}

/// Takes the password or token of a source away.
#[utoipa::path(delete, path = "/api/v1/sources/{id}/secret", tag = "sources",
    params(("id" = i64, Path, description = "The source")), responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "It takes an administrator, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "The source takes none", body = Problem),
    ))]
pub(crate) async fn remove_source_secret(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    keep_secret(&state, &signed, &loudou, id, None).await
}

async fn keep_secret(
    state: &State,
    signed: &Signed,
    loudou: &app::Loudou,
    id: i64,
    secret: Option<Secret>,
) -> Result<StatusCode, Problem> {
    let set = state.sources.set_secret(loudou, id, secret).await;
    set.map_err(|error| Problem::of_input_at("/secret", error))?;
    let name = state.sources.show(loudou, id).await?.name;
    state.log_source(signed, Action::SourceSecretSet, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reaches a source and tells its first rows.
#[utoipa::path(post, path = "/api/v1/sources/{id}/test", tag = "sources",
    params(("id" = i64, Path, description = "The source")), responses(
        (status = 200, description = "The first rows", body = FirstRowsBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "It cannot be reached or read; the detail says why", body = Problem),
    ))]
pub(crate) async fn test_source(
    Given(state): Given<State>,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Json<FirstRowsBody>, Problem> {
    let found = state.sources.first_rows(&loudou, id).await.map_err(Problem::of_input)?;
    Ok(Json(FirstRowsBody { file: found.file, rows: found.rows.into() }))
}

/// Begins to pull what is new into an upload of one's own: the job's result names it, and the studio goes on from there.
#[utoipa::path(post, path = "/api/v1/sources/{id}/pull", tag = "sources",
    params(
        ("id" = i64, Path, description = "The source"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless"),
    ), responses(
        (status = 202, description = "The job", body = BegunBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "Too many jobs of the asker's run already, or the key was used for another request", body = Problem),
        (status = 422, description = "The key is malformed", body = Problem),
    ))]
pub(crate) async fn pull_source(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    key: Key,
) -> Result<Response, Problem> {
    let (given, by) = (state.clone(), signed.clone());
    let work = async move {
        let job = given.jobs.pull(&loudou, &given.sources, id).await?.id;
        let name = given.sources.show(&loudou, id).await?.name;
        given.log_source(&by, Action::SourcePulled, &name).await?;
        Ok(BegunBody { job })
    };
    key.once(&state, &signed.caller, &id, StatusCode::ACCEPTED, work, async |made| made).await
}

/// Begins to pull what is new and to import it as the source's profile says.
#[utoipa::path(post, path = "/api/v1/sources/{id}/run", tag = "sources",
    params(
        ("id" = i64, Path, description = "The source"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless"),
    ), responses(
        (status = 202, description = "The job", body = BegunBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "Too many jobs of the asker's run already, or the key was used for another request", body = Problem),
        (status = 422, description = "The key is malformed", body = Problem),
    ))]
pub(crate) async fn run_source(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    key: Key,
) -> Result<Response, Problem> {
    let (given, caller) = (state.clone(), signed.caller.clone());
    let work =
        async move { Ok(BegunBody { job: given.jobs.run_source(&loudou, &given.sources, id, caller).await?.id }) };
    key.once(&state, &signed.caller, &id, StatusCode::ACCEPTED, work, async |made| made).await
}

/// Forgets what was brought in: the next pull begins at the beginning. What is known already is not doubled.
#[utoipa::path(post, path = "/api/v1/sources/{id}/start-over", tag = "sources",
    params(("id" = i64, Path, description = "The source")), responses(
        (status = 200, description = "The source as it is now; the ETag is the version", body = SourceBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn start_source_over(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let seen = state.sources.start_over(&loudou, id).await?;
    state.log_source(&signed, Action::SourceStartedOver, &seen.name).await?;
    Ok(versioned(seen))
}

/// The latest pulls and runs of a source, the latest first.
#[utoipa::path(get, path = "/api/v1/sources/{id}/runs", tag = "sources",
    params(("id" = i64, Path, description = "The source")), responses(
        (status = 200, description = "The runs", body = Vec<SourceRunBody>),
        (status = 403, description = "It takes the right to import or to administer", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn source_runs(
    Given(state): Given<State>,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Json<Vec<SourceRunBody>>, Problem> {
    Ok(Json(state.sources.history(&loudou, id).await?.into_iter().map(SourceRunBody::from).collect()))
}
