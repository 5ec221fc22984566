//! `/`: how things stand.

mod policies;
mod queue;

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use plumb_engine::service::register::SortBy;
use plumb_model::access::Scope;
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
    looked_at: u64,
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
    let (reads_targets, reads_drifts) = (may(Scope::TargetsRead), may(Scope::DriftsRead));
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
        looked_at: LOOKED_AT as u64,
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
    fn new(completed: &[Arc<StoredScanHead>]) -> Open {
        let mut seen = HashSet::new();
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

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_model::scan::{About, Coverage, Scan};
    use plumb_store::Figures;

    /// A completed scan of some targets, or of a folder on a command line, with critical violations.
    fn scan(number: u8, targets: &[u8], critical: u64) -> Arc<StoredScanHead> {
        let targets = targets.iter().map(|target| [*target; 16]).collect();
        let scan = Scan {
            id: [number; 16],
            tenant: [0; 16],
            number: number.into(),
            about: About { targets, ..About::default() },
            status: ScanStatus::Completed,
            target: "terraform infra/".into(),
            provider: "provider-terraform".into(),
            created_at: format!("2026-11-{:02}T10:00:00.000Z", 1 + number),
            started_at: None,
            completed_at: None,
            status_reason: None,
            previous: None,
            coverage: Coverage::default(),
        };
        let figures = Figures { violations: [critical, 0, 0, 0, 0], score: Some(50.0), ..Figures::default() };
        Arc::new(StoredScanHead { scan, figures: Some(figures) })
    }

    #[test]
    fn open_violations_are_those_of_the_latest_scan_of_each_target_and_of_no_scan_twice() {
        // The newest first.
        let scans =
            [scan(4, &[1, 2], 7), scan(3, &[1], 100), scan(2, &[3], 20), scan(1, &[], 1_000), scan(0, &[], 9_999)];
        let open = Open::new(&scans);
        assert_eq!((open.total, open.scans), (1_027, 3));
        assert_eq!(open.by_severity.iter().map(|part| part.count).collect::<Vec<_>>(), [1_027, 0, 0, 0, 0]);
    }
}
