//! What is told of a record after it was made or changed.
//!
//! By then the change stands, so nothing here fails: what cannot be shown is not shown, and nobody is led to try again.

use app::Fault;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::version::etag;

/// What there is to see of a record; nothing where it went out of the asker's sight, or cannot be read back.
pub(crate) fn shown<T>(seen: app::Result<T>) -> Option<T> {
    match seen {
        Ok(record) => Some(record),
        Err(error) if error.fault == Fault::NotFound => None,
        Err(error) => {
            tracing::error!(%error, "a change was made, and cannot be shown");
            None
        }
    }
}

/// A record with its version.
pub(crate) fn versioned(version: i64, body: impl Serialize) -> Response {
    (etag(version), Json(body)).into_response()
}

/// A record with its version, if it is shown; else no content.
pub(crate) fn versioned_or_nothing(record: Option<(i64, impl Serialize)>) -> Response {
    record.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |(version, body)| versioned(version, body))
}
