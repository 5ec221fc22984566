//! Targets and policies.

use plumb_model::target::{CredentialReference, Policy, Target};
use plumb_model::tenant::DEFAULT;
use plumb_store::*;

use super::fixture::AT;

const OTHER: [u8; 16] = [9; 16];

fn target(id: u8, name: &str) -> Target {
    Target {
        id: [id; 16],
        tenant: DEFAULT,
        number: 0,
        name: name.into(),
        provider: "terraform".into(),
        settings: r#"{"paths":["/infra"]}"#.into(),
        credentials: Some(CredentialReference::Environment("AWS".into())),
        labels: [("environment".to_owned(), "production".to_owned())].into(),
        created_at: AT.into(),
        updated_at: AT.into(),
    }
}

#[test]
fn a_target_comes_back_by_id_name_and_number_and_only_to_its_tenant() {
    let ledger = Ledger::memory().unwrap();
    let stored = ledger.put_target(&target(1, "org/infra")).unwrap();
    assert_eq!(stored, Target { number: 1, ..target(1, "org/infra") });
    assert_eq!(ledger.target(&DEFAULT, &[1; 16]).unwrap(), Some(stored.clone()));
    assert_eq!(ledger.target_by_name(&DEFAULT, "org/infra").unwrap(), Some(stored));
    assert_eq!(ledger.by_number(&DEFAULT, Numbered::Target, 1).unwrap(), Some([1; 16]));
    assert_eq!(ledger.target(&OTHER, &[1; 16]).unwrap(), None);
    assert_eq!(ledger.target_by_name(&OTHER, "org/infra").unwrap(), None);
    assert_eq!(ledger.by_number(&OTHER, Numbered::Target, 1).unwrap(), None);
}

#[test]
fn a_name_belongs_to_one_target_until_it_is_given_up() {
    let ledger = Ledger::memory().unwrap();
    ledger.put_target(&target(1, "one")).unwrap();
    assert!(matches!(ledger.put_target(&target(2, "one")), Err(StoreError::NameTaken(_))));
    ledger.put_target(&Target { tenant: OTHER, ..target(3, "one") }).unwrap();
    ledger.put_target(&target(1, "renamed")).unwrap();
    let second = ledger.put_target(&target(2, "one")).unwrap();
    assert_eq!(second.number, 2);
    assert!(ledger.delete_target(&DEFAULT, &[2; 16]).unwrap());
    assert!(!ledger.delete_target(&DEFAULT, &[2; 16]).unwrap());
    assert_eq!(ledger.put_target(&target(4, "one")).unwrap().number, 3, "a number is never given twice");
    assert_eq!(ledger.targets(&DEFAULT).unwrap().len(), 2);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn there_is_one_policy_for_a_key() {
    let ledger = Ledger::memory().unwrap();
    let policy = Policy {
        id: [1; 16],
        tenant: DEFAULT,
        number: 0,
        name: "all".into(),
        targets: [[1; 16], [2; 16]].into(),
        frameworks: ["soc2_aws".to_owned()].into(),
        labels: [].into(),
        created_at: AT.into(),
    };
    let made = ledger.put_policy(&[5; 32], &policy).unwrap();
    let again = ledger.put_policy(&[5; 32], &Policy { id: [2; 16], ..policy.clone() }).unwrap();
    assert_eq!(again, made);
    assert_eq!(ledger.rename_policy(&DEFAULT, &[1; 16], "quarterly").unwrap().unwrap().name, "quarterly");
    assert_eq!(ledger.policies(&DEFAULT).unwrap().len(), 1);
    assert_eq!(ledger.policies(&OTHER).unwrap(), []);
    assert_eq!(ledger.check().unwrap().problems, []);
}
