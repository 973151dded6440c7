//! What holds for every operation, asked of each that the document lists: one that is added tomorrow is tested
//! tomorrow.

use domain::people::{May, Role};
use serde_json::{Value, json};

use super::router;
use crate::testing::{Browser, Call, House, Reply};

/// An operation with a request that is right in form.
struct Operation {
    method: String,
    path: String,
    /// JSON that the document takes; nothing where it takes no JSON.
    body: Option<Value>,
    /// Whether it takes a file instead.
    takes_file: bool,
    /// Required parameters of the query.
    query: String,
    is_open: bool,
    /// Whether the answer comes as a file where that is asked for.
    takes_format: bool,
}

impl Operation {
    fn address(&self, id: &str) -> String {
        format!("{}{}", self.path.replace("{id}", id), self.query)
    }

    fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// The request by whoever a call is of.
    fn fill<'a>(&self, call: Call<'a>) -> Call<'a> {
        let call = call.header("if-match", "\"1\"");
        match &self.body {
            Some(body) => call.json(body),
            None if self.takes_file => call.text("application/octet-stream", "a,b\n1,2\n"),
            None => call,
        }
    }

    async fn by_nobody(&self, house: &House, header: Option<(&str, &str)>) -> Reply {
        let call = self.fill(house.call(&self.method, &self.address("1")));
        let call = if let Some((name, value)) = header { call.header(name, value) } else { call };
        call.send().await
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The operations of the API, by the document.
fn operations() -> Vec<Operation> {
    let (_, document) = router().split_for_parts();
    let document = serde_json::to_value(document).expect("it is JSON");
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if path.starts_with("/api/v1/") {
                all.push(read(&document, method, path, operation));
            }
        }
    }
    assert!(all.len() > 60, "the document is nearly empty");
    all
}

fn read(document: &Value, method: &str, path: &str, operation: &Value) -> Operation {
    let content = &operation["requestBody"]["content"];
    let required = operation["parameters"].as_array().into_iter().flatten();
    let required = required.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let pairs: Vec<_> = required.map(|parameter| format!("{}=region", parameter["name"].as_str().unwrap())).collect();
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        body: content.get("application/json").map(|body| sample(document, &body["schema"])),
        takes_file: content.get("application/octet-stream").is_some(),
        query: if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) },
        takes_format: operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "format"),
        is_open: operation["security"] == json!([{}]),
    }
}

/// A value of a schema, with no more than it requires.
fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(at) = schema["$ref"].as_str() {
        return sample(document, document.pointer(at.trim_start_matches('#')).expect("it is there"));
    }
    if let Some(first) = schema["enum"].get(0).or_else(|| schema["oneOf"].get(0)) {
        return if schema.get("enum").is_some() { first.clone() } else { sample(document, first) };
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let fields = required.map(|name| (name.to_owned(), sample(document, &schema["properties"][name])));
            Value::Object(fields.collect())
        }
        Some("array") => json!([sample(document, &schema["items"])]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        _ => json!("region"),
    }
}

fn is(reply: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{what}: {}", reply.body);
    assert_eq!(reply.header("content-type"), "application/problem+json", "{what}");
}

/// What there is, as somebody with every right sees it: versions, the log and the journal's head come along.
async fn contents(house: &House, who: &Browser) -> Vec<Value> {
    let mut out = Vec::new();
    for path in [
        "users",
        "teams",
        "tokens?all=true",
        "access-log",
        "session",
        "sessions",
        "meta",
        "targets",
        "imports",
        "sources",
    ] {
        let reply = house.get(who, &format!("/api/v1/{path}")).await;
        assert_eq!(reply.status.as_u16(), 200, "{path}: {}", reply.body);
        out.push(reply.body);
    }
    out
}

