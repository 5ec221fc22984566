use std::collections::BTreeSet;

use plumb_model::check::Severity;
use plumb_model::drift::{Difference, DriftKind, DriftStatus, DriftType};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::ScanStatus;
use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::DEFAULT;
use plumb_store::*;

use super::fixture::{AT, completed, digest, document, id, resource};

const LATER: &str = "2026-11-22T10:00:00.000Z";
const TARGET: TargetId = [3; 16];

/// A ledger with two scans of ten buckets, whose first is the baseline of a target.
fn captured() -> Ledger {
    let ledger = Ledger::memory().unwrap();
    let target = Target {
        id: TARGET,
        tenant: DEFAULT,
        number: 0,
        name: "production".into(),
        provider: "terraform".into(),
        settings: "{}".into(),
        credentials: None,
        labels: [].into(),
        created_at: AT.into(),
        updated_at: AT.into(),
    };
    ledger.put_target(&target).unwrap();
    completed(&ledger, 1, 10);
    completed(&ledger, 2, 10);
    capture(&ledger, 1, 0..10, |_| false);
    ledger
}

fn capture(
    ledger: &Ledger,
    scan: u8,
    buckets: std::ops::Range<u32>,
    keeps: impl Fn(&ResourceRef) -> bool,
) -> BaselineHead {
    let rows: Vec<(ResourceRef, Digest)> =
        buckets.map(|number| (resource(number), digest(&document(number)))).collect();
    ledger.capture_baselines(&DEFAULT, &TARGET, &id(scan), AT, &rows, keeps).unwrap()
}

