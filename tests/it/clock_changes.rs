//! The real program while the clocks of a zone are changed, under libfaketime: only the wall clock is another, timers run as they do.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::Plumb;
use crate::schedules::Case;
use crate::service::Service;

/// A change of the clocks, and a schedule that it touches.
struct Change {
    zone: &'static str,
    /// An expression that means one time of that day, which comes not at all or twice.
    cron: &'static str,
    /// When it is to fire.
    fires: &'static str,
    /// When it would fire if the change were not thought of.
    not_again: &'static str,
}

/// The library, as it is named, else where Debian has it.
pub(crate) fn faketime() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PLUMB_FAKETIME") {
        return Some(named.into());
    }
    let architectures = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    architectures.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists())
}

/// The wall clock of a program that was started with a file of it.
struct Clock(PathBuf);

impl Clock {
    /// Sets the clock to some seconds before a time; it goes on from there.
    fn set(&self, seconds_before: i64, time: &str) {
        let time: Timestamp = time.parse().unwrap();
        let offset = time.as_second() - seconds_before - Timestamp::now().as_second();
        let beside = self.0.with_extension("next");
        std::fs::write(&beside, format!("{offset:+}")).unwrap();
        std::fs::rename(beside, &self.0).unwrap();
    }

    fn start(&self, library: &Path, plumb: &Plumb) -> Service {
        let preload = format!("LD_PRELOAD={}", library.display());
        let file = format!("FAKETIME_TIMESTAMP_FILE={}", self.0.display());
        let under = ["env", &preload, &file, "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"];
        Service::start_under(plumb, &under, &[])
    }
}

/// Sets the clock to shortly before a time, and waits until the schedules have been attended to at that time: a schedule of every
/// minute, which begins anew then, has fired, and an order by hand has waited for the others of that look.
fn pass(case: &Case, clock: &Clock, time: &str) {
    clock.set(2, time);
    let made = case.post("/v1/scans/schedules", &schedule("marker", "* * * * *", "UTC"), 201);
    let path = format!("/v1/scans/schedules/{}", made["id"].as_str().unwrap());
    case.until(&path, has_dealt_with(time));
    case.post(&format!("{path}/run"), &Value::Null, 201);
}

fn schedule(name: &str, cron: &str, zone: &str) -> Value {
    json!({
        "name": name,
        "schedule": {"cron": cron, "timezone": zone},
        "scan_config": {"scan_type": "full", "environment": "production", "cloud_providers": ["aws"]},
        "overlap": "queue",
    })
}

fn has_dealt_with(slot: &str) -> impl Fn(&Value) -> bool {
    move |schedule| schedule["last_run"]["slot"].as_str().is_some_and(|dealt_with| dealt_with >= slot)
}

fn fires_once(change: &Change) {
    let Some(library) = faketime() else {
        eprintln!(
            "skipped: there is no libfaketime; install it (Debian: apt install libfaketime), or name it in PLUMB_FAKETIME"
        );
        return;
    };
    let plumb = Plumb::new();
    let clock = Clock(plumb.path("clock"));
    // Long before, for a start that takes long.
    clock.set(3_600, change.fires);
    let case = Case::with(plumb, |plumb| clock.start(&library, plumb));
    clock.set(5, change.fires);
    let made = case.post("/v1/scans/schedules", &schedule("once", change.cron, change.zone), 201);
    let path = format!("/v1/scans/schedules/{}", made["id"].as_str().unwrap());
    assert_eq!(made["next_runs"][0], change.fires, "{made}");
    let fired = case.until(&path, has_dealt_with(change.fires));
    assert_eq!(fired["last_run"]["slot"], change.fires, "{fired}");
    assert!(fired["last_run"]["fired_at"].as_str().unwrap() >= change.fires, "{fired}");

    // On to the time that it must not take for its own, then back and past its own again.
    pass(&case, &clock, change.not_again);
    pass(&case, &clock, change.fires);

    let after = case.get(&path);
    assert_eq!(after["last_run"], fired["last_run"], "it fired again");
    let scans = case.get("/v1/scans?limit=100");
    let own = scans["scans"].as_array().unwrap().iter().filter(|scan| scan["name"] == "once").count();
    assert_eq!(own, 1, "{scans}");
    case.service.stop();
}

#[test]
fn a_time_that_berlin_leaves_out_in_spring_fires_once_after_the_gap() {
    fires_once(&Change {
        zone: "Europe/Berlin",
        cron: "30 2 * * *",
        fires: "2026-03-29T01:00:00.000Z",
        not_again: "2026-03-29T01:30:00.000Z",
    });
}

#[test]
fn a_time_that_new_york_leaves_out_in_spring_fires_once_after_the_gap() {
    fires_once(&Change {
        zone: "America/New_York",
        cron: "30 2 * * *",
        fires: "2026-03-08T07:00:00.000Z",
        not_again: "2026-03-08T07:30:00.000Z",
    });
}

#[test]
fn a_time_that_berlin_has_twice_in_autumn_fires_the_first_time() {
    fires_once(&Change {
        zone: "Europe/Berlin",
        cron: "30 2 * * *",
        fires: "2026-10-25T00:30:00.000Z",
        not_again: "2026-10-25T01:30:00.000Z",
    });
}

#[test]
fn a_time_that_new_york_has_twice_in_autumn_fires_the_first_time() {
    fires_once(&Change {
        zone: "America/New_York",
        cron: "30 1 * * *",
        fires: "2026-11-01T05:30:00.000Z",
        not_again: "2026-11-01T06:30:00.000Z",
    });
}
