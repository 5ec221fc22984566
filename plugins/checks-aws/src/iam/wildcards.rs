//! Policies that allow more at once than anybody has thought through: all of a service, or decryption with every key.

use plumbline::prelude::*;

use super::services::{INLINE_KMS, POLICY_KMS};
use super::{each_inline, managed};
use crate::policy::Policy;

pub(super) const CHECKS: &[&Check] = &[&SERVICE, &POLICY_DECRYPTION, &INLINE_DECRYPTION];

/// What turns ciphertext into something that can be read, in lower case.
const DECRYPTION: &[&str] = &["kms:decrypt", "kms:reencryptfrom"];

const DECRYPTION_RISK: &str = "The holder can read what any key of the account protects, also data of services they \
    have nothing to do with.";

fn decrypting(policy: &Policy) -> Option<String> {
    DECRYPTION.iter().find_map(|action| {
        let statement = policy.allows_on_all_resources(action)?;
        Some(format!("{} allows {} on every key", statement.label(), statement.named_actions()))
    })
}

pub(super) const SERVICE: Check = Check {
    id: "iam_policy_no_wildcard_service_actions",
    title: "Own policy allows no service as a whole",
    description: "A customer managed policy may not allow all actions of a service, as `s3:*` does, nor all actions but \
        some, whatever the resources. Denials in the same policy are not weighed.",
    risk: "Every action that AWS adds to the service is allowed on the day it appears, and nobody has decided that.",
    severity: Severity::Low,
    remediation: Remediation {
        text: "List the actions that are used; IAM Access Analyzer makes a policy from what CloudTrail saw.",
        terraform: r#"statement {
  actions   = ["s3:GetObject", "s3:PutObject"]
  resources = ["${aws_s3_bucket.this.arn}/*"]
}"#,
        ..POLICY_KMS.remediation
    },
    rule: Rule::Resource(|policy| {
        managed(policy, |policy| {
            let (statement, pattern) = policy.service_wildcard()?;
            Some(format!("{} allows {pattern}", statement.label()))
        })
    }),
    ..POLICY_KMS
};

pub(super) const POLICY_DECRYPTION: Check = Check {
    id: "iam_policy_no_decryption_of_all_keys",
    title: "Own policy does not allow decryption with every key",
    description: "A customer managed policy may allow neither kms:Decrypt nor kms:ReEncryptFrom on every resource.",
    risk: DECRYPTION_RISK,
    rule: Rule::Resource(|policy| managed(policy, decrypting)),
    ..POLICY_KMS
};

pub(super) const INLINE_DECRYPTION: Check = Check {
    id: "iam_inline_policy_no_decryption_of_all_keys",
    title: "No inline policy allows decryption with every key",
    description: "No inline policy of a user, group or role may allow kms:Decrypt or kms:ReEncryptFrom on every \
        resource.",
    risk: DECRYPTION_RISK,
    rule: Rule::Resource(|identity| each_inline(identity, decrypting)),
    ..INLINE_KMS
};
