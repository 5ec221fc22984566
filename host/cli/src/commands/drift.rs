//! `plumb drift`.

mod form;
mod scanning;

use plumb_model::drift::{Drift, DriftId};
use plumb_model::tenant;
use plumb_store::{DriftFilter, Ledger, Numbered};
use serde_json::json;

use crate::arguments::Common;
use crate::arguments::drift::{Drift as Arguments, Form, List, Output};
use crate::exit::{Exit, usage};
use crate::{context, print};

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::Capture(capture) => scanning::capture(common, capture).await,
        Arguments::Detect(detect) => scanning::detect(common, detect).await,
        Arguments::List(list) => self::list(common, &list),
        Arguments::Show { drift, output } => {
            let ledger = context::ledger(common)?;
            show(&find(&ledger, &drift)?, output)
        }
        Arguments::Resolve { drift, capture_baseline, output } => {
            let ledger = context::ledger(common)?;
            let found = find(&ledger, &drift)?;
            let now = plumb_engine::clock::rfc3339(jiff::Timestamp::now());
            let resolved = ledger.resolve_drift(&tenant::DEFAULT, &found.id, &now, capture_baseline);
            show(&resolved.map_err(|error| usage(error.to_string()))?, output)
        }
    }
}

fn list(common: &Common, arguments: &List) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let target = match &arguments.target {
        None => None,
        Some(name) => {
            let found = ledger.target_by_name(&tenant::DEFAULT, name)?;
            Some(found.ok_or_else(|| usage(format!("there is no target '{name}'")))?.id)
        }
    };
    let filter = DriftFilter {
        target,
        resource: None,
        severity: arguments.severity,
        drift_type: arguments.drift_type,
        status: arguments.status,
    };
    let page = ledger.drifts(&tenant::DEFAULT, &filter, 0, arguments.limit.clamp(1, 1000))?;
    if arguments.output.output == Output::Json {
        let drifts: Vec<serde_json::Value> = page.drifts.iter().map(form::json).collect();
        print::json(&json!({ "drifts": drifts, "total": page.total }))?;
    } else if page.drifts.is_empty() {
        print::out("No drift. Capture a baseline with: plumb drift capture terraform PATH")?;
    } else {
        print::out(&form::table(&page.drifts))?;
        if page.total > page.drifts.len() as u64 {
            print::out(&format!("{} of {}; see more with --limit", page.drifts.len(), page.total))?;
        }
    }
    Ok(Exit::Success)
}

fn show(drift: &Drift, output: Form) -> anyhow::Result<Exit> {
    match output.output {
        Output::Json => print::json(&form::json(drift))?,
        Output::Table => print::out(&form::whole(drift))?,
    }
    Ok(Exit::Success)
}

/// A drift by its number, its id or the beginning of it.
fn find(ledger: &Ledger, text: &str) -> anyhow::Result<Drift> {
    let unknown = || usage(format!("there is no drift '{text}'; `plumb drift list` names them"));
    let by_number = match text.parse::<u64>() {
        Ok(number) => ledger.by_number(&tenant::DEFAULT, Numbered::Drift, number)?,
        Err(_) => None,
    };
    let id: DriftId = if let Some(id) = by_number {
        id
    } else {
        let found = ledger.find_drift(&tenant::DEFAULT, text).map_err(|error| usage(error.to_string()))?;
        found.ok_or_else(unknown)?
    };
    ledger.drift(&tenant::DEFAULT, &id)?.ok_or_else(unknown)
}
