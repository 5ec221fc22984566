//! Who is told of an event, and what.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plumb_model::check::Severity;
use plumb_model::delta::Delta;
use plumb_model::notification::{Channel, ChannelKind, Delivery, DeliveryStatus, EventKind, Facts};
use plumb_model::outcome::{Finding, Verdict};
use plumb_model::scan::{Scan, ScanId};
use plumb_store::{Event, Happened, Ledger, StoreError, StoredScanHead};
use serde_json::{Value, json};

use crate::clock::rfc3339;

/// Violations that a message names; the others are counted.
const NAMED: usize = 10;

/// Characters of a text from a scan that a message repeats.
const TEXT_CHARS: usize = 300;

/// What rules look at, apart from what is new by severity.
pub(crate) fn facts(event: &Event, head: &StoredScanHead, previous_score: Option<f64>) -> Facts {
    match event.happened {
        Happened::DriftDetected { new, .. } => Facts { by_severity: new, new_by_severity: new, ..Facts::default() },
        Happened::ScanEnded { .. } => {
            let figures = head.figures.unwrap_or_default();
            Facts { by_severity: figures.violations, new_by_severity: [0; 5], score: figures.score, previous_score }
        }
    }
}

/// The messages about an event, one for each channel that is to be told. What is to go over a channel that there is not is a message
/// as well, one that was given up, so that it can be seen.
pub(crate) fn messages(
    ledger: &Ledger,
    event: &Event,
    head: &StoredScanHead,
    previous_score: Option<f64>,
    now: Timestamp,
    public_url: Option<&str>,
) -> Result<Vec<Delivery>, StoreError> {
    let kind = kind_of(event);
    let channels = ledger.channels(&event.tenant)?;
    let asked =
        if head.scan.about.notifications.want(kind) { head.scan.about.notifications.channels.as_slice() } else { &[] };
    if channels.is_empty() && asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut facts = facts(event, head, previous_score);
    let mut named = Vec::new();
    if let Happened::ScanEnded { scan, kind: EventKind::ScanCompleted } = event.happened {
        (facts.new_by_severity, named) = new_violations(ledger, &scan, head)?;
    }
    let (told, nobody) = told(&channels, asked, kind, &facts);
    if told.is_empty() && nobody.is_empty() {
        return Ok(Vec::new());
    }
    let data = data(ledger, event, head, &facts, &named, public_url)?.to_string();
    let at = rfc3339(now);
    let message = |channel: Option<&Channel>, name: &str| Delivery {
        id: *uuid::Uuid::now_v7().as_bytes(),
        tenant: event.tenant,
        channel: channel.map(|channel| channel.id),
        channel_name: name.to_owned(),
        event: kind,
        scan: head.scan.id,
        data: data.clone(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        created_at: at.clone(),
        next_attempt_at: Some(at.clone()),
        ended_at: None,
        last_error: None,
    };
    let mut messages: Vec<Delivery> = told.into_iter().map(|channel| message(Some(channel), &channel.name)).collect();
    messages.extend(nobody.into_iter().map(|name| Delivery {
        status: DeliveryStatus::Dead,
        next_attempt_at: None,
        ended_at: Some(at.clone()),
        last_error: Some(format!("the scan asks for '{name}', and there is no enabled channel of that kind or name")),
        ..message(None, name)
    }));
    Ok(messages)
}

/// The channels that are told, and what was asked for in vain.
fn told<'c>(
    channels: &'c [Channel],
    asked: &'c [String],
    kind: EventKind,
    facts: &Facts,
) -> (Vec<&'c Channel>, Vec<&'c str>) {
    let enabled = || channels.iter().filter(|channel| channel.enabled);
    let by_rule = enabled().filter(|channel| channel.rules.iter().any(|rule| rule.applies(kind, facts)));
    let mut ids: BTreeSet<_> = by_rule.map(|channel| channel.id).collect();
    let mut nobody = Vec::new();
    for name in asked {
        let kind = ChannelKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        let fits = |channel: &&Channel| channel.name == *name || kind == Some(channel.destination.kind());
        let before = enabled().filter(fits).map(|channel| channel.id).collect::<Vec<_>>();
        if before.is_empty() && !nobody.contains(&name.as_str()) {
            nobody.push(name.as_str());
        }
        ids.extend(before);
    }
    (enabled().filter(|channel| ids.contains(&channel.id)).collect(), nobody)
}