#[tokio::test]
async fn nobody_gets_nothing_without_a_session() {
    let house = House::new().await;
    let root = house.browser("root", &Role::ALL).await;
    let before = contents(&house, &root).await;
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        for header in [None, Some(("cookie", "loudou_session=stale")), Some(("authorization", "Bearer ldt_stale"))] {
            let reply = operation.by_nobody(&house, header).await;
            is(&reply, 401, "signed-out", &operation.to_string());
            assert_eq!(reply.header("www-authenticate"), "Bearer");
            assert!(reply.body["detail_zh"].is_string(), "{operation}: {}", reply.body);
            let id = reply.header("x-request-id");
            assert!(!id.is_empty() && reply.body["request_id"] == id, "{operation}: {id}, {}", reply.body);
        }
    }
    assert_eq!(contents(&house, &root).await, before);
}

#[tokio::test]
async fn a_stolen_cookie_writes_nothing_from_another_origin() {
    let house = House::new().await;
    let root = house.browser("root", &Role::ALL).await;
    let before = contents(&house, &root).await;
    let (evil, csrf) = (("origin", "https://evil.example"), ("x-loudou-csrf", root.csrf.as_str()));
    for operation in operations().iter().filter(|operation| operation.writes()) {
        let what = operation.to_string();
        let send = async |headers: &[(&str, &str)]| {
            let call = house.call(&operation.method, &operation.address("1")).header("cookie", &root.cookie);
            let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
            operation.fill(call).send().await
        };
        if !operation.is_open {
            is(&send(&[]).await, 403, "cross-site", &what);
            is(&send(&[("x-loudou-csrf", "guess")]).await, 403, "cross-site", &what);
        }
        // With what only a page of this server can have read: the browser still says where it comes from.
        for site in ["cross-site", "same-site", "none"] {
            is(&send(&[csrf, ("sec-fetch-site", site)]).await, 403, "cross-site", &what);
        }
        is(&send(&[csrf, evil]).await, 403, "cross-site", &what);
        is(&send(&[csrf, ("origin", "null")]).await, 403, "cross-site", &what);
    }
    assert_eq!(contents(&house, &root).await, before);
    // Nor can a page of elsewhere read: no answer allows other origins.
    for operation in operations().iter().filter(|operation| !operation.writes()) {
        let call = house.call("GET", &operation.address("1")).header("cookie", &root.cookie).header(evil.0, evil.1);
        let reply = call.send().await;
        assert!(reply.headers.get("access-control-allow-origin").is_none(), "{operation}");
    }
}

/// What whoever is signed in may ask: about themselves, and what frames every page.
const OF_ANYBODY: [&str; 2] = ["GET /api/v1/meta", "GET /api/v1/session"];
/// Likewise; a token may look at its user's tokens and end them, and do nothing else about signing in.
const OF_ITS_USER: [&str; 2] = ["GET /api/v1/tokens", "DELETE /api/v1/tokens/{id}"];

#[tokio::test]
async fn without_the_right_every_operation_is_refused() {
    let house = House::new().await;
    let root = house.browser("root", &Role::ALL).await;
    // Of all rights the one that no operation takes.
    let token = house.token(1, Some(May::Sql)).await;
    let before = contents(&house, &root).await;
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        let what = operation.to_string();
        let reply =
            operation.fill(house.call(&operation.method, &operation.address("999")).bearer(&token)).send().await;
        if OF_ANYBODY.contains(&what.as_str()) || OF_ITS_USER.contains(&what.as_str()) {
            assert_ne!(reply.status.as_u16(), 403, "{what}: {}", reply.body);
        } else {
            is(&reply, 403, "not-allowed", &what);
        }
    }
    let after = contents(&house, &root).await;
    // That the token was used stands in the list of tokens.
    assert_eq!((&before[..2], &before[3..]), (&after[..2], &after[3..]));
}

