//! Coming in and going out: first run, sign-in, sessions, one's own password.

use app::Organisation;
use app::access::{Caller, FirstRun, OwnPassword, SignIn, SignedIn};
use axum::Json;
use axum::extract::State as Given;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::State;
use crate::asker::{AtTheDoor, Signed, set_cookie};
use crate::body::Both;
use crate::problem::{Code, Problem};
use crate::query::{Body, Path};

/// What the door shows to everybody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WelcomeBody {
    /// The program's version.
    version: &'static str,
    /// Nobody has an account yet.
    first_run: bool,
    /// Whose data it is.
    organisation: Option<String>,
    /// The language chosen at the first run, `zh` or `en`.
    language: Option<String>,
    /// A sign-in for everybody, where the data are made up.
    demo: Option<DemoBody>,
}

/// A sign-in for everybody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DemoBody {
    name: String,
    password: String,
}

/// The first user of an installation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstRunBody {
    /// The code that the program printed.
    code: String,
    /// The name to sign in with.
    name: String,
    /// The password.
    password: String,
    /// Whose data it will be, where that is said now.
    organisation: Option<FirstOrganisation>,
    /// The language of the installation, `zh` or `en`.
    language: Option<String>,
}

/// An organisation to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstOrganisation {
    /// Its name.
    name: String,
    /// The zone of its business days, such as Asia/Shanghai.
    zone: String,
    /// The currency it reports in, such as CNY.
    currency: String,
    /// The month its fiscal year begins in, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    fiscal_start_month: u32,
}

/// Name and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    name: String,
    password: String,
}

/// A password by a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPasswordBody {
    /// The code of the link.
    code: String,
    /// The password from now on.
    password: String,
}

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPasswordBody {
    /// The password so far.
    current: String,
    /// The password from now on.
    new: String,
}

/// Somebody who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    user: MeBody,
    /// What they may do.
    may: Vec<&'static str>,
    /// The parts of what they may see that can be chosen, the whole first.
    scopes: Vec<ScopeBody>,
    /// To be sent as `X-Loudou-CSRF` with whatever writes; absent for a token, which needs none.
    csrf: Option<String>,
    /// Whether this sign-in is shown to everybody.
    demo: bool,
    /// When it ends, unless it is used.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A user as they see themselves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeBody {
    id: i64,
    name: String,
    roles: Vec<&'static str>,
    /// The record of the person.
    person_id: i64,
    team: Option<IdName>,
}

/// A record by id and name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IdName {
    pub(crate) id: i64,
    pub(crate) name: String,
}

/// A part of what somebody may see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScopeBody {
    /// For the parameter `scope`.
    value: String,
    label: Both,
}

/// A session, as its user sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenSession {
    id: i64,
    #[schema(format = DateTime)]
    created_at: String,
    /// Within some minutes.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// The network address at the sign-in.
    address: String,
    /// What the browser called itself.
    agent: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionBody {
    async fn of(state: &State, caller: &Caller) -> Result<Self, Problem> {
        let me = state.access.me(caller).await?;
        let scopes = state.access.scope_choices(caller).await?;
        let user = me.seen.user;
        Ok(Self {
            user: MeBody {
                id: user.id,
                name: user.name,
                roles: user.roles.iter().map(|role| role.as_str()).collect(),
                person_id: user.person,
                team: me.seen.team.map(|(id, name)| IdName { id, name }),
            },
            may: caller.who.may.iter().map(|may| may.as_str()).collect(),
            scopes: scopes
                .into_iter()
                .map(|choice| ScopeBody { value: choice.value, label: Both::new(choice.zh, choice.en) })
                .collect(),
            csrf: caller.session().map(|session| session.csrf.clone()),
            demo: me.is_demo,
            expires_at: me.expires_at.to_string(),
        })
    }
}

/// A cookie lasts as long as a session can; the server ends it earlier.
const COOKIE_SECONDS: i64 = 90 * 24 * 3600;

fn cookie(state: &State, token: Option<&str>) -> [(header::HeaderName, header::HeaderValue); 1] {
    [(header::SET_COOKIE, set_cookie(token, COOKIE_SECONDS, state.settings.secure_cookie))]
}

