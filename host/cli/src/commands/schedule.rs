//! `plumb schedule`.

mod run_now;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plumb_model::schedule::UPCOMING;
use plumb_model::schedule::cron::Cron;
use plumb_server::AdminCommand;
use serde_json::{Value, json};

use crate::administer::administer;
use crate::arguments::{Common, NewSchedule, Schedule as Arguments};
use crate::exit::{Exit, usage};
use crate::{context, print};

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    let folder = context::data(common)?;
    match arguments {
        Arguments::Create(new) => {
            let tenant = new.of.tenant.clone();
            let made = administer(&folder, &AdminCommand::ScheduleCreate { tenant, schedule: body(&new) })?;
            print::out(print::field(&made, "id"))?;
            eprintln!("fires next at {}; a running `plumb serve` orders its scans", first(&made));
        }
        Arguments::List { of, json } => {
            let schedules = administer(&folder, &AdminCommand::ScheduleList { tenant: of.tenant })?;
            if json.json { print::json(&schedules)? } else { list(&schedules)? }
        }
        Arguments::Enable { schedule, of } => {
            let switch = AdminCommand::ScheduleSwitch { tenant: of.tenant, schedule, enabled: true };
            let enabled = administer(&folder, &switch)?;
            eprintln!("enabled {}: fires next at {}", name(&enabled), first(&enabled));
        }
        Arguments::Disable { schedule, of } => {
            let switch = AdminCommand::ScheduleSwitch { tenant: of.tenant, schedule, enabled: false };
            eprintln!("disabled {}", name(&administer(&folder, &switch)?));
        }
        Arguments::Delete { schedule, of } => {
            let deleted = administer(&folder, &AdminCommand::ScheduleDelete { tenant: of.tenant, schedule })?;
            eprintln!("deleted {}", name(&deleted));
        }
        Arguments::Run { schedule, of } => return run_now::run(common, &folder, &of.tenant, &schedule).await,
        Arguments::Next { cron, timezone } => {
            let now = Timestamp::now();
            let times = Cron::parse(&cron, &timezone, now).map_err(|error| usage(error.to_string()))?;
            let zone = TimeZone::get(&timezone).unwrap_or(TimeZone::UTC);
            for time in times.upcoming(now, UPCOMING) {
                print::out(&time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z %a").to_string())?;
            }
        }
    }
    Ok(Exit::Success)
}

/// What the API takes.
fn body(new: &NewSchedule) -> Value {
    json!({
        "name": new.name,
        "schedule": {"cron": new.cron, "timezone": new.timezone},
        "scan_config": {
            "scan_type": "full",
            "environment": new.environment,
            "cloud_providers": new.provider,
            "frameworks": new.framework,
        },
        "overlap": new.overlap.word(),
    })
}

fn list(schedules: &Value) -> anyhow::Result<()> {
    let mut table = print::table(&["id", "number", "name", "cron", "zone", "next", "last problem"]);
    for schedule in schedules.as_array().into_iter().flatten() {
        let text = |pointer: &str| schedule.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let enabled = schedule["enabled"].as_bool().unwrap_or_default();
        let next = if enabled { first(schedule).to_owned() } else { "disabled".to_owned() };
        table.add_row(print::row([
            text("/id"),
            &schedule["number"].to_string(),
            text("/name"),
            text("/schedule/cron"),
            text("/schedule/timezone"),
            &next,
            text("/last_run/problem"),
        ]));
    }
    print::out(&table.to_string())?;
    Ok(())
}

/// When it fires next.
fn first(schedule: &Value) -> &str {
    schedule.pointer("/next_runs/0").and_then(Value::as_str).unwrap_or("no time")
}

fn name(schedule: &Value) -> String {
    print::plain(print::field(schedule, "name"))
}
