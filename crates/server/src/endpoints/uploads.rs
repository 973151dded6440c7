//! Files that wait to be imported: sent, looked at, mapped and tried.

use std::sync::Arc;
use std::time::Duration;

use app::Loudou;
use app::import::{self as import, Recipe};
use app::jobs::JobState;
use app::uploads::{FILE_LIMIT_BYTES, Upload, UploadedFile};
use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::State as Given;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::words::Text2;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::jobs::{BegunBody, IssuesBody, counts};
use super::mapping;
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::Both;
use crate::problem::{Code, Problem};
use crate::query::{Body, Path, Query};

/// Where files are sent to.
pub(crate) const PATH: &str = "/api/v1/uploads";
const SEND_AGAIN: (&str, &str) = ("请重新上传", "send it again");
/// How long a preview is waited for before it is told as a job.
const PREVIEW_WAIT: Duration = Duration::from_secs(15);

/// A profile that comes with the program.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProfileBody {
    name: &'static str,
    title: Both,
    /// What it reads and takes for granted.
    description: Both,
}

/// An upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadBody {
    id: i64,
    files: Vec<FileBody>,
}

/// A file of an upload; of one that is no table only name, size and problem are told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileBody {
    name: String,
    bytes: u64,
    /// How it was read: `text, utf-8, delimiter ,`.
    format: Option<String>,
    /// The sheets of a workbook.
    sheets: Vec<String>,
    /// The sheet that was looked at.
    sheet: Option<String>,
    /// The row of the headings, from 1 on.
    header_row: Option<u32>,
    columns: Vec<FileColumnBody>,
    /// Rows below the headings that were seen.
    rows_seen: u64,
    /// Whether those are all.
    is_whole: bool,
    /// Why it is no table that can be read.
    problem: Option<Problem>,
}

/// A column of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileColumnBody {
    name: String,
    /// The first different values.
    sample: Vec<String>,
    /// Rows with a value, of those seen.
    filled: u64,
}

/// The name of a file, and the upload it belongs to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Sent {
    /// The file's name.
    name: String,
    /// The upload that it is another file of; a new one where absent.
    upload: Option<i64>,
}

/// How the files are read: by a bundled profile, by a mapping, or as an import of before was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipeBody {
    /// The name of a bundled profile.
    pub(crate) profile: Option<String>,
    #[schema(value_type = Option<mapping::Mapping>)]
    pub(crate) mapping: Option<import::Mapping>,
    /// An import of before: the files are read as its were.
    pub(crate) saved: Option<i64>,
}

/// What would come of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    /// The dry run's job: further issues are at `/api/v1/jobs/{id}/issues`.
    job: i64,
    #[schema(value_type = Object)]
    counts: Value,
    #[serde(flatten)]
    issues: IssuesBody,
    /// The profile as a file that can be kept and run.
    profile: String,
}

pub(crate) fn both(text: Text2) -> Both {
    Both::new(text.zh, text.en)
}

impl From<Upload> for UploadBody {
    fn from(upload: Upload) -> Self {
        Self { id: upload.id, files: upload.files.into_iter().map(FileBody::from).collect() }
    }
}

impl From<UploadedFile> for FileBody {
    fn from(file: UploadedFile) -> Self {
        match file.look {
            Ok(look) => Self::from(look),
            Err(error) => Self {
                name: file.name,
                bytes: file.bytes,
                format: None,
                sheets: Vec::new(),
                sheet: None,
                header_row: None,
                columns: Vec::new(),
                rows_seen: 0,
                is_whole: false,
                problem: Some(Problem::of_input(error)),
            },
        }
    }
}

impl From<import::Look> for FileBody {
    fn from(look: import::Look) -> Self {
        let column = |column: import::ColumnLook| {
            let import::ColumnLook { name, sample, filled, .. } = column;
            FileColumnBody { name, sample, filled }
        };
        Self {
            name: look.file,
            bytes: look.bytes,
            format: Some(look.format),
            sheets: look.sheets,
            sheet: look.sheet,
            header_row: Some(look.header_row),
            columns: look.columns.into_iter().map(column).collect(),
            rows_seen: look.rows_seen,
            is_whole: look.is_whole,
            problem: None,
        }
    }
}

impl RecipeBody {
    pub(crate) async fn recipe(&self, loudou: &Loudou, upload: i64) -> Result<Recipe, Problem> {
        match (&self.profile, &self.mapping, self.saved) {
            (Some(name), None, None) => Recipe::bundled(name).map_err(|error| Problem::of_input_at("/profile", error)),
            (None, Some(mapping), None) => {
                let own = loudou.own_fields().await?;
                Recipe::mapped(mapping, &own).map_err(|error| Problem::of_input_at("/mapping", error))
            }
            (None, None, Some(import)) => {
                loudou.recipe_of(import, upload).await.map_err(|error| Problem::of_input_at("/saved", error))
            }
            _ => Err(Problem::new(
                Code::BadInput,
                ("`profile`、`mapping` 与 `saved` 须给出其一", "give one of `profile`, `mapping` and `saved`"),
            )
            .hint((
                "POST /api/v1/uploads/{id}/suggest 会建议一份映射",
                "a mapping is proposed by POST /api/v1/uploads/{id}/suggest",
            ))),
        }
    }
}

