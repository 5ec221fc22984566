//! Checks of whole accounts, after everything has been collected.

mod group;
mod group_view;
mod member;
mod question;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use plumb_model::check::{Check, Scope};
use plumb_model::delta::Sighting;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_runtime::{AccountOutcome, Stance};
use plumb_store::TaskEnd;

use crate::account::question::{Known, Question};
use crate::choice::{Chosen, ChosenCheck, ChosenPlugin};
use crate::chunk::{ChunkRows, outcome_row};
use crate::error::EngineError;
use crate::event::Event;
use crate::previous::Previous;
use crate::scan::{Part, Shared};
use crate::task::Aborting;

pub(crate) use group::{Decision, Gathering, Group, View};
pub(crate) use group_view::GroupView;

/// The task that stands for these checks in a scan's plan.
pub(crate) const TASK: &str = "whole accounts";

/// Whether any chosen check looks at whole accounts.
pub(crate) fn is_needed(chosen: &Chosen) -> bool {
    chosen.catalogue.checks.values().any(|check| check.scope == Scope::Account)
}

/// Calls that go side by side for each core. They are recorded in their order, and where one waits for another it keeps what it brought:
/// an account may have many resources.
const CALLS_PER_CORE: usize = 2;

/// Runs them and ends their task.
pub(crate) async fn run(shared: &Arc<Shared>, index: u32) -> Result<(), EngineError> {
    shared.watcher.tell(Event::TaskStarted { task: TASK.to_owned() });
    let fence = shared.ledger.start_task(&shared.scan, index)?;
    let mut asking = Vec::new();
    for group in groups(shared)?.into_iter().map(Arc::new) {
        for (number, plugin) in shared.chosen.plugins.iter().enumerate() {
            asking.extend(calls(plugin).into_iter().map(|checks| (number, checks, Arc::clone(&group))));
        }
    }
    let asking = asking.into_iter().map(|(plugin, checks, group)| {
        let shared = Arc::clone(shared);
        async move { Aborting(tokio::spawn(evaluate(shared, plugin, checks, group))).join().await? }
    });
    let mut answers = pin!(stream::iter(asking).buffered(shared.cores * CALLS_PER_CORE));
    let mut sequence = 0;
    while let Some(rows) = answers.next().await {
        shared.recorder.chunk(index, fence, sequence, rows?).await?;
        sequence += 1;
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

type Kinds<'a> = BTreeSet<&'a str>;

/// A plugin's checks of accounts, by their positions. Those that see the same are asked together: the same kinds, the same time; and
/// so that one answer holds for all of them, the same subjects.
fn calls(plugin: &ChosenPlugin) -> Vec<Vec<usize>> {
    let mut calls: BTreeMap<(Kinds<'_>, Kinds<'_>, bool), Vec<usize>> = BTreeMap::new();
    for (position, ChosenCheck { check, .. }) in plugin.checks.iter().enumerate() {
        if check.scope == Scope::Account {
            let (kinds, subjects) = (check.kinds.iter(), check.subjects.iter());
            let (kinds, subjects) = (kinds.map(String::as_str).collect(), subjects.map(String::as_str).collect());
            calls.entry((kinds, subjects, check.time_dependent)).or_default().push(position);
        }
    }
    calls.into_values().collect()
}

/// Asks a plugin, by its position, these of its checks.
async fn evaluate(
    shared: Arc<Shared>,
    plugin: usize,
    checks: Vec<usize>,
    group: Arc<Group>,
) -> Result<ChunkRows, EngineError> {
    let previous = shared.previous.get().await?;
    let mut rows = ChunkRows::default();
    let Some(plugin) = shared.chosen.plugins.get(plugin) else { return Ok(rows) };
    let checks = checks.into_iter().filter_map(|position| plugin.checks.get(position));
    let (present, absent): (Vec<&ChosenCheck>, Vec<&ChosenCheck>) =
        checks.partition(|chosen| group.concerns(&chosen.check));
    for chosen in absent {
        rows.evaluated += 1;
        let decision = group.decide(&chosen.check, None, Group::unconcerned(&chosen.check));
        record(&shared, previous, chosen, decision, &mut rows);
    }
    if present.is_empty() {
        return Ok(rows);
    }
    for Answer { check, known, fresh } in ask(&shared, plugin, &present, &group, &mut rows).await? {
        let reused = known.len() as u64;
        let said = match fresh {
            Err(reason) => vec![(None, Stance::NotEvaluated(reason))],
            Ok(fresh) => group.complete(&check.check, known.into_iter().chain(fresh).collect()),
        };
        rows.reused += reused;
        rows.evaluated += said.len() as u64 - reused;
        for (resource, stance) in said {
            let decision = group.decide(&check.check, resource.as_deref(), stance);
            record(&shared, previous, check, decision, &mut rows);
        }
    }
    Ok(rows)
}

/// A check, what was known of it, and what the plugin says now.
struct Answer<'c> {
    check: &'c ChosenCheck,
    known: Outcomes,
    fresh: Result<Outcomes, String>,
}

/// Resource id, or none for the account, and the stance on it.
type Outcomes = Vec<(Option<String>, Stance)>;

/// What is known of one call's checks, and what the plugin says now of the rest. All at once; where that fails, each alone, so that
/// one broken check does not cost the others. Only what all of them said together is kept.
async fn ask<'c>(
    shared: &Shared,
    plugin: &ChosenPlugin,
    checks: &[&'c ChosenCheck],
    group: &Arc<Group>,
    rows: &mut ChunkRows,
) -> Result<Vec<Answer<'c>>, EngineError> {
    let mut question = Question::new(shared, plugin, checks, group);
    let Known { outcomes: known, all } = question.recall(shared)?;
    if all {
        return Ok(sort(checks, known, Vec::new()));
    }
    if let Ok(fresh) = question.call(plugin).await {
        rows.account_verdicts.push(question.kept(known.iter().chain(&fresh)));
        return Ok(sort(checks, known, fresh));
    }
    let mut answers = Vec::new();
    for chosen in checks {
        let fresh = match shared.breaker.quarantined(&plugin.digest) {
            Some(reason) => Err(reason),
            None => Question::new(shared, plugin, &[*chosen], group).call(plugin).await.map_err(|error| {
                shared.note_failure(&error.to_string());
                if let Some(reason) = shared.breaker.count(&plugin.digest, &error) {
                    let plugin = plugin.plugin.manifest().id.clone();
                    shared.watcher.tell(Event::PluginQuarantined { plugin, reason });
                }
                error.to_string()
            }),
        };
        match fresh {
            Ok(outcomes) => answers.extend(sort(&[*chosen], Vec::new(), outcomes)),
            Err(reason) => answers.push(Answer { check: chosen, known: Vec::new(), fresh: Err(reason) }),
        }
    }
    Ok(answers)
}

/// To each check its own.
fn sort<'c>(checks: &[&'c ChosenCheck], known: Vec<AccountOutcome>, fresh: Vec<AccountOutcome>) -> Vec<Answer<'c>> {
    let blank = |check: &&'c ChosenCheck| Answer { check, known: Vec::new(), fresh: Ok(Vec::new()) };
    let mut answers: Vec<Answer<'c>> = checks.iter().map(blank).collect();
    for AccountOutcome { check, resource_id, stance } in known {
        if let Some(answer) = answers.get_mut(check) {
            answer.known.push((resource_id, stance));
        }
    }
    for AccountOutcome { check, resource_id, stance } in fresh {
        if let Some(Answer { fresh: Ok(fresh), .. }) = answers.get_mut(check) {
            fresh.push((resource_id, stance));
        }
    }
    answers
}

fn record(shared: &Shared, previous: &Previous, chosen: &ChosenCheck, decision: Decision, rows: &mut ChunkRows) {
    let check = &chosen.check;
    let Decision { resource, digest, verdict, message } = decision;
    let fingerprint = Fingerprint::new(&check.id, &resource.account, &resource.id);
    let known = previous.contains(&fingerprint);
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
