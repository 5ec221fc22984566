//! What the service keeps beside the rows of scans: tenants and tokens, targets and policies, schedules, messages, baselines, drifts.

use std::collections::BTreeSet;

use plumb_model::access::{Actor, AuditEvent, Grant, Role, Token};
use plumb_model::check::Severity;
use plumb_model::drift::{DriftKind, DriftType};
use plumb_model::mute::Mute;
use plumb_model::notification::{
    Channel, Delivery, DeliveryStatus, Destination, EventKind, ScanNotifications, UrlSource,
};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::{About, Coverage, ScanStatus, Summary};
use plumb_model::schedule::{Overlap, ScanConfig, Schedule, ScheduleState, Timing};
use plumb_model::target::{Policy, Target};
use plumb_model::tenant::{DEFAULT, Tenant};
use plumb_store::*;

use super::super::fixture::{AT, catalogue, completed, digest, document, id, new_scan, resource};
use super::{Answers, told};

const ACME: [u8; 16] = [7; 16];
const TARGET: [u8; 16] = [1; 16];
/// Of each kind: more than one leaf where records are long.
const EACH: u8 = 12;

pub(super) fn ask(ledger: &Ledger) -> Answers {
    let every = DriftFilter::default();
    let mut answers = vec![
        ("tenants", told(ledger.tenants())),
        ("a tenant", told(ledger.tenant(&ACME))),
        ("a tenant's name", told(ledger.tenant_named("acme"))),
        ("tokens", told(ledger.tokens(&DEFAULT, 0, 100))),
        ("a token", told(ledger.token_by_hash(&[3; 32]))),
        ("a token that is not there", told(ledger.token_by_hash(&[200; 32]))),
        ("a token's id", told(ledger.token(&DEFAULT, &[3; 16]))),
        ("audit", told(ledger.audit(&DEFAULT, None, 100))),
        ("the end of the audit log", told(ledger.audit_head(&DEFAULT))),
        ("targets", told(ledger.targets(&DEFAULT))),
        ("a target", told(ledger.target(&DEFAULT, &TARGET))),
        ("a target's name", told(ledger.target_by_name(&DEFAULT, "target 3"))),
        ("a number", told(ledger.by_number(&DEFAULT, Numbered::Target, 3))),
        ("policies", told(ledger.policies(&DEFAULT))),
        ("a policy", told(ledger.policy(&DEFAULT, &[2; 16]))),
        ("mutes", told(ledger.mutes(&DEFAULT))),
        ("schedules", told(ledger.schedules(&DEFAULT))),
        ("a schedule", told(ledger.schedule(&DEFAULT, &[2; 16]))),
        ("a schedule of anyone", told(ledger.schedule_of_anyone(&[2; 16]))),
        ("all schedules", whole(ledger.all_schedules())),
        ("all scans", whole(ledger.all_scans())),
        ("channels", told(ledger.channels(&DEFAULT))),
        ("a channel", told(ledger.channel(&DEFAULT, &[2; 16]))),
        ("events", told(ledger.events(100))),
        ("due messages", told(ledger.due_deliveries(AT, 100))),
        ("messages", told(ledger.deliveries(&DEFAULT, DeliveryFilter::default(), 0, 100))),
        ("a message", told(ledger.delivery(&DEFAULT, &[2; 16]))),
        ("drifts", told(ledger.drifts(&DEFAULT, &every, 0, 100))),
        ("drifts in numbers", told(ledger.drift_counts(&DEFAULT, &every))),
        ("a drift", told(ledger.drift(&DEFAULT, &id(101)))),
        ("open drifts", told(ledger.open_drifts(&DEFAULT, &TARGET))),
        ("drifts of a scan", told(ledger.drifts_of_scan(&DEFAULT, &id(2)))),
        ("drifts of a scan in numbers", told(ledger.drift_count(&id(2)))),
        ("the head of the baselines", told(ledger.baseline_head(&DEFAULT, &TARGET))),
        ("a baseline", told(ledger.baseline(&DEFAULT, &TARGET, &key(1)))),
        ("what a scan leaves to be compared", told(ledger.uncompared_targets(&id(3)))),
    ];
    let mut baselines = Vec::new();
    let visited = ledger.baselines(&DEFAULT, &TARGET, |key, baseline| {
        baselines.push((key, baseline));
        Ok::<_, StoreError>(())
    });
    answers.push(("baselines", told(visited.map(|()| baselines))));
    answers
}

/// What can be read, unless something cannot.
fn whole<T: std::fmt::Debug>(answer: Result<(Vec<T>, Vec<StoreError>), StoreError>) -> Result<String, StoreError> {
    told(answer.and_then(|(found, damaged)| damaged.into_iter().next().map_or(Ok(found), Err)))
}

