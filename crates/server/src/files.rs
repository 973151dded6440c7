//! Answers and lists as files, where a request asks for one.

use std::fs::File;
use std::io::{self, BufWriter, Read as _};
use std::time::Duration;

use app::Scratch;
use app::access::Caller;
use app::answer::Answer;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::Currency;
use futures::stream::{self, StreamExt};
use futures::{Stream, TryStreamExt};
use report::{Lang, ReportError};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::State;
use crate::asker::Signed;
use crate::body::AnswerBody;
use crate::problem::{Code, Problem};
use crate::query::Query;

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
        let subject = format!("{name}.{}", format.extension());
        self.state.log_export(&self.caller, subject, json!({"asked": self.asked})).await
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
        let Self { query, state, .. } = self;
        let mut pages = Pages { pages: Box::pin(pages), currency: None, limit: state.settings.timeout };
        // The first page is waited for: what is wrong with the question is told as a problem, not within a file.
        let Some(first) = pages.next().await? else {
            return Err(failed(&"a list has no page"));
        };
        let body = match format {
            Format::Csv => query.streamed(&first, pages),
            Format::Xlsx | Format::Parquet => query.made(&state, format, first, pages).await?,
        };
        Ok(respond(&format!("{name}.{}", format.extension()), format.content_type(), body))
    }
}

/// The pages of a list, in the units of the first.
struct Pages<S> {
    pages: S,
    /// The currency of the first page, once it is there.
    currency: Option<Option<Currency>>,
    /// How long a page may take.
    limit: Duration,
}

impl<S: Stream<Item = Result<Answer, Problem>> + Send + Unpin> Pages<S> {
    async fn next(&mut self) -> Result<Option<Answer>, Problem> {
        let next = tokio::time::timeout(self.limit, self.pages.try_next()).await;
        let next =
            next.map_err(|_| Problem::new(Code::Timeout, ("列表的一页耗时过长", "a page of the list took too long")));
        let Some(page) = next?? else { return Ok(None) };
        if *self.currency.get_or_insert(page.currency) != page.currency {
            // Somebody has written the first deal of another currency in between: one column has one unit.
            return Err(Problem::new(
                Code::Conflict,
                ("写文件期间列表的币种发生了变化", "the currencies of the list changed while its file was written"),
            )
            .hint(("请重新下载", "take it again")));
        }
        Ok(Some(page))
    }
}

/// A file that is made before it is sent: page by page, on the disk.
enum Made {
    Xlsx(Box<report::XlsxFile>),
    Parquet(Box<report::ParquetFile<File>>),
}

impl Made {
    fn rows(&mut self, page: &Answer) -> Result<(), ReportError> {
        match self {
            Self::Xlsx(file) => file.rows(page),
            Self::Parquet(file) => file.rows(page),
        }
    }
}

impl FileQuery {
    fn lang(self) -> Lang {
        match self.lang {
            LangWord::Zh => Lang::Zh,
            LangWord::En => Lang::En,
        }
    }

    /// A file of an answer that is there as a whole.
    async fn whole(self, name: &str, format: Format, answer: Answer) -> Result<Response, Problem> {
        let (lang, bom) = (self.lang(), self.bom.unwrap_or(true));
        let made = tokio::task::spawn_blocking(move || match format {
            Format::Csv => Ok([report::csv_head(&answer, lang, bom), report::csv_rows(&answer, lang)].concat()),
            Format::Xlsx => report::xlsx(&answer, lang),
            Format::Parquet => report::parquet(&answer),
        });
        let bytes = made.await.map_err(|error| failed(&error))?.map_err(refused)?;
        Ok(respond(&format!("{name}.{}", format.extension()), format.content_type(), Body::from(bytes)))
    }

    /// CSV, page by page as the list is read.
    fn streamed<S>(self, first: &Answer, pages: Pages<S>) -> Body
    where
        S: Stream<Item = Result<Answer, Problem>> + Send + Unpin + 'static,
    {
        let (lang, bom) = (self.lang(), self.bom.unwrap_or(true));
        let head = Bytes::from([report::csv_head(first, lang, bom), report::csv_rows(first, lang)].concat());
        let rest = stream::try_unfold(pages, move |mut pages| async move {
            match pages.next().await {
                Ok(page) => Ok(page.map(|page| (Bytes::from(report::csv_rows(&page, lang)), pages))),
                Err(problem) => Err(io::Error::other(problem.detail)),
            }
        });
        Body::from_stream(stream::once(async { Ok(head) }).chain(rest))
    }

