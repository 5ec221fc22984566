//! Schedules, events, channels and messages.

use plumb_model::notification::{
    Channel, Delivery, DeliveryStatus, Destination, EventKind, Rule, ScanNotifications, UrlSource,
};
use plumb_model::scan::{About, ScanStatus, Trigger};
use plumb_model::schedule::{EventTrigger, Overlap, ScanConfig, Schedule, ScheduleState, Timing};
use plumb_model::tenant::DEFAULT;
use plumb_store::*;

use super::fixture::{AT, id};

const OTHER: [u8; 16] = [9; 16];
const LATER: &str = "2026-11-21T11:00:00.000Z";

fn schedule(number: u8) -> Schedule {
    Schedule {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: "nightly".into(),
        description: "every night".into(),
        timing: Some(Timing { cron: "0 2 * * *".into(), timezone: "Europe/Berlin".into() }),
        triggers: vec![EventTrigger::ComplianceDrift { score_fall: 2.5 }, EventTrigger::Webhook],
        config: ScanConfig {
            environment: "production".into(),
            cloud_providers: vec!["aws".into()],
            ..ScanConfig::default()
        },
        overlap: Overlap::Queue,
        notifications: ScanNotifications { on_completion: true, on_failure: false, channels: vec!["email".into()] },
        enabled: true,
        created_at: AT.into(),
        updated_at: AT.into(),
        armed_at: AT.into(),
        secret_version: 0,
        state: ScheduleState::default(),
    }
}

fn scan(number: u8, fired: Option<Fired>) -> NewScan {
    let about =
        About { targets: vec![[1; 16]], schedule: fired.as_ref().map(|fired| fired.schedule), ..About::default() };
    NewScan { id: id(number), about, created_at: LATER.into(), fired, ..NewScan::default() }
}

fn fired(slot: &str) -> Fired {
    Fired { schedule: [1; 16], trigger: Trigger::Schedule, slot: Some(slot.to_owned()) }
}

fn channel(number: u8, name: &str) -> Channel {
    Channel {
        id: [number; 16],
        tenant: DEFAULT,
        name: name.into(),
        destination: Destination::Webhook(UrlSource::Secret("hook".into())),
        rules: vec![Rule { events: vec![EventKind::ScanFailed], score_fall: Some(1.5), ..Rule::default() }],
        enabled: true,
        secret_version: 0,
        created_at: AT.into(),
        updated_at: AT.into(),
    }
}

