//! Checks of whole accounts, after everything has been collected.

mod member;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use plumb_model::check::{Check, Scope};
use plumb_model::delta::Sighting;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_model::resource::{AttributeGap, ResourceRef, ScanGap};
use plumb_runtime::host::snapshot::Snapshot;
use plumb_runtime::{AccountOutcome, CallError, Context, Stance};
use plumb_store::{Ledger, TaskEnd};

use crate::account::member::Members;
use crate::choice::{Chosen, ChosenCheck, ChosenPlugin};
use crate::chunk::{ChunkRows, outcome_row};
use crate::error::EngineError;
use crate::event::Event;
use crate::scan::Shared;

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

/// The resources of one account. A source that does not see whole accounts, such as a Terraform state, is one group.
struct Group {
    account: String,
    ledger: Arc<Ledger>,
    /// Kind → resources in the order of their ids, with the digest of each one's document.
    kinds: BTreeMap<String, Members>,
    gaps: Vec<ScanGap>,
}

impl Group {
    /// A resource by its id, among some kinds: each kind's list is in the order of ids.
    fn find(&self, kinds: &[String], id: &str) -> Option<(ResourceRef, [u8; 32])> {
        kinds.iter().find_map(|kind| self.kinds.get(kind)?.find(kind, id))
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Snapshot for Group {
    fn page(&self, kind: &str, from: usize, limit: usize) -> Result<Vec<Vec<u8>>, String> {
        let listed = self.kinds.get(kind).map(Members::list).unwrap_or_default();
        let page = listed.iter().skip(from).take(limit);
        page.map(|member| {
            let document = self.ledger.document(&member.digest).map_err(|error| error.to_string())?;
            document.ok_or_else(|| format!("the ledger has lost the document of {}", member.id()))
        })
        .collect()
    }

    fn gaps(&self, kind: &str) -> Vec<AttributeGap> {
        let of_kind = self.gaps.iter().filter(|gap| gap.kind.is_empty() || gap.kind == kind);
        let plain = |gap: &ScanGap| AttributeGap {
            path: String::new(),
            reason: gap.reason.clone(),
            permission: gap.permission.clone(),
        };
        of_kind.map(plain).collect()
    }
}

fn groups(shared: &Shared) -> Result<Vec<Group>, EngineError> {
    let wanted: BTreeSet<&str> =
        account_checks(&shared.chosen).flat_map(|check| &check.kinds).map(String::as_str).collect();
    let (gaps, seen, accounts) = {
        let figures = shared.figures.lock().map_err(|error| EngineError::Stopped(error.to_string()))?;
        let seen = figures.kinds.iter().any(|kind| wanted.contains(kind.as_str()));
        (figures.gaps.clone(), seen, figures.accounts.clone())
    };
    let group = |account: &str| Group {
        account: account.to_owned(),
        ledger: Arc::clone(&shared.ledger),
        kinds: BTreeMap::new(),
        gaps: gaps.iter().filter(|gap| gap.account.is_empty() || gap.account == account).cloned().collect(),
    };
    let whole = shared.provider_info.whole_accounts;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    if whole {
        groups.extend(accounts.iter().map(|account| (account.clone(), group(account))));
    } else {
        let mut named = accounts.iter().filter(|account| !account.is_empty());
        let only = named.next().filter(|_| named.next().is_none()).map(String::as_str).unwrap_or_default();
        groups.insert(String::new(), Group { gaps: gaps.clone(), ..group(only) });
    }
    if seen {
        shared.ledger.resources(&shared.scan, |row| {
            let key = if whole { row.resource.account.as_str() } else { "" };
            if wanted.contains(row.resource.kind.as_str())
                && let Some(group) = groups.get_mut(key)
            {
                group.kinds.entry(row.resource.kind.clone()).or_default().add(&row.resource, row.digest);
            }
            Ok::<(), EngineError>(())
        })?;
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.iter_mut().flat_map(|group| group.kinds.values_mut()).for_each(Members::sort);
    Ok(groups)
}

fn account_checks(chosen: &Chosen) -> impl Iterator<Item = &Check> {
    chosen.catalogue.checks.values().filter(|check| check.scope == Scope::Account)
}

async fn evaluate(shared: &Shared, plugin: &ChosenPlugin, group: &Arc<Group>, rows: &mut ChunkRows) {
    let checks = plugin.checks.iter().filter(|chosen| chosen.check.scope == Scope::Account);
    // Where the source is only a part of the account, the absence of a kind says nothing about the account.
    let here = |chosen: &&ChosenCheck| {
        shared.provider_info.whole_accounts || chosen.check.kinds.iter().any(|kind| group.kinds.contains_key(kind))
    };
    let (present, absent): (Vec<&ChosenCheck>, Vec<&ChosenCheck>) = checks.partition(here);
    for chosen in absent {
        let reason = format!("the target holds none of {}", chosen.check.kinds.join(", "));
        record(shared, chosen, group, None, Stance::NotApplicable(reason), rows);
    }
    for (chosen, outcomes) in ask(shared, plugin, &present, group).await {
        match outcomes {
            Err(reason) => record(shared, chosen, group, None, Stance::NotEvaluated(reason), rows),
            Ok(outcomes) if outcomes.is_empty() => {
                let silent = Stance::NotEvaluated("the plugin gave no outcome".to_owned());
                record(shared, chosen, group, None, silent, rows);
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
    let (resource, digest, stance) = match resource_id {
        None => (account(shared, group), None, stance),
        Some(id) => {
            if let Some((resource, digest)) = group.find(&check.kinds, id) {
                (resource, Some(digest), stance)
            } else {
                let stranger = "the plugin gave an outcome for a resource that the account does not have";
                (account(shared, group), None, Stance::NotEvaluated(stranger.to_owned()))
            }
        }
    };
    let unseen = check.kinds.iter().flat_map(|kind| group.gaps(kind)).next();
    let (verdict, message) = match (stance, unseen) {
        (Stance::Pass | Stance::NotApplicable(_), Some(gap)) => {
            (Verdict::NotEvaluated, format!("not everything could be looked at: {}", gap.reason))
        }
        (Stance::Pass, None) => (Verdict::Pass, String::new()),
        (Stance::NotApplicable(message), None) => (Verdict::NotApplicable, message),
        // What a part of an account does not have, another part may: somebody who sees the whole has to look.
        (Stance::Fail(message), _) if resource_id.is_none() && !shared.provider_info.whole_accounts => {
            (Verdict::Manual, format!("in what the target holds, {message}; look at the rest of the account"))
        }
        (Stance::Fail(message), _) => (Verdict::Fail, message),
        (Stance::Manual(message), _) => (Verdict::Manual, message),
        (Stance::NotEvaluated(message), _) => (Verdict::NotEvaluated, message),
    };
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

/// The account as what a finding points at; the target's name where the source does not say which account it is.
fn account(shared: &Shared, group: &Group) -> ResourceRef {
    let id = if group.account.is_empty() { shared.target.name.clone() } else { group.account.clone() };
    ResourceRef { id, account: group.account.clone(), ..ResourceRef::default() }
}
