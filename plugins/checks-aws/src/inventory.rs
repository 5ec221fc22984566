//! Questions about all resources of a kind, answered so that what nobody saw decides nothing.

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
