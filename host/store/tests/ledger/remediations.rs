//! What was changed to mend violations.

use plumb_model::access::{Actor, AuditEvent};
use plumb_model::check::PluginRef;
use plumb_model::outcome::Fingerprint;
use plumb_model::remediation::{Remediation, RemediationStatus, SentStep, StepState};
use plumb_model::resource::ResourceRef;
use plumb_model::tenant::DEFAULT;
use plumb_store::*;

use super::fixture::{AT, id};

const OTHER: [u8; 16] = [9; 16];
const LATER: &str = "2026-11-22T10:00:00.000Z";

fn remediation(number: u8) -> Remediation {
    Remediation {
        id: [number; 16],
        tenant: DEFAULT,
        scan: id(1),
        before: id(2),
        after: None,
        check_id: "s3_bucket_object_versioning".into(),
        resource: ResourceRef {
            id: "arn:aws:s3:::logs".into(),
            kind: "aws_s3_bucket".into(),
            ..ResourceRef::default()
        },
        fingerprint: Fingerprint([number; 16]),
        plugin: PluginRef { id: "provider-aws".into(), version: "0.1.0".into(), digest: [7; 32] },
        user: "ada@desk".into(),
        caller: "arn:aws:iam::123456789012:user/ada".into(),
        started_at: AT.into(),
        ended_at: None,
        steps: vec![
            step(StepState::Sent),
            step(StepState::Answered { status: 403, error_code: "AccessDenied".into() }),
            step(StepState::Unanswered("no answer in time".into())),
            step(StepState::Unsent("refused".into())),
            step(StepState::Planned),
        ],
        status: RemediationStatus::Begun,
        message: "versioning is off".into(),
    }
}

fn step(state: StepState) -> SentStep {
    SentStep {
        action: "s3:PutBucketVersioning".into(),
        change: "the bucket keeps every version".into(),
        method: "PUT".into(),
        url: "https://s3.eu-west-1.amazonaws.com/logs?versioning".into(),
        body: "<VersioningConfiguration/>".into(),
        state,
    }
}

fn event() -> AuditEvent {
    AuditEvent {
        tenant: DEFAULT,
        at: AT.into(),
        actor: Actor::Cli,
        action: "remediate apply".into(),
        object: "arn:aws:s3:::logs".into(),
        result: "begun".into(),
        request_id: None,
        count: 1,
    }
}

#[test]
fn what_is_about_to_be_sent_is_kept_with_its_entry_in_the_audit_log() {
    let ledger = Ledger::memory().unwrap();
    ledger.begin_remediation(&remediation(1), &event()).unwrap();
    assert_eq!(ledger.remediations(&DEFAULT).unwrap(), [remediation(1)]);
    assert_eq!(ledger.audit(&DEFAULT, None, 10).unwrap()[0].event, event());
    assert!(ledger.remediations(&OTHER).unwrap().is_empty());
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn a_status_only_becomes_what_follows_it() {
    let ledger = Ledger::memory().unwrap();
    let mut known = remediation(1);
    assert!(ledger.note_remediation(&known, None).is_err(), "it was never begun");
    ledger.begin_remediation(&known, &event()).unwrap();
    known.status = RemediationStatus::Fixed;
    let refused = ledger.note_remediation(&known, None).unwrap_err();
    assert!(refused.to_string().contains("is begun and cannot become fixed"), "{refused}");
    known.status = RemediationStatus::Applied;
    ledger.note_remediation(&known, None).unwrap();
    known.status = RemediationStatus::Fixed;
    known.after = Some(id(3));
    ledger.note_remediation(&known, Some(&event())).unwrap();
    assert_eq!(ledger.audit(&DEFAULT, None, 10).unwrap().len(), 2);
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn violations_that_are_fixed_count_once_for_the_scan_that_found_them() {
    let ledger = Ledger::memory().unwrap();
    for number in 1..=3 {
        let mut known = remediation(number);
        known.fingerprint = Fingerprint([number / 2; 16]);
        ledger.begin_remediation(&known, &event()).unwrap();
        for status in [RemediationStatus::Applied, RemediationStatus::Fixed] {
            (known.status, known.after) = (status, Some(id(3)));
            ledger.note_remediation(&known, None).unwrap();
        }
    }
    ledger.begin_remediation(&remediation(9), &event()).unwrap();
    assert_eq!(ledger.fixed_violations(&DEFAULT, &id(1)).unwrap(), 2);
    assert_eq!(ledger.fixed_violations(&DEFAULT, &id(2)).unwrap(), 0);
}

#[test]
fn the_latest_come_first_and_old_ones_go_when_they_are_too_old() {
    let ledger = Ledger::memory().unwrap();
    let later = Remediation { started_at: LATER.into(), scan: id(0), ..remediation(2) };
    ledger.begin_remediation(&remediation(1), &event()).unwrap();
    ledger.begin_remediation(&later, &event()).unwrap();
    let ids = |ledger: &Ledger| ledger.remediations(&DEFAULT).unwrap().iter().map(|one| one.id[0]).collect::<Vec<_>>();
    assert_eq!(ids(&ledger), [2, 1]);
    assert_eq!(ledger.expire(&DEFAULT, LATER).unwrap().remediations, 1);
    assert_eq!(ids(&ledger), [2]);
    assert_eq!(ledger.audit(&DEFAULT, None, 10).unwrap().len(), 2, "the log keeps its entries");
}

#[test]
fn one_that_is_called_fixed_and_was_not_looked_at_is_a_problem() {
    let ledger = Ledger::memory().unwrap();
    let mut known = remediation(1);
    ledger.begin_remediation(&known, &event()).unwrap();
    for status in [RemediationStatus::Applied, RemediationStatus::Fixed] {
        known.status = status;
        ledger.note_remediation(&known, None).unwrap();
    }
    let report = ledger.check().unwrap();
    assert!(report.problems.iter().any(|problem| problem.table == "remediations"), "{:?}", report.problems);
}
