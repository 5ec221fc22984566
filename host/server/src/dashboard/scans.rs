//! `/scans`: all scans, the newest first.

use axum::extract::State;
use axum::response::Response;
use plumb_engine::service::register::SortBy;
use plumb_model::scan::{Scan, ScanStatus};
use plumb_store::StoredScanHead;
use serde::{Deserialize, Serialize};

use crate::browser::Visitor;
use crate::dashboard::render::{Frame, page};
use crate::extract::{Page, Query, WholeNumber};
use crate::problem::Problem;
use crate::state::AppState;
use crate::views::{StatusFilter, took, uuid};

const DEFAULT: u64 = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    status: Option<StatusFilter>,
    offset: Option<WholeNumber>,
}

#[derive(Serialize)]
struct ScansPage {
    scans: Vec<Row>,
    total: u64,
    status: Option<&'static str>,
    statuses: [&'static str; 5],
    pager: Pager,
}

/// The ways from one page of a list to the next.
#[derive(Serialize)]
pub(crate) struct Pager {
    /// The first entry of the page, from 1.
    first: u64,
    last: u64,
    total: Option<u64>,
    newer: Option<String>,
    older: Option<String>,
}

impl Pager {
    /// Of a list at a path, with the query that picks it; `shown` entries are on the page.
    pub(crate) fn new(
        path: &str,
        query: &[(&str, &str)],
        at: Page,
        shown: usize,
        total: Option<u64>,
        more: bool,
    ) -> Pager {
        let to = |offset: u64| {
            let mut text = form_urlencoded::Serializer::new(String::new());
            text.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
            if offset > 0 {
                text.append_pair("offset", &offset.to_string());
            }
            let text = text.finish();
            if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
        };
        Pager {
            first: at.offset.saturating_add(1),
            last: at.offset.saturating_add(shown as u64),
            total,
            newer: (at.offset > 0).then(|| to(at.offset.saturating_sub(at.limit))),
            older: more.then(|| to(at.offset.saturating_add(at.limit))),
        }
    }
}

/// A scan in a list.
#[derive(Serialize)]
pub(crate) struct Row {
    path: String,
    number: u64,
    name: String,
    status: &'static str,
    scan_type: &'static str,
    trigger: &'static str,
    created_at: String,
    took: Option<String>,
    score: Option<f64>,
    coverage: Option<f64>,
    violations: Option<u64>,
    new: Option<u64>,
    resolved: Option<u64>,
}

impl Row {
    pub(crate) fn new(head: &StoredScanHead) -> Row {
        let (scan, figures) = (&head.scan, head.figures);
        Row {
            path: path(scan),
            number: scan.number,
            name: name(scan).to_owned(),
            status: scan.status.as_str(),
            scan_type: scan.about.scan_type.as_str(),
            trigger: scan.about.trigger.as_str(),
            created_at: scan.created_at.clone(),
            took: took(head),
            score: figures.and_then(|figures| figures.score),
            coverage: figures.map(|_| scan.coverage.percent()),
            violations: figures.map(|figures| figures.violations.iter().sum()),
            new: figures.and_then(|figures| figures.delta).map(|delta| delta.new),
            resolved: figures.and_then(|figures| figures.delta).map(|delta| delta.resolved),
        }
    }
}

/// What people call a scan: its name, or what it looked at.
pub(crate) fn name(scan: &Scan) -> &str {
    if scan.about.name.is_empty() { &scan.target } else { &scan.about.name }
}

/// Where a scan's page is. Old scans have no number.
pub(crate) fn path(scan: &Scan) -> String {
    if scan.number > 0 { format!("/scans/{}", scan.number) } else { format!("/scans/{}", uuid(scan.id)) }
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(Parameters { status, offset }): Query<Parameters>,
) -> Result<Response, Problem> {
    let at = Page::by_offset(offset, None, DEFAULT);
    let wanted = move |head: &StoredScanHead| status.is_none_or(|status| head.scan.status == status.0);
    let (skip, limit) = at.range();
    let found = state.service().scans(&visitor.access.tenant, wanted, SortBy::CreatedAt, false, skip, limit);
    let total = found.total as u64;
    let status = status.map(|status| status.0.as_str());
    let query = [("status", status.unwrap_or_default())];
    let content = ScansPage {
        pager: Pager::new("/scans", &query, at, found.scans.len(), Some(total), at.has_more(total)),
        scans: found.scans.iter().map(|head| Row::new(head)).collect(),
        total,
        status,
        statuses: [
            ScanStatus::Running,
            ScanStatus::Pending,
            ScanStatus::Completed,
            ScanStatus::Failed,
            ScanStatus::Cancelled,
        ]
        .map(ScanStatus::as_str),
    };
    page("scans.html", &Frame::new(&state, &visitor, "/scans", "Scans"), &content)
}
