//! The resources of one account as its checks see them, and what becomes of what those say. A scan and its replay share it, so
//! that both decide alike.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use plumb_model::check::Check;
use plumb_model::outcome::Verdict;
use plumb_model::resource::{AttributeGap, ResourceRef, ScanGap};
use plumb_model::scan::ScanId;
use plumb_runtime::Stance;
use plumb_store::{Ledger, ResourceRow};

use crate::account::member::{Member, Members};
use crate::error::EngineError;

/// The resources of one account. A source that does not see whole accounts, such as a Terraform state, is one group.
pub(crate) struct Group {
    pub(crate) account: String,
    /// The source sees all there is of the account.
    whole: bool,
    /// The target's name.
    pub(super) target: String,
    pub(super) ledger: Arc<Ledger>,
    /// Kind → resources in the order of their ids, with the digest of each one's document.
    pub(super) kinds: BTreeMap<String, Members>,
    gaps: Vec<ScanGap>,
}

impl Group {
    /// The resources of a kind, in the order of their ids.
    pub(super) fn members(&self, kind: &str) -> &[Member] {
        self.kinds.get(kind).map(Members::list).unwrap_or_default()
    }

    /// The digest of a resource's document.
    pub(super) fn digest(&self, kinds: &[String], id: &str) -> Option<[u8; 32]> {
        kinds.iter().find_map(|kind| Some(self.kinds.get(kind)?.member(id)?.digest))
    }

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

impl Group {
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

    /// Whether a check is to be asked. Where the source is only a part of the account, the absence of a kind says nothing about the
    /// account; where a check judges resources one by one, there have to be some.
    pub(crate) fn concerns(&self, check: &Check) -> bool {
        if check.subjects.is_empty() {
            self.whole || check.kinds.iter().any(|kind| self.kinds.contains_key(kind))
        } else {
            check.subjects.iter().any(|kind| self.kinds.contains_key(kind))
        }
    }

    /// What stands for a check that is not asked.
    pub(crate) fn unconcerned(check: &Check) -> Stance {
        let missing = if check.subjects.is_empty() { &check.kinds } else { &check.subjects };
        Stance::NotApplicable(format!("the target holds none of {}", missing.join(", ")))
    }

    /// An answer made whole: a plugin that says nothing has decided nothing, and of a kind that could not be listed there may be more.
    pub(crate) fn complete(
        &self,
        check: &Check,
        mut said: Vec<(Option<String>, Stance)>,
    ) -> Vec<(Option<String>, Stance)> {
        if check.subjects.is_empty() {
            if said.is_empty() {
                said.push((None, silent()));
            }
            return said;
        }
        let about: HashSet<&str> = said.iter().filter_map(|(id, _)| id.as_deref()).collect();
        let members = check.subjects.iter().flat_map(|kind| self.members(kind));
        let unsaid: Vec<String> = members.map(Member::id).filter(|id| !about.contains(id)).map(str::to_owned).collect();
        said.extend(unsaid.into_iter().map(|id| (Some(id), silent())));
        let gaps = check.subjects.iter().flat_map(|kind| self.gaps(kind).into_iter().map(move |gap| (kind, gap)));
        said.extend(gaps.take(1).map(|(kind, gap)| {
            (None, Stance::NotEvaluated(format!("not every {kind} could be listed: {}", gap.reason)))
        }));
        said
    }

    /// What becomes of what a check said.
    pub(crate) fn decide(&self, check: &Check, resource_id: Option<&str>, stance: Stance) -> Decision {
        let (resource, digest, stance) = match resource_id {
            None => (self.itself(), None, stance),
            Some(id) => {
                if let Some((resource, digest)) = self.find(&check.kinds, id) {
                    (resource, Some(digest), stance)
                } else {
                    let stranger = "the plugin gave an outcome for a resource that the account does not have";
                    (self.itself(), None, Stance::NotEvaluated(stranger.to_owned()))
                }
            }
        };
        let unseen = check.kinds.iter().flat_map(|kind| self.gaps(kind)).next();
        let (verdict, message) = match (stance, unseen) {
            (Stance::Pass | Stance::NotApplicable(_), Some(gap)) => {
                (Verdict::NotEvaluated, format!("not everything could be looked at: {}", gap.reason))
            }
            (Stance::Pass, None) => (Verdict::Pass, String::new()),
            (Stance::NotApplicable(message), None) => (Verdict::NotApplicable, message),
            // What a part of an account does not have, another part may: somebody who sees the whole has to look.
            (Stance::Fail(message), _) if resource_id.is_none() && !self.whole => {
                (Verdict::Manual, format!("in what the target holds, {message}; look at the rest of the account"))
            }
            (Stance::Fail(message), _) => (Verdict::Fail, message),
            (Stance::Manual(message), _) => (Verdict::Manual, message),
            (Stance::NotEvaluated(message), _) => (Verdict::NotEvaluated, message),
        };
        Decision { resource, digest, verdict, message }
    }

