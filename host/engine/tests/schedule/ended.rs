//! What follows from a scan's end, where the program ended in between.

use plumb_engine::drift::detect::Defaults;
use plumb_engine::event::Watcher;
use plumb_engine::request::Conditions;
use plumb_engine::service::order::Order;
use plumb_model::drift::DriftStatus;
use plumb_model::notification::{EventKind, Rule};
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_model::tenant::DEFAULT;
use plumb_store::{DriftFilter, Happened};
use tokio_util::sync::CancellationToken;

use super::fixture::{Bench, running, waiting};

/// Two targets with a baseline, changed since, and a scan that saw that and was left alone when it had completed.
async fn cut_off() -> (Bench, ScanId) {
    let mut bench = Bench::new(running()).await;
    bench.ledger.put_target(&bench.target(2, "other", "production")).unwrap();
    bench.webhook(vec![Rule { events: vec![EventKind::DriftDetected], ..Rule::default() }]);
    let order = || Order { tenant: DEFAULT, ..Order::default() };
    bench.service.order(order()).await.unwrap();
    bench.settle().await;
    assert!(bench.ledger.uncompared_scans().unwrap().is_empty(), "the first scan became the baseline");
    bench.restart(waiting()).await;
    bench.write(&["lake", "pond"]);
    let id = bench.service.order(order()).await.unwrap().head.scan.id;
    let (conditions, cancel) = (Conditions::default(), CancellationToken::new());
    bench.service.engine().run(id, conditions, cancel, Watcher::none()).await.unwrap();
    assert_eq!(bench.ledger.scan_head(&id).unwrap().unwrap().scan.status, ScanStatus::Completed);
    assert_eq!((drifts(&bench), bench.ledger.uncompared_scans().unwrap()), (0, vec![id]));
    (bench, id)
}

fn drifts(bench: &Bench) -> u64 {
    bench.ledger.drift_counts(&DEFAULT, &DriftFilter::default()).unwrap().total
}

/// Events that say that drift was found.
fn told(bench: &Bench) -> usize {
    let events = bench.ledger.events(100).unwrap();
    events.iter().filter(|event| matches!(event.happened, Happened::DriftDetected { .. })).count()
}

#[tokio::test]
async fn a_scan_that_ended_before_its_drift_was_written_down_is_held_against_its_baselines_once() {
    let (mut bench, id) = cut_off().await;
    bench.restart(waiting()).await;
    let head = bench.service.scan(&DEFAULT, &id).unwrap();
    assert_eq!(head.scan.status, ScanStatus::Running, "it is not shown as ended before its drift is there");
    assert!(bench.service.cancel(&DEFAULT, &id).await.is_err(), "it has ended");
    bench.restart(running()).await;
    bench.settle().await;
    assert_eq!((drifts(&bench), told(&bench)), (2, 2), "one of each target");
    assert_eq!(bench.service.scan(&DEFAULT, &id).unwrap().scan.status, ScanStatus::Completed);
    assert!(bench.ledger.uncompared_scans().unwrap().is_empty());
    for _ in 0..2 {
        bench.restart(running()).await;
        bench.settle().await;
    }
    assert_eq!((drifts(&bench), told(&bench)), (2, 2));
    assert_eq!(bench.ledger.check().unwrap().problems, []);
}

#[tokio::test]
async fn a_target_that_was_dealt_with_before_the_end_is_not_dealt_with_again() {
    let (mut bench, id) = cut_off().await;
    let found = bench.service.engine().detect_drift(&DEFAULT, &[1; 16], &id, Defaults::Counted).await.unwrap();
    let drift = found.drifts[0].id;
    bench.ledger.resolve_drift(&DEFAULT, &drift, "2026-11-21T10:00:31.000Z", false).unwrap();
    bench.restart(running()).await;
    bench.settle().await;
    assert_eq!((drifts(&bench), told(&bench)), (2, 2), "what somebody resolved does not come back");
    let resolved = bench.ledger.drift(&DEFAULT, &drift).unwrap().unwrap();
    assert_eq!(resolved.status, DriftStatus::Resolved);
}

#[tokio::test]
async fn what_cannot_be_compared_any_more_holds_nobody_up() {
    let (mut bench, id) = cut_off().await;
    bench.ledger.delete_target(&DEFAULT, &[2; 16]).unwrap();
    bench.restart(running()).await;
    bench.settle().await;
    assert_eq!((drifts(&bench), bench.ledger.uncompared_scans().unwrap()), (1, vec![]));
    bench.service.delete(&DEFAULT, &id).await.unwrap();
    assert_eq!(drifts(&bench), 0);
    assert_eq!(bench.ledger.check().unwrap().problems, []);
}
