//! What clients are shown.

use jiff::Timestamp;
use plumb_model::schedule::cron::Cron;
use plumb_model::schedule::{Schedule, ScheduleState, UPCOMING};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{OverlapWord, TriggerBody};
use super::has_webhook;
use crate::time::stored;
use crate::v1::scan_config::{Notifications, ScanConfigBody};
use crate::views::uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleAnswer {
    id: String,
    /// The tenant's number of it.
    number: u64,
    name: String,
    description: String,
    schedule: Option<TimingAnswer>,
    triggers: Vec<TriggerBody>,
    scan_config: ScanConfigBody,
    overlap: OverlapWord,
    notifications: Notifications,
    enabled: bool,
    /// The next five times it fires; none while it is disabled.
    next_runs: Vec<String>,
    last_run: Option<LastRun>,
    /// An order waits until the schedule's scan has ended.
    waiting: bool,
    /// Where its webhook is called; null without that trigger.
    webhook_url: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct TimingAnswer {
    #[schema(example = "0 6 * * 0")]
    cron: String,
    #[schema(example = "UTC")]
    timezone: String,
}

/// The last time it fired, or should have.
#[derive(Debug, Serialize, ToSchema)]
struct LastRun {
    fired_at: Option<String>,
    #[schema(example = "schedule")]
    triggered_by: Option<&'static str>,
    scan_id: Option<String>,
    /// The last time of its cron expression that was dealt with.
    slot: Option<String>,
    /// Why the last order did not become a scan.
    problem: Option<String>,
}

impl ScheduleAnswer {
    /// `url` is how this server is reached; empty where nobody says.
    pub(crate) fn new(schedule: Schedule, now: Timestamp, url: &str) -> ScheduleAnswer {
        let id = uuid(schedule.id);
        let cron = schedule.timing.as_ref().filter(|_| schedule.enabled);
        let cron = cron.and_then(|timing| Cron::known(&timing.cron, &timing.timezone).ok());
        let upcoming = cron.map(|cron| cron.upcoming(now, UPCOMING)).unwrap_or_default();
        ScheduleAnswer {
            webhook_url: has_webhook(&schedule).then(|| format!("{url}/v1/hooks/{id}")),
            id,
            number: schedule.number,
            name: schedule.name,
            description: schedule.description,
            schedule: schedule.timing.map(|timing| TimingAnswer { cron: timing.cron, timezone: timing.timezone }),
            triggers: schedule.triggers.into_iter().map(Into::into).collect(),
            scan_config: schedule.config.into(),
            overlap: schedule.overlap.into(),
            notifications: schedule.notifications.into(),
            enabled: schedule.enabled,
            next_runs: upcoming.into_iter().map(stored).collect(),
            waiting: schedule.state.queued.is_some(),
            last_run: last_run(schedule.state),
            created_at: schedule.created_at,
            updated_at: schedule.updated_at,
        }
    }

    pub(crate) fn next_runs(&self) -> &[String] {
        &self.next_runs
    }

    pub(super) fn path(&self) -> String {
        format!("/v1/scans/schedules/{}", self.id)
    }
}

fn last_run(state: ScheduleState) -> Option<LastRun> {
    let ScheduleState { last_slot, last_fired_at, last_trigger, last_scan, last_problem, .. } = state;
    (last_slot.is_some() || last_fired_at.is_some() || last_problem.is_some()).then(|| LastRun {
        fired_at: last_fired_at,
        triggered_by: last_trigger.map(plumb_model::scan::Trigger::as_str),
        scan_id: last_scan.map(uuid),
        slot: last_slot,
        problem: last_problem,
    })
}
