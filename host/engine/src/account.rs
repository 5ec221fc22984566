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
use plumb_store::{Ledger, ResourceRow, TaskEnd};

use crate::account::member::Members;
use crate::choice::{Chosen, ChosenCheck, ChosenPlugin};
use crate::chunk::{ChunkRows, outcome_row};
use crate::error::EngineError;
use crate::event::Event;
use crate::scan::{Part, Shared};

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
    /// The source sees all there is of the account.
    whole: bool,
    /// The target's name.
    target: String,
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
    let tasks = shared.ledger.tasks(&shared.scan)?;
    let mut parts: Vec<PartGroups> = (0u32..)
        .zip(&shared.parts)
        .map(|(number, part)| {
            let own: BTreeSet<&str> =
                tasks.iter().filter(|row| row.part == number).map(|row| row.id.as_str()).collect();
            // What belongs to no task stands for the whole scan.
            let hides = |gap: &&ScanGap| gap.task.is_empty() || own.contains(gap.task.as_str());
            PartGroups::new(&shared.ledger, part, gaps.iter().filter(hides).cloned().collect())
        })
        .collect();
    // With one target its accounts are those of the scan; with several only its own resources tell.
    if let [only] = parts.as_mut_slice() {
        only.know(accounts);
    }
    if seen || parts.len() > 1 {
        shared.ledger.task_resources(&shared.scan, |task, row| {
            let part = usize::try_from(task).ok().and_then(|task| tasks.get(task)).map(|row| row.part);
            let part = part.and_then(|part| usize::try_from(part).ok()).and_then(|part| parts.get_mut(part));
            if let Some(part) = part {
                part.add(row, &wanted);
            }
            Ok::<(), EngineError>(())
        })?;
    }
    Ok(parts.into_iter().flat_map(PartGroups::finish).collect())
}

/// The groups of one target, while they fill.
struct PartGroups {
    ledger: Arc<Ledger>,
    whole_accounts: bool,
    name: String,
    gaps: Vec<ScanGap>,
    /// By account; one of no name where the source does not see whole accounts.
    groups: BTreeMap<String, Group>,
    /// All that resources name.
    accounts: BTreeSet<String>,
}

impl PartGroups {
    fn new(ledger: &Arc<Ledger>, part: &Part, gaps: Vec<ScanGap>) -> PartGroups {
        let mut groups = PartGroups {
            ledger: Arc::clone(ledger),
            whole_accounts: part.info.whole_accounts,
            name: part.target.name.clone(),
            gaps,
            groups: BTreeMap::new(),
            accounts: BTreeSet::new(),
        };
        if !groups.whole_accounts {
            let only = groups.group("");
            groups.groups.insert(String::new(), only);
        }
        groups
    }

    fn group(&self, account: &str) -> Group {
        let near = |gap: &&ScanGap| !self.whole_accounts || gap.account.is_empty() || gap.account == account;
        Group {
            account: account.to_owned(),
            whole: self.whole_accounts,
            target: self.name.clone(),
            ledger: Arc::clone(&self.ledger),
            kinds: BTreeMap::new(),
            gaps: self.gaps.iter().filter(near).cloned().collect(),
        }
    }

    /// Takes accounts that it has resources in.
    fn know(&mut self, accounts: BTreeSet<String>) {
        for account in accounts.iter().filter(|_| self.whole_accounts) {
            let group = self.group(account);
            self.groups.insert(account.clone(), group);
        }
        self.accounts.extend(accounts);
    }

    fn add(&mut self, row: ResourceRow, wanted: &BTreeSet<&str>) {
        let account = &row.resource.account;
        let key = if self.whole_accounts { account.as_str() } else { "" };
        if !self.groups.contains_key(key) {
            let group = self.group(key);
            self.groups.insert(key.to_owned(), group);
        }
        if !self.accounts.contains(account) {
            self.accounts.insert(account.clone());
        }
        if wanted.contains(row.resource.kind.as_str())
            && let Some(group) = self.groups.get_mut(key)
        {
            group.kinds.entry(row.resource.kind.clone()).or_default().add(&row.resource, row.digest);
        }
    }

    fn finish(self) -> Vec<Group> {
        let mut named = self.accounts.iter().filter(|account| !account.is_empty());
        let only = named.next().filter(|_| named.next().is_none()).cloned();
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        for group in &mut groups {
            if let (false, Some(only)) = (group.whole, &only) {
                group.account.clone_from(only);
            }
            group.kinds.values_mut().for_each(Members::sort);
        }
        groups
    }
}

fn account_checks(chosen: &Chosen) -> impl Iterator<Item = &Check> {
    chosen.catalogue.checks.values().filter(|check| check.scope == Scope::Account)
}

async fn evaluate(shared: &Shared, plugin: &ChosenPlugin, group: &Arc<Group>, rows: &mut ChunkRows) {
    let checks = plugin.checks.iter().filter(|chosen| chosen.check.scope == Scope::Account);
    // Where the source is only a part of the account, the absence of a kind says nothing about the account.
    let here =
        |chosen: &&ChosenCheck| group.whole || chosen.check.kinds.iter().any(|kind| group.kinds.contains_key(kind));
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
        None => (account(group), None, stance),
        Some(id) => {
            if let Some((resource, digest)) = group.find(&check.kinds, id) {
                (resource, Some(digest), stance)
            } else {
                let stranger = "the plugin gave an outcome for a resource that the account does not have";
                (account(group), None, Stance::NotEvaluated(stranger.to_owned()))
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
        (Stance::Fail(message), _) if resource_id.is_none() && !group.whole => {
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
fn account(group: &Group) -> ResourceRef {
    let id = if group.account.is_empty() { group.target.clone() } else { group.account.clone() };
    ResourceRef { id, account: group.account.clone(), ..ResourceRef::default() }
}