fn kind_of(event: &Event) -> EventKind {
    match event.happened {
        Happened::ScanEnded { kind, .. } => kind,
        Happened::DriftDetected { .. } => EventKind::DriftDetected,
    }
}

/// Ends the walk over findings where failures end.
enum Stop {
    Enough,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Store(error)
    }
}

/// Counts what is new, and names the worst of it. Without a predecessor everything is.
fn new_violations(
    ledger: &Ledger,
    scan: &ScanId,
    head: &StoredScanHead,
) -> Result<([u64; 5], Vec<Finding>), StoreError> {
    let compared = head.figures.and_then(|figures| figures.delta).is_some();
    let (mut counts, mut named) = ([0; 5], Vec::new());
    let walked = ledger.findings(scan, |finding| {
        // Failures come first.
        if finding.verdict != Verdict::Fail {
            return Err(Stop::Enough);
        }
        if finding.is_violation() && (!compared || finding.delta == Some(Delta::New)) {
            for (count, severity) in counts.iter_mut().zip(Severity::WORST_FIRST) {
                *count += u64::from(severity == finding.severity);
            }
            if named.len() < NAMED {
                named.push(finding);
            }
        }
        Ok(())
    });
    match walked {
        Ok(()) | Err(Stop::Enough) => Ok((counts, named)),
        Err(Stop::Store(error)) => Err(error),
    }
}

/// What is told, the same over every channel.
fn data(
    ledger: &Ledger,
    event: &Event,
    head: &StoredScanHead,
    facts: &Facts,
    named: &[Finding],
    public_url: Option<&str>,
) -> Result<Value, StoreError> {
    let (scan, about) = (&head.scan, &head.scan.about);
    let id = uuid::Uuid::from_bytes(scan.id).to_string();
    let mut data = json!({
        "event": kind_of(event).as_str(),
        "dashboard_url": public_url.map(|url| format!("{url}{}", page(event, scan))),
        "scan": {
            "id": id,
            "number": scan.number,
            "name": shortened(if about.name.is_empty() { &scan.target } else { &about.name }),
            "status": scan.status.as_str(),
            "status_reason": scan.status_reason.as_deref().map(shortened),
            "scan_type": about.scan_type.as_str(),
            "environment": about.environment,
            "triggered_by": about.trigger.as_str(),
            "created_at": scan.created_at,
            "completed_at": scan.completed_at,
            "url": public_url.map(|url| format!("{url}/v1/scans/{id}")),
        },
    });
    if let Some(members) = data.as_object_mut() {
        match event.happened {
            Happened::ScanEnded { .. } => {
                let figures = head.figures.unwrap_or_default();
                members.insert("compliance_score".into(), json!(facts.score));
                members.insert("previous_score".into(), json!(facts.previous_score));
                members.insert("coverage".into(), json!(scan.coverage.percent()));
                members.insert("violations".into(), by_severity(facts.by_severity));
                members.insert("new_violations".into(), by_severity(facts.new_by_severity));
                members.insert("resolved_violations".into(), json!(figures.delta.map_or(0, |delta| delta.resolved)));
                members.insert("worst".into(), named.iter().map(finding).collect());
            }
            Happened::DriftDetected { target, .. } => {
                let name = ledger.target(&event.tenant, &target)?.map(|target| target.name);
                let target = json!({"id": uuid::Uuid::from_bytes(target).to_string(), "name": name});
                members.insert("target".into(), target);
                members.insert("new_drifts".into(), by_severity(facts.new_by_severity));
            }
        }
    }
    Ok(data)
}

/// The dashboard's page of what happened.
fn page(event: &Event, scan: &Scan) -> String {
    match event.happened {
        Happened::DriftDetected { .. } => "/drifts?status=detected".to_owned(),
        Happened::ScanEnded { .. } => format!("/scans/{}", uuid::Uuid::from_bytes(scan.id)),
    }
}

fn by_severity(counts: [u64; 5]) -> Value {
    Severity::WORST_FIRST.iter().zip(counts).map(|(severity, count)| (severity.as_str(), json!(count))).collect()
}

fn finding(finding: &Finding) -> Value {
    json!({
        "check_id": finding.check_id,
        "severity": finding.severity.as_str(),
        "resource": shortened(&finding.resource.id),
        "account": finding.resource.account,
        "region": finding.resource.region,
        "message": shortened(&finding.message),
    })
}

fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let begin: String = chars.by_ref().take(TEXT_CHARS).collect();
    if chars.next().is_some() { format!("{begin}…") } else { begin }
}
