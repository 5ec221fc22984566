//! `plumb remediate apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use plumb_engine::clock::SystemClock;
use plumb_engine::library::Library;
use plumb_engine::remediation::choose::{MOST_VIOLATIONS, Wanted};
use plumb_engine::remediation::mend::{Instead, Mender, Part, Prepared};
use plumb_engine::remediation::steps::{Judgement, Plan};
use plumb_engine::scan::Engine;
use plumb_model::remediation::{Remediation, RemediationStatus};
use plumb_model::target::CredentialReference;
use plumb_runtime::Runtime;
use plumb_runtime::grant::Writes;
use plumb_runtime::manifest::Export;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::form;
use crate::arguments::Common;
use crate::arguments::remediate::Apply as Arguments;
use crate::commands::scan::find;
use crate::egress::Source;
use crate::exit::{Exit, usage};
use crate::progress::Progress;
use crate::{context, print, user};

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    if arguments.json.json && !arguments.yes && !arguments.dry_run {
        return Err(usage("with --json nobody is asked; give --dry-run to see what would be sent, or --yes"));
    }
    let ledger = context::ledger(common)?;
    let scan = find(&ledger, &arguments.scan)?;
    let granted = granted(&arguments.grant_write)?;
    let mut settings = context::settings(common)?;
    settings.operator.writes.clone_from(&granted);
    let library = Arc::new(Library::load(&Runtime::new(settings)?, context::sources(common)?).await);
    check_granted(&library, &granted)?;
    let cancel = CancellationToken::new();
    let interrupt = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.cancel();
            eprintln!("interrupted: no further request is sent");
        }
    });
    let (progress, watcher) = Progress::start(arguments.no_progress, true);
    let source = Source::new();
    let mender = Mender {
        engine: Engine::new(ledger, library, Arc::new(SystemClock)).with_egress(Arc::clone(&source) as _),
        egress: Arc::clone(&source) as _,
        writers: source,
        user: user::user(),
        cancel: cancel.clone(),
        watcher,
    };
    let prepared = mender.prepare(&scan, &wanted(&arguments), &instead(&arguments)).await;
    progress.end();
    let prepared = prepared?;
    if cancel.is_cancelled() {
        eprintln!("nothing was sent");
        return Ok(Exit::Interrupted);
    }
    if prepared.parts.is_empty() && prepared.others.is_empty() {
        print::out("No violation of that scan is to be mended.")?;
        return Ok(Exit::Success);
    }
    if !arguments.json.json {
        form::show(&prepared)?;
    }
    if prepared.more > 0 {
        eprintln!("{} more violations are left for another run: one mends at most {MOST_VIOLATIONS}", prepared.more);
    }
    let missing = missing(&prepared);
    let ready = prepared.parts.iter().flat_map(|part| &part.items).filter(|item| item.plan.ready().is_some()).count();
    say_what_to_grant(&missing);
    if arguments.dry_run || ready == 0 {
        if arguments.json.json {
            print::json(&json!({ "plan": form::plan_json(&prepared), "remediations": [] }))?;
        }
        let nothing_granted = !missing.is_empty() && !arguments.dry_run;
        return Ok(match (nothing_granted, is_right(&prepared) || arguments.dry_run) {
            (true, _) => Exit::Usage,
            (false, true) => Exit::Success,
            (false, false) => Exit::Incomplete,
        });
    }
    if !arguments.yes {
        tokio::select! {
            answer = ask(ready) => answer?,
            () = cancel.cancelled() => {
                eprintln!("nothing was sent");
                return Ok(Exit::Interrupted);
            }
        }
    }
    let plan = form::plan_json(&prepared);
    let whole = is_mendable(&prepared) && prepared.more == 0;
    let done = apply(&mender, prepared.parts, arguments.json.json).await?;
    let fixed = done.iter().filter(|one| one.status == RemediationStatus::Fixed).count();
    if arguments.json.json {
        let remediations: Vec<serde_json::Value> = done.iter().map(form::json).collect();
        print::json(&json!({ "plan": plan, "remediations": remediations }))?;
    } else {
        print::out(&form::table(&done))?;
        print::out(&format!(
            "{fixed} of {ready} violations are mended; see what was sent with `plumb remediate show ID`"
        ))?;
    }
    Ok(match (cancel.is_cancelled(), whole && fixed == ready) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Success,
        (false, false) => Exit::Incomplete,
    })
}

async fn apply(mender: &Mender, parts: Vec<Part>, quiet: bool) -> anyhow::Result<Vec<Remediation>> {
    let mut tell = |remediation: &Remediation| {
        if !quiet {
            eprintln!("{}", print::plain(&form::line(remediation)));
        }
    };
    let mut done = Vec::new();
    for part in parts {
        if mender.cancel.is_cancelled() {
            break;
        }
        done.extend(mender.apply(part, &mut tell).await?);
    }
    Ok(done)
}

