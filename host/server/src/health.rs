//! Whether the server is well: `/healthz` that the process answers, `/readyz` that it can do its work.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::errors::Problem;
use crate::query::NoParameters;
use crate::state::AppState;

/// The process is up. Looks at nothing else, so that a broken disk does not make an orchestrator restart it in vain.
pub(crate) async fn alive(_: NoParameters) -> impl IntoResponse {
    well()
}

/// The ledger answers a read.
pub(crate) async fn ready(_: NoParameters, State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    match state.read(|ledger| ledger.scans(None, 1)).await {
        Ok(_) => Ok(well()),
        Err(error) => {
            tracing::error!(%error, "not ready: the ledger does not answer a read");
            Err(Problem::NotReady)
        }
    }
}

fn well() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], "{\"status\":\"ok\"}\n")
}
