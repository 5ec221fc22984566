//! The parts of a SARIF file.

use std::collections::BTreeMap;

use plumb_model::check::{Check, Severity};
use plumb_model::delta::Delta;
use plumb_model::outcome::{Finding, Verdict};
use plumb_model::resource::ScanGap;
use plumb_model::scan::ScanStatus;
use serde_json::{Value, json};

use super::location::location;
use crate::figures::{count, thousands};
use crate::report::{Report, uuid};
use crate::stream::given;

pub(super) const HEAD: &str =
    "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[";

/// Gaps that a run names one by one; more are counted.
const GAPS_NAMED: usize = 100;
/// Tags that GitHub takes for a rule.
const TAGS: usize = 20;

/// The checks of the catalogue as rules.
pub(super) struct Rules<'a> {
    pub(super) values: Vec<Value>,
    positions: BTreeMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(report: &Report<'a>) -> Rules<'a> {
        let checks = &report.catalogue.checks;
        Rules {
            values: checks.values().map(|check| rule(report, check)).collect(),
            positions: checks.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect(),
        }
    }

    pub(super) fn index(&self, check: &str) -> Option<usize> {
        self.positions.get(check).copied()
    }
}

fn rule(report: &Report<'_>, check: &Check) -> Value {
    let controls = report.controls(&check.id).iter().map(|at| format!("{}:{}", at.framework, at.control));
    let tags: Vec<String> =
        std::iter::once("security".to_owned()).chain(check.categories.iter().cloned()).chain(controls).collect();
    let url = &check.remediation.url;
    given(json!({
        "id": check.id,
        "shortDescription": { "text": sentence(report.title(&check.id)) },
        "fullDescription": { "text": sentence(first(&[&check.description, &check.title, &check.id])) },
        "defaultConfiguration": { "level": level(check.severity) },
        "help": { "text": help(check) },
        "properties": {
            "security-severity": security_severity(check.severity),
            "tags": tags.into_iter().take(TAGS).collect::<Vec<String>>(),
        },
        "helpUri": url.starts_with("https://").then_some(url),
    }))
}

fn first<'a>(texts: &[&'a str]) -> &'a str {
    texts.iter().find(|text| !text.is_empty()).copied().unwrap_or_default()
}

/// SARIF asks that texts end as sentences do.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn help(check: &Check) -> String {
    let remediation = &check.remediation;
    let parts = [&check.risk, &remediation.text, &remediation.command, &remediation.terraform, &remediation.url];
    let given: Vec<&str> = parts.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    if given.is_empty() { sentence(first(&[&check.title, &check.id])) } else { given.join("\n\n") }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// In the middle of the bands in which GitHub reads the number: critical from 9.0, high from 7.0, medium from 4.0, low
/// above 0.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Informational => "0.0",
    }
}

pub(super) fn tool(report: &Report<'_>, rules: &[Value]) -> Value {
    json!({ "driver": {
        "name": "Plumbline",
        "semanticVersion": report.tool_version,
        "rules": rules,
    }})
}

/// GitHub tells the runs of a file apart by what stands before the last slash.
pub(super) fn automation(report: &Report<'_>, run: u64) -> Value {
    let scan = report.scan;
    let part = if run == 0 { String::new() } else { format!("/{}", run + 1) };
    json!({ "id": format!("plumb/{}{part}/{}", scan.target, uuid(scan.id)) })
}

pub(super) fn result(report: &Report<'_>, finding: &Finding, rule: Option<usize>) -> Value {
    let baseline = match finding.delta {
        Some(Delta::New) => Some("new"),
        Some(Delta::Unchanged) => Some("unchanged"),
        Some(Delta::Resolved | Delta::Incomparable) | None => None,
    };
    let suppressions =
        finding.muted.iter().map(|reason| json!({ "kind": "external", "status": "accepted", "justification": reason }));
    given(json!({
        "ruleId": finding.check_id,
        "ruleIndex": rule,
        "kind": "fail",
        "level": level(finding.severity),
        "message": { "text": message(report, finding) },
        "locations": [location(report, finding)],
        "partialFingerprints": { "plumb/v1": finding.fingerprint.to_string() },
        "baselineState": baseline,
        "suppressions": suppressions.collect::<Vec<Value>>(),
        "properties": {
            "severity": finding.severity.as_str(),
            "resourceId": finding.resource.id,
            "resourceKind": finding.resource.kind,
            "account": finding.resource.account,
            "region": finding.resource.region,
        },
    }))
}

/// In a SARIF text `[words](target)` is a link, so what somebody else wrote must not read as one.
fn message(report: &Report<'_>, finding: &Finding) -> String {
    let text = sentence(first(&[&finding.message, report.title(&finding.check_id)]));
    if text.contains("](") { text.replace('[', "\\[") } else { text }
}

/// How the scan went: whether it ran to its end, and what it could not look at.
pub(super) fn invocation(report: &Report<'_>, run: u64, left_out: u64) -> Value {
    let scan = report.scan;
    let mut notices = if run == 0 { notices(report) } else { Vec::new() };
    if left_out > 0 {
        let text = format!("{} left out: this file holds as many as GitHub takes.", count(left_out, "more result"));
        notices.push(notice("error", &text));
    }
    given(json!({
        "executionSuccessful": scan.status == ScanStatus::Completed,
        "startTimeUtc": scan.started_at,
        "endTimeUtc": scan.completed_at,
        "properties": { "status": scan.status.as_str(), "coverage": scan.coverage.percent() },
        "toolExecutionNotifications": notices,
    }))
}

fn notices(report: &Report<'_>) -> Vec<Value> {
    let mut notices = Vec::new();
    if let Some(reason) = &report.scan.status_reason {
        notices.push(notice("error", &format!("The scan is {}: {}", report.scan.status, sentence(reason))));
    }
    let undecided = report.summary.outcomes_by_verdict.get(&Verdict::NotEvaluated).copied().unwrap_or_default();
    if undecided > 0 {
        let text = format!("{} could not be evaluated, so nobody knows.", count(undecided, "outcome"));
        notices.push(notice("warning", &text));
    }
    notices.extend(report.gaps.iter().take(GAPS_NAMED).map(|gap| notice("warning", &gap_text(gap))));
    if let more @ 1.. = report.gaps.len().saturating_sub(GAPS_NAMED) {
        notices.push(notice("warning", &format!("{} more could not be looked at.", thousands(more as u64))));
    }
    notices
}

fn gap_text(gap: &ScanGap) -> String {
    let place: Vec<&str> = [&gap.kind, &gap.account, &gap.region, &gap.task]
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let place = if place.is_empty() { "A part of the target".to_owned() } else { place.join(" ") };
    let permission = gap.permission.as_deref().map(|right| format!(" (missing: {right})")).unwrap_or_default();
    format!("{place} could not be looked at: {}{permission}.", gap.reason.trim_end_matches('.'))
}

fn notice(level: &str, text: &str) -> Value {
    json!({ "level": level, "message": { "text": text } })
}
