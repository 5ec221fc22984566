//! What clients send.

use jiff::Timestamp;
use plumb_model::notification::Channel;
use plumb_model::schedule::cron::{Cron, zone_name};
use plumb_model::schedule::{EventTrigger, Overlap, Schedule, ScheduleId, ScheduleState, Timing};
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Detail;
use crate::time::stored;
use crate::v1::scan_config::{NAME_CHARS, Notifications, ScanConfigBody};

/// Characters of a description.
const DESCRIPTION_CHARS: usize = 2_000;

/// One of each kind.
const TRIGGERS: usize = 5;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSchedule {
    /// Also the name of its scans
    #[schema(max_length = 200, example = "Weekly Production Compliance Scan")]
    pub(crate) name: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub(crate) description: String,
    /// Left out for a schedule that waits for its triggers alone
    #[serde(default)]
    pub(crate) schedule: Option<NewTiming>,
    #[serde(default)]
    pub(crate) triggers: Vec<TriggerBody>,
    pub(crate) scan_config: ScanConfigBody,
    #[serde(default)]
    pub(crate) overlap: OverlapWord,
    #[serde(default)]
    pub(crate) notifications: Option<Notifications>,
    #[serde(default = "enabled")]
    pub(crate) enabled: bool,
}

fn enabled() -> bool {
    true
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTiming {
    /// Minute, hour, day of month, month, day of week; or a name such as `@daily`
    #[schema(max_length = 256, example = "0 6 * * 0")]
    pub(crate) cron: String,
    /// IANA name
    #[serde(default = "utc")]
    #[schema(example = "Europe/Berlin", default = "UTC")]
    pub(crate) timezone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What happens besides the clock that orders a scan.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerBody {
    #[serde(rename = "type")]
    pub(crate) kind: TriggerWord,
    /// For `compliance_drift` alone: points that a score has to fall by, above 0 and up to 100
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) score_fall: Option<f64>,
}

/// `resource_change`: files of a target changed, or a scan saw a resource of one drift. `policy_update`: the plugins that bring checks
/// and frameworks changed. `compliance_drift`: a scan of a target came out with a lower score than the one before. `webhook`: its URL
/// was called with a signed request. `manual`: nothing but being run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerWord {
    Manual,
    ResourceChange,
    PolicyUpdate,
    ComplianceDrift,
    Webhook,
}

/// What is done at a time when the schedule's scan has not ended: leave the next out, let it wait, or cancel the older.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverlapWord {
    #[default]
    Skip,
    Queue,
    Cancel,
}

impl NewSchedule {
    /// The schedule it describes, without a past; or all that is wrong, apart from what only the plugins know.
    pub(crate) fn read(
        self,
        tenant: TenantId,
        id: ScheduleId,
        channels: &[Channel],
        now: Timestamp,
    ) -> Result<Schedule, Vec<Detail>> {
        let mut problems: Vec<Detail> = Vec::new();
        let timing = self.schedule.map(|timing| timing.read(now, &mut problems));
        let config = self.scan_config.read("scan_config.", &mut problems);
        let notifications = self.notifications.unwrap_or_default().read(channels, &mut problems);
        let mut wrong = |field: &str, message: String| problems.push(Detail { field: field.to_owned(), message });
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
            wrong("name", format!("A name has 1 to {NAME_CHARS} characters, and no control characters"));
        }
        if self.description.chars().count() > DESCRIPTION_CHARS {
            wrong("description", format!("A description has up to {DESCRIPTION_CHARS} characters"));
        }
        if timing.is_none() && self.triggers.is_empty() {
            wrong("schedule", "Give a cron expression, or at least one trigger".to_owned());
        }
        let mut triggers = Vec::new();
        for (place, body) in self.triggers.iter().take(TRIGGERS + 1).enumerate() {
            match body.read() {
                Ok(trigger) => triggers.push(trigger),
                Err(message) => wrong(&format!("triggers[{place}].score_fall"), message),
            }
            if self.triggers.iter().take(place).any(|before| before.kind == body.kind) {
                wrong(&format!("triggers[{place}].type"), "There is one of this type already".to_owned());
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Schedule {
            id,
            tenant,
            number: 0,
            name: name.to_owned(),
            description: self.description,
            timing,
            triggers,
            config,
            overlap: self.overlap.into(),
            notifications,
            enabled: self.enabled,
            created_at: stored(now),
            updated_at: stored(now),
            armed_at: stored(now),
            secret_version: 0,
            state: ScheduleState::default(),
        })
    }
}

impl NewTiming {
    pub(crate) fn read(self, now: Timestamp, problems: &mut Vec<Detail>) -> Timing {
        if let Err(error) = Cron::parse(self.cron.trim(), &self.timezone, now) {
            let field = if error.is_zone() { "schedule.timezone" } else { "schedule.cron" };
            problems.push(Detail { field: field.to_owned(), message: error.to_string() });
        }
        let timezone = zone_name(&self.timezone).unwrap_or(self.timezone);
        Timing { cron: self.cron.trim().to_owned(), timezone }
    }
}

impl TriggerBody {
    fn read(self) -> Result<EventTrigger, String> {
        let trigger = match self.kind {
            TriggerWord::Manual => EventTrigger::Manual,
            TriggerWord::ResourceChange => EventTrigger::ResourceChange,
            TriggerWord::PolicyUpdate => EventTrigger::PolicyUpdate,
            TriggerWord::Webhook => EventTrigger::Webhook,
            TriggerWord::ComplianceDrift => {
                let score_fall = self.score_fall.filter(|fall| *fall > 0.0 && *fall <= 100.0);
                let score_fall = score_fall.ok_or("Say by how many points a score has to fall: above 0, up to 100")?;
                return Ok(EventTrigger::ComplianceDrift { score_fall });
            }
        };
        if self.score_fall.is_some() { Err("Only compliance_drift has it".to_owned()) } else { Ok(trigger) }
    }
}

impl From<EventTrigger> for TriggerBody {
    fn from(trigger: EventTrigger) -> TriggerBody {
        let (kind, score_fall) = match trigger {
            EventTrigger::Manual => (TriggerWord::Manual, None),
            EventTrigger::ResourceChange => (TriggerWord::ResourceChange, None),
            EventTrigger::PolicyUpdate => (TriggerWord::PolicyUpdate, None),
            EventTrigger::ComplianceDrift { score_fall } => (TriggerWord::ComplianceDrift, Some(score_fall)),
            EventTrigger::Webhook => (TriggerWord::Webhook, None),
        };
        TriggerBody { kind, score_fall }
    }
}

impl From<OverlapWord> for Overlap {
    fn from(word: OverlapWord) -> Overlap {
        match word {
            OverlapWord::Skip => Overlap::Skip,
            OverlapWord::Queue => Overlap::Queue,
            OverlapWord::Cancel => Overlap::Cancel,
        }
    }
}

impl From<Overlap> for OverlapWord {
    fn from(overlap: Overlap) -> OverlapWord {
        match overlap {
            Overlap::Skip => OverlapWord::Skip,
            Overlap::Queue => OverlapWord::Queue,
            Overlap::Cancel => OverlapWord::Cancel,
        }
    }
}
