//! The router with everything around it, and the loop that serves it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderName;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::problem::{Code, Problem};
use crate::{State, endpoints, layers, web};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How often uploads that nobody waits for are looked for.
const TIDY_EVERY: Duration = Duration::from_secs(3600);
const DOCUMENT: &str = "/api/v1/openapi.json";

/// Everything that is served.
pub fn router(state: State) -> Router {
    let (api, document) = endpoints::router().split_for_parts();
    let known = layers::known_parameters(&document);
    let reference = SwaggerUi::new("/api/docs")
        .url(DOCUMENT, document)
        .config(Config::new([DOCUMENT]).try_it_out_enabled(false).use_base_layout());
    let compressed = DefaultPredicate::new()
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("application/vnd.openxmlformats"));
    api.layer(from_fn_with_state(known, layers::only_known_parameters))
        .merge(reference)
        .fallback(web::fallback)
        .method_not_allowed_fallback(|| async {
            Problem::new(Code::Method, ("这个地址不支持此方法", "this address does not take this method"))
                .into_response()
        })
        .layer(DefaultBodyLimit::max(state.settings.body_limit_bytes))
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(layers::plain_request_id))
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(from_fn_with_state(state.clone(), layers::observe))
                .layer(from_fn_with_state(state.settings.behind_proxy, layers::security_headers))
                .layer(CompressionLayer::new().compress_when(compressed))
                .layer(CatchPanicLayer::custom(layers::panicked))
                .layer(from_fn_with_state(state.settings.timeout, layers::time_limit)),
        )
        .with_state(state)
}

/// Serves until `stop` is done, then cancels jobs that have committed nothing and lets running requests end.
///
/// # Errors
/// The socket failed.
pub async fn serve(
    listener: TcpListener,
    state: State,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let jobs = state.jobs.clone();
    let house = tokio::spawn(keep_tidy(state.clone()));
    let (ask, asked) = watch::channel(false);
    let clock = Arc::clone(&state.settings.clock);
    let schedule = tokio::spawn(state.sources.clone().keep_running(state.loudou.clone(), clock, asked));
    let stop = async move {
        stop.await;
        // A source that runs is stopped before it has committed anything more.
        let _ = ask.send(true);
        // Whoever watches a job holds a connection until it ends.
        jobs.stop().await;
    };
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop).await;
    house.abort();
    if served.is_ok() {
        // It ends by itself, at a place where nothing is half done.
        let _ = schedule.await;
    }
    served
}

/// Removes what waits on the disk for nobody any more: at the start, and every hour.
async fn keep_tidy(state: State) {
    loop {
        let loudou = state.loudou.session(app::Who::system().into(), state.now()).await;
        let tidied = match loudou {
            Ok(loudou) => tokio::task::spawn_blocking(move || loudou.tidy()).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match tidied {
            Ok(Ok(0)) => {}
            Ok(Ok(removed)) => tracing::info!(removed, "uploads and files that nobody waits for are removed"),
            Ok(Err(error)) => tracing::warn!(%error, "uploads that nobody waits for stay"),
            Err(error) => tracing::warn!(error, "uploads that nobody waits for stay"),
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}
