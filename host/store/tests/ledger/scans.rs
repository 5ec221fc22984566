use plumb_model::scan::ScanStatus;
use plumb_store::{Figures, Ledger, NewScan, StoreError};

use super::fixture::{AT, completed, coverage, id, new_scan, planned, resolved, summary};

#[test]
fn a_scan_comes_back_with_all_that_was_fixed_at_its_end() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 30);
    let stored = ledger.scan(&id(1)).unwrap().unwrap();
    assert_eq!(stored.settings, [1, 2, 3, 1]);
    assert_eq!(stored.scope_key, [7; 32]);
    assert_eq!(stored.summary, Some(summary(30)));
    assert_eq!(stored.scan.status, ScanStatus::Completed);
    assert_eq!(stored.scan.coverage, coverage());
    assert_eq!(stored.scan.started_at.as_deref(), Some(AT));
    assert_eq!(stored.scan.completed_at.as_deref(), Some(AT));
    assert_eq!(ledger.removed(&id(1)).unwrap(), resolved());
    assert_eq!(ledger.scan(&id(2)).unwrap(), None);
}

#[test]
fn only_moves_of_the_table_are_allowed_and_an_error_names_both_states() {
    let ledger = Ledger::memory().unwrap();
    ledger.create_scan(&new_scan(1)).unwrap();
    let moved = |next, reason: Option<&str>| ledger.transition(&id(1), next, AT, reason);
    moved(ScanStatus::Running, None).unwrap();
    let error = moved(ScanStatus::Pending, None).unwrap_err().to_string();
    assert!(error.contains("running") && error.contains("pending"), "{error}");
    let stopped = moved(ScanStatus::Cancelled, Some("stopped by hand")).unwrap();
    assert_eq!(stopped.status_reason.as_deref(), Some("stopped by hand"));
    assert_eq!(stopped.completed_at.as_deref(), Some(AT));
    let resumed = moved(ScanStatus::Running, None).unwrap();
    assert_eq!((resumed.status_reason, resumed.completed_at), (None, None));
    assert!(matches!(moved(ScanStatus::Completed, None), Err(StoreError::WrongStatus { .. })));
    assert!(matches!(ledger.transition(&id(9), ScanStatus::Running, AT, None), Err(StoreError::NoSuchScan(_))));
}

#[test]
fn a_scan_completes_once_and_only_when_its_tasks_have_ended() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let complete = |number| ledger.complete(&id(number), AT, coverage(), &summary(0), &[]);
    assert!(matches!(complete(1), Err(StoreError::TaskOpen { task: 0, .. })));
    assert_eq!(ledger.scan(&id(1)).unwrap().unwrap().scan.status, ScanStatus::Running);
    completed(&ledger, 2, 4);
    assert!(matches!(complete(2), Err(StoreError::IllegalTransition { .. })));
}

#[test]
fn an_id_is_used_once() {
    let ledger = Ledger::memory().unwrap();
    ledger.create_scan(&new_scan(1)).unwrap();
    assert!(matches!(ledger.create_scan(&new_scan(1)), Err(StoreError::ScanExists(_))));
}

#[test]
fn pages_go_from_the_latest_scan_back_without_leaving_one_out() {
    let ledger = Ledger::memory().unwrap();
    for number in [3, 1, 5, 2, 4] {
        ledger.create_scan(&new_scan(number)).unwrap();
    }
    let page =
        |before, limit| ledger.scans(before, limit).unwrap().iter().map(|head| head.scan.id[15]).collect::<Vec<_>>();
    assert_eq!(page(None, 2), [5, 4]);
    assert_eq!(page(Some(id(4)), 2), [3, 2]);
    assert_eq!(page(Some(id(2)), 2), [1]);
    assert_eq!(page(Some(id(1)), 2), Vec::<u8>::new());
}

