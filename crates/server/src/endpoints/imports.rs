//! Imports: begun, listed, told about, and taken back.

use app::access::{Action, Caller};
use app::import::ImportSeen;
use app::jobs::{Job, JobState};
use axum::Json;
use axum::extract::State as Given;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::jobs::BegunBody;
use super::mapping;
use super::uploads::RecipeBody;
use crate::State;
use crate::asker::{Asker, Signed};
use crate::files;
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Path};

/// An import in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportBody {
    id: i64,
    /// The profile or mapping that read it.
    profile: String,
    /// The namespace of its external ids.
    source: String,
    files: Vec<String>,
    #[schema(format = DateTime)]
    at: String,
    /// Who imported.
    actor: Option<String>,
    /// `done` or `undone`.
    state: &'static str,
    /// Rows read and rejected, entries written, new records by kind.
    #[schema(value_type = Object)]
    counts: Value,
    /// Later imports that build on it and have to be undone first, the latest first.
    blocked_by: Vec<i64>,
}

/// An import with the report it ended with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPageBody {
    #[serde(flatten)]
    import: ImportBody,
    /// Null where it is not kept by this server.
    #[schema(value_type = Option<Object>)]
    report: Option<Value>,
    /// Whether the rejected rows are kept here.
    has_rejects: bool,
    /// Whether the profile is kept here.
    has_profile: bool,
}

/// What to import.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartBody {
    upload: i64,
    /// The name of a bundled profile; either this or a mapping.
    profile: Option<String>,
    #[schema(value_type = Option<mapping::Mapping>)]
    mapping: Option<app::import::Mapping>,
    /// An import of before, as whose files these are read; instead of a profile or mapping.
    saved: Option<i64>,
    /// Bring in the rest where rows are rejected.
    #[serde(default)]
    skip_rejected: bool,
}

/// Nothing needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NothingBody {}

impl From<ImportSeen> for ImportBody {
    fn from(seen: ImportSeen) -> Self {
        Self {
            id: seen.id,
            profile: seen.profile,
            source: seen.source,
            files: seen.files,
            at: seen.at.to_string(),
            actor: seen.actor,
            state: if seen.is_undone { "undone" } else { "done" },
            counts: seen.counts,
            blocked_by: seen.blocked_by,
        }
    }
}

/// The imports so far, the latest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", responses(
    (status = 200, description = "The imports", body = Vec<ImportBody>),
    (status = 403, description = "It takes the right to import", body = Problem),
))]
pub(crate) async fn imports(Asker(loudou): Asker) -> Result<Json<Vec<ImportBody>>, Problem> {
    Ok(Json(loudou.imports_seen().await?.into_iter().map(ImportBody::from).collect()))
}

/// Begins the import of an upload.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", request_body = StartBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")), responses(
        (status = 202, description = "The job", body = BegunBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 409, description = "Too many jobs of the asker's run already, or the key was used for another request", body = Problem),
        (status = 422, description = "The mapping is wrong, or there is nothing to import", body = Problem),
    ))]
pub(crate) async fn start(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    key: Key,
    Body(body): Body<StartBody>,
) -> Result<Response, Problem> {
    let request = format!("{body:?}");
    let (given, caller) = (state.clone(), signed.caller.clone());
    let work = async move {
        let StartBody { upload, profile, mapping, saved, skip_rejected } = body;
        loudou.upload_folder(upload)?;
        let recipe = RecipeBody { profile, mapping, saved }.recipe(&loudou, upload).await?;
        let job = given.jobs.import(&loudou, upload, recipe, skip_rejected).map_err(Problem::of_input)?;
        Ok::<_, Problem>(begun(&given, &caller, &job, Action::Imported))
    };
    key.once(&state, &signed.caller, &request, StatusCode::ACCEPTED, work, async |made| made).await
}

