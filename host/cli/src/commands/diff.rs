//! `plumb diff`.

use plumb_engine::compare::{Change, Comparison};
use plumb_model::delta::{Delta, Resolution};
use serde_json::json;

use crate::arguments::{Common, Diff as Arguments};
use crate::commands::scan::find;
use crate::exit::Exit;
use crate::{context, print};

pub(crate) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let (earlier, later) = (find(&ledger, &arguments.earlier)?, find(&ledger, &arguments.later)?);
    let comparison = Comparison::new(&ledger, &earlier, &later)?;
    if arguments.json.json {
        let changes: Vec<serde_json::Value> = comparison.changes.iter().map(as_json).collect();
        let counts = comparison.counts;
        print::json(&json!({
            "earlier": uuid::Uuid::from_bytes(earlier).to_string(),
            "later": uuid::Uuid::from_bytes(later).to_string(),
            "summary": {
                "new": counts.new, "unchanged": counts.unchanged,
                "resolved": counts.resolved, "incomparable": counts.incomparable,
            },
            "changes": changes,
        }))?;
        return Ok(Exit::Success);
    }
    let told: Vec<&Change> = comparison.changes.iter().filter(|change| change.delta != Delta::Unchanged).collect();
    if !told.is_empty() {
        let mut table = print::table(&["", "SEVERITY", "CHECK", "RESOURCE", "WHAT"]);
        for change in told {
            let what = what(change);
            table.add_row(print::row([
                change.delta.as_str(),
                change.severity.as_str(),
                &change.check_id,
                &change.resource.id,
                &what,
            ]));
        }
        print::out(&table.to_string())?;
    }
    let counts = comparison.counts;
    print::out(&format!(
        "{} new, {} resolved, {} unchanged, {} incomparable",
        counts.new, counts.resolved, counts.unchanged, counts.incomparable
    ))?;
    Ok(Exit::Success)
}

fn what(change: &Change) -> String {
    match (change.delta, change.resolution) {
        (_, Some(Resolution::ResourceRemoved)) => "the resource is gone".to_owned(),
        (_, Some(Resolution::Fixed)) => "fixed".to_owned(),
        (Delta::Incomparable, None) => "the later scan did not look at it".to_owned(),
        _ => change.message.clone(),
    }
}

fn as_json(change: &Change) -> serde_json::Value {
    json!({
        "delta": change.delta.as_str(),
        "reason": change.resolution.map(|resolution| match resolution {
            Resolution::Fixed => "fixed",
            Resolution::ResourceRemoved => "resource-removed",
        }),
        "check_id": change.check_id,
        "severity": change.severity.as_str(),
        "resource": {
            "id": change.resource.id, "kind": change.resource.kind, "name": change.resource.name,
            "account": change.resource.account, "region": change.resource.region,
        },
        "message": change.message,
        "fingerprint": change.fingerprint.to_string(),
    })
}
