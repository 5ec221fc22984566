//! A change and its entry in the audit log: both or neither.

use plumb_model::access::{Actor, AuditEvent};
use plumb_model::scan::ScanStatus;
use plumb_model::target::Target;
use plumb_model::tenant::DEFAULT;
use plumb_store::*;

use super::fixture::{AT, Folder, id, new_scan};

fn entry(action: &str) -> PendingEntry {
    PendingEntry::new(AuditEvent {
        tenant: DEFAULT,
        at: AT.into(),
        actor: Actor::Token([1; 16]),
        action: action.into(),
        object: "/v1/targets".into(),
        result: "done".into(),
        request_id: None,
        count: 1,
    })
}

fn target(number: u8, name: &str) -> Target {
    Target {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: name.into(),
        provider: "terraform".into(),
        settings: "{}".into(),
        credentials: None,
        labels: std::collections::BTreeMap::new(),
        created_at: AT.into(),
        updated_at: AT.into(),
    }
}

/// Action, object and result of every entry, the oldest first.
fn log(ledger: &Ledger) -> Vec<[String; 3]> {
    let entries = ledger.audit(&DEFAULT, None, 100).unwrap().into_iter().rev();
    entries.map(|entry| [entry.event.action, entry.event.object, entry.event.result]).collect()
}

#[test]
fn a_change_is_committed_with_its_entry_and_a_refused_one_with_none() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let made = entry("make");
    made.set_object("/v1/targets/1");
    ledger.noting(made.clone()).put_target(&target(1, "infra")).unwrap();
    assert!(made.is_written());
    let refused = entry("make");
    let taken = ledger.noting(refused.clone()).put_target(&target(2, "infra"));
    assert!(matches!(taken, Err(StoreError::NameTaken(_))), "{taken:?}");
    assert!(!refused.is_written());
    drop(ledger);
    let ledger = Ledger::open(&folder.path()).unwrap();
    assert_eq!(log(&ledger), [["make", "/v1/targets/1", "done"]]);
    assert_eq!(ledger.targets(&DEFAULT).unwrap().len(), 1);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn an_entry_goes_with_the_first_change_and_no_other_and_a_read_takes_none_along() {
    let ledger = Ledger::memory().unwrap();
    let once = entry("make");
    let noting = ledger.noting(once.clone());
    assert!(noting.targets(&DEFAULT).unwrap().is_empty() && !once.is_written());
    noting.put_target(&target(1, "infra")).unwrap();
    noting.put_target(&target(2, "other")).unwrap();
    ledger.put_target(&target(3, "third")).unwrap();
    once.set_object("too late");
    assert_eq!(log(&ledger), [["make", "/v1/targets", "done"]]);
    assert_eq!(ledger.targets(&DEFAULT).unwrap().len(), 3, "all are the same ledger");
}

#[test]
fn what_takes_its_time_is_written_down_before_it_begins() {
    let ledger = Ledger::memory().unwrap();
    let stop = entry("cancel");
    ledger.note_begun(&stop).unwrap();
    assert_eq!(log(&ledger), [["cancel", "/v1/targets", "begun"]]);
    ledger.create_scan(&new_scan(1)).unwrap();
    ledger.noting(stop).transition(&id(1), ScanStatus::Cancelled, AT, None).unwrap();
    assert_eq!(log(&ledger).len(), 1, "and not again");
    assert_eq!(ledger.check().unwrap().problems, []);
}
