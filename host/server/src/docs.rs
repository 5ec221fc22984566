//! The description of the API: `/openapi.json` for programs, `/docs` for people. The page is served from here and asks nobody else.

use std::sync::Arc;

use axum::Extension;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use utoipa::OpenApi;

use crate::access::Need;
use crate::extract::NoParameters;
use crate::family::Family;
use crate::routes::Routes;

/// Nothing from elsewhere, nothing inline, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document changes with the program only.
const CACHED: &str = "max-age=300";

/// The document as text.
#[derive(Clone, Debug)]
pub(crate) struct Document(pub(crate) Arc<str>);

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/openapi.json", Need::Public, Family::Native, document)
        .get("/docs", Need::Public, Family::Native, page)
        .get("/docs/page.js", Need::Public, Family::Native, script)
        .get("/docs/page.css", Need::Public, Family::Native, style)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(document, page, script, style))]
struct Documented;

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
async fn document(_: NoParameters, Extension(Document(text)): Extension<Document>) -> impl IntoResponse {
    asset("application/json", text.to_string())
}

/// This document for people.
#[utoipa::path(get, path = "/docs", tag = "operation", responses((status = 200, description = "A page", body = String, content_type = "text/html; charset=utf-8")))]
async fn page(_: NoParameters) -> impl IntoResponse {
    asset("text/html; charset=utf-8", include_str!("docs/page.html"))
}

/// What the page runs.
#[utoipa::path(get, path = "/docs/page.js", tag = "operation", responses((status = 200, description = "A script", body = String, content_type = "text/javascript; charset=utf-8")))]
async fn script(_: NoParameters) -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("docs/page.js"))
}

/// How the page looks.
#[utoipa::path(get, path = "/docs/page.css", tag = "operation", responses((status = 200, description = "A style sheet", body = String, content_type = "text/css; charset=utf-8")))]
async fn style(_: NoParameters) -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("docs/page.css"))
}

fn asset<T: IntoResponse>(kind: &'static str, body: T) -> ([(HeaderName, &'static str); 3], T) {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, CACHED), (CONTENT_SECURITY_POLICY, POLICY)], body)
}
