//! One element of `findings`.

use plumb_model::delta::Delta;
use plumb_model::outcome::{ControlRef, Finding};
use plumb_model::resource::ResourceRef;
use serde::Serialize;

use crate::report::Report;

#[derive(Serialize)]
pub(super) struct FindingValue<'a> {
    check_id: &'a str,
    severity: &'static str,
    verdict: &'static str,
    resource: ResourceValue<'a>,
    message: &'a str,
    controls: Vec<ControlValue<'a>>,
    fingerprint: String,
    delta: Option<&'static str>,
    muted: bool,
    mute_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct ResourceValue<'a> {
    id: &'a str,
    kind: &'a str,
    name: &'a str,
    account: &'a str,
    region: &'a str,
}

#[derive(Serialize)]
struct ControlValue<'a> {
    framework: &'a str,
    id: &'a str,
}

impl<'a> FindingValue<'a> {
    pub(super) fn new(report: &Report<'a>, finding: &'a Finding) -> FindingValue<'a> {
        let ResourceRef { id, kind, name, account, region } = &finding.resource;
        let controls = report.controls(&finding.check_id);
        FindingValue {
            check_id: &finding.check_id,
            severity: finding.severity.as_str(),
            verdict: finding.verdict.as_str(),
            resource: ResourceValue { id, kind, name, account, region },
            message: &finding.message,
            controls: controls
                .iter()
                .map(|ControlRef { framework, control }| ControlValue { framework, id: control })
                .collect(),
            fingerprint: finding.fingerprint.to_string(),
            delta: finding.delta.map(Delta::as_str),
            muted: finding.muted.is_some(),
            mute_reason: finding.muted.as_deref(),
        }
    }
}
