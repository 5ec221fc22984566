//! One scan and its figures.

use std::collections::BTreeMap;
use std::fmt;

use crate::check::{Check, Severity};
use crate::delta::{DeltaCounts, SignatureFigures};
use crate::framework::{ControlStatus, FrameworkResult, score};
use crate::notification::ScanNotifications;
use crate::outcome::{ControlRef, Verdict};
use crate::schedule::ScheduleId;
use crate::target::{PolicyId, TargetId};
use crate::tenant::TenantId;

/// UUIDv7.
pub type ScanId = [u8; 16];

/// Where a scan stands. [`ScanStatus::may_become`] is the only table of moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanStatus {
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl ScanStatus {
    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            ScanStatus::Pending => "pending",
            ScanStatus::Running => "running",
            ScanStatus::Completed => "completed",
            ScanStatus::Failed => "failed",
            ScanStatus::Cancelled => "cancelled",
        }
    }

    /// Whether the scan has ended.
    pub fn is_terminal(self) -> bool {
        matches!(self, ScanStatus::Completed | ScanStatus::Failed | ScanStatus::Cancelled)
    }

    /// Whether the move is allowed. Terminal states are left only by resuming a scan that was stopped or broke.
    pub fn may_become(self, next: ScanStatus) -> bool {
        use ScanStatus::{Cancelled, Completed, Failed, Pending, Running};
        matches!(
            (self, next),
            (Pending, Running | Cancelled | Failed)
                | (Running, Completed | Failed | Cancelled)
                | (Cancelled | Failed, Running)
        )
    }
}

impl fmt::Display for ScanStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was evaluated of what could have been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Outcomes other than not-evaluated.
    pub evaluated: u64,
    /// Outcomes that should have been reached.
    pub evaluable: u64,
    /// Tasks that were done whole.
    pub tasks_done: u64,
    pub tasks: u64,
}

impl Coverage {
    /// Per cent, one decimal, rounded down so that 100.0 means all of it: the share of outcomes reached times the share of tasks
    /// done whole, because nobody knows how many outcomes a broken task hid.
    #[allow(clippy::cast_precision_loss)]
    pub fn percent(&self) -> f64 {
        let share = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        (1000.0 * share(self.evaluated, self.evaluable) * share(self.tasks_done, self.tasks)).floor() / 10.0
    }
}

/// What a scan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScanType {
    /// Everything is looked at.
    #[default]
    Full,
    /// Everything is looked at; only what changed is evaluated again.
    Incremental,
    /// Only the checks, controls and frameworks of the scope.
    PolicySpecific,
    /// Only the resources of the scope.
    ResourceSpecific,
    /// Against the baselines.
    Drift,
}

impl ScanType {
    pub const ALL: [ScanType; 5] =
        [ScanType::Full, ScanType::Incremental, ScanType::PolicySpecific, ScanType::ResourceSpecific, ScanType::Drift];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            ScanType::Full => "full",
            ScanType::Incremental => "incremental",
            ScanType::PolicySpecific => "policy_specific",
            ScanType::ResourceSpecific => "resource_specific",
            ScanType::Drift => "drift",
        }
    }
}

/// Why a scan was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// Somebody asked for it.
    #[default]
    Manual,
    Schedule,
    Webhook,
    ResourceChange,
    PolicyUpdate,
    ComplianceDrift,
}

impl Trigger {
    pub const ALL: [Trigger; 6] = [
        Trigger::Manual,
        Trigger::Schedule,
        Trigger::Webhook,
        Trigger::ResourceChange,
        Trigger::PolicyUpdate,
        Trigger::ComplianceDrift,
    ];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Trigger::Manual => "manual",
            Trigger::Schedule => "schedule",
            Trigger::Webhook => "webhook",
            Trigger::ResourceChange => "resource_change",
            Trigger::PolicyUpdate => "policy_update",
            Trigger::ComplianceDrift => "compliance_drift",
        }
    }
}

/// What people find a scan by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Empty if nobody gave one.
    pub name: String,
    pub scan_type: ScanType,
    pub trigger: Trigger,
    /// Empty if the scan is of no one environment.
    pub environment: String,
    pub audit_name: Option<String>,
    /// None for a scan of files or accounts that are no stored targets.
    pub policy: Option<PolicyId>,
    pub targets: Vec<TargetId>,
    /// As asked for; empty for all that fit.
    pub frameworks: Vec<String>,
    /// Families of clouds, for example `aws`; as asked for.
    pub cloud_providers: Vec<String>,
    /// The schedule that ordered it.
    pub schedule: Option<ScheduleId>,
    /// What whoever ordered it wants to be told.
    pub notifications: ScanNotifications,
}

/// A scan as its record says.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    pub id: ScanId,
    pub tenant: TenantId,
    /// Counts the tenant's scans; never given twice. Zero in records from before scans had one.
    pub number: u64,
    pub about: About,
    pub status: ScanStatus,
    /// How the user named it: `terraform infra/`.
    pub target: String,
    /// The provider plugin's id.
    pub provider: String,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    pub started_at: Option<String>,
    pub completed_at: Option<String>,
    /// Why it failed or was cancelled.
    pub status_reason: Option<String>,
    /// The previous completed scan of the same target, frameworks and checks.
    pub previous: Option<ScanId>,
    pub coverage: Coverage,
}

/// The figures of a scan, fixed when it ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub resources: u64,
    /// Failures that are not muted.
    pub violations_by_severity: BTreeMap<Severity, u64>,
    /// Muted failures count as failures here and in `muted`.
    pub outcomes_by_verdict: BTreeMap<Verdict, u64>,
    pub muted: u64,
    pub frameworks: Vec<FrameworkResult>,
    /// None where there is nothing to compare with.
    pub delta: Option<DeltaCounts>,
    /// Outcomes reached by running a check in this scan.
    pub evaluated_now: u64,
    /// Outcomes taken over because plugin, check and resource were the same before.
    pub reused: u64,
    /// None in records from before it was counted.
    pub signatures: Option<SignatureFigures>,
    /// What mending all violations takes by the checks' own estimate, in minutes of a person's work.
    pub effort_minutes: u64,
}

impl Summary {
    /// Over the controls of all frameworks.
    pub fn score(&self) -> Option<f64> {
        score(self.controls(ControlStatus::Pass), self.controls(ControlStatus::Fail))
    }

    /// Controls of all frameworks that came out in one way.
    pub fn controls(&self, status: ControlStatus) -> u64 {
        self.frameworks.iter().map(|framework| framework.count(status)).sum()
    }

    /// Failures that are not muted.
    pub fn violations(&self) -> u64 {
        self.violations_by_severity.values().sum()
    }
}

/// The checks and frameworks a scan ran with, kept with it so that its record stays readable without the plugins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// By id.
    pub checks: BTreeMap<String, Check>,
    /// Check id → the controls it counts for.
    pub controls: BTreeMap<String, Vec<ControlRef>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_whole_only_when_everything_was_reached() {
        let coverage = Coverage { evaluated: 99_999, evaluable: 100_000, tasks_done: 1, tasks: 1 };
        assert!(coverage.percent() < 100.0);
        let broken = Coverage { evaluated: 10, evaluable: 10, tasks_done: 1, tasks: 2 };
        assert!((broken.percent() - 50.0).abs() < f64::EPSILON);
        assert!((Coverage::default().percent() - 100.0).abs() < f64::EPSILON);
    }
}
