//! What attributes mean when two versions of a resource are compared.
//!
//! Two tables of one form: a kind (`*` for every one), a word for the meaning, and paths; `-` is the resource itself. `hints/aws.txt` is
//! made from the schema of the Terraform provider and the AWS checks (`examples/attribute_hints.rs`); `hints/declared.txt` says what
//! neither knows: what folding brings, what names the elements of lists, what matters although no check rests on it. Where both
//! weigh an attribute the declared weight holds.

use plumbline::check::Severity;
use plumbline::provider::{AttributeHint, Meaning};

use crate::sensitive;

const GENERATED: &str = include_str!("hints/aws.txt");
const DECLARED: &str = include_str!("hints/declared.txt");

/// Attributes that hold an IAM policy document in whatever kind they stand.
const POLICIES: [&str; 6] =
    ["access_policies", "access_policy", "assume_role_policy", "bucket_policy", "inline_policy.policy", "policy"];
/// What a policy's statement lists: one alone and a list of it are the same, and the order says nothing.
const STATEMENT_SETS: [&str; 8] = [
    "Action",
    "NotAction",
    "NotResource",
    "Principal.AWS",
    "Principal.CanonicalUser",
    "Principal.Federated",
    "Principal.Service",
    "Resource",
];

/// All hints.
pub fn hints() -> Vec<AttributeHint> {
    let tables = GENERATED.lines().chain(DECLARED.lines()).flat_map(line);
    let secrets = sensitive::all().map(|(kind, path)| hint(kind, path, Meaning::Sensitive));
    tables.chain(secrets).chain(policies()).collect()
}

fn line(line: &str) -> impl Iterator<Item = AttributeHint> {
    let mut words = line.split(' ');
    let kind = words.next().filter(|kind| *kind != "*").unwrap_or_default();
    let meaning = words.next().and_then(meaning);
    words.filter_map(move |path| Some(hint(kind, if path == "-" { "" } else { path }, meaning?)))
}

fn meaning(word: &str) -> Option<Meaning> {
    Some(match word {
        "key" => Meaning::IdentityKey,
        "unordered" => Meaning::Unordered,
        "noise" => Meaning::ProviderNoise,
        "sensitive" => Meaning::Sensitive,
        "critical" => Meaning::Security(Severity::Critical),
        "high" => Meaning::Security(Severity::High),
        "medium" => Meaning::Security(Severity::Medium),
        "low" => Meaning::Security(Severity::Low),
        "informational" => Meaning::Security(Severity::Informational),
        _ => return None,
    })
}

/// Statements are a set; each has a name of its own where its author gave it one.
fn policies() -> impl Iterator<Item = AttributeHint> {
    POLICIES.into_iter().flat_map(|policy| {
        let statements = format!("{policy}.Statement");
        let sets = STATEMENT_SETS.map(|set| hint("", &format!("{statements}.{set}"), Meaning::Unordered));
        let own =
            [hint("", &format!("{statements}.Sid"), Meaning::IdentityKey), hint("", &statements, Meaning::Unordered)];
        own.into_iter().chain(sets)
    })
}

fn hint(kind: &str, path: &str, meaning: Meaning) -> AttributeHint {
    AttributeHint { kind: kind.to_owned(), path: path.to_owned(), meaning }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_tables_says_something_and_stands_in_order() {
        for table in [GENERATED, DECLARED] {
            assert!(table.lines().all(|text| line(text).count() == text.split(' ').count() - 2), "a word is not known");
            let kinds: Vec<&str> = table.lines().filter_map(|line| line.split(' ').next()).collect();
            assert!(kinds.is_sorted());
        }
    }

    #[test]
    fn every_kind_that_the_checks_look_at_has_rules() {
        let known: BTreeSet<&str> =
            GENERATED.lines().chain(DECLARED.lines()).filter_map(|line| line.split(' ').next()).collect();
        for check in checks_aws::CHECKS {
            let missing: Vec<&&str> = check.kinds.iter().filter(|kind| !known.contains(**kind)).collect();
            assert!(missing.is_empty(), "{} looks at {missing:?}", check.id);
        }
    }
}
