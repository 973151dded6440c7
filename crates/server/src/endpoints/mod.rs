//! The endpoints: one file a noun or a verb on it.

#[cfg(test)]
mod access_tests;
mod after;
mod analyser;
mod analyses;
#[cfg(test)]
mod busy_tests;
mod cleaning;
mod customer_funnel;
mod customers;
#[cfg(test)]
mod document_tests;
mod duplicates;
#[cfg(test)]
mod duplicates_tests;
#[cfg(test)]
mod every_operation_tests;
mod fields;
#[cfg(test)]
mod fields_tests;
mod health;
mod imports;
#[cfg(test)]
mod imports_tests;
mod inferred;
mod jobs;
mod mapping;
mod merging;
#[cfg(test)]
mod merging_tests;
mod meta;
mod model;
mod opportunities;
mod opportunity;
mod pivot;
mod processes;
mod quality;
#[cfg(test)]
mod quality_tests;
mod rates;
#[cfg(test)]
mod records_tests;
mod search;
mod session;
mod source_bodies;
mod sources;
#[cfg(test)]
mod sources_tests;
mod suggest;
mod targets;
mod teams;
mod tokens;
mod uploads;
mod users;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;
use crate::document::{Document, complete};

pub(crate) use uploads::PATH as UPLOADS;
/// Lists that may be long, and are taken away as files.
pub(crate) const LISTS: [&str; 2] = ["/api/v1/opportunities", "/api/v1/customers"];

/// Every endpoint with its documentation.
pub fn router() -> OpenApiRouter<State> {
    let mut router = endpoints();
    complete(router.get_openapi_mut());
    router
}

fn endpoints() -> OpenApiRouter<State> {
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
        .routes(routes!(customer_funnel::chain))
        .routes(routes!(customer_funnel::funnel))
        .routes(routes!(customer_funnel::behind))
        .routes(routes!(customers::add_contact))
        .routes(routes!(customers::patch_contact))
        .routes(routes!(targets::list, targets::create))
        .routes(routes!(targets::patch, targets::delete))
        .routes(routes!(rates::rates, rates::add))
        .routes(routes!(processes::processes))
        .routes(routes!(fields::fields, fields::add_field))
        .routes(routes!(fields::change_field))
        .routes(routes!(model::model))
        .routes(routes!(model::keys))
        .routes(routes!(model::rows))
        .routes(routes!(search::members))
        .routes(routes!(search::choices))
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
        .merge(quality::router())
        .merge(imports_router())
        .merge(duplicates_router())
}

/// The endpoints of duplicates and merges.
fn duplicates_router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(duplicates::find))
        .routes(routes!(duplicates::apart))
        .routes(routes!(duplicates::merges, duplicates::merge))
        .routes(routes!(duplicates::undo))
        .routes(routes!(merging::look))
        .routes(routes!(merging::merge_all))
        .routes(routes!(merging::batches))
        .routes(routes!(merging::undo_batch))
        .merge(sources_router())
}

/// The endpoints of imports.
fn imports_router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(uploads::profiles))
        .routes(routes!(uploads::receive))
        .routes(routes!(uploads::upload, uploads::drop_upload))
        .routes(routes!(suggest::suggest))
        .routes(routes!(cleaning::clean))
        .routes(routes!(cleaning::spellings))
        .routes(routes!(cleaning::join_keys))
        .routes(routes!(uploads::preview))
        .routes(routes!(imports::imports, imports::start))
        .routes(routes!(imports::import))
        .routes(routes!(imports::rejects))
        .routes(routes!(imports::profile))
        .routes(routes!(imports::undo))
        .routes(routes!(imports::demo))
        .routes(routes!(jobs::jobs))
        .routes(routes!(jobs::job))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::events))
        .routes(routes!(jobs::issues))
        .routes(routes!(jobs::rejects))
}

/// The endpoints of sources.
fn sources_router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(sources::sources, sources::add_source))
        .routes(routes!(sources::source, sources::change_source, sources::remove_source))
        .routes(routes!(sources::set_source_secret, sources::remove_source_secret))
        .routes(routes!(sources::test_source))
        .routes(routes!(sources::pull_source))
        .routes(routes!(sources::run_source))
        .routes(routes!(sources::start_source_over))
        .routes(routes!(sources::source_runs))
}
