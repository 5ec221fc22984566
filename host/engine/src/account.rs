//! Checks of whole accounts, after everything has been collected.

mod group;
mod group_view;
mod member;
mod question;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use plumb_model::check::{Check, Scope};
use plumb_model::delta::Sighting;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_runtime::{AccountOutcome, Stance};
use plumb_store::TaskEnd;

use crate::account::question::Question;
use crate::choice::{Chosen, ChosenCheck, ChosenPlugin};
use crate::chunk::{ChunkRows, outcome_row};
use crate::error::EngineError;
use crate::event::Event;
use crate::scan::{Part, Shared};

pub(crate) use group::{Decision, Gathering, Group, View, silent};
pub(crate) use group_view::GroupView;

/// The task that stands for these checks in a scan's plan.
pub(crate) const TASK: &str = "whole accounts";

/// Whether any chosen check looks at whole accounts.
pub(crate) fn is_needed(chosen: &Chosen) -> bool {
    chosen.catalogue.checks.values().any(|check| check.scope == Scope::Account)
}

/// Runs them and ends their task. What one call brought is recorded before the next one: an account may have many resources.
pub(crate) async fn run(shared: &Shared, index: u32) -> Result<(), EngineError> {
    shared.watcher.tell(Event::TaskStarted { task: TASK.to_owned() });
    let fence = shared.ledger.start_task(&shared.scan, index)?;
    let mut sequence = 0;
    for group in groups(shared)? {
        let group = Arc::new(group);
        for plugin in &shared.chosen.plugins {
            for checks in calls(plugin) {
                let rows = evaluate(shared, plugin, checks, &group).await?;
                shared.recorder.chunk(index, fence, sequence, rows).await?;
                sequence += 1;
            }
        }
    }
    shared.recorder.finish(index, fence, TaskEnd::Done, None).await?;
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
        // In the order of the plan, as evidence has them: figures have them as they came.
        gaps: shared.ledger.gaps(&shared.scan)?,
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

/// A plugin's checks of accounts. Those that see the same are asked together: the same kinds, the same time.
fn calls(plugin: &ChosenPlugin) -> Vec<Vec<&ChosenCheck>> {
    let mut calls: BTreeMap<(BTreeSet<&str>, bool), Vec<&ChosenCheck>> = BTreeMap::new();
    for chosen in plugin.checks.iter().filter(|chosen| chosen.check.scope == Scope::Account) {
        let kinds = chosen.check.kinds.iter().map(String::as_str).collect();
        calls.entry((kinds, chosen.check.time_dependent)).or_default().push(chosen);
    }
    calls.into_values().collect()
}

async fn evaluate(
    shared: &Shared,
    plugin: &ChosenPlugin,
    checks: Vec<&ChosenCheck>,
    group: &Arc<Group>,
) -> Result<ChunkRows, EngineError> {
    let mut rows = ChunkRows::default();
    let (present, absent): (Vec<&ChosenCheck>, Vec<&ChosenCheck>) =
        checks.into_iter().partition(|chosen| group.concerns(&chosen.check));
    for chosen in absent {
        rows.evaluated += 1;
        record(shared, chosen, group, None, Group::unconcerned(&chosen.check), &mut rows);
    }
    if present.is_empty() {
        return Ok(rows);
    }
    for Answer { check, outcomes, fresh } in ask(shared, plugin, &present, group, &mut rows).await? {
        let outcomes = match outcomes {
            Err(reason) => vec![(None, Stance::NotEvaluated(reason))],
            Ok(outcomes) if outcomes.is_empty() => vec![(None, silent())],
            Ok(outcomes) => outcomes,
        };
        let count = outcomes.len() as u64;
        *(if fresh { &mut rows.evaluated } else { &mut rows.reused }) += count;
        for (resource, stance) in outcomes {
            record(shared, check, group, resource.as_deref(), stance, &mut rows);
        }
    }
    Ok(rows)
}

/// A check, what was said of it, and whether it was said now.
struct Answer<'c> {
    check: &'c ChosenCheck,
    outcomes: Result<Outcomes, String>,
    fresh: bool,
}

/// Resource id, or none for the account, and the stance on it.
type Outcomes = Vec<(Option<String>, Stance)>;

/// What is known of one call's checks, or what the plugin says now. All at once; where that fails, each alone, so that one
/// broken check does not cost the others. Only what all of them said together is kept.
async fn ask<'c>(
    shared: &Shared,
    plugin: &ChosenPlugin,
    checks: &[&'c ChosenCheck],
    group: &Arc<Group>,
    rows: &mut ChunkRows,
) -> Result<Vec<Answer<'c>>, EngineError> {
    let question = Question::new(shared, plugin, checks, group);
    if let Some(outcomes) = question.known(shared)? {
        return Ok(sort(checks, outcomes, false));
    }
    if let Ok(outcomes) = question.call(plugin).await {
        rows.account_verdicts.push(question.kept(&outcomes));
        return Ok(sort(checks, outcomes, true));
    }
    let mut answers = Vec::new();
    for chosen in checks {
        if let Some(reason) = shared.breaker.quarantined(&plugin.digest) {
            answers.push(Answer { check: chosen, outcomes: Err(reason), fresh: true });
            continue;
        }
        match Question::new(shared, plugin, &[*chosen], group).call(plugin).await {
            Ok(outcomes) => answers.extend(sort(&[*chosen], outcomes, true)),
            Err(error) => {
                shared.note_failure(&error.to_string());
                if let Some(reason) = shared.breaker.count(&plugin.digest, &error) {
                    let plugin = plugin.plugin.manifest().id.clone();
                    shared.watcher.tell(Event::PluginQuarantined { plugin, reason });
                }
                answers.push(Answer { check: chosen, outcomes: Err(error.to_string()), fresh: true });
            }
        }
    }
    Ok(answers)
}

fn sort<'c>(checks: &[&'c ChosenCheck], outcomes: Vec<AccountOutcome>, fresh: bool) -> Vec<Answer<'c>> {
    let mut by_check: HashMap<usize, Outcomes> = HashMap::new();
    for outcome in outcomes {
        by_check.entry(outcome.check).or_default().push((outcome.resource_id, outcome.stance));
    }
    let answer = |(number, check): (usize, &&'c ChosenCheck)| {
        let outcomes = Ok(by_check.remove(&number).unwrap_or_default());
        Answer { check, outcomes, fresh }
    };
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
