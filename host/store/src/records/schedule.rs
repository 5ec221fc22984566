//! Schedules.

use std::time::Duration;

use plumb_model::notification::ScanNotifications;
use plumb_model::scan::{ScanType, Trigger};
use plumb_model::schedule::{
    EventTrigger, Overlap, ScanConfig, ScanScope, Schedule, ScheduleId, ScheduleState, Timing,
};
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ScheduleRecord {
    pub(crate) number: u64,
    name: String,
    description: String,
    timing: Option<TimingRecord>,
    triggers: Vec<TriggerRecord>,
    config: ConfigRecord,
    overlap: OverlapRecord,
    notifications: ScanNotificationsRecord,
    pub(crate) enabled: bool,
    pub(crate) created_at: String,
    updated_at: String,
    pub(crate) armed_at: String,
    pub(crate) secret_version: u32,
    pub(crate) state: StateRecord,
}

impl NamedRecord for ScheduleRecord {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TimingRecord {
    cron: String,
    timezone: String,
}

#[derive(Debug, Serialize, Deserialize)]
enum TriggerRecord {
    Manual,
    ResourceChange,
    PolicyUpdate,
    ComplianceDrift { score_fall: f64 },
    Webhook,
}

#[derive(Debug, Serialize, Deserialize)]
enum OverlapRecord {
    Skip,
    Queue,
    Cancel,
}

/// Words stand for the enums.
#[derive(Debug, Serialize, Deserialize)]
struct ConfigRecord {
    scan_type: String,
    environment: String,
    cloud_providers: Vec<String>,
    frameworks: Vec<String>,
    include_policies: Vec<String>,
    exclude_policies: Vec<String>,
    include_resources: Vec<String>,
    exclude_resources: Vec<String>,
    audit_name: Option<String>,
    timeout_seconds: Option<u64>,
    serial: bool,
}

/// What a scan's record holds of it too.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ScanNotificationsRecord {
    on_completion: bool,
    on_failure: bool,
    channels: Vec<String>,
}

/// Words stand for the enums.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct StateRecord {
    pub(crate) last_slot: Option<String>,
    pub(crate) last_fired_at: Option<String>,
    pub(crate) last_trigger: Option<String>,
    pub(crate) last_scan: Option<Fixed<16>>,
    pub(crate) last_problem: Option<String>,
    pub(crate) queued: Option<String>,
    seen_resources: Option<Fixed<32>>,
    seen_policies: Option<Fixed<32>>,
}

impl From<&Schedule> for ScheduleRecord {
    fn from(schedule: &Schedule) -> ScheduleRecord {
        let Schedule { number, name, description, timing, triggers, config, overlap, .. } = schedule.clone();
        ScheduleRecord {
            number,
            name,
            description,
            timing: timing.map(|Timing { cron, timezone }| TimingRecord { cron, timezone }),
            triggers: triggers.into_iter().map(Into::into).collect(),
            config: config.into(),
            overlap: match overlap {
                Overlap::Skip => OverlapRecord::Skip,
                Overlap::Queue => OverlapRecord::Queue,
                Overlap::Cancel => OverlapRecord::Cancel,
            },
            notifications: (&schedule.notifications).into(),
            enabled: schedule.enabled,
            created_at: schedule.created_at.clone(),
            updated_at: schedule.updated_at.clone(),
            armed_at: schedule.armed_at.clone(),
            secret_version: schedule.secret_version,
            state: (&schedule.state).into(),
        }
    }
}

impl ScheduleRecord {
    /// Whether both fire at the same times.
    pub(crate) fn same_timing(&self, other: &ScheduleRecord) -> bool {
        self.timing == other.timing
    }

    pub(crate) fn schedule(self, tenant: &TenantId, id: &ScheduleId) -> Schedule {
        Schedule {
            id: *id,
            tenant: *tenant,
            number: self.number,
            name: self.name,
            description: self.description,
            timing: self.timing.map(|TimingRecord { cron, timezone }| Timing { cron, timezone }),
            triggers: self.triggers.into_iter().map(Into::into).collect(),
            config: self.config.into(),
            overlap: match self.overlap {
                OverlapRecord::Skip => Overlap::Skip,
                OverlapRecord::Queue => Overlap::Queue,
                OverlapRecord::Cancel => Overlap::Cancel,
            },
            notifications: (&self.notifications).into(),
            enabled: self.enabled,
            created_at: self.created_at,
            updated_at: self.updated_at,
            armed_at: self.armed_at,
            secret_version: self.secret_version,
            state: self.state.into(),
        }
    }
}

