//! What a completed scan proves.

use plumb_model::evidence::{Evidence, EvidenceKind};
use plumb_model::scan::ScanStatus;
use plumb_store::{EvidenceFilter, Expired, Ledger, Numbered, StoreError, evidence_key};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::fixture::{AT, Folder, completed, coverage, digest, document, id, new_scan, planned, summary};

const TENANT: [u8; 16] = plumb_model::tenant::DEFAULT;

pub(super) fn content(ledger: &Ledger, evidence: &Evidence) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    ledger.evidence_content(evidence, |chunk| {
        bytes.extend_from_slice(chunk);
        Ok::<_, StoreError>(())
    })?;
    Ok(bytes)
}

fn list(ledger: &Ledger, filter: &EvidenceFilter) -> Vec<Evidence> {
    ledger.list_evidence(&TENANT, filter, 0, 100).unwrap().0
}

fn all(ledger: &Ledger) -> Vec<Evidence> {
    list(ledger, &EvidenceFilter::default())
}

#[test]
fn every_control_of_a_completed_scan_has_evidence_with_what_was_seen_and_decided() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 230);
    let rows = all(&ledger);
    assert_eq!(rows.len(), 1);
    let evidence = &rows[0];
    assert_eq!((evidence.kind, evidence.scan, evidence.number), (EvidenceKind::Auto, Some(id(1)), 1));
    assert_eq!((evidence.framework.as_deref(), evidence.control_id.as_deref()), (Some("cis"), Some("2.1")));
    assert_eq!((evidence.media_type.as_str(), evidence.created_at.as_str()), ("application/json", AT));
    assert_eq!(evidence.file_name, "cis-2.1-019aa100-1101.json");
    let bytes = content(&ledger, evidence).unwrap();
    assert_eq!(evidence.size, bytes.len() as u64);
    assert_eq!(evidence.digest, <[u8; 32]>::from(Sha256::digest(&bytes)));
    let artifact: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(artifact["format"], "plumb-evidence/1");
    assert_eq!(artifact["control"]["status"], "fail");
    assert_eq!(artifact["checks"].as_array().unwrap().len(), 2);
    assert_eq!(artifact["checks"][0]["plugin"]["digest"], "09".repeat(32));
    assert_eq!(artifact["gaps"].as_array().unwrap().len(), 3);
    let outcomes = artifact["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 77);
    assert!(outcomes.iter().all(|outcome| outcome["check"] == "s3_bucket_public_access"));
    assert_eq!(outcomes.iter().filter(|outcome| outcome["muted"].is_string()).count(), 26);
    let resources = artifact["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 230);
    let seen = hex(&digest(&document(7)));
    let bucket = resources.iter().find(|resource| resource["id"] == "arn:aws:s3:::bucket-00007").unwrap();
    assert_eq!((&bucket["document"], &bucket["pass"]), (&seen.into(), &vec!["s3_bucket_public_access"].into()));
    assert_eq!(bucket["not_applicable"], serde_json::json!({"s3_bucket_logged": "logging is elsewhere"}));
    assert_eq!(resources.iter().filter(|resource| resource["pass"].is_array()).count(), 153);
}

#[test]
fn the_form_of_an_artifact_is_fixed_to_the_byte() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 2);
    let bytes = content(&ledger, &all(&ledger)[0]).unwrap();
    let tool = concat!("\"plumb ", env!("CARGO_PKG_VERSION"), "\"");
    let text = String::from_utf8(bytes).unwrap().replace(tool, "\"plumb VERSION\"");
    assert_eq!(text, include_str!("artifact.json"));
}

#[test]
fn evidence_is_found_by_id_key_and_number_within_its_tenant_alone() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 20);
    completed(&ledger, 2, 30);
    let (rows, total) = ledger.list_evidence(&TENANT, &EvidenceFilter::default(), 0, 100).unwrap();
    assert_eq!(total, 2);
    assert_eq!(rows.iter().map(|row| row.scan).collect::<Vec<_>>(), [Some(id(2)), Some(id(1))]);
    assert_eq!(rows[1].key, evidence_key(&id(1), "cis", "2.1"));
    for row in &rows {
        assert_eq!(ledger.evidence(&TENANT, &row.id).unwrap().as_ref(), Some(row));
        assert_eq!(ledger.evidence_by_key(&TENANT, &row.key).unwrap().as_ref(), Some(row));
        assert_eq!(ledger.by_number(&TENANT, Numbered::Evidence, row.number).unwrap(), Some(row.id));
        assert_eq!(ledger.evidence(&[1; 16], &row.id).unwrap(), None);
        assert_eq!(ledger.evidence_by_key(&[1; 16], &row.key).unwrap(), None);
        assert_eq!(ledger.by_number(&[1; 16], Numbered::Evidence, row.number).unwrap(), None);
        let stolen = Evidence { tenant: [1; 16], ..row.clone() };
        assert!(matches!(content(&ledger, &stolen), Err(StoreError::NoSuchEvidence(_))));
    }
    assert_eq!(ledger.by_number(&TENANT, Numbered::Evidence, 3).unwrap(), None);
    assert_eq!(ledger.list_evidence(&[1; 16], &EvidenceFilter::default(), 0, 100).unwrap(), (vec![], 0));
    for key in ["", "scans/", "scans/x/y/z", "uploads/1", "scans/019aa100-1101-7000-8000-000000000001/cis"] {
        assert_eq!(ledger.evidence_by_key(&TENANT, key).unwrap(), None, "{key}");
    }
}

