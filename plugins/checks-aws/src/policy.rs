//! IAM policies: read once from structure or JSON text, then asked.
//!
//! A policy that AWS would refuse is [`Unread`]: a check on it is not evaluated, never passed. The questions look at
//! one policy alone. Service control policies, permission boundaries and session policies are outside its sight, and
//! so every answer errs on the side of "allowed".

mod condition;
mod escalation;
mod grants;
mod parse;
mod pattern;
mod principal;
mod public;
mod transport;
mod verdict;

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;

pub use condition::{Condition, Qualifier};
pub use escalation::{Escalation, PATHS};
pub use principal::{Principal, PrincipalKind, Principals};
pub use verdict::closed_to_anyone;

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub statements: Vec<Statement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// What an `Action` or `Resource` element, or its `Not` form, selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    Only(Vec<String>),
    Except(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Counted from 1, as people do.
    pub position: usize,
    pub sid: Option<String>,
    pub effect: Effect,
    pub principals: Principals,
    /// In lower case, for IAM does not tell `s3:getobject` from `s3:GetObject`.
    pub actions: Selection,
    /// The actions as they are written, for messages.
    pub written_actions: Vec<String>,
    /// None where the statement names none: it is then about the resource that carries the policy.
    pub resources: Option<Selection>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

impl Policy {
    /// The policy in an attribute; none where it is not set.
    pub fn of(resource: &Resource<'_>, path: &str) -> Result<Option<Policy>, Unread> {
        Policy::at(&resource.get(path)?, path)
    }

    /// The policy that a node holds; `path` names it in the error.
    pub fn at(node: &Node<'_>, path: &str) -> Result<Option<Policy>, Unread> {
        let unread =
            |error: Unread| if error.path.is_empty() { Unread { path: path.to_owned(), ..error } } else { error };
        match node.document().map_err(unread)? {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Object(map)) if map.is_empty() => Ok(None),
            Some(document) => parse::policy(&document)
                .map(Some)
                .map_err(|reason| Unread { path: path.to_owned(), reason: format!("malformed policy: {reason}") }),
        }
    }
}

impl Statement {
    /// What to call it in a message.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.sid {
            Some(sid) => format!("statement {} ({sid})", self.position),
            None => format!("statement {}", self.position),
        }
    }

    /// Its actions for a message, the first three of many.
    #[must_use]
    pub fn named_actions(&self) -> String {
        let prefix = if matches!(self.actions, Selection::Except(_)) { "everything but " } else { "" };
        let actions = &self.written_actions;
        let shown: Vec<&str> = actions.iter().take(3).map(String::as_str).collect();
        let more = if actions.len() > shown.len() { " and more" } else { "" };
        format!("{prefix}{}{more}", shown.join(", "))
    }

    /// For messages: `statement 2 allows s3:GetObject to anyone`.
    #[must_use]
    pub fn open_to_anyone(&self) -> String {
        format!("{} allows {} to anyone", self.label(), self.named_actions())
    }
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value, reason = "fixtures are written where they are passed")]
mod tests;
