//! The pieces of an artifact, in the order of their fields: this is the promised form.

use std::collections::{BTreeMap, BTreeSet};

use plumb_model::check::{Check, Scope};
use plumb_model::framework::{ControlResult, FrameworkResult};
use plumb_model::resource::ScanGap;
use serde::Serialize;

use crate::error::StoreError;
use crate::evidence::artifact::Subject;
use crate::key::{hex, scan_name};
use crate::tables::SCAN_EVIDENCE;

#[derive(Serialize)]
struct Head<'a> {
    format: &'static str,
    tool: String,
    scan: ScanPart<'a>,
    control: ControlPart<'a>,
}

#[derive(Serialize)]
struct ScanPart<'a> {
    id: String,
    number: u64,
    target: &'a str,
    provider: &'a str,
    created_at: &'a str,
    started_at: Option<&'a str>,
    completed_at: Option<&'a str>,
}

#[derive(Serialize)]
struct ControlPart<'a> {
    framework: &'a str,
    framework_title: &'a str,
    framework_version: &'a str,
    id: &'a str,
    title: &'a str,
    section: &'a [String],
    status: &'static str,
    failures: u64,
    missing_checks: &'a [String],
    excluded_checks: &'a [String],
}

#[derive(Serialize)]
struct CheckPart<'a> {
    id: &'a str,
    title: &'a str,
    severity: &'static str,
    scope: &'static str,
    kinds: &'a [String],
    reads: &'a [String],
    time_dependent: bool,
    plugin: PluginPart<'a>,
}

#[derive(Serialize)]
struct PluginPart<'a> {
    id: &'a str,
    version: &'a str,
    digest: String,
}

#[derive(Serialize)]
struct GapPart<'a> {
    task: &'a str,
    kind: &'a str,
    account: &'a str,
    region: &'a str,
    reason: &'a str,
    permission: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct OutcomePart<'a> {
    pub(super) check: &'a str,
    pub(super) verdict: &'static str,
    pub(super) severity: &'static str,
    /// The account's own name for an outcome about an account.
    pub(super) resource: &'a str,
    pub(super) account: &'a str,
    pub(super) document: Option<String>,
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) muted: Option<&'a str>,
}

/// The beginning of a resource's line, which all controls share; the rest differs.
#[derive(Serialize)]
pub(super) struct ResourcePart<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) document: String,
}

/// Everything before the first outcome.
pub(super) fn head(
    subject: &Subject,
    framework: &FrameworkResult,
    control: &ControlResult,
) -> Result<Vec<u8>, StoreError> {
    let scan = &subject.scan;
    let head = Head {
        format: "plumb-evidence/1",
        tool: format!("plumb {}", subject.tool),
        scan: ScanPart {
            id: scan_name(&scan.id),
            number: scan.number,
            target: &scan.target,
            provider: &scan.provider,
            created_at: &scan.created_at,
            started_at: scan.started_at.as_deref(),
            completed_at: scan.completed_at.as_deref(),
        },
        control: ControlPart {
            framework: &framework.id,
            framework_title: &framework.title,
            framework_version: &framework.version,
            id: &control.id,
            title: &control.title,
            section: &control.section,
            status: control.status.as_str(),
            failures: control.failures,
            missing_checks: &control.missing_checks,
            excluded_checks: &control.excluded_checks,
        },
    };
    let own: BTreeMap<&str, &Check> = control
        .checks
        .iter()
        .filter_map(|id| subject.catalogue.checks.get(id))
        .map(|check| (check.id.as_str(), check))
        .collect();
    let kinds: BTreeSet<&str> = own.values().flat_map(|check| &check.kinds).map(String::as_str).collect();
    let touches = |gap: &&ScanGap| gap.kind.is_empty() || kinds.contains(gap.kind.as_str());
    let mut bytes = json(&head)?;
    // The object goes on.
    bytes.pop();
    list(&mut bytes, "checks", own.values().map(|check| check_part(check)))?;
    list(&mut bytes, "gaps", subject.gaps.iter().filter(touches).map(gap_part))?;
    bytes.extend_from_slice(b",\n\"outcomes\":[");
    Ok(bytes)
}

fn check_part(check: &Check) -> CheckPart<'_> {
    CheckPart {
        id: &check.id,
        title: &check.title,
        severity: check.severity.as_str(),
        scope: match check.scope {
            Scope::Resource => "resource",
            Scope::Account => "account",
        },
        kinds: &check.kinds,
        reads: &check.reads,
        time_dependent: check.time_dependent,
        plugin: PluginPart { id: &check.plugin.id, version: &check.plugin.version, digest: hex(&check.plugin.digest) },
    }
}

fn gap_part(gap: &ScanGap) -> GapPart<'_> {
    GapPart {
        task: &gap.task,
        kind: &gap.kind,
        account: &gap.account,
        region: &gap.region,
        reason: &gap.reason,
        permission: gap.permission.as_deref(),
    }
}

/// A list of the object that is open.
fn list(bytes: &mut Vec<u8>, name: &str, elements: impl Iterator<Item = impl Serialize>) -> Result<(), StoreError> {
    bytes.extend_from_slice(format!(",\n\"{name}\":[").as_bytes());
    for (number, element) in elements.enumerate() {
        bytes.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
        bytes.extend(json(&element)?);
    }
    bytes.push(b']');
    Ok(())
}

pub(super) fn json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value)
        .map_err(|error| StoreError::Encode { table: SCAN_EVIDENCE.name, problem: error.to_string() })
}
