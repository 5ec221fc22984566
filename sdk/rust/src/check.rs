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
    /// From each resource of some kinds with its account at hand: see [`Rule::each`].
    Each(Each),
}

/// What becomes of each resource, for [`Rule::each`].
pub type Judge<'a> = Box<dyn Fn(&Resource<'_>) -> Outcome + 'a>;

/// Looks at an account, and gives back how it judges its resources.
type Prepare = for<'a> fn(&'a Account<'a>, &'a Context) -> Result<Judge<'a>, Unread>;

/// Shows each resource of a kind that could be listed.
type List = fn(&Account<'_>, &str, &mut Visit<'_>);
type Visit<'v> = dyn FnMut(&Resource<'_>) + 'v;

/// A rule on resources with their account at hand.
#[derive(Clone, Copy, Debug)]
pub struct Each {
    of: &'static [&'static str],
    prepare: Prepare,
    /// Only who has such a rule imports what lists an account.
    list: List,
}

impl Rule {
    /// From one resource of the kinds `of`, and from all resources of an account that are of the check's other kinds. `prepare`
    /// looks at those first, once, and gives back how it judges a resource; where it cannot, no resource is judged. A verdict is
    /// kept until its own resource or one of the other kinds changes: meanwhile the account shows only those of the kinds `of` that
    /// are to be judged.
    pub const fn each(of: &'static [&'static str], prepare: Prepare) -> Rule {
        Rule::Each(Each { of, prepare, list })
    }
}

fn list(account: &Account<'_>, kind: &str, visit: &mut Visit<'_>) {
    // The visit refuses nothing.
    _ = account.each_listed(kind, |resource| {
        visit(resource);
        Ok(())
    });
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
            Rule::Account(_) | Rule::Each(_) => not_applicable("a check of whole accounts"),
        }
    }

    /// Whether it looks at an account rather than at one resource.
    #[must_use]
    pub fn is_of_account(&self) -> bool {
        matches!(self.rule, Rule::Account(_) | Rule::Each(_))
    }

    /// The kinds whose resources it judges one by one with the account at hand.
    #[must_use]
    pub fn subjects(&self) -> &'static [&'static str] {
        if let Rule::Each(each) = self.rule { each.of } else { &[] }
    }

    /// What it says of an account, as the plugin would give it: nothing where it is a check of single resources.
    #[must_use]
    pub fn on_account(&self, account: &Account<'_>, context: &Context) -> Vec<(Subject, Outcome)> {
        match self.rule {
            Rule::Resource(_) | Rule::Timed(_) => Vec::new(),
            Rule::Account(rule) => rule(account, context),
            Rule::Each(Each { of, prepare, list }) => {
                let judge = prepare(account, context);
                let mut outcomes = Vec::new();
                for kind in of {
                    list(account, kind, &mut |resource| {
                        let outcome = judge.as_ref().map_err(Unread::clone).and_then(|judge| judge(resource));
                        outcomes.push((Subject::Resource(resource.id.to_owned()), outcome));
                    });
                }
                outcomes
            }
        }
    }
}
