//! What the checks of one call see of an account.

use std::sync::Arc;

use plumb_model::check::Check;
use plumb_model::resource::AttributeGap;
use plumb_runtime::host::snapshot::Snapshot;

use crate::account::group::Group;
use crate::account::member::{Member, Members};
use crate::digest::Parts;

/// The kinds that all of the checks name, and nothing else.
#[derive(Debug)]
pub(crate) struct GroupView {
    group: Arc<Group>,
    /// In order, each once.
    kinds: Vec<String>,
}

impl GroupView {
    /// The checks name the same kinds.
    pub(crate) fn new<'c>(group: &Arc<Group>, checks: impl IntoIterator<Item = &'c Check>) -> GroupView {
        let mut kinds: Vec<String> = checks.into_iter().flat_map(|check| &check.kinds).cloned().collect();
        kinds.sort_unstable();
        kinds.dedup();
        GroupView { group: Arc::clone(group), kinds }
    }

    /// Adds everything that the view shows: a document by its digest, which covers its id, in the order of the ids.
    pub(super) fn describe(&self, parts: &mut Parts) {
        for kind in &self.kinds {
            parts.add(kind.as_bytes());
            let listed = self.group.kinds.get(kind).map(Members::list).unwrap_or_default();
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
        let listed = self.group.kinds.get(kind).filter(|_| self.kinds.iter().any(|seen| seen == kind));
        let listed = listed.map(Members::list).unwrap_or_default();
        let page: Vec<&Member> = listed.iter().skip(from).take(limit).collect();
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
