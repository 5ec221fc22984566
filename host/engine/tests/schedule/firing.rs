//! When schedules order scans.

use plumb_model::scan::{ScanStatus, Trigger};
use plumb_model::schedule::{EventTrigger, Overlap, Schedule, Timing};
use plumb_model::tenant::DEFAULT;

use super::fixture::{Bench, running, waiting};

#[tokio::test]
async fn a_time_fires_once_whichever_way_the_clock_is_set_and_however_often_the_program_begins_anew() {
    let mut bench = Bench::new(waiting()).await;
    bench.keep(Schedule { overlap: Overlap::Cancel, ..bench.hourly() });
    let count = |bench: &Bench| bench.scans().len();
    bench.look().await;
    assert_eq!(count(&bench), 0, "what was before the schedule does not count");
    bench.set_clock("2026-11-21T11:00:00Z");
    for _ in 0..3 {
        bench.look().await;
    }
    assert_eq!(count(&bench), 1);
    let head = bench.scans().remove(0);
    assert_eq!((head.scan.about.trigger, head.scan.about.schedule), (Trigger::Schedule, Some([7; 16])));
    assert_eq!((head.scan.about.name.as_str(), bench.state().last_scan), ("hourly", Some(head.scan.id)));
    for time in ["2026-11-21T10:59:59Z", "2026-11-21T11:00:00Z", "2026-11-21T09:00:00Z", "2026-11-21T11:30:00Z"] {
        bench.set_clock(time);
        bench.look().await;
        bench.restart(waiting()).await;
        bench.look().await;
        assert_eq!(count(&bench), 1, "{time}");
    }
    bench.set_clock("2026-11-21T12:00:00Z");
    bench.look().await;
    assert_eq!(count(&bench), 2);
    assert!(bench.ledger.check().unwrap().is_sound());
}

#[tokio::test]
async fn after_a_standstill_only_the_last_time_that_passed_fires() {
    let mut bench = Bench::new(waiting()).await;
    bench.keep(bench.hourly());
    bench.set_clock("2026-11-24T15:20:00Z");
    bench.restart(waiting()).await;
    bench.look().await;
    bench.look().await;
    assert_eq!(bench.scans().len(), 1);
    assert_eq!(bench.state().last_slot.as_deref(), Some("2026-11-24T15:00:00.000Z"));
}

#[tokio::test]
async fn a_change_of_the_clock_in_the_zone_skips_no_day_and_doubles_none() {
    let bench = Bench::new(waiting()).await;
    bench.set_clock("2026-10-23T12:00:00Z");
    let timing = Timing { cron: "30 2 * * *".into(), timezone: "Europe/Berlin".into() };
    bench.keep(Schedule { timing: Some(timing), overlap: Overlap::Cancel, ..bench.hourly() });
    let mut fired = Vec::new();
    for minute in 0..4 * 24 * 60 / 10 {
        bench.set_clock("2026-10-23T12:00:00Z");
        bench.pass(minute * 600);
        bench.look().await;
        fired.extend(bench.state().last_slot);
        fired.dedup();
    }
    assert_eq!(
        fired,
        [
            "2026-10-24T00:30:00.000Z",
            "2026-10-25T00:30:00.000Z",
            "2026-10-26T01:30:00.000Z",
            "2026-10-27T01:30:00.000Z"
        ]
    );
    assert_eq!(bench.scans().len(), 4);
}

#[tokio::test]
async fn a_schedule_whose_scan_has_not_ended_does_what_its_rule_says() {
    for overlap in Overlap::ALL {
        let bench = Bench::new(waiting()).await;
        bench.keep(Schedule { overlap, ..bench.hourly() });
        bench.set_clock("2026-11-21T11:00:00Z");
        bench.look().await;
        bench.set_clock("2026-11-21T12:00:00Z");
        bench.look().await;
        let statuses = |bench: &Bench| bench.scans().iter().map(|head| head.scan.status).collect::<Vec<_>>();
        let state = bench.state();
        assert_eq!(state.last_slot.as_deref(), Some("2026-11-21T12:00:00.000Z"), "{overlap}");
        match overlap {
            Overlap::Skip => {
                assert_eq!(statuses(&bench), [ScanStatus::Pending]);
                assert!(state.last_problem.unwrap().contains("had not ended") && state.queued.is_none());
            }
            Overlap::Queue => {
                assert_eq!((statuses(&bench), state.queued), (vec![ScanStatus::Pending], Some(Trigger::Schedule)));
                let first = bench.scans().remove(0).scan.id;
                bench.service.cancel(&DEFAULT, &first).await.unwrap();
                bench.look().await;
                assert_eq!(statuses(&bench), [ScanStatus::Cancelled, ScanStatus::Pending]);
                assert_eq!(bench.state().queued, None);
            }
            Overlap::Cancel => assert_eq!(statuses(&bench), [ScanStatus::Cancelled, ScanStatus::Pending]),
        }
    }
}

