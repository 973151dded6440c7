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

/// Bytes of a request's id that a caller may choose.
const LONGEST_REQUEST_ID: usize = 64;
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

/// How long a browser asks for nothing but encrypted connections, once it had one.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that tell a browser what the pages may do; answers of the API are nobody's to keep.
pub(crate) async fn security_headers(Given(behind_proxy): Given<bool>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/v1");
    let is_encrypted = behind_proxy
        && request.headers().get(FORWARDED_PROTO).is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_encrypted {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Ends a request that takes too long. What streams is bounded by its own rules, and begins within this time; a file
/// that is sent, or made of a list, may take as long as it goes on.
pub(crate) async fn time_limit(Given(limit): Given<Duration>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    let sends_file = *method == Method::POST && path == crate::endpoints::UPLOADS;
    if sends_file || (crate::endpoints::LISTS.contains(&path) && crate::files::is_made_first(request.uri().query())) {
        return next.run(request).await;
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let Ok(response) = tokio::time::timeout(limit, next.run(request)).await else {
        let problem = Problem::new(Code::Timeout, told_seconds(limit.as_secs()));
        let problem = if reads {
            problem.hint((
                "请缩小范围：更窄的筛选、更少的分组或更短的时段",
                "ask for less: a narrower filter, fewer groups or a shorter period",
            ))
        } else {
            problem.hint((
                "更改可能仍会完成：请先查看是否已生效，再重试",
                "it may still be done: look whether it was, then try again",
            ))
        };
        return problem.into_response();
    };
    response
}

fn told_seconds(seconds: u64) -> (String, String) {
    (format!("处理超过了 {seconds} 秒"), format!("the answer took more than {seconds} s"))
}

/// The method as a label. Whoever likes may send methods of any name, and each label is remembered for ever.
fn told_method(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    const WORDS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().position(|known| known == method).map_or("other", |at| WORDS[at])
}

/// Takes away a request's id that is none: it is written into the log and into answers, so it is short and plain.
pub(crate) async fn plain_request_id(mut request: Request, next: Next) -> Response {
    let is_plain = |id: &HeaderValue| {
        let id = id.as_bytes();
        (1..=LONGEST_REQUEST_ID).contains(&id.len())
            && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    if request.headers().get(crate::serve::REQUEST_ID).is_some_and(|id| !is_plain(id)) {
        request.headers_mut().remove(crate::serve::REQUEST_ID);
    }
    next.run(request).await
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
    let labels = [("method", told_method(&method).to_owned()), ("endpoint", endpoint), ("status", status.to_string())];
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

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use domain::people::Role;

    use super::told_method;
    use crate::testing::House;

    #[test]
    fn methods_that_nobody_knows_share_a_label() {
        let told = |method: &[u8]| told_method(&Method::from_bytes(method).expect("a method"));
        assert_eq!(
            [b"GET".as_slice(), b"DELETE", b"FOO1", b"FOO2", b"get"].map(told),
            ["GET", "DELETE", "other", "other", "other"]
        );
    }

    #[tokio::test]
    async fn a_callers_request_id_is_taken_where_it_is_short_and_plain() {
        let house = House::new().await;
        let told = async |id: &str| {
            let reply = house.call("GET", "/healthz").header("x-request-id", id).send().await;
            reply.header("x-request-id").to_owned()
        };
        assert_eq!(told("trace-1.a_B").await, "trace-1.a_B");
        for odd in ["x".repeat(65), "a b".into(), "a\"b".into(), "<a>".into(), String::new()] {
            let id = told(&odd).await;
            assert!(id != odd && id.len() == 36, "{odd}: {id}");
        }
    }

    #[tokio::test]
    async fn browsers_behind_an_encrypting_proxy_are_told_to_stay_encrypted() {
        let mut house = House::new().await;
        let ann = house.browser("ann", &[Role::Rep]).await;
        let strict = async |house: &House, proto: &str| {
            let reply = house.by(&ann, "GET", "/api/v1/session").header("x-forwarded-proto", proto).send().await;
            reply.header("strict-transport-security").to_owned()
        };
        assert_eq!(strict(&house, "https").await, "", "anybody can say so where there is no proxy");
        house.restart_with(|settings| settings.behind_proxy = true).await;
        assert_eq!(strict(&house, "http").await, "");
        assert_eq!(strict(&house, "https").await, "max-age=31536000");
    }
}
