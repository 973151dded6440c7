//! Creating once: a request with an `Idempotency-Key` that comes again is answered as the first time.

use std::fmt::Debug;
use std::future::Future;

use app::access::{Caller, Once};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::State;
use crate::problem::{Code, Problem};

/// The header that holds the key.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is a repetition.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one, and what it is asked to do.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    key: Option<String>,
    operation: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = parts.headers.get(HEADER).map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
        Ok(Self { key, operation: format!("{} {}", parts.method, parts.uri) })
    }
}

impl Key {
    /// Writes and tells of it, or repeats what was told. `request` is what tells two requests apart; answers are kept
    /// as they are: what tells a secret comes by [`Key::once_without_secret`]. Work that was begun is finished, whether or
    /// not somebody waits for it. Only `write` may refuse: `tell` comes when it is done, and a key is never given back
    /// from then on.
    ///
    /// # Errors
    /// Those of `write`; the key was used for another request, or its first request has no answer.
    pub(crate) async fn once<W, T, Told>(
        self,
        state: &State,
        caller: &Caller,
        request: &impl Debug,
        status: StatusCode,
        write: impl Future<Output = Result<W, Problem>> + Send + 'static,
        tell: impl FnOnce(W) -> Told + Send + 'static,
    ) -> Result<Response, Problem>
    where
        W: Send + 'static,
        T: Serialize + Send + 'static,
        Told: Future<Output = T> + Send,
    {
        let work = async move {
            let told = json(&tell(write.await?).await)?;
            Ok(Answer { kept: told.clone(), told })
        };
        self.answered(state, caller, request, status, work).await
    }

    /// The same for an answer that tells a secret, this once: `kept` writes it without, which a repetition gets.
    ///
    /// # Errors
    /// As [`Key::once`].
    pub(crate) async fn once_without_secret<T: Serialize + Send + 'static>(
        self,
        state: &State,
        caller: &Caller,
        request: &impl Debug,
        status: StatusCode,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
        kept: impl FnOnce(&T) -> Result<String, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let work = async move {
            let value = work.await?;
            Ok(Answer { told: json(&value)?, kept: kept(&value)? })
        };
        self.answered(state, caller, request, status, work).await
    }

    async fn answered(
        self,
        state: &State,
        caller: &Caller,
        request: &impl Debug,
        status: StatusCode,
        work: impl Future<Output = Result<Answer, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let Some(key) = self.key else { return Ok(answer(status, work.await?.told, false)) };
        let request = format!("{} {request:?}", self.operation);
        let known = state.access.once(caller, &key, &request, state.now()).await;
        match known.map_err(Problem::of_input)? {
            Once::New => {}
            Once::Answered { status, body } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                return Ok(answer(status, body, true));
            }
            Once::Begun => {
                let detail = (
                    "用此键的首次请求没有结果：仍在进行，或已中断",
                    "the first request with this key has no answer: it is under way, or was cut off",
                );
                return Err(Problem::new(Code::Conflict, detail).hint((
                    "稍后重试；若仍如此，请先查看是否已完成，再换一个键",
                    "try again in a moment; if it stays so, look whether it was done, then use another key",
                )));
            }
            Once::Other => {
                return Err(Problem::new(
                    Code::KeyReused,
                    ("此键已用于另一个请求", "this key was used for another request"),
                )
                .hint(("每个请求请用新的键", "use a fresh key for each request")));
            }
        }
        let (access, caller) = (state.access.clone(), caller.clone());
        let finished = tokio::spawn(async move {
            match work.await {
                Ok(Answer { told, kept }) => {
                    if let Err(error) = access.keep_answer(&caller, &key, status.as_u16(), &kept).await {
                        tracing::error!(%error, "what a request was answered with is not kept for its repetition");
                    }
                    Ok(answer(status, told, false))
                }
                Err(problem) => {
                    // Where we failed ourselves, nobody knows how far it came: then the key stays taken.
                    let refused = problem.status < 500 || problem.code == Code::Busy.as_str();
                    if refused && let Err(error) = access.release_key(&caller, &key).await {
                        tracing::error!(%error, "the key of a refused request stays taken");
                    }
                    Err(problem)
                }
            }
        });
        finished.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a request with a key ended without an answer");
            Err(Problem::internal())
        })
    }
}

/// What a request is answered with, and what its repetition is.
struct Answer {
    told: String,
    kept: String,
}

/// An answer as it is sent and kept.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        Problem::internal()
    })
}

fn answer(status: StatusCode, body: String, is_replayed: bool) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