    /// A format that cannot be sent before its end is known: made in a file that goes once it was sent.
    async fn made<S>(self, state: &State, format: Format, first: Answer, mut pages: Pages<S>) -> Result<Body, Problem>
    where
        S: Stream<Item = Result<Answer, Problem>> + Send + Unpin,
    {
        let (loudou, lang) = (state.loudou.clone(), self.lang());
        let begun = blocking(move || {
            let (scratch, file) = loudou.scratch().map_err(|error| failed(&error))?;
            let (made, file) = match format {
                Format::Parquet => {
                    (Made::Parquet(Box::new(report::ParquetFile::new(&first, file).map_err(refused)?)), None)
                }
                _ => {
                    let folder = loudou.scratch_dir();
                    let book = report::XlsxFile::new(&first, lang, Some(&folder)).map_err(refused)?;
                    (Made::Xlsx(Box::new(book)), Some(file))
                }
            };
            Ok((scratch, made, file, first))
        });
        let (scratch, mut made, file, mut page) = begun.await?;
        loop {
            made = blocking(move || made.rows(&page).map(|()| made).map_err(refused)).await?;
            match pages.next().await? {
                Some(next) => page = next,
                None => break,
            }
        }
        blocking(move || {
            match (made, file) {
                (Made::Parquet(made), _) => made.finish().map(drop).map_err(refused)?,
                (Made::Xlsx(book), Some(file)) => book.finish(BufWriter::new(file)).map_err(refused)?,
                (Made::Xlsx(_), None) => return Err(failed(&"a workbook has no file")),
            }
            let file = scratch.open().map_err(|error| failed(&error))?;
            Ok(sent(file, Some(scratch)))
        })
        .await
    }
}

/// Whether a request asks for a file that is made before it is sent, however long that takes.
pub(crate) fn is_made_first(query: Option<&str>) -> bool {
    query.unwrap_or_default().split('&').any(|pair| matches!(pair, "format=xlsx" | "format=parquet"))
}

/// A file to be kept.
fn respond(name: &str, content_type: &'static str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The mark at the beginning of a text that tells spreadsheets that it is UTF-8.
pub(crate) const BOM: &[u8] = "\u{feff}".as_bytes();

/// A CSV file to be kept.
pub(crate) fn csv_with(name: &str, body: Body) -> Response {
    respond(name, Format::Csv.content_type(), body)
}

/// The same of a file on the disk, which is sent as it is read.
pub(crate) fn csv_of(name: &str, file: File) -> Response {
    let head = stream::once(async { Ok(Bytes::from_static(BOM)) });
    csv_with(name, Body::from_stream(head.chain(read(file, None))))
}

/// A file on the disk, sent as it is read. It goes once it was sent.
fn sent(file: File, scratch: Option<Scratch>) -> Body {
    Body::from_stream(read(file, scratch))
}

/// Bytes of a file that are read at a time.
const CHUNK_BYTES: u64 = 256 * 1024;

fn read(file: File, scratch: Option<Scratch>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold((file, scratch), |(file, scratch)| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = Vec::new();
            (&file).take(CHUNK_BYTES).read_to_end(&mut chunk).map(|_| (chunk, file))
        });
        let (chunk, file) = read.await.map_err(io::Error::other)??;
        Ok((!chunk.is_empty()).then(|| (Bytes::from(chunk), (file, scratch))))
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))?
}

#[allow(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
fn refused(error: ReportError) -> Problem {
    match error {
        ReportError::TooManyRows { most } => Problem::new(
            Code::BadQuestion,
            (format!("工作表最多容纳 {most} 行"), format!("a sheet holds at most {most} rows")),
        )
        .hint((
            "请下载没有行数限制的 CSV 或 Parquet，或先筛选",
            "take it as CSV or Parquet, which have no limit, or filter first",
        )),
        ReportError::Failed(_) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a file could not be made");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use app::answer::{Cell, Column, Terms, Unit};

    use super::*;

    fn page(currency: Option<Currency>) -> Result<Answer, Problem> {
        let columns = vec![Column::new("amount_minor", "金额", "amount", Unit::AmountMinor)];
        let mut answer = Answer { currency, ..Answer::new("商机", "Deals", Terms::default(), columns) };
        answer.push(vec![Cell::Minor(500)]);
        Ok(answer)
    }

    #[tokio::test]
    async fn a_file_ends_rather_than_changing_its_unit() {
        let all = stream::iter([page(Some(Currency::CNY)), page(Some(Currency::CNY)), page(None)]);
        let mut pages = Pages { pages: all, currency: None, limit: Duration::from_secs(60) };
        for _ in 0..2 {
            assert!(pages.next().await.expect("of one unit").is_some());
        }
        let problem = pages.next().await.expect_err("minor units under a head of major ones");
        assert_eq!((problem.status, problem.code), (409, "conflict"));
    }

    #[tokio::test]
    async fn a_file_is_sent_as_it_is_read_and_goes_then() {
        let house = crate::testing::House::new().await;
        let (scratch, mut file) = house.loudou().await.scratch().expect("a file");
        let bytes = vec![7_u8; usize::try_from(CHUNK_BYTES).expect("small") + 5];
        io::Write::write_all(&mut file, &bytes).expect("it is written");
        let body = sent(scratch.open().expect("it is there"), Some(scratch));
        assert_eq!(axum::body::to_bytes(body, 1 << 20).await.expect("it is sent"), bytes);
        let left = std::fs::read_dir(house.place.scratch_dir()).expect("the folder");
        assert_eq!(left.count(), 0);
    }
}
