//! Questions about all resources of a kind, answered so that what nobody saw decides nothing.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use plumbline::prelude::*;

/// Whether some resource of the kind is `good`. `Err` where none is and one could not be judged, or not all could be
/// listed.
pub(crate) fn any(
    account: &Account<'_>,
    kind: &str,
    mut good: impl FnMut(&Resource<'_>) -> Result<bool, Unread>,
) -> Result<bool, Unread> {
    let mut found = false;
    let mut unread = None;
    account.each_listed(kind, |resource| {
        match good(resource) {
            Ok(true) => found = true,
            Ok(false) => {}
            Err(error) => unread = unread.take().or(Some(error)),
        }
        Ok(())
    })?;
    match (found, unread) {
        (true, _) => Ok(true),
        (false, Some(unread)) => Err(unread),
        (false, None) => account.complete(kind).map(|()| false),
    }
}

/// A copy of the text at `path`.
pub(crate) fn owned(resource: &Resource<'_>, path: &str) -> Result<Option<String>, Unread> {
    Ok(resource.text(path)?.map(str::to_owned))
}

/// What others look up by a name: one entry for each resource that has it. `Err` where it is not known whom some resource belongs to.
pub(crate) type Lookup<K, T> = Result<HashMap<K, Vec<Result<T, Unread>>>, Unread>;

/// The resources of some kinds that could be listed, by what `key` makes of them; those without one are left out. What `value`
/// cannot read stands in the way of its own key alone.
pub(crate) fn lookup<K: Hash + Eq, T>(
    account: &Account<'_>,
    kinds: &[&str],
    key: impl Fn(&Resource<'_>) -> Result<Option<K>, Unread>,
    value: impl Fn(&Resource<'_>) -> Result<T, Unread>,
) -> Lookup<K, T> {
    let mut lookup: HashMap<K, Vec<Result<T, Unread>>> = HashMap::new();
    for kind in kinds {
        account.each_listed(kind, |resource| {
            if let Some(key) = key(resource)? {
                lookup.entry(key).or_default().push(value(resource));
            }
            Ok(())
        })?;
    }
    Ok(lookup)
}

/// What there is of a key, in the order of the resources' ids.
pub(crate) fn of_key<'l, K, Q, T>(lookup: &'l Lookup<K, T>, key: &Q) -> Result<&'l [Result<T, Unread>], Unread>
where
    K: Hash + Eq + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let lookup = lookup.as_ref().map_err(Unread::clone)?;
    Ok(lookup.get(key).map(Vec::as_slice).unwrap_or_default())
}

/// Whether something good is there. `Err` where nothing is and something could not be read.
pub(crate) fn any_of(found: &[Result<bool, Unread>]) -> Result<bool, Unread> {
    if found.contains(&Ok(true)) {
        return Ok(true);
    }
    found.iter().find_map(|found| found.clone().err()).map_or(Ok(false), Err)
}

/// One outcome for each resource of the kind; one for the account where not all could be listed or there are none.
pub(crate) fn each(
    account: &Account<'_>,
    kind: &str,
    mut judge: impl FnMut(&Resource<'_>) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let mut outcomes = Vec::new();
    let listed = account.each(kind, |resource| {
        outcomes.push((Subject::Resource(resource.id.to_owned()), judge(resource)));
        Ok(())
    });
    match listed {
        Err(unread) => outcomes.push((Subject::Account, Err(unread))),
        Ok(()) if outcomes.is_empty() => {
            outcomes.push((Subject::Account, not_applicable(format!("there is no {kind}"))));
        }
        Ok(()) => {}
    }
    outcomes
}

/// The same, where an account without any fails with this message.
pub(crate) fn each_of_some(
    account: &Account<'_>,
    kind: &str,
    missing: &str,
    judge: impl FnMut(&Resource<'_>) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let mut outcomes = each(account, kind, judge);
    for (subject, outcome) in &mut outcomes {
        if *subject == Subject::Account && matches!(outcome, Ok(Verdict::NotApplicable(_))) {
            *outcome = fail(missing);
        }
    }
    outcomes
}

/// An outcome about the account as a whole.
pub(crate) fn whole(outcome: Outcome) -> Vec<(Subject, Outcome)> {
    vec![(Subject::Account, outcome)]
}
