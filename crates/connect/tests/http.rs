//! Pulls of JSON over HTTP, from a server of the test's own.

mod common;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use common::{Brought, pull_of, reach, row};
use connect::{Failure, FailureKind, Folders, Mark};

const TOKEN: &str = "tok-5up3r-s3cret";

/// What a test server was asked, and how it answers.
#[derive(Clone)]
struct Api {
    asked: Arc<Mutex<Vec<String>>>,
    answer: Arc<dyn Fn(&Asked) -> Response + Send + Sync>,
}

/// A request.
struct Asked {
    number: usize,
    params: HashMap<String, String>,
    token: String,
}

impl Asked {
    fn param(&self, name: &str) -> &str {
        self.params.get(name).map(String::as_str).unwrap_or_default()
    }

    fn whole(&self, name: &str) -> usize {
        self.param(name).parse().unwrap_or(0)
    }
}

async fn handle(
    State(api): State<Api>,
    uri: Uri,
    Query(params): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let number = {
        let mut asked = api.asked.lock().expect("no panic");
        asked.push(uri.to_string());
        asked.len()
    };
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    (api.answer)(&Asked { number, params, token })
}

/// A server on a port of its own, until the test ends.
async fn serve(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let api = Api { asked: Arc::default(), answer: Arc::new(answer) };
    let asked = Arc::clone(&api.asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(handle).with_state(api);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, asked)
}

fn json(text: impl Into<String>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.into()).into_response()
}

/// Rows `from..to` as JSON objects.
fn rows(from: usize, to: usize) -> String {
    let row = |id: usize| format!("{{\"id\":{id},\"amount\":{id}.50,\"at\":\"2026-01-01T00:00:{:02}Z\"}}", id % 60);
    format!("[{}]", (from..to).map(row).collect::<Vec<_>>().join(","))
}

async fn get(address: SocketAddr, more: &str) -> Result<Brought, Failure> {
    get_since(address, more, &Mark::default(), None).await
}

async fn get_since(address: SocketAddr, more: &str, since: &Mark, secret: Option<&str>) -> Result<Brought, Failure> {
    let text = format!("[http]\nurl = \"http://{address}/v1/deals?active=1\"\nplain = true\n{more}");
    pull_of(&text, since, secret, &reach(Folders::None), None).await
}

fn failed(result: Result<Brought, Failure>) -> Failure {
    result.err().expect("it fails")
}

#[tokio::test]
async fn pages_by_number_end_with_an_empty_one_and_short_ones_prove_nothing() {
    // Asked for 100, the server gives 7.
    let (address, asked) = serve(|asked| {
        let page = asked.whole("page");
        json(rows((page - 1) * 7, (page * 7).min(16).max((page - 1) * 7)))
    })
    .await;
    let brought =
        get(address, "[http.paging]\nby = \"page\"\nparam = \"page\"\nsize_param = \"per\"\n").await.expect("rows");
    assert_eq!(brought.keys(), (0..16).map(|id: i32| id.to_string()).collect::<Vec<_>>());
    assert_eq!(brought.lines()[..2], [row(&["id", "amount", "at"]), row(&["0", "0.50", "2026-01-01T00:00:00Z"])]);
    let asked = asked.lock().expect("no panic").clone();
    assert_eq!(asked[0], "/v1/deals?active=1&per=100&page=1");
    assert_eq!(asked.len(), 4);
}

#[tokio::test]
async fn pages_by_offset_cursor_next_and_link() {
    let (address, _) = serve(|asked| json(rows(asked.whole("skip"), (asked.whole("skip") + 4).min(10)))).await;
    let by_offset = get(address, "[http.paging]\nby = \"offset\"\nparam = \"skip\"\n").await.expect("rows");
    assert_eq!(by_offset.pulled.rows, Some(10));

    let (address, _) = serve(|asked| {
        let at = asked.whole("cursor");
        let next = if at < 8 { format!("\"{}\"", at + 4) } else { "null".to_owned() };
        json(format!("{{\"data\":{{\"items\":{}}},\"meta\":{{\"next\":{next}}}}}", rows(at, at + 4)))
    })
    .await;
    let paging = "list = \"data.items\"\n[http.paging]\nby = \"cursor\"\nparam = \"cursor\"\nat = \"meta.next\"\n";
    assert_eq!(get(address, paging).await.expect("rows").pulled.rows, Some(12));

    let (address, _) = serve(|asked| {
        let at = asked.whole("p");
        let next = if at < 2 { format!("\"/v1/deals?p={}\"", at + 1) } else { "null".to_owned() };
        json(format!("{{\"rows\":{},\"next\":{next}}}", rows(at * 3, at * 3 + 3)))
    })
    .await;
    let paging = "list = \"rows\"\n[http.paging]\nby = \"next\"\nat = \"next\"\n";
    assert_eq!(get(address, paging).await.expect("rows").pulled.rows, Some(9));

    let (address, _) = serve(|asked| {
        let at = asked.whole("p");
        let link = if at < 2 { format!("<?p={}>; rel=\"next\"", at + 1) } else { "<?p=0>; rel=\"first\"".to_owned() };
        ([(header::LINK, link)], rows(at * 3, at * 3 + 3)).into_response()
    })
    .await;
    assert_eq!(get(address, "[http.paging]\nby = \"link\"\n").await.expect("rows").pulled.rows, Some(9));
}

