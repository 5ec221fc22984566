//! Scans that are ordered again and again: by the clock, or because something happened.

pub mod cron;

use std::fmt;
use std::time::Duration;

use crate::notification::ScanNotifications;
use crate::scan::{ScanId, ScanType, Trigger};
use crate::tenant::TenantId;

/// UUIDv7.
pub type ScheduleId = [u8; 16];

/// Times that are shown of what is to come.
pub const UPCOMING: usize = 5;

/// A scan that is to be ordered, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub id: ScheduleId,
    pub tenant: TenantId,
    /// Counts the tenant's schedules; never given twice.
    pub number: u64,
    /// Also the name of its scans.
    pub name: String,
    pub description: String,
    /// None for a schedule that waits for its triggers alone.
    pub timing: Option<Timing>,
    pub triggers: Vec<EventTrigger>,
    pub config: ScanConfig,
    pub overlap: Overlap,
    pub notifications: ScanNotifications,
    pub enabled: bool,
    /// RFC 3339, UTC, milliseconds; so are the other times.
    pub created_at: String,
    pub updated_at: String,
    /// When it was made, enabled, or given another timing: what should have fired before does not count.
    pub armed_at: String,
    /// How often the secret of its inbound webhook was replaced.
    pub secret_version: u32,
    pub state: ScheduleState,
}

impl Schedule {
    pub fn trigger(&self, wanted: impl Fn(&EventTrigger) -> bool) -> Option<&EventTrigger> {
        self.triggers.iter().find(|trigger| wanted(trigger))
    }
}

/// When the clock orders a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Five fields, see [`cron`].
    pub cron: String,
    /// IANA name.
    pub timezone: String,
}

/// What became of a schedule so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleState {
    /// The last time of its timing that was dealt with, in whatever way. Nothing up to it fires again.
    pub last_slot: Option<String>,
    pub last_fired_at: Option<String>,
    pub last_trigger: Option<Trigger>,
    pub last_scan: Option<ScanId>,
    /// Why the last order did not become a scan; none if it did.
    pub last_problem: Option<String>,
    /// An order that waits until the schedule's running scan has ended.
    pub queued: Option<Trigger>,
    /// What `resource_change` saw last.
    pub seen_resources: Option<[u8; 32]>,
    /// What `policy_update` saw last.
    pub seen_policies: Option<[u8; 32]>,
}

/// What happens besides the clock that orders a scan.
#[derive(Clone, Debug, PartialEq)]
pub enum EventTrigger {
    /// Somebody asks for it. Every schedule can be run by hand; this says that nothing else is needed.
    Manual,
    /// The files of one of its targets have changed, or a scan saw a resource of one drift.
    ResourceChange,
    /// The plugins that bring checks and frameworks have changed.
    PolicyUpdate,
    /// A scan of one of its targets came out with a score that is lower than that of the scan before, by so many points at least.
    ComplianceDrift { score_fall: f64 },
    /// Somebody calls its URL with a signed request.
    Webhook,
}

impl EventTrigger {
    /// What its scans say of why they were made.
    pub fn trigger(&self) -> Trigger {
        match self {
            EventTrigger::Manual => Trigger::Manual,
            EventTrigger::ResourceChange => Trigger::ResourceChange,
            EventTrigger::PolicyUpdate => Trigger::PolicyUpdate,
            EventTrigger::ComplianceDrift { .. } => Trigger::ComplianceDrift,
            EventTrigger::Webhook => Trigger::Webhook,
        }
    }
}

/// What is done when a scan of the schedule still waits or runs at the time of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// The next is left out.
    #[default]
    Skip,
    /// The next begins when the one before has ended; there is at most one that waits so.
    Queue,
    /// The one before is cancelled.
    Cancel,
}

impl Overlap {
    pub const ALL: [Overlap; 3] = [Overlap::Skip, Overlap::Queue, Overlap::Cancel];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Overlap::Skip => "skip",
            Overlap::Queue => "queue",
            Overlap::Cancel => "cancel",
        }
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a schedule scans, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanConfig {
    pub scan_type: ScanType,
    /// The label of the targets.
    pub environment: String,
    /// Clouds, or names of providers.
    pub cloud_providers: Vec<String>,
    /// Ids, or names such as `soc2`; none means all that fit.
    pub frameworks: Vec<String>,
    pub scope: ScanScope,
    pub audit_name: Option<String>,
    pub timeout: Option<Duration>,
    /// Tasks run one after the other.
    pub serial: bool,
}

/// Globs; what is excluded wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanScope {
    pub include_policies: Vec<String>,
    pub exclude_policies: Vec<String>,
    pub include_resources: Vec<String>,
    pub exclude_resources: Vec<String>,
}
