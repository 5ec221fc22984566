//! `plumb remediate plan`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context as _;
use plumb_engine::remediation::files::{script, terraform};
use plumb_engine::remediation::plan::{Item, ResourcePlan, plan};
use plumb_store::Ledger;
use serde_json::json;

use crate::arguments::Common;
use crate::arguments::remediate::Plan as Arguments;
use crate::commands::scan::find;
use crate::exit::{Exit, usage};
use crate::{context, print};

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments { scan, out, severity, json } = arguments;
    let ledger = context::ledger(common)?;
    let id = find(&ledger, scan)?;
    let plans = plan(&ledger, &id, *severity)?;
    let about = about(&ledger, &id)?;
    std::fs::create_dir_all(out).with_context(|| format!("the folder {}", out.display()))?;
    let files = [("remediate.sh", script(&plans, &about)), ("remediate.tf", terraform(&plans, &about))];
    let paths = files.each_ref().map(|(name, _)| out.join(name));
    for (path, (_, text)) in paths.iter().zip(&files) {
        write_new(path, text)?;
    }
    let items: Vec<(&ResourcePlan, &Item)> =
        plans.iter().flat_map(|plan| plan.items.iter().map(move |item| (plan, item))).collect();
    let ready = items.iter().filter(|(_, item)| item.is_ready()).count();
    let minutes: u64 = items.iter().map(|(_, item)| u64::from(item.effort_minutes)).sum();
    if json.json {
        print::json(&json!({
            "scan": uuid::Uuid::from_bytes(id).to_string(),
            "files": paths.each_ref().map(|path| path.display().to_string()),
            "violations": items.len(),
            "resources": plans.len(),
            "commands_ready": ready,
            "manual_required": items.len() - ready,
            "effort_minutes": minutes,
            "by_hand": items.iter().filter(|(_, item)| !item.is_ready()).map(by_hand).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Success);
    }
    let mut table = print::table(&["CHECK", "SEVERITY", "RESOURCE", "NEEDS"]);
    for (plan, item) in items.iter().filter(|(_, item)| !item.is_ready()) {
        let severity = item.severity.as_str();
        table.add_row(print::row([&item.check_id, severity, &plan.resource.id, &needs(item)]));
    }
    if ready < items.len() {
        print::out(&table.to_string())?;
    }
    print::out(&format!(
        "{} violations of {} resources: {ready} commands are ready to be read and run, {} need hands; about {} minutes in all",
        items.len(),
        plans.len(),
        items.len() - ready,
        minutes
    ))?;
    for path in &paths {
        print::out(&format!("written: {}", path.display()))?;
    }
    Ok(Exit::Success)
}

fn about(ledger: &Ledger, id: &plumb_model::scan::ScanId) -> anyhow::Result<String> {
    let head = ledger.scan_head(id)?.context("the scan is not in the ledger any more")?;
    Ok(format!("scan {} of {}, {}", uuid::Uuid::from_bytes(*id), head.scan.target, head.scan.created_at))
}

/// What somebody may have changed is not written over.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = match file {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(usage(format!("{} is there already; name another folder with --out", path.display())));
        }
        file => file.with_context(|| format!("the file {}", path.display()))?,
    };
    file.write_all(text.as_bytes()).with_context(|| format!("the file {}", path.display()))
}

/// What stands between an item and its being run.
fn needs(item: &Item) -> String {
    match &item.command {
        Some(command) => format!("put in {}", command.missing.join(", ")),
        None if !item.terraform.is_empty() => "the Terraform change".to_owned(),
        None => "reading what the check says".to_owned(),
    }
}

fn by_hand((plan, item): &(&ResourcePlan, &Item)) -> serde_json::Value {
    json!({
        "check": item.check_id,
        "severity": item.severity.as_str(),
        "resource": plan.resource.id,
        "needs": needs(item),
        "text": item.text,
    })
}
