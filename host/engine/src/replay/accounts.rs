//! Checks of whole accounts: each account's recorded resources are shown to them again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use plumb_model::check::{Check, Scope};
use plumb_runtime::{AccountOutcome, CallError, Context, Plugin};
use plumb_store::OutcomeRow;

use crate::account::{Decision, Gathering, Group, GroupView, View};
use crate::error::EngineError;
use crate::replay::{Replay, Subject, is_failure, providers};

/// What was recorded of each check, in the order of its rows.
#[derive(Default)]
pub(super) struct Recorded(BTreeMap<String, Vec<Decision>>);

impl Recorded {
    pub(super) fn add(&mut self, check: &Check, row: OutcomeRow) {
        let OutcomeRow { resource, digest, verdict, message, .. } = row;
        self.0.entry(check.id.clone()).or_default().push(Decision { resource, digest, verdict, message });
    }
}

pub(super) async fn replay(subject: &Subject, mut recorded: Recorded, replay: &mut Replay) -> Result<(), EngineError> {
    let plugins = subject.by_plugin(Scope::Account);
    if plugins.is_empty() {
        return Ok(());
    }
    let checks = || plugins.iter().flat_map(|(_, checks)| checks).map(|(_, check)| *check);
    let views = match views(subject).await {
        Ok(views) => views,
        Err(reason) => {
            replay.missing.extend(checks().map(|check| (check.id.clone(), reason.clone())));
            return Ok(());
        }
    };
    let wanted: BTreeSet<&str> = checks().flat_map(|check| &check.kinds).map(String::as_str).collect();
    let gaps = subject.ledger.gaps(&subject.scan)?;
    let gathering = Gathering {
        ledger: &subject.ledger,
        scan: &subject.scan,
        views,
        gaps,
        accounts: BTreeSet::new(),
        through: true,
    };
    let groups = gathering.groups(&wanted)?;
    let groups: Vec<Arc<Group>> = groups.into_iter().map(Arc::new).collect();
    for (plugin, checks) in &plugins {
        for (_, check) in checks {
            let was = recorded.0.remove(&check.id).unwrap_or_default();
            let failed: BTreeSet<&str> = was
                .iter()
                .filter(|was| is_failure(check, was.verdict, &was.message))
                .map(|was| was.resource.account.as_str())
                .collect();
            replay.undecided += failed.len() as u64;
            let mut now = Vec::new();
            for group in groups.iter().filter(|group| !failed.contains(group.account.as_str())) {
                match decide(subject, plugin, check, group).await {
                    Ok(decisions) => now.extend(decisions),
                    Err(failure) => {
                        replay.differs(check, &group.account, format!("the plugin fails now: {failure}"));
                    }
                }
            }
            let was = was.iter().filter(|was| !failed.contains(was.resource.account.as_str())).cloned();
            compare(check, was.collect(), now, replay);
        }
    }
    Ok(())
}

/// How much the scan's sources saw, as their plugins say.
async fn views(subject: &Subject) -> Result<Vec<View>, String> {
    let unreadable = |problem: &String| format!("the scan does not say how it was started: {problem}");
    let request = subject.request.as_ref().map_err(unreadable)?;
    let providers = providers(request);
    let mut views = Vec::new();
    for (number, target) in request.targets.iter().enumerate() {
        let digest = providers.get(number).ok_or("the scan does not say which provider read it")?;
        let plugin = subject.plugins.get(digest).ok_or_else(|| {
            let (provider, digest) = (&target.provider, blake3::Hash::from_bytes(*digest).to_hex());
            format!(
                "the provider of {provider} with digest blake3:{digest} is not there; name a folder that has it with --plugins"
            )
        })?;
        let info = plugin.provider_info().await.map_err(|error| error.to_string())?.unwrap_or_default();
        views.push(View { whole_accounts: info.whole_accounts, name: target.name.clone() });
    }
    Ok(views)
}

/// What a check comes to on one account.
async fn decide(
    subject: &Subject,
    plugin: &Plugin,
    check: &Check,
    group: &Arc<Group>,
) -> Result<Vec<Decision>, CallError> {
    if !group.concerns(check) {
        return Ok(vec![group.decide(check, None, Group::unconcerned(check))]);
    }
    let context = Context { account: group.account.clone(), scan_time: subject.time(check).to_owned() };
    let view = GroupView::new(group, [check]);
    let outcomes = view.ask(plugin, &context, std::slice::from_ref(&check.id), &check.subjects).await?;
    let said = outcomes.into_iter().map(|AccountOutcome { resource_id, stance, .. }| (resource_id, stance)).collect();
    let stances = group.complete(check, said);
    Ok(stances.into_iter().map(|(resource, stance)| group.decide(check, resource.as_deref(), stance)).collect())
}

/// Holds two sets of decisions against each other, whatever their order.
fn compare(check: &Check, was: Vec<Decision>, now: Vec<Decision>, replay: &mut Replay) {
    let mut left: HashMap<Decision, u64> = HashMap::new();
    for decision in was {
        *left.entry(decision).or_default() += 1;
    }
    let mut other = Vec::new();
    for decision in now {
        match left.get_mut(&decision) {
            Some(count) if *count > 0 => {
                *count -= 1;
                replay.reproduced += 1;
            }
            _ => other.push(decision),
        }
    }
    let mut lost: Vec<Decision> = left.into_iter().filter(|(_, count)| *count > 0).map(|(was, _)| was).collect();
    lost.sort();
    for was in lost {
        let place = other.iter().position(|now| now.resource == was.resource);
        match place.map(|place| other.swap_remove(place)) {
            Some(now) if now.digest == was.digest => {
                let recorded = (was.verdict, was.message.as_str());
                replay.compare(check, &was.resource.id, recorded, (now.verdict, &now.message));
            }
            Some(_) => replay.differs(check, &was.resource.id, "it rests on another document".to_owned()),
            None => {
                replay.differs(check, &was.resource.id, format!("recorded as {}, replayed not at all", was.verdict));
            }
        }
    }
    for now in other {
        let problem = format!("no verdict is recorded, replayed as {} '{}'", now.verdict, now.message);
        replay.differs(check, &now.resource.id, problem);
    }
}