/// Tells of a job, and has the access log tell of what came of it.
pub(super) fn begun(state: &State, caller: &Caller, job: &Job, action: Action) -> BegunBody {
    let (state, caller, id) = (state.clone(), caller.clone(), job.id);
    tokio::spawn(async move {
        let Ok(ended) = state.jobs.ended(&caller.who, id).await else { return };
        let result = ended.result.filter(|_| ended.state == JobState::Done).unwrap_or_default();
        let Some(import) = result["import_id"].as_i64() else { return };
        let detail = json!({"import_id": import, "kind": ended.kind.as_str()});
        if let Err(error) = state.access.log(&caller, action, &import.to_string(), detail, state.now()).await {
            tracing::warn!(%error, import, "an import is not in the access log");
        }
    });
    BegunBody { job: id }
}

/// An import, with the report it ended with.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports",
    params(("id" = i64, Path, description = "The import")), responses(
        (status = 200, description = "The import", body = ImportPageBody),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn import(Asker(loudou): Asker, Path(id): Path<i64>) -> Result<Json<ImportPageBody>, Problem> {
    let import = loudou.import_seen(id).await?.into();
    let report = loudou.import_report(id).await.ok();
    let (has_rejects, has_profile) = (loudou.import_rejects(id).await.is_ok(), loudou.import_profile(id).await.is_ok());
    Ok(Json(ImportPageBody { import, report, has_rejects, has_profile }))
}

/// The rows that an import left out, as CSV with formulas made harmless.
#[utoipa::path(get, path = "/api/v1/imports/{id}/rejects", tag = "imports",
    params(("id" = i64, Path, description = "The import")), responses(
        (status = 200, description = "The rows", body = String, content_type = "text/csv"),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "There is none, or its rows are not kept by this server", body = Problem),
    ))]
pub(crate) async fn rejects(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let file = loudou.import_rejects(id).await?;
    let name = format!("import-{id}-rejects.csv");
    state.log_export(&signed.caller, name.clone(), json!({})).await?;
    Ok(files::csv_of(&name, file))
}

/// The profile that read an import: a file that can be kept, changed and run again.
#[utoipa::path(get, path = "/api/v1/imports/{id}/profile", tag = "imports",
    params(("id" = i64, Path, description = "The import")), responses(
        (status = 200, description = "The profile", body = String, content_type = "application/toml"),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "There is none, or its profile is not kept by this server", body = Problem),
    ))]
pub(crate) async fn profile(Asker(loudou): Asker, Path(id): Path<i64>) -> Result<Response, Problem> {
    let text = loudou.import_profile(id).await?;
    let disposition = format!("attachment; filename=\"import-{id}.toml\"");
    let headers = [(header::CONTENT_TYPE, "application/toml".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text).into_response())
}

/// Begins to take an import back.
#[utoipa::path(post, path = "/api/v1/imports/{id}/undo", tag = "imports",
    params(
        ("id" = i64, Path, description = "The import"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless"),
    ), responses(
        (status = 202, description = "The job", body = BegunBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "Too many jobs of the asker's run already, or the key was used for another request", body = Problem),
        (status = 422, description = "The key is malformed", body = Problem),
    ))]
pub(crate) async fn undo(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    key: Key,
) -> Result<Response, Problem> {
    let (given, caller) = (state.clone(), signed.caller.clone());
    let work = async move {
        let job = given.jobs.undo(&loudou, id).await?;
        Ok(begun(&given, &caller, &job, Action::ImportUndone))
    };
    key.once(&state, &signed.caller, &id, StatusCode::ACCEPTED, work, async |made| made).await
}

/// Begins to make the demonstration company, in a database without deals.
#[utoipa::path(post, path = "/api/v1/demo", tag = "imports", request_body = NothingBody, responses(
    (status = 202, description = "The job", body = BegunBody),
    (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
    (status = 409, description = "There are deals already, or too many jobs of the asker's run", body = Problem),
))]
pub(crate) async fn demo(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Body(NothingBody {}): Body<NothingBody>,
) -> Result<Response, Problem> {
    let job = state.jobs.demo(&loudou).await?;
    let body = begun(&state, &signed.caller, &job, Action::Imported);
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}