#[tokio::test]
async fn endless_pages_end() {
    let paging = "[http.paging]\nby = \"page\"\nparam = \"page\"\n";
    let (address, asked) = serve(|_| json(rows(0, 3))).await;
    let failure = failed(get(address, paging).await);
    assert_eq!(failure.en, "the API gives the same page again and again");
    assert_eq!(asked.lock().expect("no panic").len(), 2);

    let cursor = "list = \"r\"\n[http.paging]\nby = \"cursor\"\nparam = \"c\"\nat = \"next\"\n";
    let (address, _) = serve(|asked| {
        json(format!("{{\"r\":{},\"next\":\"{}\"}}", rows(asked.number, asked.number + 1), asked.number % 3))
    })
    .await;
    assert_eq!(failed(get(address, cursor).await).en, "the API gives the same page again and again");

    let (address, _) = serve(|asked| json(rows(asked.number, asked.number + 1))).await;
    let failure = failed(get(address, &format!("{paging}most = 5\n")).await);
    assert_eq!((failure.kind, failure.en.as_str()), (FailureKind::TooMuch, "there are more than 5 pages"));
    let failure = failed(get(address, &format!("{paging}[limits]\nrows = 3\n")).await);
    assert_eq!((failure.kind, failure.en.as_str()), (FailureKind::TooMuch, "there are more than 3 rows"));
}

#[tokio::test]
async fn what_is_refused_for_a_while_is_asked_for_again() {
    let (address, asked) = serve(|asked| match asked.number {
        1 => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response(),
        2 => StatusCode::BAD_GATEWAY.into_response(),
        _ => json(rows(0, 2)),
    })
    .await;
    assert_eq!(get(address, "").await.expect("rows").pulled.rows, Some(2));
    assert_eq!(asked.lock().expect("no panic").len(), 3);

    let (address, asked) = serve(|_| StatusCode::SERVICE_UNAVAILABLE.into_response()).await;
    assert_eq!(failed(get(address, "").await).en, "the API answers 503 Service Unavailable");
    assert_eq!(asked.lock().expect("no panic").len(), 4, "as often as patience says");

    let (address, asked) =
        serve(|_| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "3600")]).into_response()).await;
    let failure = failed(get(address, "").await);
    assert!(failure.hint.is_some_and(|(_, en)| en.contains("3600 seconds")));
    assert_eq!(asked.lock().expect("no panic").len(), 1, "nobody waits for an hour");

    let (address, asked) = serve(|_| StatusCode::UNAUTHORIZED.into_response()).await;
    assert_eq!(failed(get(address, "").await).en, "the API answers 401 Unauthorized");
    assert_eq!(asked.lock().expect("no panic").len(), 1, "a refusal for good is not asked for again");
}