#[tokio::test]
async fn bodies_that_are_malformed_oversized_or_of_another_type_are_refused() {
    let house = House::new().await;
    let root = house.browser("root", &Role::ALL).await;
    let before = contents(&house, &root).await;
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(70_000));
    for operation in operations().iter().filter(|operation| operation.body.is_some()) {
        let what = operation.to_string();
        let send = async |kind: &str, body: &str| {
            let call = house.by(&root, &operation.method, &operation.address("1")).header("if-match", "\"1\"");
            call.text(kind, body).send().await
        };
        for malformed in ["", "{", "[]", "null", "{\"name\": \u{1}}", "{\"a\": 1e999}"] {
            let reply = send("application/json", malformed).await;
            is(&reply, 400, "malformed", &format!("{what} {malformed}"));
            assert!(reply.body["detail_zh"].is_string(), "{what}: {}", reply.body);
        }
        is(&send("application/json", &large).await, 413, "too-large", &what);
        is(&send("text/plain", "{}").await, 415, "unsupported-type", &what);
    }
    // What the document does not name is refused everywhere.
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        let sign = if operation.query.is_empty() { '?' } else { '&' };
        let address = format!("{}{sign}unheard_of=1", operation.address("1"));
        let reply = operation.fill(house.by(&root, &operation.method, &address)).send().await;
        is(&reply, 400, "malformed", &operation.to_string());
    }
    assert_eq!(contents(&house, &root).await, before);
}

/// Nouns of the whole company: they take a right, and no team hides one of them.
const OF_THE_COMPANY: [&str; 6] = ["users", "teams", "imports", "merges", "sources", "fields"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_others_answers_like_what_does_not_exist() {
    let house = House::new().await;
    let process = app::process::read("b2b-seven").expect("it is ready-made");
    house.loudou().await.add_process(&process).await.expect("it is added");
    let bob = house.browser("bob", &Role::ALL).await;
    let mia = house.browser("mia", &[Role::Manager]).await;
    let olga = house.browser("olga", &[Role::Operations]).await;
    let made = async |path: &str, body: Value| {
        let reply = house.by(&bob, "POST", path).json(&body).send().await;
        assert!(reply.status.is_success(), "{path}: {}", reply.body);
        reply.body
    };
    let person = house.get(&bob, "/api/v1/session").await.body["user"]["person_id"].clone();
    let customer = made("/api/v1/customers", json!({"name": "Zeta"})).await["id"].clone();
    let contacts = format!("/api/v1/customers/{customer}/contacts");
    let contact = made(&contacts, json!({"name": "Wang"})).await["id"].clone();
    let deal = json!({"name": "Valve", "account": customer, "amount_minor": 500_000});
    let target = json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "deals": 1, "owner": person});
    let sent = house.by(&bob, "POST", "/api/v1/uploads?name=a.csv").text("application/octet-stream", "a\n1\n");
    let upload = sent.send().await.body["id"].clone();
    let job = made("/api/v1/imports", json!({"upload": upload, "profile": "maven-crm"})).await["job"].clone();
    let session = house.get(&bob, "/api/v1/sessions").await.body[0]["id"].clone();
    let token = made("/api/v1/tokens", json!({"name": "nightly", "expires_in_days": 1})).await["id"].clone();
    let of_bob = [
        ("opportunities", made("/api/v1/opportunities", deal).await["id"].clone(), &mia),
        ("quality", customer.clone(), &mia),
        ("contacts", contact, &mia),
        ("customers", customer, &mia),
        ("targets", made("/api/v1/targets", target).await["id"].clone(), &mia),
        ("uploads", upload, &olga),
        ("jobs", job, &olga),
        ("sessions", session, &olga),
        ("tokens", token, &olga),
    ];
    let before = contents(&house, &bob).await;
    for operation in operations().iter().filter(|operation| operation.path.contains("{id}")) {
        let noun = operation.path.split('/').nth(3).expect("a noun");
        if OF_THE_COMPANY.contains(&noun) {
            continue;
        }
        let (_, id, other) =
            of_bob.iter().find(|(known, ..)| *known == noun).unwrap_or_else(|| panic!("{operation}: whose is it?"));
        let ask =
            async |id: &str| operation.fill(house.by(other, &operation.method, &operation.address(id))).send().await;
        let (there, nowhere) = (ask(&id.to_string()).await, ask("987654321").await);
        is(&there, 404, "not-found", &operation.to_string());
        assert_eq!(words(&there, &id.to_string()), words(&nowhere, "987654321"), "{operation}");
        is(&ask("x").await, 404, "not-found", &operation.to_string());
    }
    assert_eq!(contents(&house, &bob).await, before);
}

