//! Users: for whoever administers.

use std::collections::BTreeSet;

use app::access::{Named, NewUser, UserChange, UserSeen};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::people::Role;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Array;

use super::after::versioned;
use super::session::IdName;
use crate::State;
use crate::asker::Signed;
use crate::document::{IfMatchHeader, some_of, some_of_or_null};
use crate::once::{self, Key};
use crate::problem::{Code, Problem};
use crate::query::{Body, Path};
use crate::version::{IfMatch, etag};

/// The version of a user who was just made.
const FIRST_VERSION: i64 = 1;

/// A user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UserBody {
    id: i64,
    /// The name to sign in with.
    name: String,
    roles: Vec<&'static str>,
    /// Whether they may sign in.
    active: bool,
    /// Whether a password was ever set.
    has_password: bool,
    person: PersonBody,
    /// The team of the person.
    team: Option<IdName>,
    #[schema(format = DateTime)]
    last_sign_in_at: Option<String>,
    /// To be sent as `If-Match` with an edit.
    version: i64,
}

/// The person behind a user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonBody {
    id: i64,
    /// Absent where it was erased.
    name: Option<String>,
}

/// A user who was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedUserBody {
    #[serde(flatten)]
    user: UserBody,
    /// The path of the link to set the password, where none was given. It works once, within a week. Told this once: null
    /// in the answer to a repetition with the same key, where another link can be made.
    one_time_link: Option<String>,
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    /// Its path. It works once, within a week.
    one_time_link: String,
}

/// A user to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserBody {
    /// The name to sign in with.
    name: String,
    /// Without one, a link is made to set it.
    password: Option<String>,
    #[schema(schema_with = role_words)]
    roles: Vec<String>,
    /// The person, by id.
    person_id: Option<i64>,
    /// The person, by name; without either, the only one of the user's name, or a new one.
    person_name: Option<String>,
    /// The team of the person from now on.
    team_id: Option<i64>,
}

/// What is to change of a user; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChangeBody {
    #[schema(schema_with = role_words_or_null)]
    roles: Option<Vec<String>>,
    /// Whether they may sign in.
    active: Option<bool>,
    /// The team of the person; null takes them out of teams.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<i64>)]
    team_id: Option<Option<i64>>,
}

/// A password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    password: String,
}

/// Tells an absent field from one that is null.
pub(crate) fn told<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn role_words() -> Array {
    some_of(Role::ALL.iter().map(|role| role.as_str()))
}

fn role_words_or_null() -> Array {
    some_of_or_null(Role::ALL.iter().map(|role| role.as_str()))
}

fn roles(words: &[String]) -> Result<BTreeSet<Role>, Problem> {
    let role = |word: &String| {
        Role::parse(word).ok_or_else(|| {
            let all: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
            let (known, message) =
                (all.join(", "), (format!("没有角色 `{word}`"), format!("there is no role `{word}`")));
            Problem::new(Code::BadInput, message.clone())
                .at("/roles", message)
                .hint((format!("角色有：{known}"), format!("roles are {known}")))
        })
    };
    words.iter().map(role).collect()
}

pub(crate) fn link_path(code: &str) -> String {
    format!("/set-password#code={code}")
}

impl From<UserSeen> for UserBody {
    fn from(seen: UserSeen) -> Self {
        let UserSeen { user, person_name, team } = seen;
        Self {
            id: user.id,
            name: user.name,
            roles: user.roles.iter().map(|role| role.as_str()).collect(),
            active: user.active,
            has_password: user.has_password,
            person: PersonBody { id: user.person, name: person_name },
            team: team.map(|(id, name)| IdName { id, name }),
            last_sign_in_at: user.last_sign_in_at.map(|at| at.to_string()),
            version: user.version,
        }
    }
}

