//! One scan: everything a list of scans shows, and what its other rows must add up to.

use plumb_model::delta::DeltaCounts;
use plumb_model::scan::{Coverage, Scan, ScanId, ScanStatus};
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;
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
    previous: Option<Fixed<16>>,
    pub(crate) coverage: CoverageRecord,
    pub(crate) scope_key: Fixed<32>,
    pub(crate) catalogue: Option<Fixed<32>>,
    /// How many tasks the plan has.
    pub(crate) tasks: u32,
    /// Gaps of the whole scan, those of its tasks apart.
    pub(crate) gaps: u32,
    pub(crate) resolved: u64,
    pub(crate) figures: Option<FiguresRecord>,
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
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct DeltaRecord {
    new: u64,
    unchanged: u64,
    resolved: u64,
    incomparable: u64,
}

impl NamedRecord for ScanRecord {
    const VERSION: u8 = 1;
}

impl ScanRecord {
    pub(crate) fn new(scan: &NewScan) -> ScanRecord {
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
        }
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
        let Figures { resources, muted, score, .. } = figures;
        let delta = figures.delta.map(|DeltaCounts { new, unchanged, resolved, incomparable }| DeltaRecord {
            new,
            unchanged,
            resolved,
            incomparable,
        });
        FiguresRecord { resources, critical, high, medium, low, informational, muted, score, delta }
    }
}

impl From<FiguresRecord> for Figures {
    fn from(record: FiguresRecord) -> Figures {
        let FiguresRecord { resources, critical, high, medium, low, informational, muted, score, delta } = record;
        let delta = delta.map(|DeltaRecord { new, unchanged, resolved, incomparable }| DeltaCounts {
            new,
            unchanged,
            resolved,
            incomparable,
        });
        Figures { resources, violations: [critical, high, medium, low, informational], muted, score, delta }
    }
}
