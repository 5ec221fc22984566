//! `/scans/{id}`: one scan, while it runs and after.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use plumb_model::framework::{ControlStatus, FrameworkResult};
use plumb_model::resource::ScanGap;
use plumb_store::ResolvedRow;
use serde::Serialize;

use crate::access::Access;
use crate::browser::{Visitor, see_other};
use crate::dashboard::chart::{Part, bar};
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{name, path};
use crate::extract::{NoParameters, PathParams, RecordId, WholeNumber};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::findings::{FindingAnswer, FindingParameters, findings};
use crate::v1::scans::{self as api, ScanDetails};
use crate::views::{find_scan, uuid};

/// Entries of each list on the page; the whole lists are a click away, or in a report.
const SHOWN: usize = 10;

#[derive(Serialize)]
struct ScanPage {
    path: String,
    id: String,
    name: String,
    target: String,
    /// As the API answers.
    details: ScanDetails,
    running: bool,
    tasks: u64,
    tasks_done: u64,
    severities: Vec<Part>,
    unchanged: Option<u64>,
    incomparable: Option<u64>,
    muted: u64,
    previous: Option<Previous>,
    frameworks: Vec<FrameworkRow>,
    worst: Vec<FindingAnswer>,
    worst_more: bool,
    resolved: Vec<Resolved>,
    resolved_more: usize,
    gaps: Vec<Gap>,
    gaps_more: usize,
}

#[derive(Serialize)]
struct Previous {
    path: String,
    at: String,
}

#[derive(Serialize)]
struct FrameworkRow {
    id: String,
    title: String,
    version: String,
    score: Option<f64>,
    controls: usize,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Resolved {
    check_id: String,
    severity: &'static str,
    resource: String,
    gone: bool,
}

#[derive(Serialize)]
struct Gap {
    what: String,
    reason: String,
    permission: Option<String>,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let access = visitor.access;
    let head = find_scan(&state, &access, id).await?;
    let Json(details) = api::show(State(state.clone()), access, PathParams(id), NoParameters).await?;
    let scan = head.scan.id;
    let (stored, resolved, gaps) =
        state.read(move |ledger| Ok((ledger.scan(&scan)?, ledger.removed(&scan)?, ledger.gaps(&scan)?))).await?;
    let (worst, worst_more) =
        if head.figures.is_some() { worst(&state, access, id).await? } else { (Vec::new(), false) };
    let standing = state.service().standing(&scan).unwrap_or_default();
    let figures = head.figures.unwrap_or_default();
    let severities = plumb_model::check::Severity::WORST_FIRST.map(plumb_model::check::Severity::as_str);
    let severities: Vec<_> = severities.into_iter().zip(figures.violations).collect();
    let previous = head.scan.previous.and_then(|previous| state.service().scan(&access.tenant, &previous));
    let frameworks = stored.and_then(|stored| stored.summary).map(|summary| summary.frameworks).unwrap_or_default();
    let content = ScanPage {
        path: path(&head.scan),
        id: uuid(scan),
        name: name(&head.scan).to_owned(),
        target: head.scan.target.clone(),
        details,
        running: !head.scan.status.is_terminal(),
        tasks: standing.tasks,
        tasks_done: standing.tasks_done,
        severities: bar(&severities),
        unchanged: figures.delta.map(|delta| delta.unchanged),
        incomparable: figures.delta.map(|delta| delta.incomparable),
        muted: figures.muted,
        previous: previous.map(|head| Previous { path: path(&head.scan), at: head.scan.created_at.clone() }),
        frameworks: frameworks.iter().map(FrameworkRow::new).collect(),
        worst,
        worst_more,
        resolved_more: resolved.len().saturating_sub(SHOWN),
        resolved: resolved.iter().take(SHOWN).map(Resolved::new).collect(),
        gaps_more: gaps.len().saturating_sub(SHOWN),
        gaps: gaps.into_iter().take(SHOWN).map(Gap::new).collect(),
    };
    let title = format!("Scan {}", head.scan.number);
    page("scan.html", &Frame::new(&state, &visitor, "/scans", title), &content)
}

/// The violations to begin with, and whether there are more.
async fn worst(state: &AppState, access: Access, id: RecordId) -> Result<(Vec<FindingAnswer>, bool), Problem> {
    let parameters = FindingParameters {
        muted: Some(false),
        limit: Some(WholeNumber::new(SHOWN as u64)),
        ..FindingParameters::of(id)
    };
    let Json(list) = findings(State(state.clone()), access, crate::extract::Query(parameters)).await?;
    Ok((list.findings, list.pagination.has_more))
}

/// Cancels the scan and shows it again. One that has ended meanwhile is shown as it is.
pub(crate) async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let head = find_scan(&state, &visitor.access, id).await?;
    let Json(_) = api::cancel(State(state.clone()), visitor.access, PathParams(id), NoParameters).await?;
    visitor.leave_notice(&state, "The scan is cancelled. What it had found is kept.");
    Ok(see_other(&path(&head.scan)))
}

impl FrameworkRow {
    fn new(result: &FrameworkResult) -> FrameworkRow {
        FrameworkRow {
            id: result.id.clone(),
            title: result.title.clone(),
            version: result.version.clone(),
            score: result.score(),
            controls: result.controls.len(),
            parts: parts(result),
        }
    }
}

/// How many controls came out in which way.
pub(super) fn parts(result: &FrameworkResult) -> Vec<Part> {
    use ControlStatus::{Fail, Manual, NotApplicable, NotEvaluated, Pass};
    bar(&[Pass, Fail, NotEvaluated, Manual, NotApplicable].map(|status| (status.as_str(), result.count(status))))
}

impl Resolved {
    fn new(row: &ResolvedRow) -> Resolved {
        Resolved {
            check_id: row.check_id.clone(),
            severity: row.severity.as_str(),
            resource: row.resource.id.clone(),
            gone: row.resolution == plumb_model::delta::Resolution::ResourceRemoved,
        }
    }
}

impl Gap {
    fn new(gap: ScanGap) -> Gap {
        let place = [gap.task, gap.kind, gap.account, gap.region];
        let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
        let what = if place.is_empty() { "the whole scan".to_owned() } else { place.join(" · ") };
        Gap { what, reason: gap.reason, permission: gap.permission }
    }
}
