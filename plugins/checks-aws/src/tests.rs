//! What holds for every check of the plugin.

use std::collections::HashSet;

use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use crate::CHECKS;

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[test]
fn ids_are_well_formed_and_stand_once() {
    let mut seen = HashSet::new();
    for check in CHECKS {
        assert!(is_word(check.id) && check.id.contains('_') && !check.id.contains("__"), "{}", check.id);
        assert!(seen.insert(check.id), "{} stands twice", check.id);
    }
    assert!(seen.len() > 100, "only {} checks", seen.len());
}

#[test]
fn every_check_says_all_that_people_need() {
    for check in CHECKS {
        for (field, text) in [
            ("title", check.title),
            ("description", check.description),
            ("risk", check.risk),
            ("remediation.text", check.remediation.text),
            ("remediation.url", check.remediation.url),
        ] {
            assert!(!text.trim().is_empty() && text.trim() == text, "{} has no {field}", check.id);
            assert!(!text.contains("  ") && !text.contains('\n'), "{}: {field} holds a double space", check.id);
        }
        assert!(check.remediation.url.starts_with("https://"), "{}: {}", check.id, check.remediation.url);
        assert!(!check.title.ends_with('.'), "{}: a title is no sentence", check.id);
        assert!(check.description.ends_with('.') && check.risk.ends_with('.'), "{}", check.id);
        assert!(!check.remediation.command.contains("  "), "{}: {}", check.id, check.remediation.command);
        assert!(check.remediation.effort_minutes > 0, "{}", check.id);
        assert!(!check.references.is_empty() && !check.categories.is_empty(), "{}", check.id);
        assert!(check.references.iter().all(|url| url.starts_with("https://")), "{}", check.id);
    }
}

#[test]
fn every_check_names_what_it_looks_at_and_reads() {
    for check in CHECKS {
        assert!(!check.kinds.is_empty(), "{}", check.id);
        assert!(check.kinds.iter().all(|kind| kind.starts_with("aws_") && is_word(kind)), "{}", check.id);
        assert!(!check.reads.is_empty(), "{}", check.id);
        assert!(check.reads.iter().all(|path| path.split('.').all(is_word)), "{}: {:?}", check.id, check.reads);
    }
}

#[test]
fn nothing_passes_while_all_it_reads_is_a_gap() {
    for check in CHECKS.iter().filter(|check| !matches!(check.rule, Rule::Account(_))) {
        for kind in check.kinds {
            let unseen =
                check.reads.iter().fold(resource(kind, json!({})), |fixture, path| fixture.gap(path, "denied"));
            assert_ne!(unseen.verdict(check), pass(), "{} on {kind}", check.id);
            assert_ne!(resource(kind, json!({})).gap("", "denied").verdict(check), pass(), "{} on {kind}", check.id);
        }
    }
}

#[test]
fn nothing_passes_while_one_of_what_it_reads_is_a_gap() {
    for check in CHECKS.iter().filter(|check| !matches!(check.rule, Rule::Account(_))) {
        for kind in check.kinds {
            for path in check.reads {
                let verdict = resource(kind, json!({})).gap(path, "denied").verdict(check);
                assert_ne!(verdict, pass(), "{} on {kind} with a gap at {path}", check.id);
            }
        }
    }
}

#[test]
fn no_account_passes_while_nothing_of_it_can_be_listed() {
    let context = Context { account: "123456789012".to_owned(), scan_time: "2026-01-01T00:00:00Z".to_owned() };
    for check in CHECKS {
        let Rule::Account(rule) = check.rule else { continue };
        let gaps: Vec<_> = check.kinds.iter().map(|kind| (*kind, "denied")).collect();
        let outcomes = rule(&Account::of(&[], &gaps), &context);
        assert!(!outcomes.is_empty(), "{} says nothing", check.id);
        assert!(outcomes.iter().all(|(_, outcome)| outcome.is_err()), "{}: {outcomes:?}", check.id);
    }
}
