//! `/drifts/{id}`: one drift, before and after, and what becomes of it.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use plumb_model::drift::DriftStatus;
use serde::Serialize;
use serde_json::Value;

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Form;
use crate::dashboard::render::{Frame, page};
use crate::extract::{JsonBody, NoParameters, PathParams, RecordId};
use crate::families::drifts::{self as api, DriftAnswer, NewStatus, Resolution};
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Serialize)]
struct DriftPage {
    drift: DriftAnswer,
    /// The differences with their values as text.
    changes: Vec<Change>,
    patch: String,
    target: Option<String>,
    scan: Option<String>,
    previous: Option<String>,
    /// Every state, and whether the drift is in it or was.
    steps: Vec<Step>,
    may_investigate: bool,
    open: bool,
    path: String,
}

#[derive(Serialize)]
struct Change {
    path: String,
    before: Option<String>,
    after: Option<String>,
    security: Option<&'static str>,
}

#[derive(Serialize)]
struct Step {
    word: &'static str,
    reached: bool,
    current: bool,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let access = visitor.access;
    let (tenant, found) = api::find(&state, &access, id).await?;
    let drift = state.read(move |ledger| ledger.drift(&tenant, &found)).await?.ok_or_else(Problem::not_found)?;
    let status = drift.status;
    let target = drift.target;
    let name = state.read(move |ledger| Ok(ledger.target(&tenant, &target)?.map(|target| target.name))).await?;
    let number = drift.number;
    let scan = drift.scan.and_then(|scan| state.service().scan(&tenant, &scan));
    let previous = drift.previous;
    let previous = match previous {
        Some(previous) => state.read(move |ledger| ledger.drift(&tenant, &previous)).await?,
        None => None,
    };
    let title = format!("Drift {number} – {}", drift.address);
    let reached = |step: DriftStatus| step <= status;
    let step = |step: DriftStatus| Step { word: step.as_str(), reached: reached(step), current: step == status };
    let Json(answer) = api::show(State(state.clone()), access, PathParams(id), NoParameters).await?;
    let content = DriftPage {
        changes: drift.differences.iter().map(Change::new).collect(),
        patch: pretty(&drift.patch),
        drift: answer,
        target: name,
        scan: scan.map(|head| crate::dashboard::scans::path(&head.scan)),
        previous: previous.map(|drift| format!("/drifts/{}", drift.number)),
        steps: DriftStatus::ALL.into_iter().map(step).collect(),
        may_investigate: status.may_become(DriftStatus::Investigating),
        open: status != DriftStatus::Resolved,
        path: format!("/drifts/{number}"),
    };
    page("drift.html", &Frame::new(&state, &visitor, "/drifts", title), &content)
}

impl Change {
    fn new(difference: &plumb_model::drift::Difference) -> Change {
        let value = |text: &str| (text != "null" && !text.is_empty()).then(|| pretty(text));
        Change {
            path: difference.path.clone(),
            before: value(&difference.baseline),
            after: value(&difference.current),
            security: difference.security.map(plumb_model::check::Severity::as_str),
        }
    }
}

/// JSON over several lines; what was shortened is no JSON any more and stays as it is.
fn pretty(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

pub(crate) async fn move_on(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    Form(status): Form<NewStatus>,
) -> Result<Response, Problem> {
    let Json(moved) =
        api::update(State(state.clone()), visitor.access, PathParams(id), NoParameters, JsonBody(status)).await?;
    visitor.leave_notice(&state, format!("The drift is {} now.", moved.head.status));
    Ok(see_other(&format!("/drifts/{}", moved.head.id)))
}

/// Resolves a drift. What is there now becomes the baseline where that is asked for.
pub(crate) async fn resolve(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    Form(resolution): Form<Resolution>,
) -> Result<Response, Problem> {
    let captured = resolution.capture_baseline;
    let body = Some(JsonBody(resolution));
    let Json(moved) = api::resolve(State(state.clone()), visitor.access, PathParams(id), NoParameters, body).await?;
    let notice = if captured { "Resolved. What is there now is the baseline." } else { "The drift is resolved now." };
    visitor.leave_notice(&state, notice);
    Ok(see_other(&format!("/drifts/{}", moved.head.id)))
}