#[test]
fn a_list_shows_the_figures_of_completed_scans() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 30);
    planned(&ledger, 2);
    let heads = ledger.scans(None, 10).unwrap();
    assert_eq!(heads[0].figures, None);
    let figures = Figures {
        resources: 30,
        violations: [6, 0, 0, 0, 0],
        muted: 4,
        score: Some(0.0),
        delta: summary(30).delta,
        controls: 1,
        passed_controls: 0,
        failed_controls: 1,
        signatures: summary(30).signatures,
        effort_minutes: 30,
    };
    assert_eq!(heads[1].figures, Some(figures));
}

#[test]
fn a_prefix_finds_its_scan_with_and_without_dashes() {
    let ledger = Ledger::memory().unwrap();
    ledger.create_scan(&new_scan(0x1a)).unwrap();
    ledger.create_scan(&new_scan(0x1b)).unwrap();
    for prefix in ["019aa100-111a", "019AA100111A", "019aa100111a7000800000000000001a"] {
        assert_eq!(ledger.find_scans(prefix).unwrap(), Some(id(0x1a)), "{prefix}");
    }
    assert_eq!(ledger.find_scans("ffff").unwrap(), None);
    let error = ledger.find_scans("019aa100-111").unwrap_err();
    assert!(error.to_string().contains("019aa100-111a-7000"), "{error}");
    for wrong in ["", "-", "last", "019aa100111a7000800000000000001a0"] {
        assert!(matches!(ledger.find_scans(wrong), Err(StoreError::BadPrefix(_))), "{wrong}");
    }
}

#[test]
fn the_previous_scan_is_the_last_completed_one_of_the_same_scope() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 2);
    completed(&ledger, 2, 2);
    planned(&ledger, 3);
    let other = NewScan { scope_key: [8; 32], ..new_scan(4) };
    ledger.create_scan(&other).unwrap();
    let previous = |scope, before| ledger.previous_completed(&[scope; 32], &id(before)).unwrap();
    assert_eq!(previous(7, 4), Some(id(2)));
    assert_eq!(previous(7, 2), Some(id(1)));
    assert_eq!(previous(7, 1), None);
    assert_eq!(previous(8, 9), None);
    ledger.delete_scan(&id(2)).unwrap();
    assert_eq!(previous(7, 4), Some(id(1)));
}

#[test]
fn a_deleted_scan_leaves_nothing_of_its_own() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 300);
    completed(&ledger, 2, 300);
    ledger.delete_scan(&id(1)).unwrap();
    assert_eq!(ledger.scan(&id(1)).unwrap(), None);
    assert_eq!(ledger.catalogue(&id(2)).unwrap().checks.len(), 4);
    assert_eq!(ledger.check().unwrap().problems, []);
    ledger.delete_scan(&id(2)).unwrap();
    assert_eq!(ledger.check().unwrap().problems, []);
    // A number is never given twice, so the counter stays.
    let shared = ["indexes", "index_pages", "document_blocks", "counters"];
    for table in ledger.stats().unwrap().tables {
        assert_eq!(table.rows == 0, !shared.contains(&table.table), "{table:?}");
    }
}

#[test]
fn a_running_scan_is_not_deleted() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    assert!(matches!(ledger.delete_scan(&id(1)), Err(StoreError::WrongStatus { .. })));
    ledger.transition(&id(1), ScanStatus::Cancelled, AT, None).unwrap();
    ledger.delete_scan(&id(1)).unwrap();
}

#[test]
fn the_same_catalogue_is_stored_once_and_a_scan_keeps_the_one_it_has() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    planned(&ledger, 2);
    assert_eq!(ledger.catalogue(&id(2)).unwrap(), super::fixture::catalogue());
    let tables = ledger.stats().unwrap().tables;
    assert_eq!(tables.iter().find(|table| table.table == "catalogues").unwrap().rows, 1);
    let mut other = super::fixture::catalogue();
    other.checks.pop_first();
    assert!(matches!(ledger.put_catalogue(&id(1), &other), Err(StoreError::WrongStatus { .. })));
}
