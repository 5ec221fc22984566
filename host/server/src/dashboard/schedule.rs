//! `/schedules/{id}`: one schedule, what it orders, when, and what became of it so far.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use plumb_engine::service::register::SortBy;
use plumb_store::StoredScanHead;
use serde::{Deserialize, Serialize};

use crate::browser::{Visitor, see_other};
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{self, Pager, Row};
use crate::dashboard::schedules::{Listed, path};
use crate::extract::{NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::schedules as api;

/// Past scans on one page.
const DEFAULT: u64 = 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    offset: Option<WholeNumber>,
}

#[derive(Serialize)]
struct SchedulePage {
    schedule: Listed,
    /// Names of the targets that it scans as things are now.
    targets: Vec<String>,
    /// Why there are none.
    no_targets: Option<String>,
    scans: Vec<Row>,
    total: u64,
    pager: Pager,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    Query(Parameters { offset }): Query<Parameters>,
) -> Result<Response, Problem> {
    let schedule = api::find(&state, &visitor.access, id).await?;
    let picked = state.scheduler().targets_of(&schedule).await.map_err(crate::state::LedgerError::from)?;
    let (targets, no_targets) = match picked {
        Ok(targets) => (targets.into_iter().map(|target| target.name).collect(), None),
        Err(problem) => (Vec::new(), Some(problem.message)),
    };
    let at = Page::by_offset(offset, None, DEFAULT);
    let (skip, limit) = at.range();
    let id = schedule.id;
    let own = move |head: &StoredScanHead| head.scan.about.schedule == Some(id);
    let found = state.service().scans(&schedule.tenant, own, SortBy::CreatedAt, false, skip, limit);
    let (total, place, title) = (found.total as u64, path(&schedule), schedule.name.clone());
    let content = SchedulePage {
        pager: Pager::new(&place, &[], at, found.scans.len(), Some(total), at.has_more(total)),
        scans: found.scans.iter().map(|head| Row::new(head)).collect(),
        total,
        targets,
        no_targets,
        schedule: Listed::new(&state, &headers, schedule),
    };
    page("schedule.html", &Frame::new(&state, &visitor, "/schedules", title), &content)
}

/// Orders its scan now, and goes there.
pub(crate) async fn run(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let ordered = api::run_now(&state, &visitor.access, id).await?;
    Ok(see_other(&scans::path(&ordered.head.scan)))
}

pub(crate) async fn enable(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let schedule = api::switch(&state, &visitor.access, id, true).await?;
    visitor.leave_notice(&state, "Enabled. What should have fired before now does not.");
    Ok(see_other(&path(&schedule)))
}

pub(crate) async fn disable(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let schedule = api::switch(&state, &visitor.access, id, false).await?;
    visitor.leave_notice(&state, "Disabled. It can still be run by hand.");
    Ok(see_other(&path(&schedule)))
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    parameters: NoParameters,
) -> Result<Response, Problem> {
    let _: StatusCode = api::delete(State(state.clone()), visitor.access, PathParams(id), parameters).await?;
    visitor.leave_notice(&state, "The schedule is deleted. Its scans stay.");
    Ok(see_other("/schedules"))
}

/// Gives its webhook another secret, which the next page shows once.
pub(crate) async fn renew_secret(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let (schedule, secret) = api::renew(&state, &visitor.access, id).await?;
    visitor.leave_notice(&state, shown_once(&secret));
    Ok(see_other(&path(&schedule)))
}

/// A sentence for the next page, which shows it this once.
pub(super) fn shown_once(secret: &str) -> String {
    format!("The secret that calls of its webhook are signed with, shown this once: {secret}")
}