#[test]
fn a_list_is_filtered_and_paged() {
    let ledger = Ledger::memory().unwrap();
    for number in 1..=4 {
        completed(&ledger, number, 4);
    }
    let of = |filter: EvidenceFilter| list(&ledger, &filter).len();
    let control = |id: &str| Some(id.to_owned());
    assert_eq!(of(EvidenceFilter { scan: Some(id(2)), ..EvidenceFilter::default() }), 1);
    assert_eq!(of(EvidenceFilter { control_id: control("2.1"), ..EvidenceFilter::default() }), 4);
    assert_eq!(of(EvidenceFilter { control_id: control("2.2"), ..EvidenceFilter::default() }), 0);
    assert_eq!(of(EvidenceFilter { framework: control("soc2"), ..EvidenceFilter::default() }), 0);
    assert_eq!(of(EvidenceFilter { kind: Some(EvidenceKind::Manual), ..EvidenceFilter::default() }), 0);
    for filter in
        [EvidenceFilter::default(), EvidenceFilter { control_id: control("2.1"), ..EvidenceFilter::default() }]
    {
        let (page, total) = ledger.list_evidence(&TENANT, &filter, 1, 2).unwrap();
        assert_eq!((page.iter().filter_map(|row| row.scan).collect::<Vec<_>>(), total), (vec![id(3), id(2)], 4));
        assert_eq!(ledger.list_evidence(&TENANT, &filter, 9, 2).unwrap(), (vec![], 4));
    }
}

#[test]
fn a_scan_that_did_not_complete_proves_nothing() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    ledger.transition(&id(1), ScanStatus::Cancelled, AT, None).unwrap();
    assert_eq!(all(&ledger), []);
    assert!(matches!(ledger.delete_evidence(&TENANT, &[5; 16]), Err(StoreError::NoSuchEvidence(_))));
}

#[test]
fn artifacts_stay_the_same_when_the_ledger_is_opened_again_and_grows() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 1, 30);
    let evidence = all(&ledger).remove(0);
    let before = content(&ledger, &evidence).unwrap();
    drop(ledger);
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 2, 50);
    assert_eq!(all(&ledger)[1], evidence);
    assert_eq!(content(&ledger, &evidence).unwrap(), before);
    assert_eq!(ledger.check_evidence(&id(1)).unwrap(), Vec::<[u8; 16]>::new());
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn evidence_goes_with_its_scan_and_not_alone() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 4);
    completed(&ledger, 2, 4);
    let rows = all(&ledger);
    assert!(matches!(ledger.delete_evidence(&TENANT, &rows[0].id), Err(StoreError::AutomaticEvidence(_))));
    ledger.delete_scan(&id(2)).unwrap();
    assert_eq!(all(&ledger), rows[1..]);
    assert_eq!(ledger.evidence(&TENANT, &rows[0].id).unwrap(), None);
    assert_eq!(ledger.by_number(&TENANT, Numbered::Evidence, 2).unwrap(), None);
    assert!(ledger.check().unwrap().is_sound());
    completed(&ledger, 3, 4);
    assert_eq!(all(&ledger)[0].number, 3, "a number is never given twice");
}

#[test]
fn what_is_too_old_goes_scan_and_evidence_together() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 4);
    let later = plumb_store::NewScan { created_at: "2026-12-01T00:00:00.000Z".into(), ..new_scan(2) };
    ledger.create_scan(&later).unwrap();
    ledger.transition(&id(2), ScanStatus::Running, AT, None).unwrap();
    ledger.complete(&id(2), AT, coverage(), &summary(0), &[]).unwrap();
    // Old, and still to run.
    ledger.create_scan(&new_scan(3)).unwrap();
    let before = "2026-11-30T00:00:00.000Z";
    assert_eq!(ledger.expire(&[1; 16], before).unwrap(), Expired::default());
    assert_eq!(ledger.expire(&TENANT, before).unwrap(), Expired { scans: 1, uploads: 0, remediations: 0 });
    assert_eq!(ledger.scan(&id(1)).unwrap(), None);
    assert_eq!(all(&ledger).iter().map(|row| row.scan).collect::<Vec<_>>(), [Some(id(2))]);
    assert!(ledger.scan(&id(3)).unwrap().is_some());
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
