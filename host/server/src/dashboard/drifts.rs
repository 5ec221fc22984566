//! `/drifts`: what is not as it was captured, the newest first.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use plumb_model::check::Severity;
use plumb_model::drift::{DriftStatus, DriftType};
use serde::{Deserialize, Serialize};

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Choice;
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::Pager;
use crate::extract::{NoParameters, Page, Query, WholeNumber};
use crate::families::drifts::{self as api, DriftHead, DriftStatusWord, DriftSummary, DriftTypeWord};
use crate::problem::Problem;
use crate::state::AppState;
use crate::views::SeverityWord;

const DEFAULT: u64 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Parameters {
    severity: Choice<SeverityWord>,
    r#type: Choice<DriftTypeWord>,
    status: Choice<DriftStatusWord>,
    offset: Option<WholeNumber>,
}

#[derive(Serialize)]
struct DriftsPage {
    drifts: Vec<DriftHead>,
    summary: DriftSummary,
    severity: &'static str,
    drift_type: &'static str,
    status: &'static str,
    severities: [&'static str; 5],
    types: [&'static str; 3],
    statuses: [&'static str; 3],
    pager: Pager,
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Problem> {
    let Parameters { severity, r#type, status, offset } = parameters;
    let access = visitor.access;
    let at = Page::by_offset(offset, None, DEFAULT);
    let wanted = api::Parameters {
        provider_id: None,
        resource_id: None,
        severity: severity.0,
        r#type: r#type.0,
        status: status.0,
        page: Some(WholeNumber::new(at.number())),
        per_page: Some(WholeNumber::new(at.limit)),
    };
    let Json(list) = api::list(State(state.clone()), access, Query(wanted)).await?;
    let Json(summary) = api::summary(State(state.clone()), access, NoParameters).await?;
    let severity = severity.0.map_or("", |word| Severity::from(word).as_str());
    let drift_type = r#type.0.map_or("", |word| DriftType::from(word).as_str());
    let status = status.0.map_or("", |word| DriftStatus::from(word).as_str());
    let query = [("severity", severity), ("type", drift_type), ("status", status)];
    let total = list.meta.total;
    let content = DriftsPage {
        pager: Pager::new("/drifts", &query, at, list.data.len(), Some(total), at.has_more(total)),
        drifts: list.data,
        summary,
        severity,
        drift_type,
        status,
        severities: Severity::WORST_FIRST.map(Severity::as_str),
        types: DriftType::ALL.map(DriftType::as_str),
        statuses: DriftStatus::ALL.map(DriftStatus::as_str),
    };
    page("drifts.html", &Frame::new(&state, &visitor, "/drifts", "Drift"), &content)
}

/// Holds every target against its baseline.
pub(crate) async fn detect(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    let (_, Json(job)) = api::detect(State(state), visitor.access, NoParameters).await?;
    Ok(see_other(&format!("/scans/{}", job.job_id)))
}
