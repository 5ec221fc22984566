//! What `/api/scans` answers.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use plumb_engine::service::register::Page as Found;
use plumb_model::drift::{Drift, DriftStatus};
use plumb_model::scan::ScanStatus;
use plumb_store::{DriftFilter, StoredScanHead};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Access;
use crate::problem::Problem;
use crate::state::AppState;
use crate::views::{queued, uuid};

/// `{success, data}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answer<T> {
    /// Always true; errors have another form.
    success: bool,
    data: T,
}

impl<T> Answer<T> {
    pub(crate) fn new(data: T) -> Answer<T> {
        Answer { success: true, data }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Paged {
    pub(crate) success: bool,
    pub(crate) data: Vec<Listed>,
    pub(crate) pagination: NumberedPagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberedPagination {
    /// From 1.
    pub(crate) page: u64,
    /// The size used.
    pub(crate) limit: u64,
    pub(crate) offset: u64,
    pub(crate) total: u64,
    pub(crate) has_more: bool,
}

/// A scan as the drift scans of repositories show it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepositoryScan {
    #[serde(rename = "_id")]
    id: String,
    /// The first target's id; none for scans from the command line.
    repository_config: Option<String>,
    /// The targets' names.
    repository_name: String,
    #[schema(example = "completed")]
    status: &'static str,
    drift_count: u64,
    started_at: Option<String>,
    completed_at: Option<String>,
    #[schema(example = "schedule")]
    triggered_by: &'static str,
}

impl RepositoryScan {
    pub(crate) async fn of(state: &AppState, head: &StoredScanHead) -> Result<RepositoryScan, Problem> {
        let id = head.scan.id;
        let drifts = state.read(move |ledger| ledger.drift_count(&id)).await?;
        Ok(RepositoryScan::new(head, drifts))
    }

    fn new(head: &StoredScanHead, drift_count: u64) -> RepositoryScan {
        let scan = &head.scan;
        RepositoryScan {
            id: uuid(scan.id),
            repository_config: scan.about.targets.first().copied().map(uuid),
            repository_name: scan.target.clone(),
            status: scan.status.as_str(),
            drift_count,
            started_at: scan.started_at.clone(),
            completed_at: scan.completed_at.clone(),
            triggered_by: scan.about.trigger.as_str(),
        }
    }
}

/// A scan in a list: the keys of both documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    #[serde(flatten)]
    scan: RepositoryScan,
    id: String,
    scan_job_id: String,
    created_at: String,
    #[serde(rename = "started_at")]
    began_at: Option<String>,
    #[serde(rename = "completed_at")]
    ended_at: Option<String>,
    score: Option<f64>,
    scores: Scores,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scores {
    /// Per cent of the controls that were decided; none where none was.
    compliance: Option<f64>,
    /// Per cent of what could be evaluated that was.
    coverage: Option<f64>,
}

impl Listed {
    pub(crate) fn new(head: &StoredScanHead, drift_count: u64) -> Listed {
        let score = head.figures.and_then(|figures| figures.score);
        let coverage = head.figures.map(|_| head.scan.coverage.percent());
        Listed {
            scan: RepositoryScan::new(head, drift_count),
            id: uuid(head.scan.id),
            scan_job_id: uuid(head.scan.id),
            created_at: head.scan.created_at.clone(),
            began_at: head.scan.started_at.clone(),
            ended_at: head.scan.completed_at.clone(),
            score,
            scores: Scores { compliance: score, coverage },
        }
    }
}

/// One scan: `data` for one document, the fields beside it for the other.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneScan {
    success: bool,
    data: RepositoryScan,
    scan_job_id: String,
    #[schema(example = "queued")]
    status: &'static str,
    total_controls: u64,
    passed_controls: u64,
    failed_controls: u64,
    score: Option<f64>,
    coverage: Option<f64>,
    created_at: String,
    started_at: Option<String>,
    completed_at: Option<String>,
    /// Why it failed or was cancelled.
    status_reason: Option<String>,
}

impl OneScan {
    pub(crate) fn new(head: &StoredScanHead, data: RepositoryScan) -> OneScan {
        let figures = head.figures.unwrap_or_default();
        OneScan {
            success: true,
            data,
            scan_job_id: uuid(head.scan.id),
            status: queued(head.scan.status),
            total_controls: figures.controls,
            passed_controls: figures.passed_controls,
            failed_controls: figures.failed_controls,
            score: figures.score,
            coverage: head.figures.map(|_| head.scan.coverage.percent()),
            created_at: head.scan.created_at.clone(),
            started_at: head.scan.started_at.clone(),
            completed_at: head.scan.completed_at.clone(),
            status_reason: head.scan.status_reason.clone(),
        }
    }
}

/// A scan that was triggered for one target.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    #[serde(rename = "_id")]
    id: String,
    repository_config: Option<String>,
    #[schema(example = "pending")]
    status: &'static str,
    triggered_by: &'static str,
}

