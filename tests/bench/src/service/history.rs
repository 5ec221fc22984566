//! A ledger that has seen much: 10,000 scans, a thousand of them with a thousand violations each.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use plumb_model::access::{Grant, Role, Token};
use plumb_model::check::{Check, PluginRef, Remediation, Scope, Severity};
use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
use plumb_model::notification::ScanNotifications;
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::{About, Catalogue, Coverage, ScanId, ScanStatus, Summary};
use plumb_model::schedule::{Overlap, ScanConfig, Schedule, ScheduleState, Timing};
use plumb_model::target::{Policy, Target};
use plumb_model::tenant::DEFAULT;
use plumb_store::{Ledger, NewScan, OutcomeRow, RecordBatch, TaskEnd, TaskRow};

const SCANS: u32 = 10_000;
/// What is scanned, each with a policy of its own.
const TARGETS: u8 = 8;
/// Scans that have violations, and how many.
const FULL: u32 = 1_000;
const VIOLATIONS: u32 = 1_000;
const CONTROLS: usize = 100;

/// Where to look.
pub(super) struct History {
    /// The id of a scan that waits.
    pub(super) waiting: String,
    /// One with violations.
    full: String,
}

impl History {
    /// The dashboard's pages.
    pub(super) fn dashboard(&self) -> Vec<(&'static str, String)> {
        let full = &self.full;
        let first = Fingerprint(fingerprint(0));
        let last = Fingerprint(fingerprint(VIOLATIONS - 1));
        vec![
            ("overview", "/".to_owned()),
            ("scans", "/scans".to_owned()),
            ("last scans", format!("/scans?offset={}", SCANS - 50)),
            ("scans of one status", "/scans?status=failed".to_owned()),
            ("a scan", format!("/scans/{full}")),
            ("controls of a scan", format!("/scans/{full}/frameworks/framework")),
            ("findings of a scan", format!("/scans/{full}/findings")),
            ("the first finding of 1,000", format!("/scans/{full}/findings/{first}")),
            ("the last finding of 1,000", format!("/scans/{full}/findings/{last}")),
            ("drifts", "/drifts".to_owned()),
            ("targets", "/targets".to_owned()),
            ("schedules", "/schedules".to_owned()),
            ("a schedule", "/schedules/1".to_owned()),
            ("a new schedule", "/schedules/new".to_owned()),
            ("notifications", "/notifications".to_owned()),
            ("mutes", "/mutes".to_owned()),
            ("plugins", "/plugins".to_owned()),
        ]
    }

    /// What each list of the API is called, and its path.
    pub(super) fn pages(&self) -> Vec<(&'static str, String)> {
        let full = &self.full;
        vec![
            ("history, first page", "/api/scan/history?limit=100".to_owned()),
            ("history, page 90", "/api/scan/history?limit=100&offset=9000".to_owned()),
            ("history by score", "/api/scan/history?limit=100&sort=score".to_owned()),
            ("scans, first page", "/api/scans?limit=100".to_owned()),
            ("scans, last page", "/v1/scans?limit=100&offset=9900".to_owned()),
            ("results of a scan", format!("/api/scans/{full}/results")),
            ("findings of a scan, first page", format!("/v1/findings?scan_id={full}&limit=100")),
            ("findings of a scan, last page", format!("/v1/findings?scan_id={full}&limit=100&offset=900")),
        ]
    }
}

