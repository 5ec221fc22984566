//! `/plugins`: what the server scans with, and what each may reach.

use axum::Json;
use axum::extract::State;
use axum::response::Response;

use crate::browser::Visitor;
use crate::dashboard::render::{Frame, page};
use crate::extract::NoParameters;
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::catalogue;

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    let Json(plugins) = catalogue::plugins(State(state.clone()), visitor.access, NoParameters).await;
    page("plugins.html", &Frame::new(&state, &visitor, "/plugins", "Plugins"), &plugins)
}
