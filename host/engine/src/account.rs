//! Checks of whole accounts, after everything has been collected.

mod group;
mod member;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use plumb_model::check::{Check, Scope};
use plumb_model::delta::Sighting;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_runtime::host::snapshot::Snapshot;
use plumb_runtime::{AccountOutcome, CallError, Context, Stance};
use plumb_store::TaskEnd;

use crate::choice::{Chosen, ChosenCheck, ChosenPlugin};
use crate::chunk::{ChunkRows, outcome_row};
use crate::error::EngineError;
use crate::event::Event;
use crate::scan::{Part, Shared};

pub(crate) use group::{Decision, Gathering, Group, View, silent};

/// The task that stands for these checks in a scan's plan.
pub(crate) const TASK: &str = "whole accounts";

/// Whether any chosen check looks at whole accounts.
pub(crate) fn is_needed(chosen: &Chosen) -> bool {
    chosen.catalogue.checks.values().any(|check| check.scope == Scope::Account)
}

/// Runs them and ends their task.
pub(crate) async fn run(shared: &Shared, index: u32) -> Result<(), EngineError> {
    shared.watcher.tell(Event::TaskStarted { task: TASK.to_owned() });
    let fence = shared.ledger.start_task(&shared.scan, index)?;
    for (sequence, group) in (0u64..).zip(groups(shared)?) {
        let group = Arc::new(group);
        let mut rows = ChunkRows::default();
        for plugin in &shared.chosen.plugins {
            evaluate(shared, plugin, &group, &mut rows).await;
        }
        shared.recorder.chunk(index, fence, sequence, rows).await?;
    }
    shared.recorder.finish(index, fence, TaskEnd::Done).await?;
    shared.watcher.tell(Event::TaskDone { task: TASK.to_owned() });
    Ok(())
}

fn groups(shared: &Shared) -> Result<Vec<Group>, EngineError> {
    let wanted: BTreeSet<&str> =
        account_checks(&shared.chosen).flat_map(|check| &check.kinds).map(String::as_str).collect();
    let figures = shared.figures.lock().map_err(|error| EngineError::Stopped(error.to_string()))?;
    let seen = figures.kinds.iter().any(|kind| wanted.contains(kind.as_str()));
    let gathering = Gathering {
        ledger: &shared.ledger,
        scan: &shared.scan,
        views: shared.parts.iter().map(view).collect(),
        gaps: figures.gaps.clone(),
        accounts: figures.accounts.clone(),
        // With one target its accounts are those of the scan; with several only its own resources tell.
        through: seen || shared.parts.len() > 1,
    };
    drop(figures);
    gathering.groups(&wanted)
}

fn view(part: &Part) -> View {
    View { whole_accounts: part.info.whole_accounts, name: part.target.name.clone() }
}

fn account_checks(chosen: &Chosen) -> impl Iterator<Item = &Check> {
    chosen.catalogue.checks.values().filter(|check| check.scope == Scope::Account)
}

async fn evaluate(shared: &Shared, plugin: &ChosenPlugin, group: &Arc<Group>, rows: &mut ChunkRows) {
    let checks = plugin.checks.iter().filter(|chosen| chosen.check.scope == Scope::Account);
    let (present, absent): (Vec<&ChosenCheck>, Vec<&ChosenCheck>) =
        checks.partition(|chosen| group.concerns(&chosen.check));
    for chosen in absent {
        record(shared, chosen, group, None, Group::unconcerned(&chosen.check), rows);
    }
    for (chosen, outcomes) in ask(shared, plugin, &present, group).await {
        match outcomes {
            Err(reason) => record(shared, chosen, group, None, Stance::NotEvaluated(reason), rows),
            Ok(outcomes) if outcomes.is_empty() => {
                record(shared, chosen, group, None, silent(), rows);
            }
            Ok(outcomes) => {
                for (resource, stance) in outcomes {
                    record(shared, chosen, group, resource.as_deref(), stance, rows);
                }
            }
        }
    }
}

type Answer<'c> = (&'c ChosenCheck, Result<Vec<(Option<String>, Stance)>, String>);

/// All at once; where that fails, each alone, so that one broken check does not cost the others.
async fn ask<'c>(
    shared: &Shared,
    plugin: &ChosenPlugin,
    checks: &[&'c ChosenCheck],
    group: &Arc<Group>,
) -> Vec<Answer<'c>> {
    if checks.is_empty() {
        return Vec::new();
    }
    if let Ok(outcomes) = call(shared, plugin, checks, group).await {
        return sort(checks, outcomes);
    }
    let mut answers = Vec::new();
    for chosen in checks {
        if let Some(reason) = shared.breaker.quarantined(&plugin.digest) {
            answers.push((*chosen, Err(reason)));
            continue;
        }
        match call(shared, plugin, &[*chosen], group).await {
            Ok(outcomes) => answers.extend(sort(&[*chosen], outcomes)),
            Err(error) => {
                shared.note_failure(&error.to_string());
                if let Some(reason) = shared.breaker.count(&plugin.digest, &error) {
                    let plugin = plugin.plugin.manifest().id.clone();
                    shared.watcher.tell(Event::PluginQuarantined { plugin, reason });
                }
                answers.push((*chosen, Err(error.to_string())));
            }
        }
    }
    answers
}

async fn call(
    shared: &Shared,
    plugin: &ChosenPlugin,
    checks: &[&ChosenCheck],
    group: &Arc<Group>,
) -> Result<Vec<AccountOutcome>, CallError> {
    let ids: Vec<String> = checks.iter().map(|chosen| chosen.check.id.clone()).collect();
    let context = Context { account: group.account.clone(), scan_time: shared.started_at.clone() };
    let snapshot: Arc<dyn Snapshot> = Arc::<Group>::clone(group);
    plugin.plugin.evaluate_account(&context, &ids, snapshot).await
}

fn sort<'c>(checks: &[&'c ChosenCheck], outcomes: Vec<AccountOutcome>) -> Vec<Answer<'c>> {
    let mut by_check: HashMap<usize, Vec<(Option<String>, Stance)>> = HashMap::new();
    for outcome in outcomes {
        by_check.entry(outcome.check).or_default().push((outcome.resource_id, outcome.stance));
    }
    let answer =
        |(number, chosen): (usize, &&'c ChosenCheck)| (*chosen, Ok(by_check.remove(&number).unwrap_or_default()));
    checks.iter().enumerate().map(answer).collect()
}

fn record(
    shared: &Shared,
    chosen: &ChosenCheck,
    group: &Group,
    resource_id: Option<&str>,
    stance: Stance,
    rows: &mut ChunkRows,
) {
    let check = &chosen.check;
    let Decision { resource, digest, verdict, message } = group.decide(check, resource_id, stance);
    rows.evaluated += 1;
    let fingerprint = Fingerprint::new(&check.id, &resource.account, &resource.id);
    let known = shared.previous.contains(&fingerprint);
    let mut finding = Finding {
        check_id: check.id.clone(),
        severity: check.severity,
        verdict,
        resource,
        message,
        fingerprint,
        delta: None,
        muted: None,
        resource_digest: digest,
    };
    if known && matches!(verdict, Verdict::Pass | Verdict::NotApplicable) {
        rows.sightings.push((fingerprint, Sighting::Decided));
    } else {
        shared.mark(&mut finding, known, &mut rows.sightings);
    }
    rows.tally.push((chosen.position, verdict, finding.muted.is_some()));
    rows.outcomes.push(outcome_row(chosen.position, finding));
}
