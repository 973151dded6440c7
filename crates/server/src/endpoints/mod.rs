//! The endpoints: one file a noun or a verb on it.

mod analyser;
mod analyses;
mod customers;
mod health;
mod meta;
mod opportunities;
mod opportunity;
mod pivot;
mod search;
mod targets;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

/// The document without its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Loudou",
        description = "Sales-funnel management and analysis. Amounts are whole minor units of their currency, dates are \
                       business days, an undefined value is null and says why.",
    ),
    tags(
        (name = "analyses", description = "Questions over deals, answered with their terms"),
        (name = "deals", description = "Deals: lists, pages, changes, moves"),
        (name = "customers", description = "Customers"),
        (name = "targets", description = "Targets"),
        (name = "health", description = "For whoever runs the server"),
    )
)]
struct Document;

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
}
