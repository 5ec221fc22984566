//! What a plugin is asked of an account, and what it said when it was asked the same before.
//!
//! A plugin that is asked of an account is told the account, the checks and the time, and sees the resources and gaps of the kinds
//! that the checks name: nothing else, for [`GroupView`] shows nothing else. The view's digest is over all of that and the plugin's own
//! digest. Whether the source sees whole accounts is not in it: the host applies that to what the plugin said, each time.

use std::sync::Arc;

use plumb_runtime::host::snapshot::Snapshot;
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
    context: Context,
    ids: Vec<String>,
    /// Positions of the checks in what the plugin says of itself, in the order of `ids`.
    own: Vec<u32>,
    view: Arc<GroupView>,
    /// Where the answer is kept.
    place: AccountPlace,
    /// Of everything the plugin can see.
    digest: [u8; 32],
}

impl Question {
    /// The checks name the same kinds, and either all depend on the time or none does.
    pub(super) fn new(shared: &Shared, plugin: &ChosenPlugin, checks: &[&ChosenCheck], group: &Arc<Group>) -> Question {
        let timed = checks.iter().any(|chosen| chosen.check.time_dependent);
        let scan_time = if timed { shared.day.time.clone() } else { NO_TIME.to_owned() };
        let context = Context { account: group.account.clone(), scan_time };
        let ids: Vec<String> = checks.iter().map(|chosen| chosen.check.id.clone()).collect();
        let view = GroupView::new(group, checks.iter().map(|chosen| &chosen.check));
        let mut call = Parts::new("call about an account");
        call.add(group.target.as_bytes()).add(context.account.as_bytes()).texts(&ids);
        let mut seen = Parts::new("view of an account");
        seen.add(&plugin.digest).add(context.account.as_bytes()).add(context.scan_time.as_bytes()).texts(&ids);
        view.describe(&mut seen);
        Question {
            context,
            ids,
            own: checks.iter().map(|chosen| chosen.own).collect(),
            view: Arc::new(view),
            place: AccountPlace { scope: shared.scope_key, plugin: plugin.digest, call: call.digest() },
            digest: seen.digest(),
        }
    }

    /// What the plugin said when it saw the same.
    pub(super) fn known(&self, shared: &Shared) -> Result<Option<Vec<AccountOutcome>>, EngineError> {
        let kept = shared.ledger.account_verdicts(&self.place)?;
        let kept = kept.filter(|kept| kept.view == self.digest);
        Ok(kept.and_then(|kept| kept.outcomes.into_iter().map(|outcome| self.outcome(outcome)).collect()))
    }

    fn outcome(&self, kept: CachedAccountVerdict) -> Option<AccountOutcome> {
        Some(AccountOutcome {
            check: self.own.iter().position(|own| *own == kept.check)?,
            resource_id: kept.resource_id,
            stance: stance(kept.verdict, Some(kept.message)),
        })
    }

    pub(super) async fn call(&self, plugin: &ChosenPlugin) -> Result<Vec<AccountOutcome>, CallError> {
        let view: Arc<dyn Snapshot> = Arc::<GroupView>::clone(&self.view);
        plugin.plugin.evaluate_account(&self.context, &self.ids, view).await
    }

    /// The answer as it is kept, and its place.
    pub(super) fn kept(&self, outcomes: &[AccountOutcome]) -> (AccountPlace, CachedAccountVerdicts) {
        let keep = |outcome: &AccountOutcome| {
            let (verdict, message) = split(outcome.stance.clone());
            let check = *self.own.get(outcome.check)?;
            Some(CachedAccountVerdict { check, resource_id: outcome.resource_id.clone(), verdict, message })
        };
        let outcomes = outcomes.iter().filter_map(keep).collect();
        (self.place, CachedAccountVerdicts { view: self.digest, outcomes })
    }
}
