//! The layers around every route.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{Next, from_fn_with_state, map_request, map_response};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::errors::in_family_form;
use crate::guard::REQUEST_ID;
use crate::openapi;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::{dashboard, docs, families, health, metrics, v1};

/// Everything this server serves.
pub fn routes() -> Routes {
    Routes::new()
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(docs::routes())
        .merge(dashboard::routes())
        .merge(families::routes())
        .merge(v1::routes())
}

/// A layer stands outside those above it: a panic or a timeout gets the form of its family, is counted and logged, and bears the
/// request's id.
pub(crate) fn router(state: AppState, routes: Routes) -> Router {
    let (table, document) = (Arc::new(routes.table()), openapi::text(&routes));
    routes
        .router(&state)
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(Extension(document))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(table, in_family_form))
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
    let id = id.as_ref().and_then(|id| id.to_str().ok());
    tracing::info!(%method, route, status = status.as_u16(), id, milliseconds, "request answered");
    response
}

/// The words of a panic are for the log, where the panic hook has put them.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal().into_response()
}
