//! What is attached to whom.

use plumbline::prelude::*;

use super::{IDENTITIES, REFERENCES, has_aws_policy, inline_policies};
use crate::policy::{Effect, Policy, PrincipalKind};

pub(super) const CHECKS: &[&Check] = &[&ONLY_GROUPS_OR_ROLES, &CLOUDSHELL, &CROSS_ACCOUNT_READ_ONLY];

pub(super) const ONLY_GROUPS_OR_ROLES: Check = Check {
    id: "iam_policy_attached_only_to_group_or_roles",
    title: "User gets rights through groups and roles only",
    description: "A user may have neither attached nor inline policies of their own.",
    risk: "Rights given person by person are forgotten when the person changes work, and no review finds them.",
    severity: Severity::Low,
    kinds: &["aws_iam_user"],
    reads: &["attached_policy_arns", "inline_policy"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Attach the policies to a group, add the user to it, and detach them from the user.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html",
        command: "aws iam detach-user-policy --user-name USER --policy-arn POLICY_ARN",
        terraform: r#"resource "aws_iam_group_policy_attachment" "this" {
  group      = aws_iam_group.this.name
  policy_arn = aws_iam_policy.this.arn
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|user| {
        let node = user.get("attached_policy_arns")?;
        node.complete()?;
        let attached = node.as_texts()?;
        if let Some(arn) = attached.first() {
            return fail(format!("{arn} is attached to the user"));
        }
        match inline_policies(user)?.first() {
            Some((name, _)) => fail(format!("the user has the inline policy {name}")),
            None => pass(),
        }
    }),
};

pub(super) const CLOUDSHELL: Check = Check {
    id: "iam_policy_cloudshell_admin_not_attached",
    title: "AWSCloudShellFullAccess is attached to nobody",
    description: "No user, group or role may have AWSCloudShellFullAccess attached, which allows files to be moved \
        in and out of CloudShell.",
    risk: "A shell with internet access inside the console carries data out past every network control.",
    severity: Severity::Medium,
    kinds: IDENTITIES,
    reads: &["attached_policy_arns"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Detach it; where CloudShell is needed, allow it without cloudshell:GetFileUploadUrls and \
            cloudshell:GetFileDownloadUrls.",
        url: "https://docs.aws.amazon.com/cloudshell/latest/userguide/sec-auth-with-identities.html",
        command: "aws iam detach-group-policy --group-name GROUP --policy-arn \
            arn:aws:iam::aws:policy/AWSCloudShellFullAccess",
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|identity| {
        pass_if(!has_aws_policy(identity, "AWSCloudShellFullAccess")?, "AWSCloudShellFullAccess is attached")
    }),
};

pub(super) const CROSS_ACCOUNT_READ_ONLY: Check = Check {
    id: "iam_role_cross_account_readonlyaccess_policy",
    title: "Role with ReadOnlyAccess trusts no other account",
    description: "A role that has ReadOnlyAccess attached may not be assumed from another account or by anyone.",
    risk: "ReadOnlyAccess reads data too, such as objects, tables and queues: the other account can copy it all.",
    severity: Severity::High,
    kinds: &["aws_iam_role"],
    reads: &["attached_policy_arns", "assume_role_policy"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Attach SecurityAudit or ViewOnlyAccess, which read configuration and no data, or what the other \
            account needs.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_aws-accounts.html",
        command: "aws iam detach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess",
        terraform: "policy_arn = \"arn:aws:iam::aws:policy/SecurityAudit\"",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|role| {
        let attached = has_aws_policy(role, "ReadOnlyAccess")?;
        let trust = Policy::of(role, "assume_role_policy")?;
        if !attached {
            return pass();
        }
        let own = role.account;
        let statements = trust.iter().flat_map(|trust| &trust.statements);
        for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
            if statement.principals.include_anyone() {
                return fail(format!("ReadOnlyAccess is attached and {} trusts anyone", statement.label()));
            }
            for account in statement.principals.named(PrincipalKind::Aws).filter_map(|principal| principal.account()) {
                if own.is_empty() {
                    let reason = "the role's own account is not known".to_owned();
                    return Err(Unread { path: "assume_role_policy".to_owned(), reason });
                }
                if account != own {
                    return fail(format!(
                        "ReadOnlyAccess is attached and {} trusts account {account}",
                        statement.label()
                    ));
                }
            }
        }
        pass()
    }),
};
