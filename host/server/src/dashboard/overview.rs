//! `/`: how things stand.

mod policies;
mod queue;

use axum::extract::State;
use axum::response::Response;
use plumb_engine::service::register::SortBy;
use plumb_model::check::Severity;
use plumb_model::drift::DriftStatus;
use plumb_model::scan::{ScanStatus, ScanType};
use plumb_store::{DriftFilter, StoredScanHead};
use serde::Serialize;

use crate::browser::Visitor;
use crate::dashboard::chart::{Part, bar};
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::Row;
use crate::extract::NoParameters;
use crate::problem::Problem;
use crate::state::AppState;
use policies::PolicyRow;
use queue::Queued;

/// Entries of the list of recent scans.
const RECENT: usize = 8;

/// Completed scans that the page draws from: the page costs the same however long the history is.
const LOOKED_AT: usize = 1_000;

#[derive(Serialize)]
struct Overview {
    open: Open,
    policies: Vec<PolicyRow>,
    looked_at: usize,
    /// None for a token that may not read drifts.
    drifts: Option<Vec<DriftRow>>,
    queue: Vec<Queued>,
    queue_more: usize,
    recent: Vec<Row>,
    scans: u64,
    targets: Option<usize>,
}

/// The violations of the latest complete scan of each target.
#[derive(Default, Serialize)]
struct Open {
    total: u64,
    by_severity: Vec<Part>,
    scans: usize,
}

#[derive(Serialize)]
struct DriftRow {
    word: &'static str,
    count: u64,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    let tenant = visitor.access.tenant;
    let frame = Frame::new(&state, &visitor, "/", "Overview");
    let service = state.service();
    let may = |scope| visitor.access.scopes.contains(scope);
    let whole = |head: &StoredScanHead| {
        let narrow = matches!(head.scan.about.scan_type, ScanType::PolicySpecific | ScanType::ResourceSpecific);
        head.scan.status == ScanStatus::Completed && head.figures.is_some() && !narrow
    };
    let completed = service.scans(&tenant, whole, SortBy::CreatedAt, false, 0, LOOKED_AT).scans;
    let recent = service.scans(&tenant, |_| true, SortBy::CreatedAt, false, 0, RECENT);
    let (queue, queue_more) = queue::of(&state, &tenant);
    let (reads_targets, reads_drifts) =
        (may(plumb_model::access::Scope::TargetsRead), may(plumb_model::access::Scope::DriftsRead));
    let (policies, targets, drifts) = state
        .read(move |ledger| {
            let policies = if reads_targets { ledger.policies(&tenant)? } else { Vec::new() };
            let targets = if reads_targets { Some(ledger.targets(&tenant)?.len()) } else { None };
            let all = DriftFilter::default();
            let drifts = if reads_drifts { Some(ledger.drift_counts(&tenant, &all)?.by_status) } else { None };
            Ok((policies, targets, drifts))
        })
        .await?;
    let status = |(status, count): (DriftStatus, u64)| DriftRow { word: status.as_str(), count };
    let content = Overview {
        open: Open::new(&completed),
        policies: policies::rows(&completed, &policies),
        looked_at: LOOKED_AT,
        drifts: drifts.map(|counts| DriftStatus::ALL.into_iter().zip(counts).map(status).collect()),
        queue,
        queue_more,
        recent: recent.scans.iter().map(|head| Row::new(head)).collect(),
        scans: recent.total as u64,
        targets,
    };
    page("overview.html", &frame, &content)
}

impl Open {
    /// Of scans, the newest first. A target that several scans looked at counts once, and so does a scan of several targets.
    fn new(completed: &[std::sync::Arc<StoredScanHead>]) -> Open {
        let mut seen = std::collections::HashSet::new();
        let latest = completed.iter().filter(|head| {
            let about = &head.scan.about;
            if about.targets.is_empty() {
                // From the command line: known by what it looked at.
                return seen.insert((head.scan.target.as_str(), [0; 16]));
            }
            // Every target is taken note of, the first new one or not.
            about.targets.iter().filter(|target| seen.insert(("", **target))).count() > 0
        });
        let (mut sums, mut scans) = ([0; 5], 0);
        for figures in latest.filter_map(|head| head.figures) {
            sums.iter_mut().zip(figures.violations).for_each(|(sum, count)| *sum += count);
            scans += 1;
        }
        let words: Vec<_> = Severity::WORST_FIRST.map(Severity::as_str).into_iter().zip(sums).collect();
        Open { total: sums.iter().sum(), by_severity: bar(&words), scans }
    }
}
