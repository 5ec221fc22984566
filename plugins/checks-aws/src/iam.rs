//! IAM: users, groups, roles, their policies and keys, the root user, and the account's password policy.

use plumbline::prelude::*;

use crate::flatten;
use crate::policy::Policy;

mod administrators;
mod attached;
mod certificates;
mod escalation;
mod keys;
mod mfa;
mod password;
mod presence;
mod root;
mod services;
mod trust;
mod unused;
mod wildcards;

const PARTS: &[&[&Check]] = &[
    administrators::CHECKS,
    attached::CHECKS,
    certificates::CHECKS,
    escalation::CHECKS,
    keys::CHECKS,
    mfa::CHECKS,
    password::CHECKS,
    presence::CHECKS,
    root::CHECKS,
    services::CHECKS,
    trust::CHECKS,
    unused::CHECKS,
    wildcards::CHECKS,
];

const ALL: [&Check; crate::count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html"];

/// Whoever may carry policies.
const IDENTITIES: &[&str] = &["aws_iam_role", "aws_iam_user", "aws_iam_group"];
const POLICY: &[&str] = &["aws_iam_policy"];
const LEAST_PRIVILEGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege";

/// The inline policies by name. Terraform writes an empty block where a role has none.
fn inline_policies(identity: &Resource<'_>) -> Result<Vec<(String, Policy)>, Unread> {
    let node = identity.get("inline_policy")?;
    node.complete()?;
    let mut policies = Vec::new();
    for inline in node.as_list()? {
        if let Some(policy) = Policy::at(&inline.get("policy")?, "inline_policy.policy")? {
            policies.push((inline.text("name")?.unwrap_or("without name").to_owned(), policy));
        }
    }
    Ok(policies)
}

/// Fails with the first inline policy that `fault` objects to.
fn each_inline(identity: &Resource<'_>, fault: impl Fn(&Policy) -> Option<String>) -> Outcome {
    let policies = inline_policies(identity)?;
    match policies.iter().find_map(|(name, policy)| Some((name, fault(policy)?))) {
        Some((name, fault)) => fail(format!("inline policy {name}: {fault}")),
        None => pass(),
    }
}

/// Fails where `fault` objects to a managed policy.
fn managed(resource: &Resource<'_>, fault: impl Fn(&Policy) -> Option<String>) -> Outcome {
    match Policy::of(resource, "policy")?.as_ref().and_then(fault) {
        Some(fault) => fail(fault),
        None => pass(),
    }
}

/// Whether a policy of AWS with this name is attached; its ARN may name a path and any partition.
fn has_aws_policy(identity: &Resource<'_>, name: &str) -> Result<bool, Unread> {
    let node = identity.get("attached_policy_arns")?;
    node.complete()?;
    let arns = node.as_texts()?;
    Ok(arns.iter().any(|arn| arn.contains(":iam::aws:policy/") && arn.rsplit('/').next() == Some(name)))
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value, reason = "fixtures are written where they are passed")]
mod tests;