/// The profiles that come with the program.
#[utoipa::path(get, path = "/api/v1/profiles", tag = "imports", responses(
    (status = 200, description = "The profiles", body = Vec<ProfileBody>),
    (status = 403, description = "It takes the right to import", body = Problem),
))]
pub(crate) async fn profiles(Asker(loudou): Asker) -> Result<Json<Vec<ProfileBody>>, Problem> {
    loudou.who().require(domain::people::May::Import)?;
    let body = |profile: import::BundledProfile| ProfileBody {
        name: profile.name,
        title: both(profile.title),
        description: both(profile.description),
    };
    Ok(Json(import::bundled_profiles()?.into_iter().map(body).collect()))
}

/// Sends a file: the body is the file itself. An archive (`.zip`) is unpacked.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "imports", params(Sent),
    request_body(content = String, content_type = "application/octet-stream", description = "The file, as it is"),
    responses(
        (status = 201, description = "The upload with a look at its files", body = UploadBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 409, description = "Too many uploads wait already", body = Problem),
        (status = 413, description = "The file, or what it unpacks to, is too large", body = Problem),
        (status = 422, description = "The file has no name, or is no archive", body = Problem),
        (status = 504, description = "Nothing came for too long", body = Problem),
    ))]
pub(crate) async fn receive(
    Given(state): Given<State>,
    Asker(loudou): Asker,
    Query(sent): Query<Sent>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    loudou.who().require(domain::people::May::Import)?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > FILE_LIMIT_BYTES) {
        return Err(Problem::new(
            Code::TooLarge,
            (
                format!("一个文件最大 {} GiB", FILE_LIMIT_BYTES >> 30),
                format!("a file may have {} GiB", FILE_LIMIT_BYTES >> 30),
            ),
        )
        .hint(("请导出更少的列，或导出为 Parquet", "export fewer columns, or as Parquet")));
    }
    let mut receiving = loudou.receive(sent.upload, &sent.name).map_err(Problem::of_input)?;
    let mut chunks = body.into_data_stream();
    loop {
        let next = tokio::time::timeout(state.settings.timeout, chunks.next()).await.map_err(|_| {
            Problem::new(Code::Timeout, ("文件没有继续传来", "nothing more came of the file")).hint(SEND_AGAIN)
        })?;
        match next {
            None => break,
            Some(Ok(chunk)) => receiving.write(chunk).await?,
            Some(Err(error)) => {
                return Err(Problem::new(
                    Code::Malformed,
                    (format!("文件传送中断：{error}"), format!("the file broke off: {error}")),
                )
                .hint(SEND_AGAIN));
            }
        }
    }
    let upload = receiving.finish().await.map_err(Problem::of_input)?;
    Ok((StatusCode::CREATED, Json(UploadBody::from(upload))).into_response())
}

/// An upload of the asker's.
#[utoipa::path(get, path = "/api/v1/uploads/{id}", tag = "imports",
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 200, description = "The upload with a look at its files", body = UploadBody),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
    ))]
pub(crate) async fn upload(Asker(loudou): Asker, Path(id): Path<i64>) -> Result<Json<UploadBody>, Problem> {
    let looked = tokio::task::spawn_blocking(move || loudou.upload(id)).await;
    let looked = looked.map_err(|error| app::AppError::system(format!("the look at the files broke off: {error}")))?;
    Ok(Json(looked?.into()))
}

/// Throws an upload away.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", tag = "imports",
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
    ))]
pub(crate) async fn drop_upload(Asker(loudou): Asker, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    loudou.drop_upload(id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads an upload and tells what would come of it; nothing is changed. What takes long goes on as a job.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/preview", tag = "imports", request_body = RecipeBody,
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 200, description = "What would come of it", body = PreviewBody),
        (status = 202, description = "It takes long: the job tells the counts and issues", body = BegunBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 413, description = "The body is too large, or what a workbook unpacks to", body = Problem),
        (status = 422, description = "The mapping or the input as a whole is wrong", body = Problem),
        (status = 409, description = "Too many jobs of the asker's run already, or the preview was cancelled", body = Problem),
    ))]
pub(crate) async fn preview(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Body(body): Body<RecipeBody>,
) -> Result<Response, Problem> {
    loudou.upload_folder(id)?;
    let recipe = body.recipe(&loudou, id).await?;
    let profile = recipe.text().to_owned();
    let job = state.jobs.preview(&loudou, id, recipe).map_err(Problem::of_input)?.id;
    let ended = tokio::time::timeout(PREVIEW_WAIT, state.jobs.ended(&signed.caller.who, job)).await;
    let Ok(ended) = ended else { return Ok((StatusCode::ACCEPTED, Json(BegunBody { job })).into_response()) };
    let ended = ended?;
    if let Some(problem) = ended.problem {
        return Err(Problem::of_input(problem));
    }
    let Some(report) = ended.report.filter(|_| ended.state == JobState::Done) else {
        return Err(Problem::new(Code::Conflict, ("预览已取消", "the preview was cancelled")));
    };
    Ok(Json(preview_body(job, &report, profile)).into_response())
}

fn preview_body(job: i64, report: &Arc<import::ImportReport>, profile: String) -> PreviewBody {
    PreviewBody { job, counts: counts(report), issues: IssuesBody::first(report), profile }
}
