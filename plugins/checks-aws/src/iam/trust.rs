//! Who may assume a role.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::policy::{Condition, Effect, Policy, PrincipalKind, Statement};

pub(super) const CHECKS: &[&Check] = &[&CONFUSED_DEPUTY];

/// Services that act for resources of the same account only, so that there is nobody to be confused about.
const SAME_ACCOUNT_ONLY: &[&str] = &["secretsmanager.amazonaws.com", "eks.amazonaws.com"];

/// Whether the statement lets a service in without saying for whom it may act.
fn trusts_any_caller_of_a_service(statement: &Statement) -> bool {
    let services = || statement.principals.named(PrincipalKind::Service);
    statement.effect == Effect::Allow
        && services().any(|service| !SAME_ACCOUNT_ONLY.contains(&service.name.as_str()))
        && statement.actions.selects("sts:assumerole")
        && !statement.conditions.iter().any(Condition::restricts_source)
}

pub(super) const CONFUSED_DEPUTY: Check = Check {
    id: "iam_role_cross_service_confused_deputy_prevention",
    title: "Service role says for whom the service may assume it",
    description: "A trust statement for a service must be limited with aws:SourceArn, aws:SourceAccount, \
        aws:SourceOrgID or aws:SourceOrgPaths. Service-linked roles, whose trust AWS sets, are left out.",
    risk: "Another account may point the same service at this role and let it act in the other account's interest.",
    severity: Severity::High,
    kinds: &["aws_iam_role"],
    reads: &["assume_role_policy", "path"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a condition with aws:SourceArn or aws:SourceAccount where the service sets these keys.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        command: "aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json",
        terraform: r#"condition {
  test     = "StringEquals"
  variable = "aws:SourceAccount"
  values   = [data.aws_caller_identity.current.account_id]
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|role| {
        if role.text("path")?.is_some_and(|path| path.starts_with("/aws-service-role/")) {
            role.get("assume_role_policy")?;
            return not_applicable("a service-linked role");
        }
        let Some(trust) = Policy::of(role, "assume_role_policy")? else {
            return Err(Unread { path: "assume_role_policy".to_owned(), reason: "a role always has one".to_owned() });
        };
        let mut statements = trust.statements.iter();
        if !trust.statements.iter().any(|statement| statement.principals.named(PrincipalKind::Service).next().is_some())
        {
            return not_applicable("no service assumes this role");
        }
        match statements.find(|statement| trusts_any_caller_of_a_service(statement)) {
            Some(statement) => {
                let services: Vec<&str> =
                    statement.principals.named(PrincipalKind::Service).map(|service| service.name.as_str()).collect();
                fail(format!("{} trusts {} for whomever it acts", statement.label(), services.join(", ")))
            }
            None => pass(),
        }
    }),
};