/// Every user, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "access", responses(
    (status = 200, description = "The users", body = Vec<UserBody>),
    (status = 403, description = "It takes an administrator", body = Problem),
))]
pub(crate) async fn users(Given(state): Given<State>, signed: Signed) -> Result<Json<Vec<UserBody>>, Problem> {
    Ok(Json(state.access.users(&signed.caller).await?.into_iter().map(UserBody::from).collect()))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "access", request_body = NewUserBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")), responses(
    (status = 201, description = "The user", body = AddedUserBody),
    (status = 403, description = "It takes an administrator who is signed in, on a page of this server", body = Problem),
    (status = 409, description = "The name is taken, the person is a user already, or the key was used for another request", body = Problem),
    (status = 422, description = "Something breaks a rule", body = Problem),
))]
pub(crate) async fn add_user(
    Given(state): Given<State>,
    signed: Signed,
    key: Key,
    Body(body): Body<NewUserBody>,
) -> Result<Response, Problem> {
    let request = NewUserBody { password: body.password.as_ref().map(|_| "one".to_owned()), ..body.clone() };
    let (access, caller, now) = (state.access.clone(), signed.caller.clone(), state.now());
    let work = async move {
        let person = body.person_id.map(Named::Id).or_else(|| body.person_name.map(Named::Name));
        let (roles, team) = (roles(&body.roles)?, body.team_id.map(Named::Id));
        let new = NewUser { name: body.name, roles, password: body.password, person, team };
        let (seen, code) = access.add_user(&caller, new, now).await.map_err(Problem::of_input)?;
        Ok(AddedUserBody { user: seen.into(), one_time_link: code.as_deref().map(link_path) })
    };
    let kept = |added: &AddedUserBody| once::json(&AddedUserBody { user: added.user.clone(), one_time_link: None });
    let added = key.once_without_secret(&state, &signed.caller, &request, StatusCode::CREATED, work, kept).await?;
    Ok((etag(FIRST_VERSION), added).into_response())
}

/// One user.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "access", params(("id" = i64, Path, description = "The user")),
    responses(
        (status = 200, description = "The user; the ETag is the version", body = UserBody),
        (status = 403, description = "It takes an administrator", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn user(Given(state): Given<State>, signed: Signed, Path(id): Path<i64>) -> Result<Response, Problem> {
    let seen = state.access.user(&signed.caller, id).await?;
    Ok(versioned(seen.user.version, UserBody::from(seen)))
}

/// Changes roles, team, and whether somebody may sign in. It holds from their next request on.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "access", request_body = UserChangeBody,
    params(
        ("id" = i64, Path, description = "The user"),
        IfMatchHeader,
    ),
    responses(
        (status = 200, description = "The user as it is now; the ETag is the version", body = UserBody),
        (status = 403, description = "It takes an administrator who is signed in, on a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is the last active administrator", body = Problem),
        (status = 422, description = "Something breaks a rule", body = Problem),
    ))]
pub(crate) async fn change_user(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(body): Body<UserChangeBody>,
) -> Result<Response, Problem> {
    let change = UserChange {
        roles: body.roles.as_deref().map(roles).transpose()?,
        active: body.active,
        team: body.team_id.map(|team| team.map(Named::Id)),
    };
    let changed = state.access.change_user(&signed.caller, id, version, change, state.now()).await;
    let seen = changed.map_err(Problem::of_input)?;
    Ok(versioned(seen.user.version, UserBody::from(seen)))
}

/// Sets somebody's password. Their sessions end.
#[utoipa::path(post, path = "/api/v1/users/{id}/password", tag = "access", request_body = PasswordBody,
    params(("id" = i64, Path, description = "The user")), responses(
        (status = 204, description = "It is set"),
        (status = 403, description = "It takes an administrator who is signed in, on a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "The password breaks a rule", body = Problem),
    ))]
pub(crate) async fn set_user_password(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
    Body(body): Body<PasswordBody>,
) -> Result<StatusCode, Problem> {
    let set = state.access.set_password(&signed.caller, id, &body.password, state.now()).await;
    set.map_err(|error| Problem::of_input_at("/password", error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link by which somebody sets their password.
#[utoipa::path(post, path = "/api/v1/users/{id}/password-link", tag = "access",
    params(("id" = i64, Path, description = "The user")), responses(
        (status = 201, description = "The link, told this once", body = LinkBody),
        (status = 403, description = "It takes an administrator who is signed in, on a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn password_link(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<LinkBody>), Problem> {
    let code = state.access.password_link(&signed.caller, id, state.now()).await?;
    Ok((StatusCode::CREATED, Json(LinkBody { one_time_link: link_path(&code) })))
}

/// Ends every session of somebody.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions", tag = "access",
    params(("id" = i64, Path, description = "The user")), responses(
        (status = 204, description = "They have ended"),
        (status = 403, description = "It takes an administrator, on a page of this server", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(crate) async fn end_user_sessions(
    Given(state): Given<State>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    state.access.end_sessions_of(&signed.caller, id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
