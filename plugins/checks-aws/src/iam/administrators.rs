//! Policies that allow everything.

use plumbline::prelude::*;

use super::{IDENTITIES, LEAST_PRIVILEGE, POLICY, REFERENCES, each_inline, has_aws_policy, managed};
use crate::policy::{Effect, Policy, PrincipalKind, Principals};

pub(super) const CHECKS: &[&Check] = &[
    &AWS_ATTACHED,
    &CUSTOMER_ATTACHED,
    &CUSTOMER_UNATTACHED,
    &INLINE,
    &GROUP_ADMINISTRATOR,
    &ROLE_ADMINISTRATOR,
    &USER_ADMINISTRATOR,
];

const RISK: &str =
    "One stolen session or one mistake has the whole account in its hands: data, keys, logs and identities.";
const ATTACHED: &[&str] = &["attached_policy_arns"];

fn administrator(policy: &Policy) -> Option<String> {
    let statement = policy.administrator_statement()?;
    Some(format!("{} allows {} on every resource", statement.label(), statement.named_actions()))
}

fn no_administrator_access(identity: &Resource<'_>) -> Outcome {
    pass_if(!has_aws_policy(identity, "AdministratorAccess")?, "AdministratorAccess is attached")
}

/// Whether the role's trust policy lets in services and nobody else.
fn only_services_assume(role: &Resource<'_>) -> Result<bool, Unread> {
    let trust = Policy::of(role, "assume_role_policy")?;
    let statements = trust.map(|trust| trust.statements).unwrap_or_default();
    let mut allowing = statements.iter().filter(|statement| statement.effect == Effect::Allow).peekable();
    Ok(allowing.peek().is_some()
        && allowing.all(|statement| match &statement.principals {
            Principals::Only(principals) => {
                principals.iter().all(|principal| principal.kind == PrincipalKind::Service && !principal.is_anyone())
            }
            Principals::Absent | Principals::Except(_) => false,
        }))
}

pub(super) const AWS_ATTACHED: Check = Check {
    id: "iam_aws_attached_policy_no_administrative_privileges",
    title: "No policy of AWS that allows everything is attached",
    description: "No user, group or role may have the policy of AWS that allows every action on every resource, \
        AdministratorAccess, attached.",
    risk: RISK,
    severity: Severity::Critical,
    kinds: IDENTITIES,
    reads: ATTACHED,
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Attach a policy that allows what the work needs; keep full rights for a break-glass role.",
        url: LEAST_PRIVILEGE,
        command: "aws iam detach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        terraform: "policy_arn = aws_iam_policy.what_is_needed.arn",
        effort_minutes: 120,
    },
    rule: Rule::Resource(no_administrator_access),
};

pub(super) const CUSTOMER_ATTACHED: Check = Check {
    id: "iam_customer_attached_policy_no_administrative_privileges",
    title: "Own policy in use does not allow everything",
    description: "A customer managed policy may not allow every action on every resource; allowing all but some \
        counts where IAM is not left out. A policy known to be attached nowhere is the matter of another check.",
    risk: RISK,
    severity: Severity::High,
    kinds: POLICY,
    reads: &["policy"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "List the actions and resources the policy is for; IAM Access Analyzer can derive them from use.",
        url: LEAST_PRIVILEGE,
        command: "aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://policy.json \
            --set-as-default",
        terraform: r#"statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.this.arn}/*"]
}"#,
        effort_minutes: 120,
    },
    rule: Rule::Resource(|policy| {
        if matches!(policy.int("attachment_count"), Ok(Some(0))) {
            policy.get("policy")?;
            return not_applicable("the policy is attached to nothing");
        }
        managed(policy, administrator)
    }),
};

pub(super) const CUSTOMER_UNATTACHED: Check = Check {
    id: "iam_customer_unattached_policy_no_administrative_privileges",
    title: "Own policy that lies unused does not allow everything",
    description: "A customer managed policy that is attached to nothing may not allow every action on every resource.",
    risk: "It waits for somebody to attach it, and nobody will look at what it says then.",
    severity: Severity::Medium,
    kinds: POLICY,
    reads: &["policy", "attachment_count"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Delete the policy, or cut it down to what it is for.",
        url: LEAST_PRIVILEGE,
        command: "aws iam delete-policy --policy-arn POLICY_ARN",
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|policy| match policy.int("attachment_count")? {
        Some(0) => managed(policy, administrator),
        Some(count) => not_applicable(format!("the policy is attached {count} times")),
        None => not_applicable("nothing says that the policy is attached to nothing"),
    }),
};

pub(super) const INLINE: Check = Check {
    id: "iam_inline_policy_no_administrative_privileges",
    title: "No inline policy allows everything",
    description: "No inline policy of a user, group or role may allow every action on every resource; allowing all \
        but some counts where IAM is not left out.",
    risk: RISK,
    severity: Severity::Critical,
    kinds: IDENTITIES,
    reads: &["inline_policy"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "List the actions and resources that are needed, in a managed policy that can be reviewed.",
        url: LEAST_PRIVILEGE,
        command: "aws iam put-role-policy --role-name ROLE --policy-name NAME --policy-document file://policy.json",
        terraform: r#"statement {
  actions   = ["s3:GetObject"]
  resources = ["${aws_s3_bucket.this.arn}/*"]
}"#,
        effort_minutes: 120,
    },
    rule: Rule::Resource(|identity| each_inline(identity, administrator)),
};

pub(super) const GROUP_ADMINISTRATOR: Check = Check {
    id: "iam_group_administrator_access_policy",
    title: "Group has no AdministratorAccess",
    description: "AdministratorAccess may not be attached to a group.",
    risk: "Every member, also one added by mistake, has the whole account in their hands.",
    severity: Severity::High,
    kinds: &["aws_iam_group"],
    reads: ATTACHED,
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Give the group what its members do, and full rights to a role they assume with MFA.",
        url: LEAST_PRIVILEGE,
        command: "aws iam detach-group-policy --group-name GROUP --policy-arn \
            arn:aws:iam::aws:policy/AdministratorAccess",
        terraform: "",
        effort_minutes: 60,
    },
    rule: Rule::Resource(no_administrator_access),
};

pub(super) const ROLE_ADMINISTRATOR: Check = Check {
    id: "iam_role_administratoraccess_policy",
    title: "Role has no AdministratorAccess",
    description: "AdministratorAccess may not be attached to a role that people or other accounts assume. Roles that \
        a service assumes are left to the other checks.",
    risk: RISK,
    severity: Severity::High,
    kinds: &["aws_iam_role"],
    reads: &["attached_policy_arns", "assume_role_policy"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Attach what the role is for instead.",
        url: LEAST_PRIVILEGE,
        command: "aws iam detach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        terraform: "",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|role| {
        let verdict = no_administrator_access(role)?;
        if only_services_assume(role)? {
            return not_applicable("only services assume this role");
        }
        Ok(verdict)
    }),
};

pub(super) const USER_ADMINISTRATOR: Check = Check {
    id: "iam_user_administrator_access_policy",
    title: "User has no AdministratorAccess",
    description: "AdministratorAccess may not be attached to a user.",
    risk: "A user's keys and password live long and leak easily; these open everything.",
    severity: Severity::Critical,
    kinds: &["aws_iam_user"],
    reads: ATTACHED,
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Let the user assume an administrator role with MFA instead.",
        url: LEAST_PRIVILEGE,
        command: "aws iam detach-user-policy --user-name USER --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        terraform: "",
        effort_minutes: 60,
    },
    rule: Rule::Resource(no_administrator_access),
};