#[tokio::test]
async fn the_token_goes_to_one_server_and_into_no_message() {
    let (address, _) = serve(|asked| {
        if asked.token == format!("Bearer {TOKEN}") { json(rows(0, 1)) } else { StatusCode::FORBIDDEN.into_response() }
    })
    .await;
    assert_eq!(get_since(address, "", &Mark::default(), Some(TOKEN)).await.expect("rows").pulled.rows, Some(1));
    assert_eq!(failed(get(address, "").await).en, "the API answers 403 Forbidden");
    let unsafe_text = format!("[http]\nurl = \"http://{address}/\"\n");
    let failure = failed(pull_of(&unsafe_text, &Mark::default(), Some(TOKEN), &reach(Folders::None), None).await);
    assert_eq!(failure.en, "a token is not sent over a connection that is not encrypted");

    // A server that tells it back, in an answer that is no JSON.
    let (echo, _) = serve(|asked| format!("token {} is bad", asked.token).into_response()).await;
    let failure = failed(get_since(echo, "", &Mark::default(), Some(TOKEN)).await);
    assert!(!format!("{failure:?}").contains(TOKEN) && failure.en.contains("Bearer ***"), "{failure:?}");

    // To another server neither a redirect nor a next page leads, and that one is never asked.
    let (other, other_asked) = serve(|_| json(rows(0, 1))).await;
    let (address, _) =
        serve(move |_| (StatusCode::FOUND, [(header::LOCATION, format!("http://{other}/v1"))]).into_response()).await;
    let failure = failed(get_since(address, "", &Mark::default(), Some(TOKEN)).await);
    assert_eq!(failure.kind, FailureKind::OutOfReach);
    let (address, _) = serve(move |_| json(format!("{{\"r\":{},\"next\":\"http://{other}/v1\"}}", rows(0, 1)))).await;
    let next = "list = \"r\"\n[http.paging]\nby = \"next\"\nat = \"next\"\n";
    assert_eq!(failed(get_since(address, next, &Mark::default(), Some(TOKEN)).await).kind, FailureKind::OutOfReach);
    let metadata = "http://169.254.169.254/latest/meta-data";
    let (address, _) = serve(move |_| (StatusCode::FOUND, [(header::LOCATION, metadata)]).into_response()).await;
    assert_eq!(failed(get(address, "").await).kind, FailureKind::OutOfReach);
    assert_eq!(other_asked.lock().expect("no panic").len(), 0);

    // On the same server it does.
    let (address, asked) = serve(|asked| {
        if asked.number == 1 {
            (StatusCode::FOUND, [(header::LOCATION, "/v2")]).into_response()
        } else {
            json(rows(0, 1))
        }
    })
    .await;
    assert_eq!(get(address, "").await.expect("rows").pulled.rows, Some(1));
    assert_eq!(asked.lock().expect("no panic")[1], "/v2");
    let (address, _) =
        serve(|asked| (StatusCode::FOUND, [(header::LOCATION, format!("/v{}", asked.number))]).into_response()).await;
    assert!(failed(get(address, "").await).en.contains("without end"));
    let direct =
        pull_of(&format!("[http]\nurl = \"{metadata}\"\n"), &Mark::default(), None, &reach(Folders::None), None).await;
    assert_eq!(failed(direct).kind, FailureKind::OutOfReach);
}

#[tokio::test]
async fn what_changed_comes_once_whether_or_not_the_server_can_be_asked_for_it() {
    let how = "[incremental]\nkey = \"id\"\nupdated = \"at\"\noverlap = 2\n";
    let params = "[http.params]\nchanged_since = \":since\"\n";
    let (address, asked) = serve(|asked| json(rows(0, if asked.number > 2 { 12 } else { 10 }))).await;
    let more = format!("{params}{how}");
    let first = get(address, &more).await.expect("rows");
    assert_eq!((first.pulled.rows, first.pulled.mark.updated.as_deref()), (Some(10), Some("2026-01-01T00:00:09Z")));
    let second = get_since(address, &more, &first.pulled.mark, None).await.expect("rows");
    assert_eq!((second.pulled.rows, second.pulled.known), (Some(0), 10));
    let third = get_since(address, &more, &second.pulled.mark, None).await.expect("rows");
    assert_eq!(third.keys(), ["10", "11"]);
    let asked = asked.lock().expect("no panic").clone();
    assert_eq!(asked[0], "/v1/deals?active=1", "there is no time yet");
    assert_eq!(asked[1], "/v1/deals?active=1&changed_since=2026-01-01T00%3A00%3A07Z");
}

#[tokio::test]
async fn columns_may_turn_up_late_or_be_named() {
    let (address, _) = serve(|_| json("[{\"a\":1},{\"b\":{\"c\":\"x\"}},{\"a\":12345678901234567890.10}]")).await;
    let found = get(address, "").await.expect("rows");
    assert_eq!(
        found.lines(),
        [row(&["a", "b.c"]), row(&["1", ""]), row(&["", "x"]), row(&["12345678901234567890.10", ""])]
    );
    let named = get(address, "columns = [\"z\", \"a\"]\n").await.expect("rows");
    assert_eq!(
        named.lines(),
        [row(&["z", "a"]), row(&["", "1"]), row(&["", ""]), row(&["", "12345678901234567890.10"])]
    );
    let (address, _) = serve(|_| json("[]")).await;
    assert!(get(address, "").await.expect("nothing").pulled.is_empty());
    let (address, _) = serve(|_| "<html>Sign in</html>".into_response()).await;
    let failure = failed(get(address, "").await);
    assert!(failure.en.contains("is no JSON") && failure.en.contains("<html>"), "{}", failure.en);
    let (address, _) = serve(|_| json("[{\"a\":1},")).await;
    assert!(failed(get(address, "").await).en.contains("is no JSON"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_its_name() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let failure = failed(get(address, "").await);
    assert!(failure.en.contains("`127.0.0.1` cannot be reached"), "{}", failure.en);
}
