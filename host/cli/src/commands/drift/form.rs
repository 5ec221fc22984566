//! Drifts as people and programs read them.

use std::fmt::Write as _;

use plumb_engine::drift::detect::Detected;
use plumb_model::drift::Drift;
use serde_json::{Value, json};

use crate::print;

/// A drift for programs.
pub(super) fn json(drift: &Drift) -> Value {
    let id = |id: &[u8; 16]| uuid::Uuid::from_bytes(*id).to_string();
    let differences = drift.differences.iter().map(|difference| {
        json!({
            "path": difference.path,
            "baseline_value": value(&difference.baseline),
            "current_value": value(&difference.current),
            "security": difference.security.map(plumb_model::check::Severity::as_str),
        })
    });
    json!({
        "id": id(&drift.id),
        "number": drift.number,
        "target_id": id(&drift.target),
        "resource_id": drift.resource_number,
        "resource": {
            "id": drift.resource.id,
            "kind": drift.resource.kind,
            "name": drift.resource.name,
            "account": drift.resource.account,
            "region": drift.resource.region,
        },
        "address": drift.address,
        "kind": drift.kind.as_str(),
        "drift_type": drift.drift_type.as_str(),
        "severity": drift.severity.as_str(),
        "status": drift.status.as_str(),
        "summary": drift.summary,
        "path": drift.path,
        "baseline_value": value(&drift.baseline_value),
        "current_value": value(&drift.current_value),
        "patch": value(&drift.patch),
        "differences": differences.collect::<Vec<Value>>(),
        "failing_check": drift.failing_check,
        "scan": drift.scan.as_ref().map(id),
        "previous": drift.previous.as_ref().map(id),
        "detected_at": drift.detected_at,
        "updated_at": drift.updated_at,
        "resolved_at": drift.resolved_at,
    })
}

/// Stored values are JSON text.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Drifts for people.
pub(super) fn table(drifts: &[Drift]) -> String {
    let mut table = print::table(&["DRIFT", "SEVERITY", "TYPE", "STATUS", "ADDRESS", "WHAT"]);
    for drift in drifts {
        table.add_row(print::row([
            &drift.number.to_string(),
            drift.severity.as_str(),
            drift.drift_type.as_str(),
            drift.status.as_str(),
            &drift.address,
            &drift.summary,
        ]));
    }
    table.to_string()
}

/// One drift for people.
pub(super) fn whole(drift: &Drift) -> String {
    let mut text = format!("{}\n", drift.summary);
    let id = uuid::Uuid::from_bytes(drift.id);
    let check = drift.failing_check.as_deref().map_or_else(String::new, |check| format!(", {check} passed before"));
    // Writing to a text does not fail.
    let mut line = |name: &str, value: &str| writeln!(text, "  {name:<12}{value}").unwrap_or_default();
    line("drift", &format!("{} ({id})", drift.number));
    line("status", drift.status.as_str());
    line("severity", &format!("{} ({}{check})", drift.severity, drift.drift_type));
    line("address", &drift.address);
    line("detected", &drift.detected_at);
    if let Some(resolved) = &drift.resolved_at {
        line("resolved", resolved);
    }
    if let Some(previous) = &drift.previous {
        line("came back", &format!("after {}", uuid::Uuid::from_bytes(*previous)));
    }
    if !drift.differences.is_empty() {
        let mut table = print::table(&["ATTRIBUTE", "BASELINE", "NOW"]);
        for difference in &drift.differences {
            table.add_row(print::row([&difference.path, &difference.baseline, &difference.current]));
        }
        text.push('\n');
        text.push_str(&table.to_string());
    }
    print::plain(&text)
}

/// The figures of a detection in one line.
pub(super) fn figures(detected: &Detected) -> String {
    let Detected { changed, missing, unmanaged, defaults, unknown, in_sync, new, resolved, .. } = detected;
    let made_by_cloud = if *defaults > 0 {
        format!(" ({defaults} more that the cloud makes by itself; --defaults shows them)")
    } else {
        String::new()
    };
    format!(
        "{changed} changed, {missing} missing, {unmanaged} unmanaged{made_by_cloud}, {unknown} unknown, {in_sync} in sync; \
         {new} new since the last look, {resolved} over"
    )
}
