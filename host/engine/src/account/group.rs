//! The resources of one account, and what a call's checks see of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plumb_model::check::{Check, Scope};
use plumb_model::resource::{AttributeGap, ResourceRef, ScanGap};
use plumb_runtime::host::snapshot::Snapshot;
use plumb_store::Ledger;

use crate::choice::Chosen;
use crate::digest::Parts;
use crate::error::EngineError;
use crate::scan::Shared;

/// The resources of one account. A source that does not see whole accounts, such as a Terraform state, is one group.
pub(super) struct Group {
    pub(super) account: String,
    ledger: Arc<Ledger>,
    /// Kind → resources in the order of their ids, with the digest of each one's document.
    pub(super) kinds: BTreeMap<String, Vec<(ResourceRef, [u8; 32])>>,
    gaps: Vec<ScanGap>,
}

impl Group {
    /// A resource by its id, among some kinds: each kind's list is in the order of ids.
    pub(super) fn find(&self, kinds: &[String], id: &str) -> Option<&(ResourceRef, [u8; 32])> {
        kinds.iter().filter_map(|kind| self.kinds.get(kind)).find_map(|listed| {
            let place = listed.binary_search_by(|(resource, _)| resource.id.as_str().cmp(id)).ok()?;
            listed.get(place)
        })
    }

    /// What could not be listed of a kind.
    pub(super) fn gaps(&self, kind: &str) -> Vec<AttributeGap> {
        let of_kind = self.gaps.iter().filter(|gap| gap.kind.is_empty() || gap.kind == kind);
        let plain = |gap: &ScanGap| AttributeGap {
            path: String::new(),
            reason: gap.reason.clone(),
            permission: gap.permission.clone(),
        };
        of_kind.map(plain).collect()
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What the checks of one call see of a group: the kinds that all of them name, and nothing else.
#[derive(Debug)]
pub(super) struct View {
    pub(super) group: Arc<Group>,
    pub(super) kinds: Vec<String>,
}

impl Snapshot for View {
    fn page(&self, kind: &str, from: usize, limit: usize) -> Result<Vec<Vec<u8>>, String> {
        let listed = self.group.kinds.get(kind).filter(|_| self.kinds.iter().any(|seen| seen == kind));
        let page: Vec<&(ResourceRef, [u8; 32])> = listed.into_iter().flatten().skip(from).take(limit).collect();
        let digests: Vec<[u8; 32]> = page.iter().map(|(_, digest)| *digest).collect();
        let documents = self.group.ledger.documents(&digests).map_err(|error| error.to_string())?;
        let lost = |resource: &ResourceRef| format!("the ledger has lost the document of {}", resource.id);
        page.into_iter().zip(documents).map(|((resource, _), found)| found.ok_or_else(|| lost(resource))).collect()
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

impl View {
    /// Adds everything that the view shows: a document by its digest, which covers its id, in the order of the ids.
    pub(super) fn describe(&self, parts: &mut Parts) {
        for kind in &self.kinds {
            parts.add(kind.as_bytes());
            let listed = self.group.kinds.get(kind).map(Vec::as_slice).unwrap_or_default();
            parts.count(listed.len());
            for (_, digest) in listed {
                parts.add(digest);
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

pub(super) fn groups(shared: &Shared) -> Result<Vec<Group>, EngineError> {
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
                let listed = group.kinds.entry(row.resource.kind.clone()).or_default();
                listed.push((row.resource.clone(), row.digest));
            }
            Ok::<(), EngineError>(())
        })?;
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for listed in groups.iter_mut().flat_map(|group| group.kinds.values_mut()) {
        listed.sort_unstable_by(|a, b| a.0.id.cmp(&b.0.id));
    }
    Ok(groups)
}

fn account_checks(chosen: &Chosen) -> impl Iterator<Item = &Check> {
    chosen.catalogue.checks.values().filter(|check| check.scope == Scope::Account)
}
