//! What the checks of one call see of an account.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use plumb_model::check::Check;
use plumb_model::resource::AttributeGap;
use plumb_runtime::host::snapshot::Snapshot;
use plumb_runtime::{AccountOutcome, CallError, Context, Plugin};

use crate::account::group::Group;
use crate::account::member::Member;
use crate::digest::Parts;

/// The kinds that all of the checks name, and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct GroupView {
    group: Arc<Group>,
    /// In order, each once.
    kinds: Vec<String>,
    /// Kinds of which only some resources are shown, with the positions of these in the group's list.
    some: BTreeMap<String, Vec<usize>>,
}

impl GroupView {
    /// The checks name the same kinds.
    pub(crate) fn new<'c>(group: &Arc<Group>, checks: impl IntoIterator<Item = &'c Check>) -> GroupView {
        let mut kinds: Vec<String> = checks.into_iter().flat_map(|check| &check.kinds).cloned().collect();
        kinds.sort_unstable();
        kinds.dedup();
        GroupView { group: Arc::clone(group), kinds, some: BTreeMap::new() }
    }

    /// Of these kinds, only the resources at these positions of the group's list.
    pub(super) fn show_only(&mut self, some: BTreeMap<String, Vec<usize>>) {
        self.some = some;
    }

    /// What checks say of the account. Checks that judge the resources of some kinds one by one, of each of these that is shown.
    pub(crate) async fn ask(
        &self,
        plugin: &Plugin,
        context: &Context,
        checks: &[String],
        subjects: &[String],
    ) -> Result<Vec<AccountOutcome>, CallError> {
        let snapshot: Arc<dyn Snapshot> = Arc::new(self.clone());
        if subjects.is_empty() {
            return plugin.evaluate_account(context, checks, snapshot).await;
        }
        let shown: HashSet<&str> =
            subjects.iter().flat_map(|kind| self.shown(kind, 0, usize::MAX)).map(Member::id).collect();
        plugin.evaluate_subjects(context, checks, &shown, snapshot).await
    }

    /// Of the resources of a kind that are shown, in the order of their ids, at most `limit` after the first `from`.
    fn shown(&self, kind: &str, from: usize, limit: usize) -> Vec<&Member> {
        let members = if self.kinds.iter().any(|seen| seen == kind) { self.group.members(kind) } else { &[] };
        match self.some.get(kind) {
            None => members.iter().skip(from).take(limit).collect(),
            Some(some) => some.iter().skip(from).take(limit).filter_map(|position| members.get(*position)).collect(),
        }
    }

    /// Adds everything that the view shows but for the resources of some kinds: a document by its digest, which covers its id, in
    /// the order of the ids.
    pub(super) fn describe(&self, parts: &mut Parts, without: &[String]) {
        for kind in &self.kinds {
            parts.add(kind.as_bytes());
            let listed = if without.contains(kind) { &[] } else { self.group.members(kind) };
            parts.count(listed.len());
            for member in listed {
                parts.add(&member.digest);
            }
            let gaps = self.group.gaps(kind);
            parts.count(gaps.len());
            for gap in gaps {
                let permission: Vec<String> = gap.permission.into_iter().collect();
                parts.add(gap.path.as_bytes()).add(gap.reason.as_bytes()).texts(&permission);
            }
        }
    }
}

impl Snapshot for GroupView {
    fn page(&self, kind: &str, from: usize, limit: usize) -> Result<Vec<Vec<u8>>, String> {
        let page = self.shown(kind, from, limit);
        let digests: Vec<[u8; 32]> = page.iter().map(|member| member.digest).collect();
        let documents = self.group.ledger.documents(&digests).map_err(|error| error.to_string())?;
        let lost = |member: &Member| format!("the ledger has lost the document of {}", member.id());
        page.into_iter().zip(documents).map(|(member, found)| Ok(found.ok_or_else(|| lost(member))?.to_vec())).collect()
    }

    fn gaps(&self, kind: &str) -> Vec<AttributeGap> {
        if self.kinds.iter().any(|seen| seen == kind) {
            return self.group.gaps(kind);
        }
        // An empty list without a gap would read as: the account has none.
        let reason = format!("the check does not name {kind} among its kinds");
        vec![AttributeGap { path: String::new(), reason, permission: None }]
    }
}