fn wanted(arguments: &Arguments) -> Wanted {
    Wanted {
        findings: arguments.finding.clone(),
        checks: arguments.check.clone(),
        resources: arguments.resource.clone(),
        severity: arguments.severity,
    }
}

fn instead(arguments: &Arguments) -> Instead {
    let mut settings = serde_json::Map::new();
    for (name, value) in [("role", &arguments.role), ("external_id", &arguments.external_id)] {
        settings.extend(value.clone().map(|value| (name.to_owned(), value.into())));
    }
    Instead { credentials: arguments.profile.clone().map(CredentialReference::Profile), settings }
}

/// `PLUGIN=ACTION,ACTION`
fn granted(texts: &[String]) -> anyhow::Result<BTreeMap<String, Writes>> {
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for text in texts {
        let (plugin, actions) = text.split_once('=').ok_or_else(|| {
            usage(format!("--grant-write {text}: write PLUGIN=ACTION, as plumb remediate apply shows it"))
        })?;
        granted.entry(plugin.to_owned()).or_default().extend(actions.split(',').map(str::to_owned));
    }
    let writes = |(plugin, actions): (String, BTreeSet<String>)| {
        let writes = Writes::new(actions).map_err(|wrong| usage(format!("--grant-write {plugin}: {wrong}")))?;
        Ok((plugin, writes))
    };
    granted.into_iter().map(writes).collect()
}

/// What nobody asks for cannot be granted: most likely it is misspelled.
fn check_granted(library: &Library, granted: &BTreeMap<String, Writes>) -> anyhow::Result<()> {
    for (id, writes) in granted {
        let plugin = library.plugins.get(id).map(|loaded| &loaded.plugin);
        let plugin = plugin.filter(|plugin| plugin.exports(Export::Remediation));
        let plugin = plugin.ok_or_else(|| {
            usage(format!("--grant-write {id}: no plugin of that id knows how to mend; `plumb plugin list` names them"))
        })?;
        if let Some(unknown) = writes.actions().find(|action| !plugin.manifest().writes.contain(action)) {
            let known: Vec<&str> = plugin.manifest().writes.actions().collect();
            return Err(usage(format!("--grant-write {id}={unknown}: it asks for {}", known.join(", "))));
        }
    }
    Ok(())
}

/// The actions that steps need and that are not granted, by plugin.
fn missing(prepared: &Prepared) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for part in &prepared.parts {
        for item in &part.items {
            let Plan::Steps(steps) = &item.plan else { continue };
            let not_granted = steps.iter().filter(|step| step.judgement == Judgement::NotGranted);
            let actions = not_granted.map(|step| step.step.action.as_str());
            missing.entry(part.plugin.manifest().id.as_str()).or_default().extend(actions);
        }
    }
    missing.retain(|_, actions| !actions.is_empty());
    missing
}

fn say_what_to_grant(missing: &BTreeMap<&str, BTreeSet<&str>>) {
    if missing.is_empty() {
        return;
    }
    eprintln!("not granted; to allow these steps in one run, add:");
    for (plugin, actions) in missing {
        let actions: Vec<&str> = actions.iter().copied().collect();
        eprintln!("  --grant-write {}", print::plain(&format!("{plugin}={}", actions.join(","))));
    }
}

/// Whether nothing is left to be mended.
fn is_right(prepared: &Prepared) -> bool {
    let settled = |plan: &Plan| matches!(plan, Plan::Settled(_));
    prepared.others.is_empty() && prepared.parts.iter().flat_map(|part| &part.items).all(|item| settled(&item.plan))
}

/// Whether everything is right or can be mended in this run.
fn is_mendable(prepared: &Prepared) -> bool {
    let mendable = |plan: &Plan| matches!(plan, Plan::Settled(_)) || plan.ready().is_some();
    prepared.others.is_empty() && prepared.parts.iter().flat_map(|part| &part.items).all(|item| mendable(&item.plan))
}

/// Asks whoever sits at the terminal. An error unless they say yes.
async fn ask(count: usize) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(usage("nothing was sent: there is no terminal to ask at; read what is shown, then give --yes"));
    }
    eprint!("Send the granted requests for {count} violations? [y/N] ");
    std::io::stderr().flush()?;
    // A thread of its own: it waits for the terminal for as long as that takes, and nobody has to wait for it.
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer).map(|_| answer);
        drop(tell.send(read));
    });
    let answer = told.await??;
    if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(usage("nothing was sent"))
}
