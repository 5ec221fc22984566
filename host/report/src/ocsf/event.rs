//! One event.

use plumb_model::check::{Check, Severity};
use plumb_model::delta::Delta;
use plumb_model::framework::FrameworkResult;
use plumb_model::outcome::{Finding, Verdict};
use plumb_model::resource::ResourceRef;
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::{Report, uuid};
use crate::stream::given;

/// When the scan was done.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) at: i64,
    pub(super) from: Option<i64>,
}

const CATEGORY_FINDINGS: u32 = 2;
const CLASS_COMPLIANCE_FINDING: u32 = 2003;
const OCSF_VERSION: &str = "1.8.0";

#[derive(Serialize)]
pub(super) struct Event<'a> {
    activity_id: u32,
    activity_name: &'static str,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<i64>,
    end_time: i64,
    severity_id: u32,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    message: &'a str,
    metadata: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<Value>,
    finding_info: Value,
    compliance: Value,
    resources: [Value; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Value>,
    unmapped: Value,
}

impl<'a> Event<'a> {
    pub(super) fn new(report: &Report<'a>, finding: &'a Finding, times: Times) -> Event<'a> {
        let check = report.check(&finding.check_id);
        let (activity_id, activity_name, type_name) = match finding.delta {
            Some(Delta::Unchanged) => (2, "Update", "Compliance Finding: Update"),
            _ => (1, "Create", "Compliance Finding: Create"),
        };
        let (severity_id, severity) = severity(finding);
        let (status_id, status) = progress(finding).unzip();
        let cloud = cloud(finding);
        let profiles: &[&str] = if cloud.is_some() { &["cloud"] } else { &[] };
        Event {
            activity_id,
            activity_name,
            category_uid: CATEGORY_FINDINGS,
            category_name: "Findings",
            class_uid: CLASS_COMPLIANCE_FINDING,
            class_name: "Compliance Finding",
            type_uid: CLASS_COMPLIANCE_FINDING * 100 + activity_id,
            type_name,
            time: times.at,
            start_time: times.from,
            end_time: times.at,
            severity_id,
            severity,
            status_id,
            status,
            comment: finding.muted.as_deref(),
            message: if finding.message.is_empty() { report.title(&finding.check_id) } else { &finding.message },
            metadata: json!({
                "version": OCSF_VERSION,
                "product": { "name": "Plumbline", "vendor_name": "Plumbline", "version": report.tool_version },
                "profiles": profiles,
                "correlation_uid": uuid(report.scan.id),
                "event_code": finding.check_id,
            }),
            cloud,
            finding_info: finding_info(report, finding, check, times.at),
            compliance: compliance(report, finding, check),
            resources: [resource(finding)],
            remediation: check.and_then(remediation),
            unmapped: unmapped(report, finding),
        }
    }
}

/// What passes or does not apply matters to nobody.
fn severity(finding: &Finding) -> (u32, &'static str) {
    match (finding.verdict, finding.severity) {
        (Verdict::Pass | Verdict::NotApplicable, _) | (_, Severity::Informational) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

/// Where work on the finding stands; none where there is no work.
fn progress(finding: &Finding) -> Option<(u32, &'static str)> {
    match finding.verdict {
        Verdict::Pass | Verdict::NotApplicable => None,
        _ if finding.muted.is_some() => Some((3, "Suppressed")),
        _ => Some((1, "New")),
    }
}

/// The cloud a resource kind belongs to; none for what is in no cloud.
fn cloud(finding: &Finding) -> Option<Value> {
    let resource = &finding.resource;
    let (provider, account_type_id, account_type) = match resource.kind.split('_').next().unwrap_or_default() {
        "aws" => ("AWS", 10, "AWS Account"),
        "azurerm" | "azuread" => ("Azure", 13, "Azure Subscription"),
        "google" => ("GCP", 11, "GCP Project"),
        _ => return None,
    };
    let account = json!({ "uid": resource.account, "type_id": account_type_id, "type": account_type });
    Some(given(json!({
        "provider": provider,
        "account": if resource.account.is_empty() { Value::Null } else { account },
        "region": resource.region,
    })))
}

fn finding_info(report: &Report<'_>, finding: &Finding, check: Option<&Check>, at: i64) -> Value {
    given(json!({
        "uid": finding.fingerprint.to_string(),
        "title": report.title(&finding.check_id),
        "last_seen_time": at,
        "desc": check.map(|check| &check.description),
        "types": check.map(|check| &check.categories),
    }))
}

fn compliance(report: &Report<'_>, finding: &Finding, check: Option<&Check>) -> Value {
    let (status_id, status) = match finding.verdict {
        Verdict::Pass => (1, "Pass"),
        Verdict::Fail => (3, "Fail"),
        Verdict::NotEvaluated => (0, "Unknown"),
        other => (99, other.as_str()),
    };
    let controls = report.controls(&finding.check_id);
    let mut standards: Vec<String> = controls.iter().map(|at| standard(report, &at.framework)).collect();
    standards.dedup();
    let requirements: Vec<&str> = controls.iter().map(|at| at.control.as_str()).collect();
    given(json!({
        "status_id": status_id,
        "status": status,
        "status_details": if finding.message.is_empty() { Value::Null } else { json!([finding.message]) },
        "control": requirements.first(),
        "requirements": requirements,
        "standards": standards,
        "desc": check.map(|check| &check.risk),
        "checks": [{
            "uid": finding.check_id,
            "name": report.title(&finding.check_id),
            "status_id": status_id,
            "status": status,
        }],
    }))
}

/// A framework's title and version, or its id where it took no part in the scan.
fn standard(report: &Report<'_>, id: &str) -> String {
    let framework = report.summary.frameworks.iter().find(|framework| framework.id == id);
    framework.map_or_else(|| id.to_owned(), |FrameworkResult { title, version, .. }| format!("{title} {version}"))
}

fn resource(finding: &Finding) -> Value {
    let ResourceRef { id, kind, name, region, .. } = &finding.resource;
    given(json!({ "uid": id, "type": kind, "name": name, "region": region }))
}

fn remediation(check: &Check) -> Option<Value> {
    let from = &check.remediation;
    let desc = if from.text.is_empty() { &from.command } else { &from.text };
    if desc.is_empty() {
        return None;
    }
    let references = if from.url.is_empty() { Vec::new() } else { vec![&from.url] };
    Some(given(json!({ "desc": desc, "references": references })))
}

fn unmapped(report: &Report<'_>, finding: &Finding) -> Value {
    let controls = report.controls(&finding.check_id).iter();
    let controls: Vec<Value> = controls.map(|at| json!({ "framework": at.framework, "id": at.control })).collect();
    json!({
        "verdict": finding.verdict.as_str(),
        "check_severity": finding.severity.as_str(),
        "delta": finding.delta.map(Delta::as_str),
        "target": report.scan.target,
        "account": finding.resource.account,
        "controls": controls,
    })
}
