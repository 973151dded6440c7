//! For whoever runs the server: is it up, is it ready, what does it count.

use axum::extract::State as Given;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::State;
use crate::problem::Problem;

/// The process is up.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, description = "It is up", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// The database answers and the warehouse is open.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "Questions are answered", body = String),
    (status = 500, description = "The database does not answer", body = Problem),
))]
pub(crate) async fn readyz(Given(state): Given<State>) -> Result<&'static str, Problem> {
    state.loudou.ready().await?;
    Ok("ready")
}

/// Counts and durations in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "health", security(()), responses((status = 200, description = "The metrics", body = String)))]
pub(crate) async fn metrics(Given(state): Given<State>) -> Response {
    let text = state.settings.metrics.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
