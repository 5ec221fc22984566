//! One scan: everything a list of scans shows, and what its other rows must add up to.

use plumb_model::scan::{About, Coverage, Scan, ScanId, ScanStatus, ScanType, Trigger};
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;
use crate::records::delta::{DeltaRecord, SignaturesRecord};
use crate::records::schedule::ScanNotificationsRecord;
use crate::scans::{Figures, NewScan};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ScanRecord {
    status: StatusRecord,
    target: String,
    provider: String,
    created_at: String,
    pub(crate) started_at: Option<String>,
    pub(crate) completed_at: Option<String>,
    pub(crate) status_reason: Option<String>,
    pub(crate) previous: Option<Fixed<16>>,
    pub(crate) coverage: CoverageRecord,
    pub(crate) scope_key: Fixed<32>,
    pub(crate) catalogue: Option<Fixed<32>>,
    /// How many tasks the plan has.
    pub(crate) tasks: u32,
    /// Gaps of the whole scan, those of its tasks apart.
    pub(crate) gaps: u32,
    pub(crate) resolved: u64,
    pub(crate) figures: Option<FiguresRecord>,
    #[serde(default)]
    tenant: Option<Fixed<16>>,
    #[serde(default)]
    number: u64,
    #[serde(default)]
    about: AboutRecord,
    /// Not among the completed scans that others are compared with.
    #[serde(default)]
    pub(crate) narrowed: bool,
    /// Pieces of automatic evidence; none until it completes.
    #[serde(default)]
    pub(crate) evidence: u64,
    /// Targets of a completed scan that it was not held against the baselines of yet.
    #[serde(default)]
    pub(crate) uncompared: Vec<Fixed<16>>,
    /// How many drifts it saw, of all its targets; none until it was held against a baseline.
    #[serde(default)]
    pub(crate) drifts: Option<u64>,
}

/// Words stand for the enums.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct AboutRecord {
    name: String,
    scan_type: String,
    trigger: String,
    environment: String,
    audit_name: Option<String>,
    policy: Option<Fixed<16>>,
    targets: Vec<Fixed<16>>,
    frameworks: Vec<String>,
    cloud_providers: Vec<String>,
    #[serde(default)]
    schedule: Option<Fixed<16>>,
    #[serde(default)]
    notifications: ScanNotificationsRecord,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum StatusRecord {
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CoverageRecord {
    evaluated: u64,
    evaluable: u64,
    tasks_done: u64,
    tasks: u64,
}

/// The figures a list of scans shows, so that it need not open the summaries.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct FiguresRecord {
    resources: u64,
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    informational: u64,
    muted: u64,
    score: Option<f64>,
    delta: Option<DeltaRecord>,
    #[serde(default)]
    controls: u64,
    #[serde(default)]
    passed_controls: u64,
    #[serde(default)]
    failed_controls: u64,
    #[serde(default)]
    signatures: Option<SignaturesRecord>,
    #[serde(default)]
    effort_minutes: u64,
}

impl NamedRecord for ScanRecord {
    const VERSION: u8 = 1;
}

impl ScanRecord {
    pub(crate) fn new(scan: &NewScan, number: u64) -> ScanRecord {
        ScanRecord {
            status: StatusRecord::Pending,
            target: scan.target.clone(),
            provider: scan.provider.clone(),
            created_at: scan.created_at.clone(),
            started_at: None,
            completed_at: None,
            status_reason: None,
            previous: scan.previous.map(Fixed),
            coverage: CoverageRecord::default(),
            scope_key: Fixed(scan.scope_key),
            catalogue: None,
            tasks: 0,
            gaps: 0,
            resolved: 0,
            figures: None,
            tenant: Some(Fixed(scan.tenant)),
            number,
            about: AboutRecord::from(&scan.about),
            narrowed: scan.narrowed,
            evidence: 0,
            uncompared: Vec::new(),
            drifts: None,
        }
    }

    /// What completing it leaves to be done.
    pub(crate) fn leave_comparisons(&mut self) {
        self.uncompared.clone_from(&self.about.targets);
    }

    pub(crate) fn status(&self) -> ScanStatus {
        match self.status {
            StatusRecord::Pending => ScanStatus::Pending,
            StatusRecord::Running => ScanStatus::Running,
            StatusRecord::Completed => ScanStatus::Completed,
            StatusRecord::Failed => ScanStatus::Failed,
            StatusRecord::Cancelled => ScanStatus::Cancelled,
        }
    }

