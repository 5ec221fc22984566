//! A small estate: scans of it and what they find.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use plumb_model::check::{Check, PluginRef, Remediation, Scope, Severity};
use plumb_model::delta::{Delta, DeltaCounts, SignatureFigures};
use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
use plumb_model::outcome::{ControlRef, Fingerprint, Verdict};
use plumb_model::resource::{ResourceRef, ScanGap};
use plumb_model::scan::{Catalogue, Coverage, ScanId, ScanStatus, Summary};
use plumb_store::*;

pub(super) const AT: &str = "2026-11-21T10:00:00.000Z";

/// A folder that goes away with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ledger-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.join("data")
    }

    pub(super) fn file(&self) -> PathBuf {
        self.path().join("ledger.redb")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

pub(super) fn id(number: u8) -> ScanId {
    let mut id = [0x01, 0x9a, 0xa1, 0x00, 0x11, number, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
    id[15] = number;
    id
}

pub(super) fn new_scan(number: u8) -> NewScan {
    NewScan {
        id: id(number),
        target: "terraform infra/".into(),
        provider: "terraform".into(),
        created_at: AT.into(),
        settings: vec![1, 2, 3, number],
        scope_key: [7; 32],
        previous: None,
        ..NewScan::default()
    }
}

pub(super) fn check(id: &str, severity: Severity) -> Check {
    Check {
        id: id.into(),
        title: format!("Title of {id}"),
        description: "Says what it looks at.".into(),
        risk: "Says what may happen.".into(),
        severity,
        scope: Scope::Resource,
        kinds: vec!["aws_s3_bucket".into()],
        subjects: vec![],
        reads: vec!["acl".into()],
        time_dependent: false,
        categories: vec!["storage".into()],
        references: vec!["https://example.org/".into()],
        remediation: Remediation { text: "Mend it.".into(), effort_minutes: 5, ..Remediation::default() },
        plugin: PluginRef { id: "checks-aws".into(), version: "0.1.0".into(), digest: [9; 32] },
    }
}

pub(super) const CHECKS: [(&str, Severity); 4] = [
    ("s3_bucket_encrypted", Severity::Medium),
    ("s3_bucket_logged", Severity::Low),
    ("s3_bucket_public_access", Severity::Critical),
    ("s3_bucket_versioned", Severity::High),
];

pub(super) fn catalogue() -> Catalogue {
    let checks = CHECKS.map(|(id, severity)| (id.to_owned(), check(id, severity)));
    let control = ControlRef { framework: "cis".into(), control: "2.1".into() };
    Catalogue {
        checks: BTreeMap::from(checks),
        controls: BTreeMap::from([("s3_bucket_logged".to_owned(), vec![control])]),
    }
}

pub(super) fn resource(number: u32) -> ResourceRef {
    ResourceRef {
        id: format!("arn:aws:s3:::bucket-{number:05}"),
        kind: "aws_s3_bucket".into(),
        name: format!("bucket-{number:05}"),
        account: "111122223333".into(),
        region: if number.is_multiple_of(2) { "eu-central-1" } else { "us-east-1" }.into(),
    }
}

pub(super) fn document(number: u32) -> Vec<u8> {
    format!("{{\"id\":\"arn:aws:s3:::bucket-{number:05}\",\"acl\":\"private\",\"versioning\":{{\"enabled\":true}}}}")
        .into_bytes()
}

pub(super) fn digest(bytes: &[u8]) -> Digest {
    *blake3::hash(bytes).as_bytes()
}

pub(super) fn outcome(number: u32, check: u32, verdict: Verdict) -> OutcomeRow {
    let (id, severity) = CHECKS[check as usize];
    let resource = resource(number);
    OutcomeRow {
        check,
        severity,
        verdict,
        fingerprint: Fingerprint::new(id, &resource.account, &resource.id),
        resource,
        digest: Some(digest(&document(number))),
        message: format!("{id} says {verdict} of bucket {number}"),
        delta: (verdict == Verdict::Fail).then_some(Delta::New),
        muted: None,
    }
}

pub(super) fn task(index: u32) -> TaskRow {
    TaskRow {
        index,
        id: format!("task-{index}"),
        service: "s3".into(),
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        kinds: vec!["aws_s3_bucket".into()],
        payload: vec![0xC0, 0xFF, 0xEE],
        ..TaskRow::default()
    }
}

pub(super) fn gap(task: &str) -> ScanGap {
    ScanGap {
        task: task.into(),
        kind: "aws_s3_bucket".into(),
        account: "111122223333".into(),
        region: String::new(),
        reason: "access denied".into(),
        permission: Some("s3:ListAllMyBuckets".into()),
    }
}

/// Bucket by bucket: encryption passes, logging does not apply, public access fails on every third (muted on every ninth),
/// versioning is not evaluated on every fourth and by hand on the rest.
pub(super) fn batch(scan: u8, task: u32, fence: u64, numbers: std::ops::Range<u32>) -> RecordBatch {
    let mut batch = RecordBatch { scan: id(scan), task, fence, ..RecordBatch::default() };
    for number in numbers {
        let document = document(number);
        let digest = digest(&document);
        batch.resources.push(ResourceRow {
            resource: resource(number),
            digest,
            passes: if number % 3 == 0 { vec![0] } else { vec![0, 2] },
            not_applicable: vec![(1, "logging is elsewhere".into())],
            gaps: Vec::new(),
            source: Some([u8::try_from(number % 251).unwrap_or_default(); 32]),
        });
        if number % 3 == 0 {
            let muted = (number % 9 == 0).then(|| "accepted until spring".to_owned());
            batch.outcomes.push(OutcomeRow { muted, ..outcome(number, 2, Verdict::Fail) });
        }
        let verdict = if number % 4 == 0 { Verdict::NotEvaluated } else { Verdict::Manual };
        batch.outcomes.push(outcome(number, 3, verdict));
        batch.documents.push((digest, document));
        batch.verdicts.push(VerdictRow { plugin: [9; 32], resource: digest, verdicts: verdicts(number) });
    }
    batch
}

pub(super) fn verdicts(number: u32) -> CachedVerdicts {
    let failed = number.is_multiple_of(3);
    CachedVerdicts(vec![
        CachedVerdict { check: 0, verdict: Verdict::Pass, message: None, day: None },
        CachedVerdict {
            check: 2,
            verdict: if failed { Verdict::Fail } else { Verdict::Pass },
            message: failed.then(|| "open to everybody".into()),
            day: None,
        },
    ])
}

/// The figures of what [`batch`] hands over for buckets from zero up to a number.
pub(super) fn summary(buckets: u32) -> Summary {
    let count = |wanted: fn(u32) -> bool| (0..buckets).filter(|number| wanted(*number)).count() as u64;
    let (fails, muted) = (count(|n| n % 3 == 0), count(|n| n % 9 == 0));
    let all = u64::from(buckets);
    let control = ControlResult {
        id: "2.1".into(),
        title: "Buckets are private".into(),
        section: vec!["Storage".into()],
        status: ControlStatus::Fail,
        checks: vec!["s3_bucket_logged".into(), "s3_bucket_public_access".into()],
        missing_checks: vec![],
        excluded_checks: vec!["s3_bucket_mfa".into()],
        failures: fails - muted,
    };
    Summary {
        resources: all,
        violations_by_severity: BTreeMap::from([(Severity::Critical, fails - muted)]),
        outcomes_by_verdict: BTreeMap::from([
            (Verdict::Pass, all + all - fails),
            (Verdict::NotApplicable, all),
            (Verdict::Fail, fails),
            (Verdict::NotEvaluated, count(|n| n % 4 == 0)),
            (Verdict::Manual, all - count(|n| n % 4 == 0)),
        ]),
        muted,
        frameworks: vec![FrameworkResult {
            id: "cis".into(),
            title: "CIS".into(),
            version: "3".into(),
            controls: vec![control],
        }],
        delta: None,
        evaluated_now: 3,
        reused: 4,
        signatures: Some(SignatureFigures { violations: 1, delta: DeltaCounts { new: 1, ..DeltaCounts::default() } }),
        effort_minutes: 5 * (fails - muted),
    }
}

pub(super) fn coverage() -> Coverage {
    Coverage { evaluated: 90, evaluable: 100, tasks_done: 2, tasks: 2 }
}

/// A scan that runs two tasks and has not started them.
pub(super) fn planned(ledger: &Ledger, number: u8) {
    ledger.create_scan(&new_scan(number)).unwrap();
    ledger.transition(&id(number), ScanStatus::Running, AT, None).unwrap();
    ledger.put_catalogue(&id(number), &catalogue()).unwrap();
    ledger.put_plan(&id(number), &[task(0), task(1)]).unwrap();
}

/// A completed scan of `buckets` buckets, the first half of them in the first task.
pub(super) fn completed(ledger: &Ledger, number: u8, buckets: u32) {
    planned(ledger, number);
    for (index, numbers) in [(0, 0..buckets / 2), (1, buckets / 2..buckets)] {
        let fence = ledger.start_task(&id(number), index).unwrap();
        for start in numbers.clone().step_by(64) {
            ledger.record(batch(number, index, fence, start..numbers.end.min(start + 64))).unwrap();
        }
        let mut last = RecordBatch { scan: id(number), task: index, fence, ..RecordBatch::default() };
        last.gaps.push(gap(&format!("task-{index}")));
        last.finished = Some(TaskEnd::Done);
        ledger.record(last).unwrap();
    }
    ledger.put_gaps(&id(number), &[gap("")]).unwrap();
    ledger.complete(&id(number), AT, coverage(), &summary(buckets), &resolved()).unwrap();
}

pub(super) fn resolved() -> Vec<ResolvedRow> {
    let row = |number: u32| ResolvedRow {
        fingerprint: outcome(number, 2, Verdict::Fail).fingerprint,
        check_id: "s3_bucket_public_access".into(),
        severity: Severity::Critical,
        resource: resource(number),
        resolution: if number.is_multiple_of(2) {
            plumb_model::delta::Resolution::Fixed
        } else {
            plumb_model::delta::Resolution::ResourceRemoved
        },
    };
    (0..150).map(row).collect()
}

pub(super) fn findings(ledger: &Ledger, number: u8) -> Result<Vec<plumb_model::outcome::Finding>, StoreError> {
    let mut findings = Vec::new();
    ledger.findings(&id(number), |finding| {
        findings.push(finding);
        Ok::<_, StoreError>(())
    })?;
    Ok(findings)
}

pub(super) fn resources(ledger: &Ledger, number: u8) -> Result<Vec<ResourceRow>, StoreError> {
    let mut rows = Vec::new();
    ledger.resources(&id(number), |row| {
        rows.push(row);
        Ok::<_, StoreError>(())
    })?;
    Ok(rows)
}

pub(super) fn violations(ledger: &Ledger, number: u8) -> Result<Vec<Violation>, StoreError> {
    let mut rows = Vec::new();
    ledger.violations(&id(number), |row| {
        rows.push(row);
        Ok::<_, StoreError>(())
    })?;
    Ok(rows)
}
