//! `plumb framework`.

use std::collections::BTreeSet;

use plumb_model::framework::{Control, Framework};
use serde_json::json;

use crate::arguments::{Common, Framework as Arguments};
use crate::exit::Exit;
use crate::{context, print};

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    let library = context::library(common).await?;
    let known: BTreeSet<&str> = library.checks().map(|check| check.id.as_str()).collect();
    match arguments {
        Arguments::List(format) => {
            let mut frameworks: Vec<&Framework> = library.frameworks().collect();
            frameworks.sort_by(|a, b| a.id.cmp(&b.id));
            if format.json {
                let rows: Vec<serde_json::Value> = frameworks.iter().map(|framework| head(framework, &known)).collect();
                print::json(&json!({ "frameworks": rows }))?;
            } else {
                list(&frameworks, &known)?;
            }
        }
        Arguments::Show { id, json } => {
            let framework = library.framework(&id)?;
            if json.json {
                let controls: Vec<serde_json::Value> =
                    framework.controls.iter().map(|control| control_json(control, &known)).collect();
                print::json(&print::with(head(framework, &known), [("controls", controls.into())]))?;
            } else {
                show(framework, &known)?;
            }
        }
    }
    Ok(Exit::Success)
}

fn automated(framework: &Framework) -> usize {
    framework.controls.iter().filter(|control| !control.checks.is_empty()).count()
}

/// Controls that name checks of which none is there.
fn without_checks(framework: &Framework, known: &BTreeSet<&str>) -> usize {
    let none = |control: &&Control| {
        !control.checks.is_empty() && !control.checks.iter().any(|check| known.contains(check.as_str()))
    };
    framework.controls.iter().filter(none).count()
}

fn list(frameworks: &[&Framework], known: &BTreeSet<&str>) -> anyhow::Result<()> {
    let mut table =
        print::table(&["FRAMEWORK", "TITLE", "VERSION", "CONTROLS", "WITH CHECKS", "CHECKS MISSING", "PLUGIN"]);
    for framework in frameworks {
        let with = automated(framework);
        table.add_row(print::row([
            &framework.id,
            &framework.title,
            &framework.version,
            &framework.controls.len().to_string(),
            &(with - without_checks(framework, known)).to_string(),
            &framework.missing_checks(|id| known.contains(id)).len().to_string(),
            &framework.plugin.id,
        ]));
    }
    print::out(&table.to_string())?;
    Ok(())
}

fn show(framework: &Framework, known: &BTreeSet<&str>) -> anyhow::Result<()> {
    let missing = framework.missing_checks(|id| known.contains(id));
    let with = automated(framework);
    print::out(&print::plain(&format!(
        "{} {} ({})\nBy {}, in plugin {} {}\n{} controls: {} with checks, {} whose checks no loaded plugin brings, {} by hand",
        framework.title,
        framework.version,
        framework.id,
        framework.publisher,
        framework.plugin.id,
        framework.plugin.version,
        framework.controls.len(),
        with - without_checks(framework, known),
        without_checks(framework, known),
        framework.controls.len() - with,
    )))?;
    let mut section: &[String] = &[];
    for control in &framework.controls {
        if control.section != section {
            section = &control.section;
            print::out(&print::plain(&format!("\n{}", section.join(" › "))))?;
        }
        print::out(&print::plain(&format!("  {}  {}", control.id, control.title)))?;
        for check in &control.checks {
            let note = if known.contains(check.as_str()) { "" } else { "   (missing: no loaded plugin brings it)" };
            print::out(&print::plain(&format!("      {check}{note}")))?;
        }
        let left = if control.checks.is_empty() { "by hand" } else { "beyond the checks" };
        if !control.guidance.is_empty() {
            print::out(&print::plain(&format!("      {left}: {}", control.guidance)))?;
        }
    }
    if !missing.is_empty() {
        print::out(&format!(
            "\n{} checks are missing; controls that rest on nothing else are never shown as passed.",
            missing.len()
        ))?;
    }
    Ok(())
}

fn head(framework: &Framework, known: &BTreeSet<&str>) -> serde_json::Value {
    json!({
        "id": framework.id,
        "title": framework.title,
        "version": framework.version,
        "publisher": framework.publisher,
        "url": framework.url,
        "families": framework.families,
        "plugin": { "id": framework.plugin.id, "version": framework.plugin.version },
        "control_count": framework.controls.len(),
        "automated_count": automated(framework),
        "missing_checks": framework.missing_checks(|id| known.contains(id)),
    })
}

fn control_json(control: &Control, known: &BTreeSet<&str>) -> serde_json::Value {
    let missing: Vec<&String> = control.checks.iter().filter(|check| !known.contains(check.as_str())).collect();
    json!({
        "id": control.id,
        "title": control.title,
        "section": control.section,
        "checks": control.checks,
        "missing_checks": missing,
        "guidance": control.guidance,
    })
}