fn baselines(ledger: &Ledger) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    ledger
        .baselines(&DEFAULT, &TARGET, |_, baseline| {
            ids.insert(baseline.resource.id);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    ids
}

fn key(number: u32) -> ResourceKey {
    resource_key(&TARGET, &resource(number).id)
}

fn found(seed: u8, number: u32) -> FoundDrift {
    FoundDrift {
        id: id(seed),
        key: key(number),
        resource: resource(number),
        address: format!("aws_s3_bucket.b{number}"),
        kind: DriftKind::Changed,
        drift_type: DriftType::Security,
        severity: Severity::High,
        summary: "S3 bucket acl changed".into(),
        path: "acl".into(),
        baseline_value: "\"private\"".into(),
        current_value: "\"public-read\"".into(),
        patch: "[]".into(),
        differences: vec![Difference {
            path: "acl".into(),
            baseline: "\"private\"".into(),
            current: "\"public-read\"".into(),
            security: Some(Severity::High),
        }],
        failing_check: None,
        document: Some(digest(&document(number))),
    }
}

fn record(ledger: &Ledger, scan: u8, at: &str, drifts: &[FoundDrift], settled: &[u32]) -> RecordedDrifts {
    let settled = settled.iter().map(|number| key(*number)).collect();
    ledger.record_drifts(&DEFAULT, &TARGET, &id(scan), at, drifts, &settled).unwrap()
}

#[test]
fn a_new_baseline_replaces_the_old_one_but_for_what_was_out_of_sight() {
    let ledger = captured();
    assert_eq!(baselines(&ledger).len(), 10);
    let hidden = resource(9).id;
    let head = capture(&ledger, 2, 0..3, |known| known.id == hidden);
    assert_eq!((head.count, head.scan), (4, id(2)));
    let expected: BTreeSet<String> = [0, 1, 2, 9].map(|number| resource(number).id).into();
    assert_eq!(baselines(&ledger), expected);
    assert_eq!(ledger.baseline_head(&DEFAULT, &TARGET).unwrap(), Some(head));
    let kept = ledger.baseline(&DEFAULT, &TARGET, &key(9)).unwrap().unwrap();
    assert_eq!((kept.scan, kept.digest), (id(1), digest(&document(9))));
    assert_eq!(ledger.check().unwrap().problems, []);
    assert_eq!(ledger.baseline_head(&[9; 16], &TARGET).unwrap(), None);
}

#[test]
fn a_drift_comes_back_with_all_that_was_found() {
    let ledger = captured();
    let recorded = record(&ledger, 2, AT, &[found(20, 1)], &[]);
    let drift = &recorded.drifts[0];
    assert_eq!((recorded.new, recorded.resolved), (1, 0));
    assert_eq!((drift.number, drift.target_number, drift.resource_number), (1, 1, 1));
    assert_eq!((drift.status, drift.scan), (DriftStatus::Detected, Some(id(2))));
    assert_eq!(ledger.drift(&DEFAULT, &drift.id).unwrap().as_ref(), Some(drift));
    assert_eq!(ledger.by_number(&DEFAULT, Numbered::Drift, 1).unwrap(), Some(drift.id));
    assert_eq!(ledger.by_number(&DEFAULT, Numbered::Resource, 1).unwrap(), Some(key(1)));
    assert_eq!(ledger.drift(&[9; 16], &drift.id).unwrap(), None);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn an_open_drift_is_not_doubled_but_takes_the_new_values() {
    let ledger = captured();
    record(&ledger, 1, AT, &[found(20, 1)], &[]);
    ledger.move_drift(&DEFAULT, &id(20), DriftStatus::Investigating, AT).unwrap();
    let again = FoundDrift { current_value: "\"other\"".into(), severity: Severity::Critical, ..found(21, 1) };
    let recorded = record(&ledger, 2, LATER, &[again], &[]);
    let drift = &recorded.drifts[0];
    assert_eq!(recorded.new, 0);
    assert_eq!((drift.id, drift.number, drift.status), (id(20), 1, DriftStatus::Investigating));
    assert_eq!((drift.detected_at.as_str(), drift.updated_at.as_str()), (AT, LATER));
    assert_eq!((drift.current_value.as_str(), drift.severity), ("\"other\"", Severity::Critical));
    assert_eq!(ledger.drift(&DEFAULT, &id(21)).unwrap(), None);
    for scan in [1, 2] {
        assert_eq!(ledger.drift_count(&id(scan)).unwrap(), 1);
        assert_eq!(ledger.drifts_of_scan(&DEFAULT, &id(scan)).unwrap()[0].id, id(20));
    }
    assert_eq!(ledger.drifts_of_scan(&[9; 16], &id(1)).unwrap(), []);
}

#[test]
fn what_comes_back_after_it_was_resolved_points_to_what_came_before() {
    let ledger = captured();
    record(&ledger, 1, AT, &[found(20, 1)], &[]);
    let over = record(&ledger, 2, LATER, &[], &[1, 2]);
    assert_eq!((over.new, over.resolved), (0, 1));
    let resolved = ledger.drift(&DEFAULT, &id(20)).unwrap().unwrap();
    assert_eq!((resolved.status, resolved.resolved_at.as_deref()), (DriftStatus::Resolved, Some(LATER)));
    assert_eq!(ledger.open_drifts(&DEFAULT, &TARGET).unwrap(), []);
    let back = record(&ledger, 2, LATER, &[found(21, 1)], &[]);
    assert_eq!((back.new, back.drifts[0].previous), (1, Some(id(20))));
    assert_eq!((back.drifts[0].number, back.drifts[0].resource_number), (2, 1));
    assert_eq!(ledger.open_drifts(&DEFAULT, &TARGET).unwrap()[0].0, key(1));
}

#[test]
fn a_drift_is_moved_step_by_step_and_resolving_takes_both() {
    let ledger = captured();
    record(&ledger, 2, AT, &[found(20, 1), found(21, 2)], &[]);
    let skipped = ledger.move_drift(&DEFAULT, &id(20), DriftStatus::Resolved, AT).unwrap_err();
    assert!(matches!(skipped, StoreError::IllegalDriftMove { .. }), "{skipped}");
    assert!(skipped.to_string().contains("detected and cannot become resolved"), "{skipped}");
    ledger.move_drift(&DEFAULT, &id(20), DriftStatus::Investigating, AT).unwrap();
    let resolved = ledger.move_drift(&DEFAULT, &id(20), DriftStatus::Resolved, LATER).unwrap();
    assert_eq!(resolved.resolved_at.as_deref(), Some(LATER));
    assert!(ledger.resolve_drift(&DEFAULT, &id(20), LATER, false).is_err());
    let at_once = ledger.resolve_drift(&DEFAULT, &id(21), LATER, false).unwrap();
    assert_eq!(at_once.status, DriftStatus::Resolved);
    assert!(matches!(ledger.resolve_drift(&DEFAULT, &id(99), LATER, false), Err(StoreError::NoSuchDrift(_))));
}

#[test]
fn resolving_can_make_what_is_there_the_baseline() {
    let ledger = captured();
    let elsewhere = FoundDrift { document: Some(digest(&document(5))), ..found(20, 1) };
    let gone = FoundDrift { kind: DriftKind::Missing, document: None, ..found(21, 2) };
    let come = FoundDrift { kind: DriftKind::Unmanaged, document: Some(digest(&document(7))), ..found(22, 77) };
    record(&ledger, 2, AT, &[elsewhere, gone, come], &[]);
    for seed in [20, 21, 22] {
        ledger.resolve_drift(&DEFAULT, &id(seed), LATER, true).unwrap();
    }
    let now = ledger.baseline(&DEFAULT, &TARGET, &key(1)).unwrap().unwrap();
    assert_eq!((now.digest, now.scan, now.captured_at.as_str()), (digest(&document(5)), id(2), LATER));
    assert_eq!(ledger.baseline(&DEFAULT, &TARGET, &key(2)).unwrap(), None);
    assert!(ledger.baseline(&DEFAULT, &TARGET, &key(77)).unwrap().is_some());
    assert_eq!(baselines(&ledger).len(), 10);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn pages_are_filtered_newest_first_and_counts_add_up() {
    let ledger = captured();
    let mild = FoundDrift { severity: Severity::Low, drift_type: DriftType::Configuration, ..found(22, 3) };
    record(&ledger, 2, AT, &[found(20, 1), found(21, 2), mild], &[]);
    ledger.resolve_drift(&DEFAULT, &id(20), LATER, false).unwrap();
    let page = |filter: &DriftFilter, offset, limit| {
        let page = ledger.drifts(&DEFAULT, filter, offset, limit).unwrap();
        (page.drifts.iter().map(|drift| drift.id[15]).collect::<Vec<u8>>(), page.total)
    };
    let all = DriftFilter::default();
    assert_eq!(page(&all, 0, 2), (vec![22, 21], 3));
    assert_eq!(page(&all, 2, 2), (vec![20], 3));
    assert_eq!(page(&DriftFilter { severity: Some(Severity::High), ..all.clone() }, 0, 9), (vec![21, 20], 2));
    assert_eq!(page(&DriftFilter { status: Some(DriftStatus::Resolved), ..all.clone() }, 0, 9), (vec![20], 1));
    assert_eq!(page(&DriftFilter { drift_type: Some(DriftType::Configuration), ..all.clone() }, 0, 9), (vec![22], 1));
    assert_eq!(page(&DriftFilter { resource: Some(2), ..all.clone() }, 0, 9), (vec![21], 1));
    assert_eq!(page(&DriftFilter { target: Some([4; 16]), ..all.clone() }, 0, 9), (vec![], 0));
    let counts = ledger.drift_counts(&DEFAULT, &all).unwrap();
    assert_eq!(counts, DriftCounts { total: 3, by_severity: [0, 2, 0, 1, 0], by_status: [2, 0, 1] });
    assert_eq!(ledger.drift_counts(&[9; 16], &all).unwrap(), DriftCounts::default());
    let prefix = uuid_of(21);
    assert_eq!(ledger.find_drift(&DEFAULT, &prefix).unwrap(), Some(id(21)));
    assert!(matches!(ledger.find_drift(&DEFAULT, "019a"), Err(StoreError::AmbiguousPrefix { .. })));
    assert_eq!(ledger.find_drift(&DEFAULT, "ffff").unwrap(), None);
}

fn uuid_of(seed: u8) -> String {
    id(seed).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
fn a_deleted_scan_takes_the_drifts_along_that_no_other_saw() {
    let ledger = captured();
    record(&ledger, 1, AT, &[found(20, 1)], &[]);
    record(&ledger, 2, AT, &[found(30, 1), found(21, 2)], &[]);
    ledger.delete_scan(&id(2)).unwrap();
    assert_eq!(ledger.drift(&DEFAULT, &id(21)).unwrap(), None);
    assert_eq!(ledger.by_number(&DEFAULT, Numbered::Drift, 2).unwrap(), None);
    let left = ledger.drift(&DEFAULT, &id(20)).unwrap().unwrap();
    assert_eq!(left.scan, None);
    // What the bucket is like now, nobody knows any more.
    let refused = ledger.resolve_drift(&DEFAULT, &id(20), LATER, true).unwrap_err();
    assert!(matches!(refused, StoreError::NoCurrentDocument(_)), "{refused}");
    assert_eq!(ledger.drift(&DEFAULT, &id(20)).unwrap().unwrap().status, DriftStatus::Detected);
    assert_eq!(ledger.check().unwrap().problems, []);
    // The resource that drifts again keeps its number.
    completed(&ledger, 3, 10);
    let again = record(&ledger, 3, LATER, &[found(23, 2)], &[]);
    assert_eq!((again.drifts[0].number, again.drifts[0].resource_number, again.drifts[0].previous), (3, 2, None));
    assert_eq!(ledger.scan(&id(3)).unwrap().unwrap().scan.status, ScanStatus::Completed);
}

#[test]
fn documents_come_in_the_order_they_are_asked_for() {
    let ledger = captured();
    let wanted = [digest(&document(7)), [0; 32], digest(&document(2)), digest(&document(7))];
    let expected = [Some(document(7)), None, Some(document(2)), Some(document(7))];
    // Together, and piece by piece: what is kept of one piece changes nothing of the next.
    let mut reader = ledger.document_reader();
    for pieces in [4, 1, 3] {
        let found: Vec<_> = wanted.chunks(pieces).flat_map(|piece| reader.documents(piece).unwrap()).collect();
        assert_eq!(found.iter().map(|found| found.as_ref().map(|found| found.to_vec())).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_deleted_target_takes_its_baselines_along() {
    let ledger = captured();
    assert!(ledger.delete_target(&DEFAULT, &TARGET).unwrap());
    assert_eq!(ledger.baseline_head(&DEFAULT, &TARGET).unwrap(), None);
    assert_eq!(baselines(&ledger).len(), 0);
}
