//! A rule and its verdict.

use crate::account::{Account, Subject};
use crate::resource::{Resource, Unread};

pub use crate::bindings::checks::plumbline::plugin::types::Severity;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// What is wrong, with the values that show it.
    Fail(String),
    /// A person has to look: says at what.
    Manual(String),
    NotApplicable(String),
}

/// A verdict, or the attribute that stood in its way.
pub type Outcome = Result<Verdict, Unread>;

pub fn pass() -> Outcome {
    Ok(Verdict::Pass)
}

pub fn fail(message: impl Into<String>) -> Outcome {
    Ok(Verdict::Fail(message.into()))
}

pub fn manual(message: impl Into<String>) -> Outcome {
    Ok(Verdict::Manual(message.into()))
}

pub fn not_applicable(message: impl Into<String>) -> Outcome {
    Ok(Verdict::NotApplicable(message.into()))
}

/// A pass where `good` holds, else a failure with this message.
pub fn pass_if(good: bool, otherwise: impl Into<String>) -> Outcome {
    if good { pass() } else { fail(otherwise) }
}

/// What a rule may know beside the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub account: String,
    /// RFC 3339, UTC: the last second of the scan's day for [`Rule::Timed`], the beginning of 1970 for others.
    pub scan_time: String,
}

/// How a check decides.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// From one resource alone.
    Resource(fn(&Resource<'_>) -> Outcome),
    /// From one resource and the day of the scan: such a verdict is kept for that day.
    Timed(fn(&Resource<'_>, &Context) -> Outcome),
    /// From all resources of an account that are of the check's kinds. One entry for each subject, at least one.
    Account(fn(&Account<'_>, &Context) -> Vec<(Subject, Outcome)>),
}

/// How to mend a violation.
#[derive(Clone, Copy, Debug)]
pub struct Remediation {
    /// What to do, for people.
    pub text: &'static str,
    /// Where the cloud's own documentation says so.
    pub url: &'static str,
    /// For the cloud's command line; empty where there is none.
    pub command: &'static str,
    /// The Terraform change; empty where there is none.
    pub terraform: &'static str,
    /// Minutes of a person's work.
    pub effort_minutes: u32,
}

/// A rule with all that people need to know of it. Start from `..Check::BLANK`.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Lower case letters, digits and `_`, service first.
    pub id: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// What an attacker or an accident makes of a violation.
    pub risk: &'static str,
    pub severity: Severity,
    /// The resource kinds it looks at.
    pub kinds: &'static [&'static str],
    /// Attribute paths the verdict rests on: the host takes no pass where one of them is a gap.
    pub reads: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub references: &'static [&'static str],
    pub remediation: Remediation,
    pub rule: Rule,
}

impl Check {
    /// Everything empty, severity medium, always not-applicable.
    pub const BLANK: Check = Check {
        id: "",
        title: "",
        description: "",
        risk: "",
        severity: Severity::Medium,
        kinds: &[],
        reads: &[],
        categories: &[],
        references: &[],
        remediation: Remediation { text: "", url: "", command: "", terraform: "", effort_minutes: 0 },
        rule: Rule::Resource(|_| Ok(Verdict::NotApplicable(String::new()))),
    };

    /// The verdict on one resource, as the plugin would give it. Checks of accounts answer not-applicable here.
    pub fn on(&self, resource: &Resource<'_>, context: &Context) -> Outcome {
        match self.rule {
            Rule::Resource(rule) => rule(resource),
            Rule::Timed(rule) => rule(resource, context),
            Rule::Account(_) => not_applicable("a check of whole accounts"),
        }
    }
}