/// Every answer of an operation that names no record: as JSON, and as a file where there is one.
async fn told(house: &House, who: &Browser) -> Vec<(String, Value)> {
    let cells = ["stock;stage=lead", "gauge;dial=4;part=open", "winrate;outcome=won", "bridge;line=created"];
    let cells =
        cells.map(|cell| format!("/api/v1/opportunities?cell={}", cell.replace(';', "%3B").replace('=', "%3D")));
    let mut paths: Vec<String> = cells.into();
    paths.extend(["/api/v1/search?q=e", "/api/v1/members?dimension=account"].map(str::to_owned));
    for operation in operations().iter().filter(|operation| !operation.writes() && !operation.path.contains("{id}")) {
        let address = operation.address("");
        if operation.takes_format {
            let sign = if operation.query.is_empty() { '?' } else { '&' };
            paths.push(format!("{address}{sign}format=csv"));
        }
        paths.push(address);
    }
    let mut out = Vec::new();
    for path in paths {
        let mut reply = house.get(who, &path).await;
        without_place(&mut reply.body);
        out.push((path, json!([reply.status.as_u16(), reply.body])));
    }
    out
}

/// Takes away how far the journal was read, and which request it was.
fn without_place(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "seq" && name != "request_id");
            fields.values_mut().for_each(without_place);
        }
        Value::Array(items) => items.iter_mut().for_each(without_place),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_team_does_changes_no_answer_file_or_cell() {
    let house = House::new().await;
    let process = app::process::read("b2b-seven").expect("it is ready-made");
    house.loudou().await.add_process(&process).await.expect("it is added");
    for team in ["East", "West"] {
        house.team(team).await;
    }
    let ann = house.member("ann", &[Role::Rep], "East").await;
    let mia = house.member("mia", &[Role::Manager], "East").await;
    let bob = house.member("bob", &[Role::Rep], "West").await;
    let boss = house.browser("boss", &[Role::Executive]).await;
    let sell = async |who: &Browser, customer: &str, amount_minor: i64| {
        let made = house.by(who, "POST", "/api/v1/customers").json(&json!({"name": customer})).send().await;
        let deal = json!({"name": format!("{customer} line"), "account": made.body["id"], "amount_minor": amount_minor,
            "region": null, "expected_close_on": "2026-12-01"});
        let made = house.by(who, "POST", "/api/v1/opportunities").json(&deal).send().await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    };
    sell(&ann, "Acme", 1_000_000).await;
    let (before, all_before) = (told(&house, &mia).await, told(&house, &boss).await);
    sell(&bob, "Zeta", 700).await;
    let (after, all_after) = (told(&house, &mia).await, told(&house, &boss).await);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "a manager of the East hears of the West");
    }
    let changed: Vec<_> = all_before.iter().zip(&all_after).filter(|(before, after)| before != after).collect();
    let changed: Vec<&str> = changed.iter().map(|(before, _)| before.0.as_str()).collect();
    for path in ["/api/v1/funnel", "/api/v1/funnel?format=csv", "/api/v1/opportunities", "/api/v1/analyser"] {
        assert!(changed.contains(&path), "{path} does not tell of the West whoever sees it: {changed:?}");
    }
    assert!(changed.iter().any(|path| path.contains("cell=stock")), "{changed:?}");
    let wests = house.get(&mia, "/api/v1/funnel?scope=team:West").await;
    assert!(wests.status.is_client_error(), "{}", wests.body);
}

/// What a refusal says, without the number that was asked for.
fn words(reply: &Reply, id: &str) -> String {
    let parts = ["code", "title", "detail", "hint"].map(|part| reply.body[part].to_string());
    parts.join(" ").replace(id, "ID")
}
