//! What is served, and the layers around every route.

use std::any::Any;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_request, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

use crate::errors::{Problem, only_problems};
use crate::state::AppState;
use crate::{health, metrics};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All routes. A layer stands outside those above it: a panic or a timeout becomes a problem document, is counted and logged, and
/// bears the request's id.
pub(crate) fn router(state: AppState, families: Router<AppState>) -> Router {
    let limits = state.limits();
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .merge(families)
        .fallback(|| async { Problem::NotFound })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .layer(RequestBodyLimitLayer::new(limits.body_bytes))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.request))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(only_problems))
        .layer(map_response(plain_headers))
        .layer(from_fn_with_state(state.clone(), observe))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(map_request(own_id))
        .with_state(state)
}

/// The id is what the log is searched by, so a client does not choose it.
async fn own_id(mut request: Request) -> Request {
    request.headers_mut().remove(REQUEST_ID);
    request
}

/// Nothing here is worth keeping by a proxy or guessing at by a browser, unless a route says otherwise.
async fn plain_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Counts and logs a request once it is answered. The path stays out of the log: it is the client's.
async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, id) = (request.method().clone(), request.headers().get(REQUEST_ID).cloned());
    let response = next.run(request).await;
    let (route, status) = (route.as_ref().map(MatchedPath::as_str), response.status());
    state.metrics.answered(route, status);
    let milliseconds = begun.elapsed().as_millis();
    tracing::info!(%method, route, status = status.as_u16(), ?id, milliseconds, "request answered");
    response
}

/// The words of a panic are for the log, where the panic hook has put them.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::Internal.into_response()
}