pub(super) fn admin() -> Token {
    Token {
        id: [1; 16],
        tenant: DEFAULT,
        name: "bench".into(),
        grant: Grant::Role(Role::Admin),
        prefix: "plumb_aaaaaa".into(),
        created_at: minute(0),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

/// A UUIDv7 of its own for each number, later ones after earlier ones.
fn id(number: u32) -> ScanId {
    let [a, b, c, d] = number.to_be_bytes();
    [0x01, 0x9a, a, b, c, d, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1]
}

fn minute(minute: u32) -> String {
    let begin = jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(1_750_000_000);
    format!("{:.3}", begin + Duration::from_secs(u64::from(minute) * 60))
}

fn name(id: &ScanId) -> String {
    uuid::Uuid::from_bytes(*id).to_string()
}

pub(super) fn fill(ledger: &Ledger) -> Result<History> {
    let catalogue = catalogue();
    for number in 0..TARGETS {
        ledger.put_target(&target(number))?;
        ledger.put_policy(&[number; 32], &policy(number))?;
    }
    ledger.put_schedule(&schedule())?;
    for number in 0..SCANS {
        let (id, violations) = (id(number), if number < FULL { VIOLATIONS } else { 0 });
        let of = u8::try_from(number % u32::from(TARGETS))?;
        let schedule = (of == 0).then_some([5; 16]);
        let about = About { policy: Some([of; 16]), targets: vec![[of; 16]], schedule, ..About::default() };
        let created_at = minute(number);
        let scan = NewScan {
            id,
            about,
            target: format!("estate {of}"),
            provider: "terraform".into(),
            created_at,
            ..NewScan::default()
        };
        ledger.create_scan(&scan)?;
        ledger.put_catalogue(&id, &catalogue)?;
        ledger.transition(&id, ScanStatus::Running, &minute(number), None)?;
        if violations > 0 {
            ledger.put_plan(&id, &[TaskRow::default()])?;
            let fence = ledger.start_task(&id, 0)?;
            let outcomes = (0..violations).map(violation).collect();
            let finished = Some(TaskEnd::Done);
            ledger.record(RecordBatch { scan: id, fence, outcomes, finished, ..RecordBatch::default() })?;
        }
        let tasks = u64::from(violations > 0);
        let coverage = Coverage { evaluated: 1_000, evaluable: 1_000, tasks_done: tasks, tasks };
        ledger.complete(&id, &minute(number + 1), coverage, &summary(number, violations), &[])?;
    }
    let waiting = id(SCANS);
    let about = About { targets: vec![[7; 16]], ..About::default() };
    let created_at = minute(SCANS);
    ledger.create_scan(&NewScan { id: waiting, about, created_at, ..NewScan::default() })?;
    Ok(History { waiting: name(&waiting), full: name(&id(FULL / 2)) })
}

fn target(number: u8) -> Target {
    Target {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: format!("estate {number}"),
        provider: "terraform".into(),
        settings: "{\"paths\":[\"/srv/infra\"]}".into(),
        credentials: None,
        labels: [("environment".to_owned(), "production".to_owned())].into(),
        created_at: minute(0),
        updated_at: minute(0),
    }
}

fn policy(number: u8) -> Policy {
    Policy {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: format!("estate {number}: all frameworks"),
        targets: [[number; 16]].into(),
        frameworks: BTreeSet::new(),
        labels: BTreeMap::new(),
        created_at: minute(0),
    }
}

/// It ordered every scan of the first target.
fn schedule() -> Schedule {
    Schedule {
        id: [5; 16],
        tenant: DEFAULT,
        number: 0,
        name: "nightly".into(),
        description: String::new(),
        timing: Some(Timing { cron: "30 2 * * *".into(), timezone: "Europe/Berlin".into() }),
        triggers: Vec::new(),
        config: ScanConfig {
            environment: "production".into(),
            cloud_providers: vec!["aws".into()],
            ..ScanConfig::default()
        },
        overlap: Overlap::Skip,
        notifications: ScanNotifications::default(),
        enabled: true,
        created_at: minute(0),
        updated_at: minute(0),
        armed_at: minute(0),
        secret_version: 0,
        state: ScheduleState::default(),
    }
}

/// Of one violation; they lie in the order of their numbers.
fn fingerprint(number: u32) -> [u8; 16] {
    let mut fingerprint = [3; 16];
    for (place, byte) in fingerprint.iter_mut().zip(number.to_be_bytes()) {
        *place = byte;
    }
    fingerprint
}

fn violation(number: u32) -> OutcomeRow {
    let bucket = format!("bucket-{number:05}");
    OutcomeRow {
        check: number % 10,
        severity: Severity::High,
        verdict: Verdict::Fail,
        resource: ResourceRef {
            id: format!("aws_s3_bucket.{bucket}"),
            kind: "aws_s3_bucket".into(),
            name: bucket,
            account: "111111111111".into(),
            region: "eu-west-1".into(),
        },
        digest: None,
        message: "objects are not encrypted by default".into(),
        fingerprint: Fingerprint(fingerprint(number)),
        delta: None,
        muted: None,
    }
}

fn catalogue() -> Catalogue {
    let check = |number: usize| Check {
        id: format!("s3_bucket_check_{number}"),
        title: "S3 bucket encrypts objects by default".into(),
        description: "Looks at the default encryption of buckets.".into(),
        risk: "Objects lie readable.".into(),
        severity: Severity::High,
        scope: Scope::Resource,
        kinds: vec!["aws_s3_bucket".into()],
        subjects: vec![],
        reads: vec!["server_side_encryption_configuration".into()],
        time_dependent: false,
        categories: Vec::new(),
        references: Vec::new(),
        remediation: Remediation::default(),
        plugin: PluginRef { id: "checks-aws".into(), version: "0.1.0".into(), digest: [9; 32] },
    };
    let checks: BTreeMap<String, Check> = (0..10).map(check).map(|check| (check.id.clone(), check)).collect();
    Catalogue { checks, ..Catalogue::default() }
}

fn summary(number: u32, violations: u32) -> Summary {
    let control = |control: usize| ControlResult {
        id: format!("{}.{control}", control / 20),
        title: "Data at rest is encrypted".into(),
        section: vec![format!("Section {}", control / 20)],
        status: if (control + number as usize).is_multiple_of(3) { ControlStatus::Fail } else { ControlStatus::Pass },
        checks: vec![format!("s3_bucket_check_{}", control % 10)],
        missing_checks: Vec::new(),
        excluded_checks: Vec::new(),
        failures: 3,
    };
    let framework = FrameworkResult {
        id: "framework".into(),
        title: "A framework".into(),
        version: "1.0".into(),
        controls: (0..CONTROLS).map(control).collect(),
    };
    Summary {
        resources: 1_000,
        violations_by_severity: [(Severity::High, u64::from(violations))].into(),
        frameworks: vec![framework],
        ..Summary::default()
    }
}
