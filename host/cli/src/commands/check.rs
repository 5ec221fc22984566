//! `plumb check`.

use plumb_model::check::{Check, Scope};
use plumb_model::framework::Framework;
use serde_json::json;

use crate::arguments::{Check as Arguments, Common};
use crate::exit::Exit;
use crate::{context, print};

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    let library = context::library(common).await?;
    match arguments {
        Arguments::List { service, json } => {
            let wanted = |check: &&Check| service.as_deref().is_none_or(|service| check.service() == service);
            let mut checks: Vec<&Check> = library.checks().filter(wanted).collect();
            checks.sort_by(|a, b| a.id.cmp(&b.id));
            if json.json {
                let rows: Vec<serde_json::Value> = checks.iter().map(|check| as_json(check, &[])).collect();
                print::json(&json!({ "checks": rows }))?;
            } else {
                let mut table = print::table(&["CHECK", "SEVERITY", "TITLE", "PLUGIN"]);
                for check in &checks {
                    table.add_row(print::row([&check.id, check.severity.as_str(), &check.title, &check.plugin.id]));
                }
                print::out(&table.to_string())?;
                print::out(&format!("{} checks", checks.len()))?;
            }
        }
        Arguments::Show { id, json } => {
            let check = library.check(&id)?;
            let controls = controls(&id, library.frameworks());
            if json.json { print::json(&as_json(check, &controls))? } else { show(check, &controls)? }
        }
    }
    Ok(Exit::Success)
}

/// `framework control` of everything that rests on the check.
fn controls<'a>(id: &str, frameworks: impl Iterator<Item = &'a Framework>) -> Vec<String> {
    let resting = frameworks.flat_map(|framework| {
        let controls = framework.controls.iter().filter(|control| control.checks.iter().any(|check| check == id));
        controls.map(|control| format!("{} {}", framework.id, control.id)).collect::<Vec<String>>()
    });
    resting.collect()
}

fn show(check: &Check, controls: &[String]) -> anyhow::Result<()> {
    let looks_at = match check.scope {
        Scope::Resource => check.kinds.join(", "),
        Scope::Account if check.subjects.is_empty() => format!("the whole account: {}", check.kinds.join(", ")),
        Scope::Account => {
            let others = check.kinds.iter().filter(|kind| !check.subjects.contains(kind));
            let others: Vec<&str> = others.map(String::as_str).collect();
            format!("each {}, with all {} of the account", check.subjects.join(", "), others.join(", "))
        }
    };
    let parts = [
        ("Severity", check.severity.to_string()),
        ("Looks at", looks_at),
        ("Rests on", check.reads.join(", ")),
        ("Categories", check.categories.join(", ")),
        ("Plugin", format!("{} {}", check.plugin.id, check.plugin.version)),
        ("Controls", controls.join(", ")),
    ];
    print::out(&print::plain(&format!("{}\n{}\n\n{}\n\n{}\n", check.id, check.title, check.description, check.risk)))?;
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        print::out(&print::plain(&format!("{name:<11} {value}")))?;
    }
    let mend = &check.remediation;
    print::out(&print::plain(&format!("\nTo mend it ({} min): {}", mend.effort_minutes, mend.text)))?;
    for (name, value) in [("Command", &mend.command), ("Terraform", &mend.terraform), ("See", &mend.url)] {
        if !value.is_empty() {
            print::out(&print::plain(&format!("\n{name}:\n{value}")))?;
        }
    }
    for reference in check.references.iter().filter(|reference| **reference != mend.url) {
        print::out(&print::plain(reference))?;
    }
    Ok(())
}

fn as_json(check: &Check, controls: &[String]) -> serde_json::Value {
    json!({
        "id": check.id,
        "title": check.title,
        "description": check.description,
        "risk": check.risk,
        "severity": check.severity.as_str(),
        "scope": match check.scope { Scope::Resource => "resource", Scope::Account => "account" },
        "kinds": check.kinds,
        "subjects": check.subjects,
        "reads": check.reads,
        "time_dependent": check.time_dependent,
        "categories": check.categories,
        "references": check.references,
        "remediation": {
            "text": check.remediation.text, "url": check.remediation.url, "command": check.remediation.command,
            "terraform": check.remediation.terraform, "effort_minutes": check.remediation.effort_minutes,
        },
        "plugin": { "id": check.plugin.id, "version": check.plugin.version },
        "controls": controls,
    })
}
