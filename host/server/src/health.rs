//! Whether the server is well: `/healthz` that the process answers, `/readyz` that it can do its work.

use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::access::Need;
use crate::errors::ProblemDocument;
use crate::extract::NoParameters;
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/healthz", Need::Public, Family::Native, alive)
        .get("/readyz", Need::Public, Family::Native, ready)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(alive, ready))]
struct Documented;

/// How the server is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ok`; a server that is not well answers with an error.
    #[schema(example = "ok")]
    status: &'static str,
}

/// The process is up.
///
/// Looks at nothing else, so that a broken disk does not make an orchestrator restart it in vain.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "It answers", body = Health)))]
pub(crate) async fn alive(_: NoParameters) -> impl IntoResponse {
    well()
}

/// The ledger answers a read.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "It can do its work", body = Health),
    (status = 503, description = "The ledger does not answer", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(crate) async fn ready(_: NoParameters, State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    match state.read(|ledger| ledger.scans(None, 1)).await {
        Ok(_) => Ok(well()),
        Err(error) => {
            tracing::error!(%error, "not ready: the ledger does not answer a read");
            Err(Problem::not_ready())
        }
    }
}

fn well() -> impl IntoResponse {
    axum::Json(Health { status: "ok" })
}
