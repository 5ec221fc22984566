//! Policies by which their holder gains more than they were given.

use plumbline::prelude::*;

use super::{IDENTITIES, POLICY, REFERENCES, each_inline, managed};
use crate::policy::{Policy, Selection};

pub(super) const CHECKS: &[&Check] = &[&MANAGED, &INLINE, &ROLE_ASSUMPTION];

const RISK: &str =
    "Whoever holds the policy, or steals a session that does, becomes administrator in one or two steps.";
const URL: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html";
const PATHS: &[&str] = &[
    "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/",
    "https://bishopfox.com/blog/privilege-escalation-in-aws",
    "https://pathfinding.cloud",
];
const TERRAFORM: &str = r#"statement {
  actions   = ["iam:PassRole"]
  resources = [aws_iam_role.task.arn]
  condition {
    test     = "StringEquals"
    variable = "iam:PassedToService"
    values   = ["ecs-tasks.amazonaws.com"]
  }
}"#;

fn escalation(policy: &Policy) -> Option<String> {
    let path = policy.escalation()?;
    Some(format!("allows {}, with which its holder {}", path.actions.join(" and "), path.means))
}

pub(super) const MANAGED: Check = Check {
    id: "iam_policy_allows_privilege_escalation",
    title: "Own policy opens no way to more rights",
    description: "A customer managed policy may not allow any of the known sets of actions by which its holder gains \
        further rights. Resources and conditions are not weighed, except that changing the credentials of one's own \
        user only does not count.",
    risk: RISK,
    severity: Severity::High,
    kinds: POLICY,
    reads: &["policy"],
    categories: &["identity"],
    references: PATHS,
    remediation: Remediation {
        text: "Take one action of the set away, or limit iam:PassRole to the roles and services that need it, and \
            set a permissions boundary.",
        url: URL,
        command: "aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://policy.json \
            --set-as-default",
        terraform: TERRAFORM,
        effort_minutes: 120,
    },
    rule: Rule::Resource(|policy| managed(policy, escalation)),
};

pub(super) const INLINE: Check = Check {
    id: "iam_inline_policy_allows_privilege_escalation",
    title: "No inline policy opens a way to more rights",
    description: "No inline policy of a user, group or role may allow any of the known sets of actions by which its \
        holder gains further rights. Resources and conditions are not weighed, except that changing the credentials \
        of one's own user only does not count.",
    risk: RISK,
    severity: Severity::High,
    kinds: IDENTITIES,
    reads: &["inline_policy"],
    categories: &["identity"],
    references: PATHS,
    remediation: Remediation {
        text: "Take one action of the set away, or limit iam:PassRole to the roles and services that need it, and \
            set a permissions boundary.",
        url: URL,
        command: "aws iam put-role-policy --role-name ROLE --policy-name NAME --policy-document file://policy.json",
        terraform: TERRAFORM,
        effort_minutes: 120,
    },
    rule: Rule::Resource(|identity| each_inline(identity, escalation)),
};

fn permissive_assumption(policy: &Policy) -> Option<String> {
    let statement = policy.statements.iter().find(|statement| {
        let open = match &statement.resources {
            Some(Selection::Only(resources)) => resources.iter().any(|resource| resource.contains('*')),
            Some(Selection::Except(_)) | None => true,
        };
        statement.effect == crate::policy::Effect::Allow && open && statement.actions.selects("sts:assumerole")
    })?;
    Some(format!("{} allows {} on more than named roles", statement.label(), statement.named_actions()))
}

pub(super) const ROLE_ASSUMPTION: Check = Check {
    id: "iam_no_custom_policy_permissive_role_assumption",
    title: "Own policy lets its holder assume named roles only",
    description: "A customer managed policy that allows sts:AssumeRole must name the roles, without wildcards.",
    risk: "The holder may become every role whose trust policy lets the account in, the strongest included.",
    severity: Severity::High,
    kinds: POLICY,
    reads: &["policy"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "List the ARNs of the roles.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html",
        command: "aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://policy.json \
            --set-as-default",
        terraform: r#"statement {
  actions   = ["sts:AssumeRole"]
  resources = [aws_iam_role.deploy.arn]
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|policy| managed(policy, permissive_assumption)),
};
