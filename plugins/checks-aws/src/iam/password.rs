//! The account's password policy.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::inventory;

pub(super) const CHECKS: &[&Check] = &[&LENGTH, &LOWERCASE, &UPPERCASE, &NUMBER, &SYMBOL, &REUSE, &EXPIRY];

const KIND: &str = "aws_iam_account_password_policy";
const URL: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html";
const TERRAFORM: &str = r#"resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = 14
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  password_reuse_prevention      = 24
  max_password_age               = 90
  allow_users_to_change_password = true
}"#;

const PASSWORD: Check = Check {
    risk: "Passwords that are short, simple or old are guessed, sprayed or bought.",
    severity: Severity::Medium,
    kinds: &[KIND],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the account's password policy; better still, sign people in through an identity provider.",
        url: URL,
        command: "aws iam update-account-password-policy --minimum-password-length 14 --require-lowercase-characters \
            --require-uppercase-characters --require-numbers --require-symbols --password-reuse-prevention 24 \
            --max-password-age 90",
        terraform: TERRAFORM,
        effort_minutes: 10,
    },
    ..Check::BLANK
};

/// Judges the policy. An account without one lives by the default of AWS, which asks for eight characters of three
/// kinds.
fn judge(account: &Account<'_>, rule: fn(&Resource<'_>) -> Outcome) -> Vec<(Subject, Outcome)> {
    inventory::each_of_some(account, KIND, "the account has no password policy of its own", rule)
}

fn required(policy: &Resource<'_>, attribute: &str) -> Outcome {
    pass_if(policy.flag(attribute)?, format!("{attribute} is off"))
}

pub(super) const LENGTH: Check = Check {
    id: "iam_password_policy_minimum_length_14",
    title: "Passwords have at least 14 characters",
    description: "The account's password policy must ask for 14 characters or more.",
    reads: &["minimum_password_length"],
    rule: Rule::Account(|account, _| {
        judge(account, |policy| match policy.int("minimum_password_length")? {
            Some(length) => pass_if(length >= 14, format!("minimum_password_length is {length}")),
            None => fail("minimum_password_length is not set"),
        })
    }),
    ..PASSWORD
};

pub(super) const LOWERCASE: Check = Check {
    id: "iam_password_policy_lowercase",
    title: "Passwords need a lower case letter",
    description: "The account's password policy must ask for a lower case letter.",
    severity: Severity::Low,
    reads: &["require_lowercase_characters"],
    rule: Rule::Account(|account, _| judge(account, |policy| required(policy, "require_lowercase_characters"))),
    ..PASSWORD
};

pub(super) const UPPERCASE: Check = Check {
    id: "iam_password_policy_uppercase",
    title: "Passwords need an upper case letter",
    description: "The account's password policy must ask for an upper case letter.",
    reads: &["require_uppercase_characters"],
    rule: Rule::Account(|account, _| judge(account, |policy| required(policy, "require_uppercase_characters"))),
    ..PASSWORD
};

pub(super) const NUMBER: Check = Check {
    id: "iam_password_policy_number",
    title: "Passwords need a digit",
    description: "The account's password policy must ask for a digit.",
    reads: &["require_numbers"],
    rule: Rule::Account(|account, _| judge(account, |policy| required(policy, "require_numbers"))),
    ..PASSWORD
};

pub(super) const SYMBOL: Check = Check {
    id: "iam_password_policy_symbol",
    title: "Passwords need a symbol",
    description: "The account's password policy must ask for a character that is neither letter nor digit.",
    reads: &["require_symbols"],
    rule: Rule::Account(|account, _| judge(account, |policy| required(policy, "require_symbols"))),
    ..PASSWORD
};

pub(super) const REUSE: Check = Check {
    id: "iam_password_policy_reuse_24",
    title: "The last 24 passwords cannot be used again",
    description: "The account's password policy must remember 24 passwords, the most it can.",
    reads: &["password_reuse_prevention"],
    rule: Rule::Account(|account, _| {
        judge(account, |policy| match policy.int("password_reuse_prevention")? {
            Some(count) => pass_if(count >= 24, format!("password_reuse_prevention is {count}")),
            None => fail("password_reuse_prevention is not set"),
        })
    }),
    ..PASSWORD
};

pub(super) const EXPIRY: Check = Check {
    id: "iam_password_policy_expires_passwords_within_90_days_or_less",
    title: "Passwords expire within 90 days",
    description: "The account's password policy must let passwords expire after at most 90 days.",
    reads: &["max_password_age"],
    rule: Rule::Account(|account, _| {
        judge(account, |policy| match policy.int("max_password_age")? {
            None | Some(0) => fail("passwords never expire"),
            Some(age) => pass_if(age <= 90, format!("max_password_age is {age} days")),
        })
    }),
    ..PASSWORD
};
