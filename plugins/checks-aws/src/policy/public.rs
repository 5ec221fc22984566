//! Whether a policy lets anyone in.

use super::pattern::covers;
use super::{Effect, Policy, Selection, Statement};

impl Policy {
    /// The first statement that allows something to anyone, whoever that is.
    #[must_use]
    pub fn public_statement(&self) -> Option<&Statement> {
        self.public_statements().next()
    }

    /// The statements that allow something to anyone: nothing in them narrows down the caller, and no `Deny` shuts out
    /// the unknown ones.
    pub fn public_statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| {
            statement.effect == Effect::Allow
                && statement.principals.include_anyone()
                && !statement.is_restricted()
                && !self.statements.iter().any(|other| other.shuts_outsiders_out_of(statement))
        })
    }
}

impl Statement {
    /// Whether only known callers meet its conditions.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.conditions.iter().any(super::Condition::restricts)
    }

    /// Whether this denies to all unknown callers whatever `other` allows.
    fn shuts_outsiders_out_of(&self, other: &Statement) -> bool {
        self.effect == Effect::Deny
            && self.principals.are_everyone()
            && self.conditions.iter().all(super::Condition::is_met_by_outsiders)
            && includes(Some(&self.actions), Some(&other.actions))
            && includes(self.resources.as_ref(), other.resources.as_ref())
    }
}

/// Whether `outer` surely selects all that `inner` does.
fn includes(outer: Option<&Selection>, inner: Option<&Selection>) -> bool {
    match (outer, inner) {
        (None, None) => true,
        (Some(Selection::Only(outer)), _) if outer.iter().any(|pattern| covers(pattern, "*")) => true,
        (Some(Selection::Only(outer)), Some(Selection::Only(inner))) => {
            inner.iter().all(|inner| outer.iter().any(|outer| covers(outer, inner)))
        }
        _ => false,
    }
}
