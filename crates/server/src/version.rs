//! Edits say which version they were made on: `ETag` tells it, `If-Match` says it back.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};

use crate::problem::{Code, Problem};

/// The version that an edit was made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Problem::new(
                Code::VersionNeeded,
                ("修改没有说明基于哪个版本", "the edit does not say which version it was made on"),
            )
            .hint(("把读取时的 ETag 放进 If-Match", "send the ETag of what was read as If-Match")));
        };
        let text = value.to_str().unwrap_or_default().trim();
        // A proxy that compresses answers makes their tags weak; a version stays what it is.
        let number = text.strip_prefix("W/").unwrap_or(text);
        let number = number.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(number);
        number.parse().map(Self).map_err(|_| {
            Problem::new(
                Code::Malformed,
                (format!("If-Match `{text}` 不是版本号"), format!("If-Match `{text}` is no version")),
            )
            .hint(("版本号形如 \"12\"", "it looks like \"12\""))
        })
    }
}

/// The header that tells a version.
pub(crate) fn etag(version: i64) -> [(HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from(version));
    [(header::ETAG, value)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_version_is_read_as_it_is_told() {
        let read = async |value: Option<&str>| {
            let mut request = axum::http::Request::builder();
            if let Some(value) = value {
                request = request.header(header::IF_MATCH, value);
            }
            let (mut parts, ()) = request.body(()).expect("a request").into_parts();
            IfMatch::from_request_parts(&mut parts, &()).await.map(|version| version.0).map_err(|no| no.status)
        };
        let told = etag(12)[0].1.to_str().expect("ASCII").to_owned();
        assert_eq!(read(Some(&told)).await, Ok(12));
        assert_eq!((read(Some("12")).await, read(Some("W/\"12\"")).await), (Ok(12), Ok(12)));
        assert_eq!((read(Some("*")).await, read(None).await), (Err(400), Err(428)));
    }
}
