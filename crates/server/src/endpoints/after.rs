//! What is told of a record after it was made or changed.

use app::Fault;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::Problem;
use crate::version::etag;

/// What there is to see of a record; nothing where it went out of the asker's sight.
pub(crate) fn in_sight<T>(seen: app::Result<T>) -> Result<Option<T>, Problem> {
    match seen {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.fault == Fault::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A record with its version.
pub(crate) fn versioned(version: i64, body: impl Serialize) -> Response {
    (etag(version), Json(body)).into_response()
}

/// A record with its version, if it is in sight; else no content.
pub(crate) fn versioned_or_nothing(record: Option<(i64, impl Serialize)>) -> Response {
    record.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |(version, body)| versioned(version, body))
}
