//! Whether a policy turns away requests without TLS.

use super::pattern::covers;
use super::{Condition, Effect, Policy, Selection, Statement};

/// The partitions an ARN may name.
const PARTITIONS: &[&str] = &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"];

impl Policy {
    /// Whether everyone without TLS is denied every action on this bucket and on all its objects.
    #[must_use]
    pub fn requires_tls_on_bucket(&self, bucket: &str) -> bool {
        PARTITIONS.iter().any(|partition| {
            let arn = format!("arn:{partition}:s3:::{bucket}");
            self.denies_plain("s3:*", &arn) && self.denies_plain("s3:*", &format!("{arn}/*"))
        })
    }

    fn denies_plain(&self, actions: &str, resource: &str) -> bool {
        self.statements.iter().any(|statement| {
            statement.denies_everyone_without_tls()
                && selects_all(&statement.actions, actions)
                && statement.resources.as_ref().is_some_and(|resources| selects_all(resources, resource))
        })
    }
}

impl Statement {
    fn denies_everyone_without_tls(&self) -> bool {
        self.effect == Effect::Deny
            && self.principals.are_everyone()
            && !self.conditions.is_empty()
            && self.conditions.iter().all(Condition::is_met_without_tls)
    }
}

fn selects_all(selection: &Selection, wanted: &str) -> bool {
    match selection {
        Selection::Only(patterns) => patterns.iter().any(|pattern| covers(pattern, wanted)),
        Selection::Except(_) => false,
    }
}