impl From<EventTrigger> for TriggerRecord {
    fn from(trigger: EventTrigger) -> TriggerRecord {
        match trigger {
            EventTrigger::Manual => TriggerRecord::Manual,
            EventTrigger::ResourceChange => TriggerRecord::ResourceChange,
            EventTrigger::PolicyUpdate => TriggerRecord::PolicyUpdate,
            EventTrigger::ComplianceDrift { score_fall } => TriggerRecord::ComplianceDrift { score_fall },
            EventTrigger::Webhook => TriggerRecord::Webhook,
        }
    }
}

impl From<TriggerRecord> for EventTrigger {
    fn from(record: TriggerRecord) -> EventTrigger {
        match record {
            TriggerRecord::Manual => EventTrigger::Manual,
            TriggerRecord::ResourceChange => EventTrigger::ResourceChange,
            TriggerRecord::PolicyUpdate => EventTrigger::PolicyUpdate,
            TriggerRecord::ComplianceDrift { score_fall } => EventTrigger::ComplianceDrift { score_fall },
            TriggerRecord::Webhook => EventTrigger::Webhook,
        }
    }
}

impl From<ScanConfig> for ConfigRecord {
    fn from(config: ScanConfig) -> ConfigRecord {
        let ScanScope { include_policies, exclude_policies, include_resources, exclude_resources } = config.scope;
        ConfigRecord {
            scan_type: config.scan_type.as_str().to_owned(),
            environment: config.environment,
            cloud_providers: config.cloud_providers,
            frameworks: config.frameworks,
            include_policies,
            exclude_policies,
            include_resources,
            exclude_resources,
            audit_name: config.audit_name,
            timeout_seconds: config.timeout.map(|timeout| timeout.as_secs()),
            serial: config.serial,
        }
    }
}

impl From<ConfigRecord> for ScanConfig {
    /// A word from a later program counts as the first of its kind.
    fn from(record: ConfigRecord) -> ScanConfig {
        let scan_type = ScanType::ALL.into_iter().find(|known| known.as_str() == record.scan_type);
        ScanConfig {
            scan_type: scan_type.unwrap_or_default(),
            environment: record.environment,
            cloud_providers: record.cloud_providers,
            frameworks: record.frameworks,
            scope: ScanScope {
                include_policies: record.include_policies,
                exclude_policies: record.exclude_policies,
                include_resources: record.include_resources,
                exclude_resources: record.exclude_resources,
            },
            audit_name: record.audit_name,
            timeout: record.timeout_seconds.map(Duration::from_secs),
            serial: record.serial,
        }
    }
}

impl From<&ScanNotifications> for ScanNotificationsRecord {
    fn from(wanted: &ScanNotifications) -> ScanNotificationsRecord {
        let ScanNotifications { on_completion, on_failure, channels } = wanted.clone();
        ScanNotificationsRecord { on_completion, on_failure, channels }
    }
}

impl From<&ScanNotificationsRecord> for ScanNotifications {
    fn from(record: &ScanNotificationsRecord) -> ScanNotifications {
        let ScanNotificationsRecord { on_completion, on_failure, channels } = record.clone();
        ScanNotifications { on_completion, on_failure, channels }
    }
}

impl From<&ScheduleState> for StateRecord {
    fn from(state: &ScheduleState) -> StateRecord {
        let word = |trigger: Option<Trigger>| trigger.map(|trigger| trigger.as_str().to_owned());
        StateRecord {
            last_slot: state.last_slot.clone(),
            last_fired_at: state.last_fired_at.clone(),
            last_trigger: word(state.last_trigger),
            last_scan: state.last_scan.map(Fixed),
            last_problem: state.last_problem.clone(),
            queued: word(state.queued),
            seen_resources: state.seen_resources.map(Fixed),
            seen_policies: state.seen_policies.map(Fixed),
        }
    }
}

impl From<StateRecord> for ScheduleState {
    fn from(record: StateRecord) -> ScheduleState {
        let known =
            |word: Option<String>| word.and_then(|word| Trigger::ALL.into_iter().find(|known| known.as_str() == word));
        ScheduleState {
            last_slot: record.last_slot,
            last_fired_at: record.last_fired_at,
            last_trigger: known(record.last_trigger),
            last_scan: record.last_scan.map(|id| id.0),
            last_problem: record.last_problem,
            queued: known(record.queued),
            seen_resources: record.seen_resources.map(|digest| digest.0),
            seen_policies: record.seen_policies.map(|digest| digest.0),
        }
    }
}
