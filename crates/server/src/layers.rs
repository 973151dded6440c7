//! What happens around every endpoint: headers, limits, logs, counts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State as Given};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::request_id::RequestId;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use crate::State;
use crate::problem::{Code, Problem, REQUEST_ID};

/// Bytes that an address may have.
const ADDRESS_LIMIT_BYTES: usize = 16 * 1024;

/// Scripts only from here; styles in attributes are what the component library writes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
    object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Headers that tell a browser what the pages may do; answers of the API are nobody's to keep.
pub(crate) async fn security_headers(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/v1");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Ends a request that takes too long. What streams is bounded by its own rules, and begins within this time; a file
/// that is sent may take as long as it keeps coming.
pub(crate) async fn time_limit(Given(limit): Given<Duration>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST && request.uri().path() == crate::endpoints::UPLOADS {
        return next.run(request).await;
    }
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Timeout, told_seconds(limit.as_secs()))
            .hint((
                "请缩小范围：更窄的筛选、更少的分组或更短的时段",
                "ask for less: a narrower filter, fewer groups or a shorter period",
            ))
            .into_response(),
    }
}

fn told_seconds(seconds: u64) -> (String, String) {
    (format!("处理超过了 {seconds} 秒"), format!("the answer took more than {seconds} s"))
}

/// One line a request, with its id, and its count and duration by endpoint.
pub(crate) async fn observe(Given(state): Given<State>, request: Request, next: Next) -> Response {
    let begun = state.now();
    let method = request.method().clone();
    let endpoint = request.extensions().get::<MatchedPath>().map_or("web", MatchedPath::as_str).to_owned();
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let id = id.unwrap_or_default();
    let span = tracing::info_span!("request", %method, endpoint, id);
    let answering = REQUEST_ID.scope(id, next.run(request));
    let response = tracing::Instrument::instrument(answering, span.clone()).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(state.now().0 - begun.0).unwrap_or(0);
    span.in_scope(|| tracing::info!(status, micros, "answered"));
    let labels = [("method", method.as_str().to_owned()), ("endpoint", endpoint), ("status", status.to_string())];
    metrics::counter!("loudou_http_requests_total", &labels).increment(1);
    #[allow(clippy::cast_precision_loss, reason = "microseconds of a request are few")]
    metrics::histogram!("loudou_http_request_seconds", &labels[..2]).record(micros as f64 / 1e6);
    response
}

/// The parameters of each documented operation, and which of them may be empty: texts, where that means none.
pub(crate) type KnownParameters = Arc<HashMap<(Method, String), BTreeMap<String, bool>>>;

/// Reads them from the document.
pub(crate) fn known_parameters(document: &OpenApi) -> KnownParameters {
    let mut known = HashMap::new();
    for (path, item) in &document.paths.paths {
        let operations = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
                RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter),
                _ => None,
            });
            let of_query = parameters.map(|parameter| (parameter.name.clone(), may_be_empty(parameter)));
            known.insert((method, path.clone()), of_query.collect());
        }
    }
    Arc::new(known)
}

fn may_be_empty(parameter: &Parameter) -> bool {
    match &parameter.schema {
        Some(RefOr::T(Schema::Array(_))) => true,
        Some(RefOr::T(Schema::Object(object))) => {
            let is_text = match &object.schema_type {
                SchemaType::Type(kind) => *kind == Type::String,
                SchemaType::Array(kinds) => kinds.contains(&Type::String),
                SchemaType::AnyValue => false,
            };
            is_text && object.format.is_none() && object.enum_values.is_none()
        }
        _ => false,
    }
}

/// Refuses parameters that the document does not name, and those without a value that need one: a misspelt filter must
/// not answer for everything.
pub(crate) async fn only_known_parameters(
    Given(known): Given<KnownParameters>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().to_string().len() > ADDRESS_LIMIT_BYTES {
        return Problem::new(
            Code::UriTooLong,
            (
                format!("网址最多 {ADDRESS_LIMIT_BYTES} 字节"),
                format!("an address has at most {ADDRESS_LIMIT_BYTES} bytes"),
            ),
        )
        .into_response();
    }
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let operation = path.and_then(|path| known.get(&(request.method().clone(), path)));
    if let (Some(operation), Some(query)) = (operation, request.uri().query()) {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        for (name, value) in pairs {
            match operation.get(&name) {
                None => return unknown_parameter(&name, operation).into_response(),
                Some(false) if value.is_empty() => {
                    let detail = (format!("参数 `{name}` 没有值"), format!("the parameter `{name}` has no value"));
                    let problem = Problem::new(Code::Malformed, detail).at(name, ("没有值", "no value"));
                    return problem.hint(("给出值，或去掉它", "give it one, or leave it out")).into_response();
                }
                Some(_) => {}
            }
        }
    }
    next.run(request).await
}

fn unknown_parameter(name: &str, known: &BTreeMap<String, bool>) -> Problem {
    let all = known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let hint = if all.is_empty() {
        ("这里不接受参数".to_owned(), "it takes none".to_owned())
    } else {
        (format!("可用的参数：{all}"), format!("it takes {all}"))
    };
    let detail = (format!("这里没有参数 `{name}`"), format!("the endpoint has no parameter `{name}`"));
    Problem::new(Code::Malformed, detail).at(name, ("没有这个参数", "no such parameter")).hint(hint)
}

/// An answer for a handler that panicked: the connection lives on, the cause is in the log.
#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(crate) fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a request panicked");
    Problem::internal().into_response()
}
