//! What the tests of checks share: verdicts on resources, with the gaps tried on every pass.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::resource;

/// The resource passes, and stays unjudged as soon as anything the check reads is a gap.
#[track_caller]
pub(crate) fn passes(check: &Check, kind: &str, config: Json) {
    assert!(check.kinds.contains(&kind), "{} does not look at {kind}", check.id);
    let fixture = resource(kind, config);
    assert_eq!(fixture.verdict(check), pass(), "{} on {fixture:?}", check.id);
    for path in check.reads {
        let verdict = fixture.clone().gap(path, "denied").verdict(check);
        assert!(verdict.is_err(), "{} with a gap at {path}: {verdict:?}", check.id);
    }
}

/// The resource fails with a message that says this.
#[track_caller]
pub(crate) fn fails(check: &Check, kind: &str, config: Json, message: &str) {
    assert!(check.kinds.contains(&kind), "{} does not look at {kind}", check.id);
    match resource(kind, config).verdict(check) {
        Ok(Verdict::Fail(found)) => assert!(found.contains(message), "{}: '{found}'", check.id),
        other => panic!("{}: {other:?}", check.id),
    }
}

/// The resource is not judged, for this reason.
#[track_caller]
pub(crate) fn unread(check: &Check, kind: &str, config: Json, reason: &str) {
    match resource(kind, config).verdict(check) {
        Err(unread) => assert!(unread.to_string().contains(reason), "{}: '{unread}'", check.id),
        other => panic!("{}: {other:?}", check.id),
    }
}

/// The check has no meaning for the resource.
#[track_caller]
pub(crate) fn skips(check: &Check, kind: &str, config: Json) {
    let verdict = resource(kind, config).verdict(check);
    assert!(matches!(verdict, Ok(Verdict::NotApplicable(_))), "{}: {verdict:?}", check.id);
}

/// The outcomes of a check of whole accounts over these `(kind, name, attributes)` and `(kind, reason)` gaps; resources
/// are identified by name and stand in eu-central-1.
pub(crate) fn account(
    check: &Check,
    resources: &[(&str, &str, Json)],
    gaps: &[(&str, &str)],
) -> Vec<(Subject, Outcome)> {
    let resources: Vec<_> = resources
        .iter()
        .map(|(kind, name, config)| resource(kind, config.clone()).with("id", name).with("name", name))
        .map(|fixture| fixture.build())
        .collect();
    run(check, &resources, gaps)
}

/// The same over resources made by hand.
pub(crate) fn run(
    check: &Check,
    resources: &[plumbline::resource::OwnedResource],
    gaps: &[(&str, &str)],
) -> Vec<(Subject, Outcome)> {
    assert!(check.is_of_account(), "{} is no check of accounts", check.id);
    let context = Context { account: "123456789012".to_owned(), scan_time: "2026-01-01T00:00:00Z".to_owned() };
    let outcomes = check.on_account(&Account::of(resources, gaps), &context);
    let subjects = resources.iter().filter(|resource| check.subjects().contains(&resource.view().kind)).count();
    assert!(
        if check.subjects().is_empty() { !outcomes.is_empty() } else { outcomes.len() == subjects },
        "{} says {outcomes:?}",
        check.id
    );
    outcomes
}
