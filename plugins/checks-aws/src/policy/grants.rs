//! What a policy allows.

use super::pattern::{covers, is_every_resource, is_everything, touches};
use super::{Effect, Policy, Selection, Statement};

impl Selection {
    /// Whether it selects this action or ARN, which holds no wildcard. Actions are given in lower case.
    #[must_use]
    pub fn selects(&self, text: &str) -> bool {
        match self {
            Selection::Only(patterns) => patterns.iter().any(|pattern| covers(pattern, text)),
            Selection::Except(patterns) => !patterns.iter().any(|pattern| covers(pattern, text)),
        }
    }
}

impl Statement {
    /// Whether it selects every resource, or all but some.
    #[must_use]
    pub fn is_on_all_resources(&self) -> bool {
        match &self.resources {
            None => true,
            Some(Selection::Only(patterns)) => patterns.iter().any(|pattern| is_every_resource(pattern)),
            Some(Selection::Except(patterns)) => !patterns.iter().any(|pattern| is_every_resource(pattern)),
        }
    }

    /// Whether it selects every action. One that selects all but some counts where IAM is not among those left out,
    /// because who holds all of IAM can give themselves the rest.
    fn is_on_all_actions(&self) -> bool {
        match &self.actions {
            Selection::Only(patterns) => patterns.iter().any(|pattern| is_everything(pattern)),
            Selection::Except(patterns) => !patterns.iter().any(|pattern| touches(pattern, "iam")),
        }
    }

    /// Whether it selects every action of a service, named in lower case.
    fn is_on_whole_service(&self, service: &str) -> bool {
        let all = format!("{service}:*");
        match &self.actions {
            Selection::Only(patterns) => patterns.iter().any(|pattern| is_everything(pattern) || covers(pattern, &all)),
            Selection::Except(patterns) => !patterns.iter().any(|pattern| touches(pattern, service)),
        }
    }

    /// A `Deny` of all resources that no condition softens. An identity policy has no principal, so none is looked at.
    fn is_flat_denial(&self) -> bool {
        let everything = match &self.resources {
            Some(Selection::Only(patterns)) => patterns.iter().any(|pattern| covers(pattern, "*")),
            None => true,
            Some(Selection::Except(_)) => false,
        };
        self.effect == Effect::Deny && self.conditions.is_empty() && everything
    }
}

impl Policy {
    fn flat_denials(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.is_flat_denial())
    }

    fn allowing(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.effect == Effect::Allow)
    }

    /// Whether some caller may do this: a statement allows it and none denies it flatly. Conditions on what is allowed
    /// are held to be met.
    #[must_use]
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.allowing().any(|statement| {
            statement.actions.selects(&action)
                && statement.resources.as_ref().is_none_or(|resources| resources.selects(resource))
        }) && !self.flat_denials().any(|denial| denial.actions.selects(&action))
    }

    /// The statement that allows this action, in lower case, on all resources or all but some.
    #[must_use]
    pub fn allows_on_all_resources(&self, action: &str) -> Option<&Statement> {
        if self.flat_denials().any(|denial| denial.actions.selects(action)) {
            return None;
        }
        self.allowing().find(|statement| statement.actions.selects(action) && statement.is_on_all_resources())
    }

    /// The statement that makes its holder an administrator: every action on every resource.
    #[must_use]
    pub fn administrator_statement(&self) -> Option<&Statement> {
        if self.flat_denials().any(|denial| matches!(&denial.actions, Selection::Only(_)) && denial.is_on_all_actions())
        {
            return None;
        }
        self.allowing().find(|statement| statement.is_on_all_actions() && statement.is_on_all_resources())
    }

    /// The statement that allows every action of a service, named in lower case, on every resource.
    #[must_use]
    pub fn full_access_statement(&self, service: &str) -> Option<&Statement> {
        let denied = self
            .flat_denials()
            .any(|denial| matches!(&denial.actions, Selection::Only(_)) && denial.is_on_whole_service(service));
        if denied {
            return None;
        }
        self.allowing().find(|statement| statement.is_on_whole_service(service) && statement.is_on_all_resources())
    }

    /// The statement that allows every action of some service by a wildcard, and the pattern that does so; one that allows
    /// all but some does it too. Denials are not weighed, and neither are resources.
    #[must_use]
    pub fn service_wildcard(&self) -> Option<(&Statement, &str)> {
        self.allowing().find_map(|statement| match &statement.actions {
            Selection::Only(patterns) => {
                let stars = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte == b'*');
                let whole = |pattern: &&String| {
                    is_everything(pattern) || pattern.split_once(':').is_some_and(|(_, rest)| stars(rest))
                };
                Some((statement, patterns.iter().find(whole)?.as_str()))
            }
            Selection::Except(_) => Some((statement, "NotAction")),
        })
    }

    /// Whether this action, in lower case, may be done on some resource; with `to_others`, on another's than the
    /// caller's own user.
    pub(super) fn reaches(&self, action: &str, to_others: bool) -> bool {
        self.allowing()
            .any(|statement| statement.actions.selects(action) && !(to_others && statement.is_about_oneself()))
            && !self.flat_denials().any(|denial| denial.actions.selects(action))
    }
}

impl Statement {
    fn is_about_oneself(&self) -> bool {
        match &self.resources {
            Some(Selection::Only(patterns)) => patterns.iter().all(|pattern| pattern.ends_with("/${aws:username}")),
            _ => false,
        }
    }
}