async fn welcome_in(state: &State, signed_in: &SignedIn) -> Result<Response, Problem> {
    let body = SessionBody::of(state, &signed_in.caller).await?;
    Ok((cookie(state, Some(&signed_in.token)), Json(body)).into_response())
}

fn too_many(seconds: u64) -> Problem {
    Problem::new(
        Code::TooManyAttempts,
        (format!("失败次数过多：请等 {seconds} 秒"), format!("too many attempts were wrong: wait {seconds} s")),
    )
    .retry_after(seconds)
}

/// What the sign-in page shows.
#[utoipa::path(get, path = "/api/v1/welcome", tag = "access", security(()), responses(
    (status = 200, description = "What everybody may know", body = WelcomeBody),
))]
pub(crate) async fn welcome(Given(state): Given<State>) -> Result<Json<WelcomeBody>, Problem> {
    let welcome = state.access.welcome().await?;
    Ok(Json(WelcomeBody {
        version: env!("CARGO_PKG_VERSION"),
        first_run: welcome.first_run,
        organisation: welcome.organisation,
        language: welcome.language,
        demo: welcome.demo.map(|demo| DemoBody { name: demo.name, password: demo.password }),
    }))
}

/// Makes the first user of an installation, who administers and operates, and signs them in.
#[utoipa::path(post, path = "/api/v1/first-run", tag = "access", security(()), request_body = FirstRunBody, responses(
    (status = 200, description = "Signed in; the cookie comes along", body = SessionBody),
    (status = 403, description = "The request came from another site", body = Problem),
    (status = 404, description = "The code was used, or its time is over", body = Problem),
    (status = 422, description = "Name, password or organisation break a rule", body = Problem),
))]
pub(crate) async fn first_run(
    Given(state): Given<State>,
    door: AtTheDoor,
    Body(body): Body<FirstRunBody>,
) -> Result<Response, Problem> {
    let FirstRunBody { code, name, password, organisation, language } = body;
    let organisation = organisation
        .map(|told| Organisation::parse(&told.name, &told.zone, &told.currency, told.fiscal_start_month))
        .transpose()
        .map_err(Problem::of_input)?;
    let first = FirstRun { code, name, password, organisation, language };
    let signed_in = state.access.first_run(first, &door.visitor, state.now()).await.map_err(Problem::of_input)?;
    welcome_in(&state, &signed_in).await
}

/// Signs in by name and password.
#[utoipa::path(post, path = "/api/v1/session", tag = "access", security(()), request_body = SignInBody, responses(
    (status = 200, description = "Signed in; the cookie comes along", body = SessionBody),
    (status = 401, description = "Name and password do not belong together", body = Problem),
    (status = 403, description = "The request came from another site", body = Problem),
    (status = 429, description = "Too many attempts were wrong; Retry-After says how long to wait", body = Problem),
    (status = 503, description = "Too many people are signing in at this moment", body = Problem),
))]
pub(crate) async fn sign_in(
    Given(state): Given<State>,
    door: AtTheDoor,
    Body(body): Body<SignInBody>,
) -> Result<Response, Problem> {
    let old = door.session_token.as_deref();
    match state.access.sign_in(&body.name, &body.password, &door.visitor, old, state.now()).await? {
        SignIn::Welcome(signed_in) => welcome_in(&state, &signed_in).await,
        SignIn::Wrong => {
            Err(Problem::new(Code::WrongCredentials, ("用户名或密码不对", "name and password do not belong together")))
        }
        SignIn::TooMany { retry_after_seconds } => Err(too_many(retry_after_seconds)),
    }
}

/// Sets a password by a link that an administrator has made, and signs in.
#[utoipa::path(post, path = "/api/v1/set-password", tag = "access", security(()), request_body = SetPasswordBody,
    responses(
        (status = 200, description = "Signed in; the cookie comes along", body = SessionBody),
        (status = 403, description = "The request came from another site", body = Problem),
        (status = 404, description = "The link was used, or its time is over", body = Problem),
        (status = 422, description = "The password breaks a rule", body = Problem),
    ))]
pub(crate) async fn set_password(
    Given(state): Given<State>,
    door: AtTheDoor,
    Body(body): Body<SetPasswordBody>,
) -> Result<Response, Problem> {
    let set = state.access.use_password_link(&body.code, &body.password, &door.visitor, state.now()).await;
    welcome_in(&state, &set.map_err(Problem::of_input)?).await
}

