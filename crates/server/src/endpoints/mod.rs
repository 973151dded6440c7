//! The endpoints: one file a noun or a verb on it.

mod analyses;
mod health;
mod meta;

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
        .routes(routes!(analyses::funnel))
        .routes(routes!(analyses::trend))
        .routes(routes!(analyses::migration))
        .routes(routes!(analyses::bridge))
        .routes(routes!(analyses::conversion))
        .routes(routes!(analyses::dwell))
        .routes(routes!(analyses::winrate))
        .routes(routes!(analyses::gauges))
}