#[tokio::test]
async fn a_disabled_schedule_does_not_fire_and_begins_anew_when_it_is_enabled() {
    let bench = Bench::new(waiting()).await;
    let schedule = bench.keep(Schedule { enabled: false, ..bench.hourly() });
    bench.set_clock("2026-11-21T11:00:00Z");
    bench.look().await;
    assert_eq!(bench.scans().len(), 0);
    bench.set_clock("2026-11-21T11:30:00Z");
    bench.keep(Schedule { enabled: true, updated_at: "2026-11-21T11:30:00.000Z".into(), ..schedule });
    bench.look().await;
    assert_eq!(bench.scans().len(), 0, "what passed while it was disabled is over");
    bench.set_clock("2026-11-21T12:00:00Z");
    bench.look().await;
    assert_eq!(bench.scans().len(), 1);
}

#[tokio::test]
async fn an_order_that_cannot_be_carried_out_is_written_down_with_the_reason() {
    let bench = Bench::new(waiting()).await;
    let mut schedule = bench.hourly();
    schedule.config.environment = "staging".into();
    bench.keep(schedule);
    bench.set_clock("2026-11-21T11:00:00Z");
    bench.look().await;
    let state = bench.state();
    assert!(state.last_problem.unwrap().contains("environment=staging"));
    assert_eq!((state.last_slot.as_deref(), state.last_scan), (Some("2026-11-21T11:00:00.000Z"), None));
    bench.ledger.put_target(&bench.target(2, "late", "staging")).unwrap();
    bench.look().await;
    assert_eq!(bench.scans().len(), 0, "the time is over");
    bench.set_clock("2026-11-21T12:00:00Z");
    bench.look().await;
    assert_eq!((bench.scans().len(), bench.state().last_problem), (1, None));
}

#[tokio::test]
async fn a_schedule_is_run_by_hand_at_any_time_and_its_times_stay() {
    let bench = Bench::new(waiting()).await;
    let schedule = bench.keep(bench.hourly());
    let ordered = bench.scheduler.run_now(&DEFAULT, &schedule.id).await.unwrap().unwrap();
    assert_eq!((ordered.head.scan.about.trigger, bench.state().last_slot), (Trigger::Manual, None));
    assert!(bench.scheduler.run_now(&DEFAULT, &[9; 16]).await.unwrap().is_none());
    assert!(bench.scheduler.run_now(&[1; 16], &schedule.id).await.unwrap().is_none(), "another tenant's");
}

#[tokio::test]
async fn files_that_change_set_a_schedule_off_once_each_time() {
    let bench = Bench::new(running()).await;
    bench.keep(bench.triggered(EventTrigger::ResourceChange));
    bench.look().await;
    bench.look().await;
    assert_eq!(bench.scans().len(), 0, "what is seen for the first time is no change");
    bench.write(&["lake", "pond"]);
    bench.look().await;
    bench.settle().await;
    for _ in 0..3 {
        bench.look().await;
    }
    bench.settle().await;
    let scans = bench.scans();
    assert_eq!(scans.len(), 1, "{scans:?}");
    assert_eq!((scans[0].scan.about.trigger, scans[0].scan.status), (Trigger::ResourceChange, ScanStatus::Completed));
}

#[tokio::test]
async fn a_score_that_falls_sets_a_schedule_off_and_its_own_scan_sets_off_no_other() {
    let bench = Bench::new(running()).await;
    let schedule = bench.keep(bench.triggered(EventTrigger::ComplianceDrift { score_fall: 0.1 }));
    for rotated in [true, true, false] {
        bench.write_key(rotated);
        bench.scheduler.run_now(&DEFAULT, &schedule.id).await.unwrap().unwrap();
        bench.settle().await;
        bench.look().await;
        assert_eq!(bench.scans().len() > 3, !rotated, "a score that stays sets off nothing");
    }
    bench.settle().await;
    bench.look().await;
    let scans = bench.scans();
    let scores: Vec<f64> = scans.iter().map(|head| head.figures.unwrap().score.unwrap()).collect();
    let triggers: Vec<_> = scans.iter().map(|head| head.scan.about.trigger).collect();
    assert_eq!(triggers, [Trigger::Manual, Trigger::Manual, Trigger::Manual, Trigger::ComplianceDrift], "{scores:?}");
    assert!(scores[2] < scores[1], "{scores:?}");
}

#[tokio::test]
async fn plugins_that_change_set_a_schedule_off() {
    let bench = Bench::new(waiting()).await;
    let schedule = bench.keep(bench.triggered(EventTrigger::PolicyUpdate));
    bench.look().await;
    assert_eq!(bench.scans().len(), 0);
    bench.ledger.note_schedule(&DEFAULT, &schedule.id, |state| state.seen_policies = Some([1; 32])).unwrap();
    bench.look().await;
    bench.look().await;
    let triggers: Vec<_> = bench.scans().iter().map(|head| head.scan.about.trigger).collect();
    assert_eq!(triggers, [Trigger::PolicyUpdate]);
}
