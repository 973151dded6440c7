//! The endpoints: one file a noun or a verb on it.

#[cfg(test)]
mod access_tests;
mod analyser;
mod analyses;
mod customers;
mod health;
mod imports;
#[cfg(test)]
mod imports_tests;
mod jobs;
mod mapping;
mod meta;
mod opportunities;
mod opportunity;
mod pivot;
#[cfg(test)]
mod records_tests;
mod search;
mod session;
mod targets;
mod teams;
mod tokens;
mod uploads;
mod users;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

pub(crate) use uploads::PATH as UPLOADS;

/// The document without its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Loudou",
        description = "Sales-funnel management and analysis. Amounts are whole minor units of their currency, dates are \
                       business days, an undefined value is null and says why.",
    ),
    security(("session" = []), ("token" = [])),
    modifiers(&Keys),
    tags(
        (name = "access", description = "Signing in, users, teams, tokens, the access log"),
        (name = "analyses", description = "Questions over deals, answered with their terms"),
        (name = "imports", description = "Files to deals: uploads, mappings, previews, jobs, undo"),
        (name = "deals", description = "Deals: lists, pages, changes, moves"),
        (name = "customers", description = "Customers"),
        (name = "targets", description = "Targets"),
        (name = "health", description = "For whoever runs the server"),
    )
)]
struct Document;

/// The two ways to prove who one is.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKeyValue::with_description(
            crate::asker::COOKIE,
            "From `POST /api/v1/session`. What writes sends `X-Loudou-CSRF` beside it, from `GET /api/v1/session`.",
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// Every endpoint with its documentation.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(meta::meta))
        .routes(routes!(analyser::analyser))
        .routes(routes!(pivot::pivot))
        .routes(routes!(analyses::funnel))
        .routes(routes!(analyses::trend))
        .routes(routes!(analyses::migration))
        .routes(routes!(analyses::bridge))
        .routes(routes!(analyses::conversion))
        .routes(routes!(analyses::dwell))
        .routes(routes!(analyses::winrate))
        .routes(routes!(analyses::gauges))
        .routes(routes!(opportunities::list, opportunities::create))
        .routes(routes!(opportunity::get, opportunity::patch))
        .routes(routes!(opportunity::timeline))
        .routes(routes!(opportunity::move_to))
        .routes(routes!(customers::list, customers::create))
        .routes(routes!(customers::get, customers::patch))
        .routes(routes!(customers::timeline))
        .routes(routes!(targets::list, targets::create))
        .routes(routes!(targets::patch, targets::delete))
        .routes(routes!(search::members))
        .routes(routes!(search::search))
        .routes(routes!(session::welcome))
        .routes(routes!(session::first_run))
        .routes(routes!(session::set_password))
        .routes(routes!(session::session, session::sign_in, session::sign_out))
        .routes(routes!(session::sessions, session::sign_out_everywhere))
        .routes(routes!(session::end_session))
        .routes(routes!(session::own_password))
        .routes(routes!(users::users, users::add_user))
        .routes(routes!(users::user, users::change_user))
        .routes(routes!(users::set_user_password))
        .routes(routes!(users::password_link))
        .routes(routes!(users::end_user_sessions))
        .routes(routes!(teams::teams, teams::add_team))
        .routes(routes!(teams::change_team, teams::delete_team))
        .routes(routes!(tokens::tokens, tokens::new_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(tokens::access_log))
        .merge(imports_router())
}

/// The endpoints of imports.
fn imports_router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(uploads::profiles))
        .routes(routes!(uploads::receive))
        .routes(routes!(uploads::upload, uploads::drop_upload))
        .routes(routes!(uploads::suggest))
        .routes(routes!(uploads::preview))
        .routes(routes!(imports::imports, imports::start))
        .routes(routes!(imports::import))
        .routes(routes!(imports::rejects))
        .routes(routes!(imports::profile))
        .routes(routes!(imports::undo))
        .routes(routes!(imports::demo))
        .routes(routes!(jobs::job, jobs::cancel))
        .routes(routes!(jobs::events))
        .routes(routes!(jobs::issues))
        .routes(routes!(jobs::rejects))
}
