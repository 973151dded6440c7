//! Answers and lists as files, where a request asks for one.

use app::access::{Action, Caller};
use app::answer::Answer;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use futures::{Stream, TryStreamExt};
use report::Lang;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::State;
use crate::asker::Signed;
use crate::body::AnswerBody;
use crate::problem::{Code, Problem};
use crate::query::Query;

/// Rows of a list that a workbook or a Parquet file is made of in memory.
const MOST_IN_MEMORY: usize = 200_000;

/// The sort of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    Csv,
    Xlsx,
    Parquet,
}

impl Format {
    /// Every sort.
    pub(crate) const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Parquet];

    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LangWord {
    Zh,
    #[default]
    En,
}

/// Whether a file is wanted, and how.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// The answer as a file instead of JSON.
    pub(crate) format: Option<Format>,
    /// The language of heads and names in a file; English where absent.
    #[serde(default)]
    pub(crate) lang: LangWord,
    /// Whether a CSV file begins with a byte order mark, for spreadsheets; it does where absent.
    pub(crate) bom: Option<bool>,
}

/// The answer as a request wants it, and who wants it: a file is data taken away, and stands in the access log.
#[derive(Debug)]
pub(crate) struct Files {
    query: FileQuery,
    /// What was asked, as the address says it.
    asked: String,
    state: State,
    caller: Caller,
}

impl FromRequestParts<State> for Files {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Query(query) = Query::<FileQuery>::from_request_parts(parts, state).await?;
        let Signed { caller, .. } = Signed::from_request_parts(parts, state).await?;
        let asked = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self { query, asked, state: state.clone(), caller })
    }
}

impl Files {
    /// The sort of file that is asked for.
    pub(crate) const fn format(&self) -> Option<Format> {
        self.query.format
    }

    async fn log(&self, name: &str, format: Format) -> Result<(), Problem> {
        let (subject, detail) = (format!("{name}.{}", format.extension()), json!({"asked": self.asked}));
        let now = self.state.now();
        Ok(self.state.access.log(&self.caller, Action::Exported, &subject, detail, now).await?)
    }

    /// An answer: as JSON, or as the file that is asked for.
    pub(crate) async fn answer(self, name: &str, answer: Answer) -> Result<Response, Problem> {
        match self.query.format {
            None => Ok(Json(AnswerBody::from(answer)).into_response()),
            Some(format) => self.whole(name, format, answer).await,
        }
    }

    /// A file of an answer that is there as a whole.
    pub(crate) async fn whole(self, name: &str, format: Format, answer: Answer) -> Result<Response, Problem> {
        self.log(name, format).await?;
        self.query.whole(name, format, answer).await
    }

    /// A file of a list that comes in pages.
    pub(crate) async fn pages(
        self,
        name: &str,
        format: Format,
        pages: impl Stream<Item = Result<Answer, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        self.log(name, format).await?;
        self.query.pages(name, format, pages).await
    }
}

impl FileQuery {
    fn lang(self) -> Lang {
        match self.lang {
            LangWord::Zh => Lang::Zh,
            LangWord::En => Lang::En,
        }
    }

    fn respond(self, name: &str, format: Format, body: Body) -> Response {
        let disposition = format!("attachment; filename=\"{name}.{}\"", format.extension());
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }

    /// A file of an answer that is there as a whole.
    async fn whole(self, name: &str, format: Format, answer: Answer) -> Result<Response, Problem> {
        let (lang, bom) = (self.lang(), self.bom.unwrap_or(true));
        let made = tokio::task::spawn_blocking(move || match format {
            Format::Csv => Ok([report::csv_head(&answer, lang, bom), report::csv_rows(&answer, lang)].concat()),
            Format::Xlsx => report::xlsx(&answer, lang),
            Format::Parquet => report::parquet(&answer),
        });
        let bytes = made.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        Ok(self.respond(name, format, Body::from(bytes)))
    }

    /// A file of a list that comes in pages: CSV page by page as it is read, the others when all of it is there.
    async fn pages(
        self,
        name: &str,
        format: Format,
        pages: impl Stream<Item = Result<Answer, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let mut pages = Box::pin(pages);
        // The first page is waited for: what is wrong with the question is told as a problem, not within a file.
        let Some(first) = pages.try_next().await? else {
            return Err(failed(&"a list has no page"));
        };
        if format == Format::Csv {
            let (lang, bom) = (self.lang(), self.bom.unwrap_or(true));
            let head = Bytes::from([report::csv_head(&first, lang, bom), report::csv_rows(&first, lang)].concat());
            let rest = pages.map(move |page| match page {
                Ok(page) => Ok(Bytes::from(report::csv_rows(&page, lang))),
                Err(problem) => Err(std::io::Error::other(problem.detail)),
            });
            return Ok(self.respond(name, format, Body::from_stream(stream::once(async { Ok(head) }).chain(rest))));
        }
        let mut all = first;
        while let Some(page) = pages.try_next().await? {
            all.rows.extend(page.rows);
            if all.rows.len() > MOST_IN_MEMORY {
                return Err(Problem::new(
                    Code::BadQuestion,
                    (format!("列表超过 {MOST_IN_MEMORY} 行"), format!("the list has more than {MOST_IN_MEMORY} rows")),
                )
                .hint(("请下载没有行数限制的 CSV，或先筛选", "take it as CSV, which has no limit, or filter first")));
            }
        }
        self.whole(name, format, all).await
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a file could not be made");
    Problem::internal()
}
