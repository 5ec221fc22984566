//! What a plugin is asked of an account, and what it said when it was asked the same before.
//!
//! A plugin that is asked of an account is told the account, the checks and the time, and sees the resources and gaps of the kinds
//! that the checks name: nothing else, for [`GroupView`] shows nothing else. The view's digest is over all of that and the plugin's own
//! digest. Resources that the checks judge one by one are not in it: each outcome about one is kept beside the digest of that
//! resource's document, and only those that are new or have changed are shown again. Whether the source sees whole accounts is not
//! in it either: the host applies that to what the plugin said, each time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use plumb_runtime::{AccountOutcome, CallError, Context};
use plumb_store::{AccountPlace, CachedAccountVerdict, CachedAccountVerdicts};

use crate::account::{Group, GroupView};
use crate::choice::{ChosenCheck, ChosenPlugin};
use crate::chunk::{split, stance};
use crate::day::NO_TIME;
use crate::digest::Parts;
use crate::error::EngineError;
use crate::scan::Shared;

/// One call.
pub(super) struct Question {
    group: Arc<Group>,
    context: Context,
    ids: Vec<String>,
    /// Positions of the checks in what the plugin says of itself, in the order of `ids`.
    own: Vec<u32>,
    /// The kinds whose resources the checks judge one by one.
    subjects: Vec<String>,
    view: GroupView,
    /// Where the answer is kept.
    place: AccountPlace,
    /// Of everything the plugin can see, but for the subjects.
    digest: [u8; 32],
}

/// What is known already, and whether that is all.
#[derive(Default)]
pub(super) struct Known {
    pub(super) outcomes: Vec<AccountOutcome>,
    pub(super) all: bool,
}

impl Question {
    /// The checks name the same kinds and subjects, and either all depend on the time or none does.
    pub(super) fn new(shared: &Shared, plugin: &ChosenPlugin, checks: &[&ChosenCheck], group: &Arc<Group>) -> Question {
        let timed = checks.iter().any(|chosen| chosen.check.time_dependent);
        let scan_time = if timed { shared.day.time.clone() } else { NO_TIME.to_owned() };
        let context = Context { account: group.account.clone(), scan_time };
        let ids: Vec<String> = checks.iter().map(|chosen| chosen.check.id.clone()).collect();
        let subjects = checks.first().map(|chosen| chosen.check.subjects.clone()).unwrap_or_default();
        let view = GroupView::new(group, checks.iter().map(|chosen| &chosen.check));
        let mut call = Parts::new("call about an account");
        call.add(group.target.as_bytes()).add(context.account.as_bytes()).texts(&ids);
        let mut seen = Parts::new("view of an account");
        seen.add(&plugin.digest).add(context.account.as_bytes()).add(context.scan_time.as_bytes()).texts(&ids);
        seen.texts(&subjects);
        view.describe(&mut seen, &subjects);
        Question {
            group: Arc::clone(group),
            context,
            ids,
            own: checks.iter().map(|chosen| chosen.own).collect(),
            subjects,
            view,
            place: AccountPlace { scope: shared.scope_key, plugin: plugin.digest, call: call.digest() },
            digest: seen.digest(),
        }
    }

    /// What the plugin said when it saw the same. It is asked only about what is not known.
    pub(super) fn recall(&mut self, shared: &Shared) -> Result<Known, EngineError> {
        let kept = shared.ledger.account_verdicts(&self.place)?.filter(|kept| kept.view == self.digest);
        let Some(kept) = kept else { return Ok(Known::default()) };
        if self.subjects.is_empty() {
            let outcomes: Option<Vec<_>> = kept.outcomes.into_iter().map(|outcome| self.outcome(outcome)).collect();
            return Ok(outcomes.map_or_else(Known::default, |outcomes| Known { outcomes, all: true }));
        }
        Ok(self.recall_subjects(kept.outcomes))
    }

    /// Of the resources that are still the same, what was said of them; the view shows the others.
    fn recall_subjects(&mut self, kept: Vec<CachedAccountVerdict>) -> Known {
        let mut by_id: HashMap<String, Vec<CachedAccountVerdict>> = HashMap::new();
        for mut outcome in kept {
            let Some(id) = outcome.resource_id.take() else { continue };
            by_id.entry(id).or_default().push(outcome);
        }
        let (mut outcomes, mut left) = (Vec::new(), BTreeMap::new());
        for kind in &self.subjects {
            let mut positions = Vec::new();
            for (position, member) in self.group.members(kind).iter().enumerate() {
                let said = by_id.remove(member.id()).unwrap_or_default();
                let still = said.len() == self.ids.len() && said.iter().all(|said| said.digest == Some(member.digest));
                let said = still.then(|| {
                    let named = |said| CachedAccountVerdict { resource_id: Some(member.id().to_owned()), ..said };
                    said.into_iter().map(|said| self.outcome(named(said))).collect::<Option<Vec<_>>>()
                });
                match said.flatten() {
                    Some(said) => outcomes.extend(said),
                    None => positions.push(position),
                }
            }
            left.insert(kind.clone(), positions);
        }
        let all = left.values().all(Vec::is_empty);
        self.view.show_only(left);
        Known { outcomes, all }
    }

    fn outcome(&self, kept: CachedAccountVerdict) -> Option<AccountOutcome> {
        Some(AccountOutcome {
            check: self.own.iter().position(|own| *own == kept.check)?,
            resource_id: kept.resource_id,
            stance: stance(kept.verdict, Some(kept.message)),
        })
    }

    pub(super) async fn call(&self, plugin: &ChosenPlugin) -> Result<Vec<AccountOutcome>, CallError> {
        self.view.ask(&plugin.plugin, &self.context, &self.ids, &self.subjects).await
    }

    /// The answer as it is kept, and its place.
    pub(super) fn kept<'o>(
        &self,
        outcomes: impl Iterator<Item = &'o AccountOutcome>,
    ) -> (AccountPlace, CachedAccountVerdicts) {
        let keep = |outcome: &AccountOutcome| {
            let (verdict, message) = split(outcome.stance.clone());
            let check = *self.own.get(outcome.check)?;
            let resource_id = outcome.resource_id.clone();
            let digest = resource_id.as_deref().and_then(|id| self.group.digest(&self.subjects, id));
            Some(CachedAccountVerdict { check, resource_id, digest, verdict, message })
        };
        (self.place, CachedAccountVerdicts { view: self.digest, outcomes: outcomes.filter_map(keep).collect() })
    }
}