impl Started {
    pub(crate) fn new(head: &StoredScanHead) -> Started {
        Started {
            id: uuid(head.scan.id),
            repository_config: head.scan.about.targets.first().copied().map(uuid),
            // It may run already; it was pending when it was taken.
            status: ScanStatus::Pending.as_str(),
            triggered_by: head.scan.about.trigger.as_str(),
        }
    }
}

/// A scan that was triggered for many targets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueuedScan {
    pub(crate) scan_job_id: String,
    #[schema(example = "queued")]
    pub(crate) status: &'static str,
    pub(crate) created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deleted {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    pub(crate) deleted: bool,
}

/// A scan with its drifts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithDrifts {
    #[serde(flatten)]
    scan: RepositoryScan,
    drifts: Vec<DriftOfScan>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DriftOfScan {
    #[serde(rename = "_id")]
    id: String,
    resource_type: String,
    /// The Terraform address, modules included.
    resource_address: String,
    #[schema(example = "high")]
    severity: &'static str,
    #[schema(example = "detected")]
    status: &'static str,
    #[schema(example = "configuration")]
    drift_type: &'static str,
    summary: String,
    detected_at: String,
}

impl WithDrifts {
    pub(crate) async fn of(state: &AppState, head: &StoredScanHead) -> Result<WithDrifts, Problem> {
        let (tenant, id) = (head.scan.tenant, head.scan.id);
        let drifts = state.read(move |ledger| ledger.drifts_of_scan(&tenant, &id)).await?;
        let one = |drift: &Drift| DriftOfScan {
            id: uuid(drift.id),
            resource_type: drift.resource.kind.clone(),
            resource_address: drift.address.clone(),
            severity: drift.severity.as_str(),
            status: drift.status.as_str(),
            drift_type: drift.drift_type.as_str(),
            summary: drift.summary.clone(),
            detected_at: drift.detected_at.clone(),
        };
        let scan = RepositoryScan::new(head, drifts.len() as u64);
        Ok(WithDrifts { scan, drifts: drifts.iter().map(one).collect() })
    }
}

/// Figures over everything the tenant has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard {
    total_scans: u64,
    total_drifts: u64,
    resolved_drifts: u64,
    /// Targets.
    active_repositories: u64,
    recent_scans: Vec<RepositoryScan>,
    /// The last 30 days, the earliest first.
    drift_trend: Vec<DayOfTrend>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayOfTrend {
    #[schema(example = "2025-06-15")]
    date: String,
    /// Drifts detected on the day.
    detected: u64,
    resolved: u64,
}

impl Dashboard {
    pub(crate) async fn new(state: &AppState, access: &Access, page: &Found, days: i64) -> Result<Dashboard, Problem> {
        let tenant = access.tenant;
        let all = DriftFilter::default();
        let (targets, drifts) = state
            .read(move |ledger| {
                let targets = ledger.targets(&tenant)?.len() as u64;
                Ok((targets, ledger.drifts(&tenant, &all, 0, usize::MAX)?.drifts))
            })
            .await?;
        let mut recent_scans = Vec::new();
        for head in &page.scans {
            recent_scans.push(RepositoryScan::of(state, head).await?);
        }
        let resolved = drifts.iter().filter(|drift| drift.status == DriftStatus::Resolved).count();
        Ok(Dashboard {
            total_scans: page.total as u64,
            total_drifts: drifts.len() as u64,
            resolved_drifts: resolved as u64,
            active_repositories: targets,
            recent_scans,
            drift_trend: trend(&drifts, Timestamp::now().to_zoned(TimeZone::UTC).date(), days),
        })
    }
}

/// Drifts for each of some days up to today.
fn trend(drifts: &[Drift], today: Date, days: i64) -> Vec<DayOfTrend> {
    let mut by_day: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let day = |back: i64| today.checked_sub(back.days()).map(|day| day.to_string());
    for date in (0..days).rev().filter_map(|back| day(back).ok()) {
        by_day.insert(date, (0, 0));
    }
    let date = |time: &str| time.get(..10).unwrap_or_default().to_owned();
    for drift in drifts {
        if let Some(counts) = by_day.get_mut(&date(&drift.detected_at)) {
            counts.0 += 1;
        }
        if let Some(counts) = drift.resolved_at.as_deref().and_then(|time| by_day.get_mut(&date(time))) {
            counts.1 += 1;
        }
    }
    by_day.into_iter().map(|(date, (detected, resolved))| DayOfTrend { date, detected, resolved }).collect()
}