fn message(number: u8) -> Delivery {
    Delivery {
        id: [number; 16],
        tenant: DEFAULT,
        channel: Some([1; 16]),
        channel_name: "ops".into(),
        event: EventKind::ScanFailed,
        scan: id(1),
        data: "{}".into(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        created_at: AT.into(),
        next_attempt_at: Some(AT.into()),
        ended_at: None,
        last_error: None,
    }
}

#[test]
fn a_schedule_comes_back_as_it_was_and_only_to_its_tenant() {
    let ledger = Ledger::memory().unwrap();
    let stored = ledger.put_schedule(&schedule(1)).unwrap();
    assert_eq!(stored, Schedule { number: 1, ..schedule(1) });
    assert_eq!(ledger.schedule(&DEFAULT, &[1; 16]).unwrap(), Some(stored.clone()));
    assert_eq!(ledger.schedules(&DEFAULT).unwrap(), [stored]);
    assert_eq!(ledger.schedule(&OTHER, &[1; 16]).unwrap(), None);
    assert_eq!(ledger.by_number(&DEFAULT, Numbered::Schedule, 1).unwrap(), Some([1; 16]));
    assert!(!ledger.delete_schedule(&OTHER, &[1; 16]).unwrap() && ledger.delete_schedule(&DEFAULT, &[1; 16]).unwrap());
    assert_eq!(ledger.put_schedule(&schedule(2)).unwrap().number, 2, "a number is never given twice");
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn a_time_becomes_one_scan_or_none() {
    let ledger = Ledger::memory().unwrap();
    ledger.put_schedule(&schedule(1)).unwrap();
    ledger.create_scan(&scan(1, Some(fired(LATER)))).unwrap();
    let again = ledger.create_scan(&scan(2, Some(fired(LATER))));
    assert!(matches!(again, Err(StoreError::FiredAlready { .. })), "{again:?}");
    assert!(ledger.create_scan(&scan(3, Some(fired(AT)))).is_err(), "an earlier time after a later one");
    assert!(ledger.scan_head(&id(2)).unwrap().is_none() && ledger.scan_head(&id(3)).unwrap().is_none());
    let state = ledger.schedule(&DEFAULT, &[1; 16]).unwrap().unwrap().state;
    assert_eq!((state.last_slot.as_deref(), state.last_scan), (Some(LATER), Some(id(1))));
    assert_eq!(ledger.scan_head(&id(1)).unwrap().unwrap().scan.about.schedule, Some([1; 16]));
    ledger.delete_schedule(&DEFAULT, &[1; 16]).unwrap();
    let gone = ledger.create_scan(&scan(4, Some(fired("2026-11-21T12:00:00.000Z"))));
    assert!(matches!(gone, Err(StoreError::NoSuchSchedule(_))), "{gone:?}");
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn another_timing_begins_anew_and_another_name_does_not() {
    let ledger = Ledger::memory().unwrap();
    ledger.put_schedule(&schedule(1)).unwrap();
    ledger.create_scan(&scan(1, Some(fired(LATER)))).unwrap();
    let renamed =
        ledger.put_schedule(&Schedule { name: "other".into(), updated_at: LATER.into(), ..schedule(1) }).unwrap();
    assert_eq!((renamed.armed_at.as_str(), renamed.state.last_slot.as_deref()), (AT, Some(LATER)));
    let timing = Some(Timing { cron: "0 3 * * *".into(), timezone: "UTC".into() });
    let moved = ledger.put_schedule(&Schedule { timing, updated_at: LATER.into(), ..schedule(1) }).unwrap();
    assert_eq!((moved.armed_at.as_str(), moved.state.last_slot), (LATER, None));
    assert_eq!(moved.state.last_scan, Some(id(1)));
}

#[test]
fn the_end_of_a_scan_is_an_event_where_somebody_waits_for_it() {
    let ledger = Ledger::memory().unwrap();
    let end = |number| {
        ledger.create_scan(&scan(number, None)).unwrap();
        ledger.transition(&id(number), ScanStatus::Cancelled, LATER, None).unwrap();
        ledger.events(10).unwrap()
    };
    assert_eq!(end(1), [], "nobody waits");
    ledger.put_channel(&channel(1, "ops")).unwrap();
    let events = end(2);
    let happened = Happened::ScanEnded { scan: id(2), kind: EventKind::ScanCancelled };
    assert_eq!(events, [Event { tenant: DEFAULT, sequence: 1, at: LATER.into(), happened }]);
    ledger.put_schedule(&schedule(1)).unwrap();
    let orders = [([1; 16], Trigger::ComplianceDrift), ([8; 16], Trigger::ComplianceDrift)];
    assert!(ledger.settle_event(&DEFAULT, 1, &[message(1)], &orders).unwrap());
    assert!(!ledger.settle_event(&DEFAULT, 1, &[message(2)], &[]).unwrap(), "it is dealt with once");
    assert_eq!(ledger.events(10).unwrap(), []);
    assert_eq!(ledger.schedule(&DEFAULT, &[1; 16]).unwrap().unwrap().state.queued, Some(Trigger::ComplianceDrift));
    let page = ledger.deliveries(&DEFAULT, DeliveryFilter::default(), 0, 10).unwrap();
    assert_eq!((page.total, page.deliveries), (1, vec![message(1)]));
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn a_message_is_in_one_place_until_it_is_forgotten() {
    let ledger = Ledger::memory().unwrap();
    ledger.put_delivery(&message(1)).unwrap();
    let later = Delivery { next_attempt_at: Some(LATER.into()), ..message(2) };
    ledger.put_delivery(&later).unwrap();
    assert_eq!(ledger.due_deliveries(AT, 10).unwrap(), (vec![message(1)], Some(LATER.to_owned())));
    assert_eq!(ledger.due_deliveries(LATER, 1).unwrap(), (vec![message(1)], None));
    let dead =
        Delivery { status: DeliveryStatus::Dead, next_attempt_at: None, ended_at: Some(AT.into()), ..message(1) };
    ledger.put_delivery(&dead).unwrap();
    assert_eq!(ledger.due_deliveries(AT, 10).unwrap().0, []);
    assert!(ledger.replay_delivery(&OTHER, &[1; 16], LATER).unwrap().is_none());
    let again = ledger.replay_delivery(&DEFAULT, &[1; 16], LATER).unwrap().unwrap();
    assert_eq!(
        (again.status, again.attempts, again.next_attempt_at.as_deref()),
        (DeliveryStatus::Pending, 0, Some(LATER))
    );
    assert!(matches!(ledger.replay_delivery(&DEFAULT, &[1; 16], LATER), Err(StoreError::NotDead { .. })));
    assert_eq!(ledger.check().unwrap().problems, []);
    ledger.put_delivery(&Delivery { status: DeliveryStatus::Delivered, ..dead }).unwrap();
    assert_eq!((ledger.prune_deliveries(AT).unwrap(), ledger.prune_deliveries(LATER).unwrap()), (0, 1));
    assert_eq!(ledger.delivery(&DEFAULT, &[1; 16]).unwrap(), None);
}

#[test]
fn messages_beyond_the_bound_are_given_up_where_it_can_be_seen() {
    let ledger = Ledger::memory().unwrap();
    ledger.put_channel(&channel(1, "ops")).unwrap();
    ledger.create_scan(&scan(1, None)).unwrap();
    ledger.transition(&id(1), ScanStatus::Failed, LATER, None).unwrap();
    let message = |number: u32| {
        let mut id = [0; 16];
        id[12..].copy_from_slice(&number.to_be_bytes());
        Delivery { id, ..message(1) }
    };
    let messages: Vec<Delivery> = (0..1_003).map(message).collect();
    ledger.settle_event(&DEFAULT, 1, &messages, &[]).unwrap();
    let of =
        |status| ledger.deliveries(&DEFAULT, DeliveryFilter { status: Some(status), channel: None }, 0, 1).unwrap();
    assert_eq!((of(DeliveryStatus::Pending).total, of(DeliveryStatus::Dead).total), (1_000, 3));
    assert!(of(DeliveryStatus::Dead).deliveries[0].last_error.as_deref().unwrap().contains("on their way"));
}

#[test]
fn a_channel_keeps_its_secret_and_its_name_is_its_own() {
    let ledger = Ledger::memory().unwrap();
    assert_eq!(ledger.put_channel(&channel(1, "ops")).unwrap(), channel(1, "ops"));
    assert!(matches!(ledger.put_channel(&channel(2, "ops")), Err(StoreError::NameTaken(_))));
    let renewed = ledger.renew_channel_secret(&DEFAULT, &[1; 16], LATER).unwrap().unwrap();
    assert_eq!((renewed.secret_version, renewed.updated_at.as_str()), (1, LATER));
    assert_eq!(ledger.put_channel(&channel(1, "renamed")).unwrap().secret_version, 1);
    assert_eq!(ledger.channels(&OTHER).unwrap(), []);
    assert!(ledger.delete_channel(&DEFAULT, &[1; 16]).unwrap() && !ledger.delete_channel(&DEFAULT, &[1; 16]).unwrap());
}