/// Who is signed in, and what they may. Where their rights have changed, another cookie comes along.
#[utoipa::path(get, path = "/api/v1/session", tag = "access", responses(
    (status = 200, description = "Who asks", body = SessionBody),
))]
pub(crate) async fn session(Given(state): Given<State>, signed: Signed) -> Result<Response, Problem> {
    let body = SessionBody::of(&state, &signed.caller).await?;
    let renewed = match &signed.session_token {
        Some(token) => state.access.renewed(&signed.caller, token, state.now()).await?,
        None => None,
    };
    let cookie = renewed.map(|token| cookie(&state, Some(&token)));
    Ok(match cookie {
        Some(cookie) => (cookie, Json(body)).into_response(),
        None => Json(body).into_response(),
    })
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "access", responses(
    (status = 204, description = "Signed out; the cookie is taken away"),
    (status = 403, description = "The request came from another site, or by a token", body = Problem),
))]
pub(crate) async fn sign_out(Given(state): Given<State>, signed: Signed) -> Result<Response, Problem> {
    state.access.sign_out(&signed.caller, state.now()).await?;
    Ok((StatusCode::NO_CONTENT, cookie(&state, None)).into_response())
}

/// One's own sessions, the latest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "access", responses(
    (status = 200, description = "Where one is signed in", body = Vec<OpenSession>),
    (status = 403, description = "By a token one has no sessions", body = Problem),
))]
pub(crate) async fn sessions(Given(state): Given<State>, signed: Signed) -> Result<Json<Vec<OpenSession>>, Problem> {
    let current = signed.caller.session().map(|session| session.id);
    let sessions = state.access.sessions(&signed.caller, state.now()).await?;
    let time = |at: Instant| at.to_string();
    let open = sessions.into_iter().map(|session| OpenSession {
        current: Some(session.id) == current,
        id: session.id,
        created_at: time(session.created_at),
        last_seen_at: time(session.last_seen_at),
        address: session.address,
        agent: session.agent,
    });
    Ok(Json(open.collect()))
}

/// Signs out everywhere, here too.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "access", responses(
    (status = 204, description = "Signed out everywhere; the cookie is taken away"),
    (status = 403, description = "The request came from another site, or by a token", body = Problem),
))]
pub(crate) async fn sign_out_everywhere(Given(state): Given<State>, signed: Signed) -> Result<Response, Problem> {
    state.access.sign_out_everywhere(&signed.caller, state.now()).await?;
    Ok((StatusCode::NO_CONTENT, cookie(&state, None)).into_response())
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "access", params(("id" = i64, Path, description = "The session")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 403, description = "The request came from another site, or by a token", body = Problem),
        (status = 404, description = "One has no such session", body = Problem),
    ))]
pub(crate) async fn end_session(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    state.access.end_session(&signed.caller, id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets one's own password. Every other session ends, and this one gets another cookie.
#[utoipa::path(put, path = "/api/v1/me/password", tag = "access", request_body = OwnPasswordBody, responses(
    (status = 204, description = "It is set; another cookie comes along"),
    (status = 403, description = "The request came from another site, or by a token", body = Problem),
    (status = 422, description = "The password so far is another, or the new one breaks a rule", body = Problem),
    (status = 429, description = "Too many attempts were wrong; Retry-After says how long to wait", body = Problem),
))]
pub(crate) async fn own_password(
    Given(state): Given<State>,
    signed: Signed,
    Body(body): Body<OwnPasswordBody>,
) -> Result<Response, Problem> {
    let token = signed.session_token.as_deref().unwrap_or_default();
    let changed = state.access.change_own_password(&signed.caller, token, &body.current, &body.new, state.now()).await;
    match changed.map_err(|error| Problem::of_input_at("/new", error))? {
        OwnPassword::Changed { token } => Ok((StatusCode::NO_CONTENT, cookie(&state, Some(&token))).into_response()),
        OwnPassword::Wrong => {
            let detail = ("原密码不对", "the password so far is another");
            Err(Problem::new(Code::BadInput, detail).at("/current", detail))
        }
        OwnPassword::TooMany { retry_after_seconds } => Err(too_many(retry_after_seconds)),
    }
}
