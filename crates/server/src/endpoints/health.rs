//! For whoever runs the server: is it up, is it ready, what does it count.

use axum::extract::State as Given;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::State;
use crate::problem::{Code, Problem};

/// The process is up.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, description = "It is up", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// The database answers and the warehouse is open.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "Questions are answered", body = String),
    (status = 503, description = "The database does not answer", body = Problem),
))]
pub(crate) async fn readyz(Given(state): Given<State>) -> Result<&'static str, Problem> {
    readiness(state.loudou.ready().await)
}

/// Whoever watches the server sends nobody here for a while, and looks again: that is no failure of a request.
fn readiness(found: app::Result<()>) -> Result<&'static str, Problem> {
    found.map(|()| "ready").map_err(|error| {
        tracing::error!(%error, "not ready");
        Problem::new(Code::Busy, ("数据库没有应答", "the database does not answer"))
            .hint(("原因见日志", "the log has the cause"))
            .retry_after(5)
    })
}

/// Counts and durations in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "health", security(()), responses((status = 200, description = "The metrics", body = String)))]
pub(crate) async fn metrics(Given(state): Given<State>) -> Response {
    let text = state.settings.metrics.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_does_not_answer_is_not_ready_rather_than_failed() {
        let problem = readiness(Err(app::AppError::system("disk /secret/place is full"))).expect_err("not ready");
        assert_eq!((problem.status, problem.code), (503, "busy"));
        assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
        assert_eq!(readiness(Ok(())), Ok("ready"));
    }
}
