//! The tables against the checks: what a check reads is told, or a gap; never just missing.

use std::collections::BTreeSet;

use provider_aws::kind::Kind;
use provider_aws::services::{SERVICES, elsewhere};

/// Attributes that only states have: an account tells the same by another, which the check reads too.
const OTHERWISE: &[(&str, &[&str])] = &[
    ("acl and access_control_policy are told as grant", &["acl", "access_control_policy"]),
    (
        "a snapshot of an instance has encrypted, one of a cluster storage_encrypted",
        &["encrypted", "storage_encrypted"],
    ),
    ("a permission of an image has its group, an image its permissions", &["group"]),
    (
        "user data comes in base64, but for templates, whose attribute of the other name is in base64 too",
        &["user_data", "user_data_base64"],
    ),
    ("policies of a listener stand in it", &["attribute"]),
    ("the rotation of a secret is told by it", &["rotation"]),
    ("a function tells its URLs in function_url, which have these", &["authorization_type", "cors"]),
    (
        "a bucket tells its notifications in notification, which has these",
        &["eventbridge", "lambda_function", "queue", "topic"],
    ),
    ("a zone says whether it is private; one of a state names its VPCs", &["vpc"]),
];

fn kinds() -> Vec<&'static Kind> {
    SERVICES.iter().flat_map(|service| service.listings).flat_map(|listing| listing.kinds).collect()
}

fn tells(kind: &Kind, attribute: &str) -> bool {
    let own = kind.fields.iter().map(|field| field.to).chain(kind.untold.iter().map(|(path, _)| *path));
    own.chain(["arn", "tags"]).any(|known| known == attribute)
}

#[test]
fn every_kind_that_checks_look_at_is_read_or_told_by_another() {
    let known: BTreeSet<&str> = kinds().iter().map(|kind| kind.kind).collect();
    let missing: BTreeSet<&str> = checks_aws::CHECKS
        .iter()
        .flat_map(|check| check.kinds)
        .copied()
        .filter(|kind| !known.contains(kind) && !elsewhere::is_told(kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_attribute_that_a_check_reads_is_told_by_each_kind_it_looks_at() {
    let otherwise: BTreeSet<&str> = OTHERWISE.iter().flat_map(|(_, names)| *names).copied().collect();
    let mut missing = BTreeSet::new();
    for check in checks_aws::CHECKS {
        let kinds: Vec<&Kind> = kinds().into_iter().filter(|kind| check.kinds.contains(&kind.kind)).collect();
        for path in check.reads {
            let attribute = path.split('.').next().unwrap();
            let is_of_account = check.is_of_account();
            let told: Vec<bool> = kinds.iter().map(|kind| tells(kind, attribute)).collect();
            // A check of an account reads each attribute of the kind that has it.
            let is_told = if is_of_account { told.contains(&true) } else { told.iter().all(|told| *told) };
            if !is_told && !otherwise.contains(attribute) {
                missing.insert(format!("{}: {attribute} of {:?}", check.id, check.kinds));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
