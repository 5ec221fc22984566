//! Policies that allow all of a service others rely on.

use plumbline::prelude::*;

use super::{IDENTITIES, LEAST_PRIVILEGE, POLICY, REFERENCES, each_inline, managed};
use crate::policy::Policy;

pub(super) const CHECKS: &[&Check] =
    &[&POLICY_KMS, &INLINE_KMS, &POLICY_CLOUDTRAIL, &INLINE_CLOUDTRAIL, &POLICY_MARKETPLACE, &INLINE_MARKETPLACE];

const KMS_RISK: &str = "The holder can decrypt what any key protects, and destroy keys and all data under them.";
const CLOUDTRAIL_RISK: &str = "The holder can stop the record of what is done in the account before doing it.";
const MARKETPLACE_RISK: &str = "The holder can buy anything in the account's name.";

const MANAGED: Check = Check {
    severity: Severity::Medium,
    kinds: POLICY,
    reads: &["policy"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Allow the actions that are used, on the resources they are used on.",
        url: LEAST_PRIVILEGE,
        command: "aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://policy.json \
            --set-as-default",
        terraform: r#"statement {
  actions   = ["kms:Decrypt"]
  resources = [aws_kms_key.this.arn]
}"#,
        effort_minutes: 60,
    },
    ..Check::BLANK
};

const INLINE: Check = Check {
    kinds: IDENTITIES,
    reads: &["inline_policy"],
    remediation: Remediation {
        command: "aws iam put-role-policy --role-name ROLE --policy-name NAME --policy-document file://policy.json",
        ..MANAGED.remediation
    },
    ..MANAGED
};

fn full(policy: &Policy, service: &str) -> Option<String> {
    let statement = policy.full_access_statement(service)?;
    Some(format!(
        "{} allows all of {service} through {} on every resource",
        statement.label(),
        statement.named_actions()
    ))
}

fn subscribing(policy: &Policy) -> Option<String> {
    let statement = policy.allows_on_all_resources("aws-marketplace:subscribe")?;
    Some(format!("{} allows aws-marketplace:Subscribe on every resource", statement.label()))
}

pub(super) const POLICY_KMS: Check = Check {
    id: "iam_policy_no_full_access_to_kms",
    title: "Own policy does not allow all of KMS",
    description: "A customer managed policy may not allow kms:* on every resource.",
    risk: KMS_RISK,
    rule: Rule::Resource(|policy| managed(policy, |policy| full(policy, "kms"))),
    ..MANAGED
};

pub(super) const INLINE_KMS: Check = Check {
    id: "iam_inline_policy_no_full_access_to_kms",
    title: "No inline policy allows all of KMS",
    description: "No inline policy of a user, group or role may allow kms:* on every resource.",
    risk: KMS_RISK,
    rule: Rule::Resource(|identity| each_inline(identity, |policy| full(policy, "kms"))),
    ..INLINE
};

pub(super) const POLICY_CLOUDTRAIL: Check = Check {
    id: "iam_policy_no_full_access_to_cloudtrail",
    title: "Own policy does not allow all of CloudTrail",
    description: "A customer managed policy may not allow cloudtrail:* on every resource.",
    risk: CLOUDTRAIL_RISK,
    rule: Rule::Resource(|policy| managed(policy, |policy| full(policy, "cloudtrail"))),
    ..MANAGED
};

pub(super) const INLINE_CLOUDTRAIL: Check = Check {
    id: "iam_inline_policy_no_full_access_to_cloudtrail",
    title: "No inline policy allows all of CloudTrail",
    description: "No inline policy of a user, group or role may allow cloudtrail:* on every resource.",
    risk: CLOUDTRAIL_RISK,
    severity: Severity::High,
    rule: Rule::Resource(|identity| each_inline(identity, |policy| full(policy, "cloudtrail"))),
    ..INLINE
};

pub(super) const POLICY_MARKETPLACE: Check = Check {
    id: "iam_policy_no_wildcard_marketplace_subscribe",
    title: "Own policy does not allow buying anything in the Marketplace",
    description: "A customer managed policy may not allow aws-marketplace:Subscribe on every resource.",
    risk: MARKETPLACE_RISK,
    rule: Rule::Resource(|policy| managed(policy, subscribing)),
    ..MANAGED
};

pub(super) const INLINE_MARKETPLACE: Check = Check {
    id: "iam_inline_policy_no_wildcard_marketplace_subscribe",
    title: "No inline policy allows buying anything in the Marketplace",
    description: "No inline policy of a user, group or role may allow aws-marketplace:Subscribe on every resource.",
    risk: MARKETPLACE_RISK,
    rule: Rule::Resource(|identity| each_inline(identity, subscribing)),
    ..INLINE
};
