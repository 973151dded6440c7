//! The web application, embedded: files by their path, its page for every other address of the application.
//!
//! Texts were compressed when the application was built; what is named by its content never changes.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Code, Problem};

/// A file of the built application.
struct File {
    /// Its path.
    name: &'static str,
    /// What its content is known by.
    tag: &'static str,
    bytes: &'static [u8],
}

/// Every file, by name.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

fn file(name: &str) -> Option<&'static File> {
    FILES.binary_search_by(|file| file.name.cmp(name)).ok().map(|at| &FILES[at])
}

const PAGE: &str = "index.html";
/// Vite names what lies here by its content.
const NAMED_BY_CONTENT: &str = "assets/";

/// Answers whatever no endpoint does.
pub(crate) async fn fallback(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return Problem::not_found(("这个地址没有内容", "there is nothing at this address")).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(Code::Method, ("网页只能读取", "pages are only read")).into_response();
    }
    let (name, found) = match (path, file(path)) {
        ("" | PAGE, _) => (PAGE, file(PAGE)),
        (path, Some(file)) => (path, Some(file)),
        // Addresses of the application have no file ending; a file that is missing is missing.
        (path, None) if !last(path).contains('.') => (PAGE, file(PAGE)),
        (path, None) => (path, None),
    };
    match found {
        Some(file) => respond(request.headers(), name, file),
        None => Problem::not_found(("没有这个文件", "there is no such file")).into_response(),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn respond(headers: &HeaderMap, name: &str, file: &'static File) -> Response {
    let tag = file.tag;
    let caching = if name.starts_with(NAMED_BY_CONTENT) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { with_content(headers, name, file) };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::ETAG, HeaderValue::from_static(tag));
    response
}

fn with_content(headers: &HeaderMap, name: &str, file: &'static File) -> Response {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_brotli = accepts.split(',').any(|coding| coding.trim().split(';').next() == Some("br"));
    let packed = if takes_brotli { self::file(&format!("{name}.br")) } else { None };
    let is_packed = packed.is_some();
    let mut response = Body::from(packed.unwrap_or(file).bytes).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    if is_packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
