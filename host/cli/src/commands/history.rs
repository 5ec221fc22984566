//! `plumb history`.

use plumb_model::scan::Scan;
use plumb_store::StoredScanHead;
use serde_json::json;

use crate::arguments::{Common, History as Arguments, Output};
use crate::commands::scan::{Stored, find};
use crate::exit::Exit;
use crate::{context, print};

/// Characters of an id that a list shows: the time to the millisecond and a little more, enough to name the scan by.
const SHOWN: usize = 16;

pub(crate) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    if let Some(scan) = &arguments.scan {
        let stored = Stored::load(&ledger, find(&ledger, scan)?)?;
        let default = if arguments.json.json { "json" } else { "table" };
        let wanted: Vec<Output> = if arguments.output.is_empty() {
            vec![default.parse().map_err(anyhow::Error::msg)?]
        } else {
            arguments.output.clone()
        };
        stored.write(&wanted)?;
        return Ok(Exit::Success);
    }
    let scans = ledger.scans(None, arguments.limit.clamp(1, 1000))?;
    if arguments.json.json {
        let rows: Vec<serde_json::Value> = scans.iter().map(as_json).collect();
        print::json(&json!({ "scans": rows }))?;
    } else if scans.is_empty() {
        print::out("No scan is recorded yet. Begin with: plumb scan terraform PATH")?;
    } else {
        let mut table =
            print::table(&["SCAN", "WHEN", "TARGET", "STATUS", "SCORE", "VIOLATIONS", "NEW", "RESOLVED", "COVERAGE"]);
        for head in &scans {
            table.add_row(row(head));
        }
        print::out(&table.to_string())?;
    }
    Ok(Exit::Success)
}

fn id(scan: &Scan) -> String {
    uuid::Uuid::from_bytes(scan.id).to_string()
}

fn row(head: &StoredScanHead) -> Vec<String> {
    let (scan, figures) = (&head.scan, &head.figures);
    let dash = || "–".to_owned();
    let delta = |pick: fn(&plumb_model::delta::DeltaCounts) -> u64| {
        figures.as_ref().and_then(|figures| figures.delta.as_ref()).map_or_else(dash, |delta| pick(delta).to_string())
    };
    vec![
        id(scan).chars().take(SHOWN).collect(),
        scan.created_at.replace('T', " ").chars().take(16).collect(),
        scan.status.to_string(),
        figures.as_ref().and_then(|figures| figures.score).map_or_else(dash, |score| format!("{score:.1}")),
        figures.as_ref().map_or_else(dash, |figures| figures.violations.iter().sum::<u64>().to_string()),
        delta(|delta| delta.new),
        delta(|delta| delta.resolved),
        format!("{:.1} %", scan.coverage.percent()),
        print::plain(&scan.target),
    ]
}

fn as_json(head: &StoredScanHead) -> serde_json::Value {
    let (scan, figures) = (&head.scan, &head.figures);
    let delta = figures.as_ref().and_then(|figures| figures.delta);
    json!({
        "id": id(scan),
        "target": scan.target,
        "provider": scan.provider,
        "status": scan.status.as_str(),
        "status_reason": scan.status_reason,
        "created_at": scan.created_at,
        "started_at": scan.started_at,
        "completed_at": scan.completed_at,
        "coverage": scan.coverage.percent(),
        "score": figures.as_ref().and_then(|figures| figures.score),
        "violations": figures.as_ref().map(|figures| figures.violations.iter().sum::<u64>()),
        "resources": figures.as_ref().map(|figures| figures.resources),
        "delta": delta.map(|delta| json!({
            "new": delta.new, "unchanged": delta.unchanged, "resolved": delta.resolved, "incomparable": delta.incomparable,
        })),
    })
}
