//! Tokens of programs, and the access log.

use std::collections::BTreeSet;

use app::access::{NewToken, TokenSeen};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::Response;
use domain::people::May;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Array;
use utoipa::{IntoParams, ToSchema};

use super::session::IdName;
use crate::State;
use crate::asker::Signed;
use crate::document::some_of_or_null;
use crate::once::{self, Key};
use crate::problem::{Code, Problem};
use crate::query::{Body, Path, Query};

/// A token, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TokenBody {
    id: i64,
    /// What it is for.
    name: String,
    user: IdName,
    /// What of the user's rights it has; absent: all of them.
    may: Option<Vec<&'static str>>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// Within some minutes.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedTokenBody {
    #[serde(flatten)]
    seen: TokenBody,
    /// The secret, told this once; null in the answer to a repetition with the same key: make another token then.
    token: Option<String>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    /// What it is for.
    name: String,
    /// What of one's rights it has; all of them where absent.
    #[schema(schema_with = may_words_or_null)]
    may: Option<Vec<String>>,
    /// How long it lasts.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: u32,
}

/// Whose tokens.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TokensQuery {
    /// Everybody's; takes an administrator.
    all: Option<bool>,
}

impl From<TokenSeen> for TokenBody {
    fn from(seen: TokenSeen) -> Self {
        let TokenSeen { token, user_name } = seen;
        Self {
            id: token.id,
            name: token.name,
            user: IdName { id: token.user, name: user_name },
            may: token.may.map(|may| may.iter().map(|may| may.as_str()).collect()),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
        }
    }
}

fn may_words_or_null() -> Array {
    some_of_or_null(May::ALL.iter().map(|may| may.as_str()))
}

fn may(words: &[String]) -> Result<BTreeSet<May>, Problem> {
    let one = |word: &String| {
        May::parse(word).ok_or_else(|| {
            let all: Vec<_> = May::ALL.iter().map(|may| may.as_str()).collect();
            let (known, message) =
                (all.join(", "), (format!("没有权限 `{word}`"), format!("there is no right `{word}`")));
            Problem::new(Code::BadInput, message.clone())
                .at("/may", message)
                .hint((format!("权限有：{known}"), format!("rights are {known}")))
        })
    };
    words.iter().map(one).collect()
}

/// One's own tokens, or everybody's.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "access", params(TokensQuery), responses(
    (status = 200, description = "The tokens, without their secrets", body = Vec<TokenBody>),
    (status = 403, description = "Everybody's take an administrator", body = Problem),
))]
pub(crate) async fn tokens(
    Given(state): Given<State>,
    signed: Signed,
    Query(query): Query<TokensQuery>,
) -> Result<Json<Vec<TokenBody>>, Problem> {
    let tokens = state.access.tokens(&signed.caller, query.all.unwrap_or(false)).await?;
    Ok(Json(tokens.into_iter().map(TokenBody::from).collect()))
}

/// Makes a token for oneself.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "access", request_body = NewTokenBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")), responses(
    (status = 201, description = "The token, with its secret", body = AddedTokenBody),
    (status = 403, description = "The request came from another site, or by a token", body = Problem),
    (status = 409, description = "The key was used for another request", body = Problem),
    (status = 422, description = "Something breaks a rule", body = Problem),
))]
pub(crate) async fn new_token(
    Given(state): Given<State>,
    signed: Signed,
    key: Key,
    Body(body): Body<NewTokenBody>,
) -> Result<Response, Problem> {
    let request = format!("{body:?}");
    let (access, caller, now) = (state.access.clone(), signed.caller.clone(), state.now());
    let work = async move {
        let may = body.may.as_deref().map(may).transpose()?;
        let new = NewToken { user: caller.user, name: body.name, may, days: body.expires_in_days };
        let (seen, token) = access.new_token(&caller, new, now).await.map_err(Problem::of_input)?;
        Ok(AddedTokenBody { seen: seen.into(), token: Some(token) })
    };
    let kept = |made: &AddedTokenBody| once::json(&AddedTokenBody { seen: made.seen.clone(), token: None });
    key.once_without_secret(&state, &signed.caller, &request, StatusCode::CREATED, work, kept).await
}

/// Makes a token useless: one's own, or as an administrator anybody's.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "access",
    params(("id" = i64, Path, description = "The token")), responses(
        (status = 204, description = "It is useless"),
        (status = 403, description = "The request came from another site", body = Problem),
        (status = 404, description = "One has no such token", body = Problem),
    ))]
pub(crate) async fn revoke_token(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    state.access.revoke_token(&signed.caller, id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a page of the log begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogQuery {
    /// `next_cursor` of the page before.
    cursor: Option<i64>,
}

/// Lines of the access log, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogBody {
    rows: Vec<LogRowBody>,
    /// Where the next page begins; absent on the last one.
    next_cursor: Option<i64>,
}

/// A line of the access log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogRowBody {
    seq: i64,
    #[schema(format = DateTime)]
    at: String,
    /// Who did it; absent where nobody was signed in, or the command line did it.
    user: Option<IdName>,
    /// What was done: `signed_in`, `sign_in_failed`, `user_added` and so on.
    action: String,
    /// To whom or what.
    subject: String,
    /// From which network address; empty for the command line.
    address: String,
    /// Anything else.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

/// Who came in, who was turned away, who changed whose rights, who took data away.
#[utoipa::path(get, path = "/api/v1/access-log", tag = "access", params(LogQuery), responses(
    (status = 200, description = "The latest first", body = LogBody),
    (status = 403, description = "It takes an administrator", body = Problem),
))]
pub(crate) async fn access_log(
    Given(state): Given<State>,
    signed: Signed,
    Query(query): Query<LogQuery>,
) -> Result<Json<LogBody>, Problem> {
    let page = state.access.access_log(&signed.caller, query.cursor).await?;
    let row = |row: app::access::LogRow| LogRowBody {
        seq: row.seq,
        at: row.at.to_string(),
        user: row.user.map(|(id, name)| IdName { id, name }),
        action: row.action,
        subject: row.subject,
        address: row.address,
        detail: row.detail,
    };
    Ok(Json(LogBody { rows: page.rows.into_iter().map(row).collect(), next_cursor: page.next }))
}
