//! `/mutes`: violations that were accepted, why, and until when.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::browser::{Visitor, see_other};
use crate::dashboard::render::{Frame, page};
use crate::extract::{NoParameters, PathParams, RecordId};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::mutes::{self as api, MuteAnswer};

#[derive(Serialize)]
struct MutesPage {
    mutes: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    about: MuteAnswer,
    /// Its last day is over: it mutes nothing any more.
    expired: bool,
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    parameters: NoParameters,
) -> Result<Response, Problem> {
    let Json(list) = api::list(State(state.clone()), visitor.access, parameters).await?;
    let today = crate::time::now().get(..10).unwrap_or_default().to_owned();
    // Days of one form order as texts.
    let expired = |mute: &MuteAnswer| mute.expires.as_ref().is_some_and(|last| *last < today);
    let mut mutes: Vec<Row> = list.mutes.into_iter().map(|about| Row { expired: expired(&about), about }).collect();
    // What holds before what does not, the newest first.
    mutes.reverse();
    mutes.sort_by_key(|row| row.expired);
    page("mutes.html", &Frame::new(&state, &visitor, "/mutes", "Mutes"), &MutesPage { mutes })
}

/// Takes a mute away.
pub(crate) async fn delete(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    parameters: NoParameters,
) -> Result<Response, Problem> {
    let _: StatusCode = api::delete(State(state.clone()), visitor.access, PathParams(id), parameters).await?;
    visitor.leave_notice(&state, "Unmuted. It counts again from the next scan on.");
    Ok(see_other("/mutes"))
}