    /// For the one function that changes a status.
    pub(crate) fn set_status(&mut self, status: ScanStatus) {
        self.status = match status {
            ScanStatus::Pending => StatusRecord::Pending,
            ScanStatus::Running => StatusRecord::Running,
            ScanStatus::Completed => StatusRecord::Completed,
            ScanStatus::Failed => StatusRecord::Failed,
            ScanStatus::Cancelled => StatusRecord::Cancelled,
        };
    }

    pub(crate) fn scan(&self, id: &ScanId) -> Scan {
        Scan {
            id: *id,
            tenant: self.tenant.map_or(plumb_model::tenant::DEFAULT, |tenant| tenant.0),
            number: self.number,
            about: About::from(&self.about),
            status: self.status(),
            target: self.target.clone(),
            provider: self.provider.clone(),
            created_at: self.created_at.clone(),
            started_at: self.started_at.clone(),
            completed_at: self.completed_at.clone(),
            status_reason: self.status_reason.clone(),
            previous: self.previous.map(|id| id.0),
            coverage: self.coverage.into(),
        }
    }
}

impl From<Coverage> for CoverageRecord {
    fn from(coverage: Coverage) -> CoverageRecord {
        CoverageRecord {
            evaluated: coverage.evaluated,
            evaluable: coverage.evaluable,
            tasks_done: coverage.tasks_done,
            tasks: coverage.tasks,
        }
    }
}

impl From<CoverageRecord> for Coverage {
    fn from(record: CoverageRecord) -> Coverage {
        Coverage {
            evaluated: record.evaluated,
            evaluable: record.evaluable,
            tasks_done: record.tasks_done,
            tasks: record.tasks,
        }
    }
}

impl From<Figures> for FiguresRecord {
    fn from(figures: Figures) -> FiguresRecord {
        let [critical, high, medium, low, informational] = figures.violations;
        FiguresRecord {
            resources: figures.resources,
            critical,
            high,
            medium,
            low,
            informational,
            muted: figures.muted,
            score: figures.score,
            delta: figures.delta.map(Into::into),
            controls: figures.controls,
            passed_controls: figures.passed_controls,
            failed_controls: figures.failed_controls,
            signatures: figures.signatures.map(Into::into),
            effort_minutes: figures.effort_minutes,
        }
    }
}

impl From<FiguresRecord> for Figures {
    fn from(record: FiguresRecord) -> Figures {
        Figures {
            resources: record.resources,
            violations: [record.critical, record.high, record.medium, record.low, record.informational],
            muted: record.muted,
            score: record.score,
            delta: record.delta.map(Into::into),
            controls: record.controls,
            passed_controls: record.passed_controls,
            failed_controls: record.failed_controls,
            signatures: record.signatures.map(Into::into),
            effort_minutes: record.effort_minutes,
        }
    }
}

impl From<&About> for AboutRecord {
    fn from(about: &About) -> AboutRecord {
        AboutRecord {
            name: about.name.clone(),
            scan_type: about.scan_type.as_str().to_owned(),
            trigger: about.trigger.as_str().to_owned(),
            environment: about.environment.clone(),
            audit_name: about.audit_name.clone(),
            policy: about.policy.map(Fixed),
            targets: about.targets.iter().copied().map(Fixed).collect(),
            frameworks: about.frameworks.clone(),
            cloud_providers: about.cloud_providers.clone(),
            schedule: about.schedule.map(Fixed),
            notifications: (&about.notifications).into(),
        }
    }
}

impl From<&AboutRecord> for About {
    /// A word from a later program counts as the first of its kind.
    fn from(record: &AboutRecord) -> About {
        let scan_type = ScanType::ALL.into_iter().find(|known| known.as_str() == record.scan_type);
        let trigger = Trigger::ALL.into_iter().find(|known| known.as_str() == record.trigger);
        About {
            name: record.name.clone(),
            scan_type: scan_type.unwrap_or_default(),
            trigger: trigger.unwrap_or_default(),
            environment: record.environment.clone(),
            audit_name: record.audit_name.clone(),
            policy: record.policy.map(|id| id.0),
            targets: record.targets.iter().map(|id| id.0).collect(),
            frameworks: record.frameworks.clone(),
            cloud_providers: record.cloud_providers.clone(),
            schedule: record.schedule.map(|id| id.0),
            notifications: (&record.notifications).into(),
        }
    }
}