    /// The account as what a finding points at; the target's name where the source does not say which account it is.
    fn itself(&self) -> ResourceRef {
        let id = if self.account.is_empty() { self.target.clone() } else { self.account.clone() };
        ResourceRef { id, account: self.account.clone(), ..ResourceRef::default() }
    }
}

/// The verdict that stands, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Decision {
    pub(crate) resource: ResourceRef,
    pub(crate) digest: Option<[u8; 32]>,
    pub(crate) verdict: Verdict,
    pub(crate) message: String,
}

/// What stands for a plugin that was asked and said nothing.
fn silent() -> Stance {
    Stance::NotEvaluated("the plugin gave no outcome".to_owned())
}

/// How much a source sees of the accounts it reads.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) whole_accounts: bool,
    /// The target's name.
    pub(crate) name: String,
}

/// What groups are put together from.
pub(crate) struct Gathering<'a> {
    pub(crate) ledger: &'a Arc<Ledger>,
    pub(crate) scan: &'a ScanId,
    /// One for each target.
    pub(crate) views: Vec<View>,
    pub(crate) gaps: Vec<ScanGap>,
    /// That the scan's only target is known to have resources in.
    pub(crate) accounts: BTreeSet<String>,
    /// Whether to go through the recorded resources, which also tell their accounts.
    pub(crate) through: bool,
}

impl Gathering<'_> {
    /// The groups of all targets, with resources of the wanted kinds.
    pub(crate) fn groups(mut self, wanted: &BTreeSet<&str>) -> Result<Vec<Group>, EngineError> {
        // They come in the order of chance. A check is shown them and a message may name the first, so they get an order that a
        // replay finds again.
        self.gaps.sort_by_cached_key(|gap| {
            let ScanGap { task, kind, account, region, reason, permission } = gap.clone();
            (task, kind, account, region, reason, permission)
        });
        let tasks = self.ledger.tasks(self.scan)?;
        let mut parts: Vec<PartGroups> = (0u32..)
            .zip(self.views)
            .map(|(number, view)| {
                let rows = tasks.iter().filter(|row| row.part == number);
                let own: BTreeSet<&str> = rows.clone().map(|row| row.id.as_str()).collect();
                // What belongs to no task stands for the whole scan.
                let hides = |gap: &&ScanGap| gap.task.is_empty() || own.contains(gap.task.as_str());
                let mut part = PartGroups::new(self.ledger, view, self.gaps.iter().filter(hides).cloned().collect());
                // An account that was to be looked at is one, also where nothing was found in it or nobody was let in.
                let named = rows.map(|row| row.account.clone()).filter(|account| !account.is_empty());
                part.know(named.collect());
                part
            })
            .collect();
        if let [only] = parts.as_mut_slice() {
            only.know(self.accounts);
        }
        if self.through {
            self.ledger.task_resources(self.scan, |task, row| {
                let part = usize::try_from(task).ok().and_then(|task| tasks.get(task)).map(|row| row.part);
                let part = part.and_then(|part| usize::try_from(part).ok()).and_then(|part| parts.get_mut(part));
                if let Some(part) = part {
                    part.add(&row, wanted);
                }
                Ok::<(), EngineError>(())
            })?;
        }
        Ok(parts.into_iter().flat_map(PartGroups::finish).collect())
    }
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
    fn new(ledger: &Arc<Ledger>, view: View, gaps: Vec<ScanGap>) -> PartGroups {
        let mut groups = PartGroups {
            ledger: Arc::clone(ledger),
            whole_accounts: view.whole_accounts,
            name: view.name,
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

    /// Takes accounts that it looks at.
    fn know(&mut self, accounts: BTreeSet<String>) {
        for account in accounts.iter().filter(|_| self.whole_accounts) {
            let group = self.group(account);
            self.groups.insert(account.clone(), group);
        }
        self.accounts.extend(accounts);
    }

    fn add(&mut self, row: &ResourceRow, wanted: &BTreeSet<&str>) {
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
