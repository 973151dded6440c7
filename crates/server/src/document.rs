//! The OpenAPI document around the endpoints: what it says once for all of them.
//!
//! An endpoint documents what is its own. What follows from what it takes is added here: whatever asks may be
//! malformed, whatever has a body may be too large, whatever edits a version may find another one. A file that can be
//! asked for is one more content type of the answer, and every refusal is a problem document.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{Array, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, Modify};

use crate::files::Format;
use crate::problem::PROBLEM_JSON;

/// The document without its paths.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Loudou",
        description = "Sales-funnel management and analysis. Amounts are whole minor units of their currency, dates are \
                       business days, an undefined value is null and says why.",
    ),
    security(("session" = []), ("token" = [])),
    components(schemas(crate::query::Every, Format, crate::files::LangWord, crate::problem::Problem)),
    modifiers(&Keys),
    tags(
        (name = "access", description = "Signing in, users, teams, tokens, the access log"),
        (name = "analyses", description = "Questions over deals, answered with their terms"),
        (name = "imports", description = "Files to deals: uploads, mappings, previews, jobs, undo"),
        (name = "duplicates", description = "Records that came twice: found, merged, taken back"),
        (name = "sources", description = "Where rows come from beside files that are sent: pulls, runs, schedules"),
        (name = "deals", description = "Deals: lists, pages, changes, moves"),
        (name = "customers", description = "Customers"),
        (name = "targets", description = "Targets"),
        (name = "quality", description = "How good the records are, what to mend, industries to confirm"),
        (name = "health", description = "For whoever runs the server"),
    )
)]
pub(crate) struct Document;

/// The two ways to prove who one is.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut OpenApi) {
        let cookie = ApiKeyValue::with_description(
            crate::asker::COOKIE,
            "From `POST /api/v1/session`. What writes sends `X-Loudou-CSRF` beside it, from `GET /api/v1/session`.",
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// A list of words that are known, or null for none told.
pub(crate) fn some_of_or_null(words: impl Iterator<Item = &'static str>) -> Array {
    let mut list = some_of(words);
    list.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
    list
}

/// A list of words that are known.
pub(crate) fn some_of(words: impl Iterator<Item = &'static str>) -> Array {
    let word = ObjectBuilder::new().schema_type(SchemaType::from(Type::String)).enum_values(Some(words));
    ArrayBuilder::new().items(word).build()
}

/// What a question is refused with besides what any request is.
pub(crate) struct Asked;

impl IntoResponses for Asked {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        [(403, "The roles do not suffice"), (422, "The question cannot be answered as asked")]
            .map(|(status, why)| (status.to_string(), refusal(why)))
            .into()
    }
}

/// The header that says which version an edit was made on.
pub(crate) struct IfMatchHeader;

impl IntoParams for IfMatchHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let version = ObjectBuilder::new().schema_type(SchemaType::from(Type::String)).pattern(Some(VERSION_PATTERN));
        let mut parameter = Parameter::new(IF_MATCH);
        parameter.parameter_in = ParameterIn::Header;
        parameter.required = utoipa::openapi::Required::True;
        parameter.description = Some("The version that it was made on: the ETag of what was read".to_owned());
        parameter.schema = Some(version.into());
        vec![parameter]
    }
}

const IF_MATCH: &str = "If-Match";
const VERSION_PATTERN: &str = r#"^("[0-9]{1,18}"|[0-9]{1,18})$"#;
const FORMAT: &str = "format";

/// Names every operation, and says of each what follows from what it takes.
pub(crate) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(name(method, path));
                tell_refusals(operation);
                tell_files(operation);
            }
        }
    }
}

/// By method and path, so that no two are called the same.
fn name(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").chars().filter(|character| !"{}".contains(*character));
    let words: String = words.map(|character| if character.is_alphanumeric() { character } else { '_' }).collect();
    format!("{method}{words}")
}

fn tell_refusals(operation: &mut Operation) {
    let mut refusals = vec![
        (400, "The request is malformed"),
        (414, "The address is too long"),
        (503, "Others are writing, or there is too much to do; Retry-After says when to try again"),
        (504, "It took too long"),
    ];
    // An empty list of its own says that an operation takes no key.
    if operation.security.is_none() {
        refusals.push((401, "Nobody is signed in"));
    }
    if let Some(body) = &operation.request_body {
        refusals.push((413, "The body is too large"));
        if takes_json(body) {
            refusals.push((415, "The body is no JSON"));
        }
    }
    if has(operation, IF_MATCH) {
        refusals.extend([(412, "It was changed meanwhile"), (428, "If-Match is missing")]);
    }
    let responses = &mut operation.responses.responses;
    for (status, why) in refusals {
        responses.entry(status.to_string()).or_insert_with(|| refusal(why));
    }
    // What endpoints tell of their own has the content type of a plain body.
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            *response = described(&response.description);
        }
    }
}

fn takes_json(body: &RefOr<RequestBody>) -> bool {
    matches!(body, RefOr::T(body) if body.content.contains_key("application/json"))
}

fn has(operation: &Operation, name: &str) -> bool {
    let parameters = operation.parameters.iter().flatten();
    parameters.into_iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
}

fn refusal(why: &str) -> RefOr<Response> {
    RefOr::T(described(why))
}

fn described(why: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(why).content(PROBLEM_JSON, content).build()
}

/// The answer of what takes `format` may be a file.
fn tell_files(operation: &mut Operation) {
    if !has(operation, FORMAT) {
        return;
    }
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else { return };
    for format in Format::ALL {
        let mut text = ObjectBuilder::new().schema_type(SchemaType::from(Type::String));
        if format != Format::Csv {
            text = text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        }
        let kind = format.content_type().split(';').next().unwrap_or_default();
        answer.content.insert(kind.to_owned(), RefOr::T(Content::new(Some(text))));
    }
}
