//! A server in process, on a clock that stands where it is set, and browsers and programs that call it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::access::{Access, Caller, Named, NewTeam, NewToken, NewUser, Random, UserChange};
use app::sources::Sources;
use app::{Loudou, Organisation, Place};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::Instant;
use domain::people::{May, Role};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{Settings, State, router};

pub(crate) const PASSWORD: &str = "correct horse battery";
/// What the server is called in the requests.
const HOST: &str = "loudou.test";
const ORIGIN: &str = "http://loudou.test";

/// A server over a folder of its own.
pub(crate) struct House {
    pub(crate) access: Access,
    clock: Arc<AtomicI64>,
    router: Router,
    pub(crate) place: Place,
    starts: u8,
    _dir: TempDir,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Somebody's browser, signed in.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// A request on its way.
pub(crate) struct Call<'a> {
    house: &'a House,
    request: axum::http::request::Builder,
    body: Vec<u8>,
    peer: SocketAddr,
}

impl House {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let begun: chrono::DateTime<chrono::Utc> = "2026-11-23T01:00:00Z".parse().expect("a time");
        let clock = Arc::new(AtomicI64::new(Instant::from_datetime(begun).0));
        let now = Instant(clock.load(Ordering::SeqCst));
        Loudou::init(&place, &Organisation::default(), now).await.expect("it is made");
        let (access, router) = open(&place, &clock, 1, None, |_| ()).await;
        Self { access, clock, router, place, starts: 1, _dir: dir }
    }

    /// The server ends and starts again.
    pub(crate) async fn restart(&mut self) {
        self.restart_with(|_| ()).await;
    }

    /// The same, with other settings.
    pub(crate) async fn restart_with(&mut self, change: impl FnOnce(&mut Settings)) {
        self.starts += 1;
        (self.access, self.router) = open(&self.place, &self.clock, self.starts, None, change).await;
    }

    /// The same, with sources that reach further.
    pub(crate) async fn restart_with_sources(&mut self, sources: Sources) {
        self.starts += 1;
        (self.access, self.router) = open(&self.place, &self.clock, self.starts, Some(sources), |_| ()).await;
    }

    /// The data, as whoever runs the machine has it.
    pub(crate) async fn loudou(&self) -> Loudou {
        Loudou::open(&self.place, self.now()).await.expect("it opens")
    }

    /// The job that a reply began, at its end.
    pub(crate) async fn ended(&self, who: &Browser, begun: &Reply) -> Value {
        assert_eq!(begun.status.as_u16(), 202, "{}", begun.body);
        let path = format!("/api/v1/jobs/{}", begun.body["job"]);
        loop {
            let job = self.get(who, &path).await.body;
            if job["ended_at"].is_string() {
                return job;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn now(&self) -> Instant {
        Instant(self.clock.load(Ordering::SeqCst))
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// A user with the password of all tests.
    pub(crate) async fn user(&self, name: &str, roles: &[Role]) -> i64 {
        let new = NewUser {
            name: name.into(),
            roles: roles.iter().copied().collect(),
            password: Some(PASSWORD.into()),
            person: None,
            team: None,
        };
        self.access.add_user(&Caller::machine(), new, self.now()).await.expect("a user").0.user.id
    }

    /// A team.
    pub(crate) async fn team(&self, name: &str) {
        let new = NewTeam { name: name.into(), parent: None };
        self.access.add_team(&Caller::machine(), new, self.now()).await.expect("a team");
    }

    /// A user of a team in their browser.
    pub(crate) async fn member(&self, name: &str, roles: &[Role], team: &str) -> Browser {
        let id = self.user(name, roles).await;
        let team = UserChange { team: Some(Some(Named::parse(team))), ..UserChange::default() };
        self.access.change_user(&Caller::machine(), id, 1, team, self.now()).await.expect("it is changed");
        self.sign_in(name).await
    }

    /// A user in their browser.
    pub(crate) async fn browser(&self, name: &str, roles: &[Role]) -> Browser {
        self.user(name, roles).await;
        self.sign_in(name).await
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Browser {
        let sign_in = json!({"name": name, "password": PASSWORD});
        let reply = self.call("POST", "/api/v1/session").json(&sign_in).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{name}: {}", reply.body);
        Browser { cookie: reply.cookie(), csrf: reply.body["csrf"].as_str().expect("a token").into() }
    }

    /// A token for one right of a user's, or all of them.
    pub(crate) async fn token(&self, user: i64, may: Option<May>) -> String {
        let new = NewToken { user, name: "test".into(), may: may.map(|may| [may].into()), days: 1 };
        self.access.new_token(&Caller::machine(), new, self.now()).await.expect("a token").1
    }

    /// A request by nobody, from an address of its own.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        let request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        Call { house: self, request, body: Vec::new(), peer: SocketAddr::from(([192, 0, 2, 1], 50_000)) }
    }

    /// A request by a page of this server, as a browser makes it.
    pub(crate) fn by(&self, browser: &Browser, method: &str, path: &str) -> Call<'_> {
        let call = self.call(method, path).header("cookie", &format!("other=1; {}", browser.cookie));
        call.header("x-loudou-csrf", &browser.csrf).header("origin", ORIGIN).header("sec-fetch-site", "same-origin")
    }

    pub(crate) async fn get(&self, browser: &Browser, path: &str) -> Reply {
        self.by(browser, "GET", path).send().await
    }
}

/// `seed` differs from start to start, as the system's draws do.
async fn open(
    place: &Place,
    clock: &Arc<AtomicI64>,
    seed: u8,
    sources: Option<Sources>,
    change: impl FnOnce(&mut Settings),
) -> (Access, Router) {
    let clock = Arc::clone(clock);
    let now = Instant(clock.load(Ordering::SeqCst));
    let loudou = Loudou::open(place, now).await.expect("it opens");
    let access = Access::of(&loudou, Random::seeded([seed; 32])).expect("a door");
    let mut settings = Settings {
        clock: Arc::new(move || Instant(clock.load(Ordering::SeqCst))),
        body_limit_bytes: 64 * 1024,
        timeout: Duration::from_secs(60),
        write_turn: Duration::from_secs(60),
        secure_cookie: true,
        behind_proxy: false,
        metrics: PrometheusBuilder::new().build_recorder().handle(),
    };
    change(&mut settings);
    let state = State::new(loudou, access.clone(), settings);
    let state = if let Some(sources) = sources { state.with_sources(sources) } else { state };
    (access, router(state))
}

impl Reply {
    /// The session's cookie that came along, as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get(header::SET_COOKIE).and_then(|set| set.to_str().ok()).expect("a cookie");
        set.split(';').next().expect("its pair").to_owned()
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub(crate) fn text(mut self, kind: &str, body: &str) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn from(mut self, address: [u8; 4]) -> Self {
        self.peer = SocketAddr::from((address, 50_000));
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let mut request = self.request.body(Body::from(self.body)).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.house.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 16 << 20).await.expect("a body");
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Reply { status, headers, body }
    }
}