pub(super) fn fill(ledger: &Ledger) {
    ledger.create_tenant(&Tenant { id: ACME, name: "acme".into(), ..Tenant::default_tenant() }).unwrap();
    completed(ledger, 1, 10);
    completed(ledger, 2, 10);
    for number in 1..=EACH {
        access(ledger, number);
        kept(ledger, number);
        ledger.put_delivery(&message(number)).unwrap();
    }
    let rows: Vec<(ResourceRef, Digest)> =
        (0..10).map(|number| (resource(number), digest(&document(number)))).collect();
    ledger.capture_baselines(&DEFAULT, &TARGET, &id(1), AT, &rows, |_| false).unwrap();
    let found: Vec<FoundDrift> = (0..5).map(drift).collect();
    ledger.record_drifts(&DEFAULT, &TARGET, &id(2), AT, &found, &BTreeSet::new()).unwrap();
    let about = About { targets: vec![TARGET, [2; 16]], ..About::default() };
    ledger.create_scan(&NewScan { about, ..new_scan(3) }).unwrap();
    ledger.transition(&id(3), ScanStatus::Running, AT, None).unwrap();
    ledger.put_catalogue(&id(3), &catalogue()).unwrap();
    ledger.complete(&id(3), AT, Coverage::default(), &Summary::default(), &[]).unwrap();
    let request = KeyedRequest { tenant: DEFAULT, key: [1; 32], fingerprint: [2; 32] };
    ledger.begin_keyed(&request, AT, "2026-11-20T10:00:00.000Z").unwrap();
}

fn access(ledger: &Ledger, number: u8) {
    for (tenant, mark) in [(DEFAULT, 0), (ACME, 100)] {
        let token = Token {
            id: [number + mark; 16],
            tenant,
            name: format!("token {number}"),
            grant: Grant::Role(Role::Viewer),
            prefix: format!("plumb_{number}"),
            created_at: AT.into(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        ledger.create_token(&[number + mark; 32], &token).unwrap();
        let event = AuditEvent {
            tenant,
            at: AT.into(),
            actor: Actor::Cli,
            action: format!("action {number}"),
            object: "/v1/tokens".into(),
            result: "done".into(),
            request_id: None,
            count: 1,
        };
        ledger.append_audit(&event).unwrap();
    }
}

/// Targets, policies, mutes, schedules and channels.
fn kept(ledger: &Ledger, number: u8) {
    let target = Target {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: format!("target {number}"),
        provider: "terraform".into(),
        settings: format!(r#"{{"paths":["/{}"]}}"#, "infra/".repeat(40)),
        credentials: None,
        labels: [("environment".to_owned(), "production".to_owned())].into(),
        created_at: AT.into(),
        updated_at: AT.into(),
    };
    ledger.put_target(&target).unwrap();
    let policy = Policy {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: format!("policy {number}"),
        targets: [[number; 16]].into(),
        frameworks: ["cis".to_owned()].into(),
        labels: [].into(),
        created_at: AT.into(),
    };
    ledger.put_policy(&[number; 32], &policy).unwrap();
    let mute = Mute { check: "*".into(), reason: format!("accepted {number}"), ..Mute::default() };
    ledger.put_mute(&DEFAULT, &KeptMute { id: [number; 16], mute, created_at: AT.into() }).unwrap();
    let schedule = Schedule {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: format!("schedule {number}"),
        description: "every night ".repeat(30),
        timing: Some(Timing { cron: "0 2 * * *".into(), timezone: "UTC".into() }),
        triggers: Vec::new(),
        config: ScanConfig::default(),
        overlap: Overlap::Skip,
        notifications: ScanNotifications::default(),
        enabled: true,
        created_at: AT.into(),
        updated_at: AT.into(),
        armed_at: AT.into(),
        secret_version: 0,
        state: ScheduleState::default(),
    };
    ledger.put_schedule(&schedule).unwrap();
    let channel = Channel {
        id: [number; 16],
        tenant: DEFAULT,
        name: format!("channel {number}"),
        destination: Destination::Webhook(UrlSource::Secret("hook".into())),
        rules: Vec::new(),
        enabled: true,
        secret_version: 0,
        created_at: AT.into(),
        updated_at: AT.into(),
    };
    ledger.put_channel(&channel).unwrap();
}

/// Every third is over.
fn message(number: u8) -> Delivery {
    let over = number.is_multiple_of(3);
    Delivery {
        id: [number; 16],
        tenant: DEFAULT,
        channel: Some([1; 16]),
        channel_name: "channel 1".into(),
        event: EventKind::ScanFailed,
        scan: id(1),
        data: "{}".into(),
        status: if over { DeliveryStatus::Delivered } else { DeliveryStatus::Pending },
        attempts: 1,
        created_at: AT.into(),
        next_attempt_at: (!over).then(|| AT.into()),
        ended_at: over.then(|| AT.into()),
        last_error: None,
    }
}

fn key(number: u32) -> ResourceKey {
    resource_key(&TARGET, &resource(number).id)
}

fn drift(number: u32) -> FoundDrift {
    FoundDrift {
        id: id(100 + u8::try_from(number).unwrap()),
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
        differences: Vec::new(),
        failing_check: None,
        document: Some(digest(&document(number))),
    }
}
