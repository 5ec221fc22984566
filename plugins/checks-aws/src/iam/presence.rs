//! Roles and providers that an account should have.

use plumbline::prelude::*;

use super::{REFERENCES, has_aws_policy};
use crate::inventory;

pub(super) const CHECKS: &[&Check] = &[&SUPPORT_ROLE, &AUDIT_ROLE, &SAML];

const ROLE: &str = "aws_iam_role";

fn some_role_has(account: &Account<'_>, policy: &str) -> Vec<(Subject, Outcome)> {
    let found = inventory::any(account, ROLE, |role| has_aws_policy(role, policy));
    inventory::whole(found.and_then(|found| pass_if(found, format!("no role has {policy} attached"))))
}

pub(super) const SUPPORT_ROLE: Check = Check {
    id: "iam_support_role_created",
    title: "A role exists for working with AWS Support",
    description: "Some role of the account must have AWSSupportAccess attached.",
    risk: "In an incident nobody may open a case, or it is done with far too many rights.",
    severity: Severity::Low,
    kinds: &[ROLE],
    reads: &["attached_policy_arns"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a role for incident handling and attach AWSSupportAccess to it.",
        url: "https://docs.aws.amazon.com/awssupport/latest/user/accessing-support.html",
        command: "aws iam attach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess",
        terraform: r#"resource "aws_iam_role_policy_attachment" "support" {
  role       = aws_iam_role.support.name
  policy_arn = "arn:aws:iam::aws:policy/AWSSupportAccess"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Account(|account, _| some_role_has(account, "AWSSupportAccess")),
};

pub(super) const AUDIT_ROLE: Check = Check {
    id: "iam_securityaudit_role_created",
    title: "A role exists for auditing",
    description: "Some role of the account must have SecurityAudit attached.",
    risk: "Auditors get stronger rights than they need, or none when they are needed.",
    severity: Severity::Low,
    kinds: &[ROLE],
    reads: &["attached_policy_arns"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a role for auditors and attach SecurityAudit to it.",
        url: "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html",
        command: "aws iam attach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/SecurityAudit",
        terraform: r#"resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.audit.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Account(|account, _| some_role_has(account, "SecurityAudit")),
};

pub(super) const SAML: Check = Check {
    id: "iam_check_saml_providers_sts",
    title: "People sign in through an identity provider",
    description: "The account must have a SAML provider, so that people get temporary credentials.",
    risk: "Users and keys made by hand outlive the people they were made for.",
    severity: Severity::Low,
    kinds: &["aws_iam_saml_provider"],
    reads: &["saml_metadata_document"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Connect the identity provider, through IAM Identity Center where there is an organization.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html",
        command: "aws iam create-saml-provider --name NAME --saml-metadata-document file://metadata.xml",
        terraform: r#"resource "aws_iam_saml_provider" "this" {
  name                   = "idp"
  saml_metadata_document = file("metadata.xml")
}"#,
        effort_minutes: 240,
    },
    rule: Rule::Account(|account, _| {
        let found = inventory::any(account, "aws_iam_saml_provider", |_| Ok(true));
        inventory::whole(found.and_then(|found| pass_if(found, "the account has no SAML provider")))
    }),
};
