//! KMS: keys.

use plumbline::prelude::*;

use crate::policy::closed_to_anyone;

pub const CHECKS: &[&Check] = &[&ROTATION, &NOT_PUBLIC, &NOT_DELETED, &USED, &SINGLE_REGION];

const KEY: &[&str] = &["aws_kms_key"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html"];
const DELETION: &str = "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html";

/// Whether the key can be used; keys are enabled unless switched off.
fn enabled(key: &Resource<'_>) -> Result<bool, Unread> {
    Ok(key.bool("is_enabled")?.unwrap_or(true))
}

pub const ROTATION: Check = Check {
    id: "kms_cmk_rotation_enabled",
    title: "Key is rotated every year",
    description: "An enabled symmetric key must have automatic rotation on. Asymmetric and HMAC keys and keys in a \
        custom key store cannot be rotated by KMS and are left out.",
    risk: "The longer one key is used, the more falls with it when it leaks.",
    severity: Severity::High,
    kinds: KEY,
    reads: &["enable_key_rotation", "customer_master_key_spec", "custom_key_store_id", "is_enabled"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch rotation on; what was encrypted before stays readable and nothing that uses the key changes.",
        url: "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
        command: "aws kms enable-key-rotation --key-id KEY_ID",
        terraform: r#"resource "aws_kms_key" "this" {
  enable_key_rotation = true
}"#,
        effort_minutes: 5,
    },
    rule: Rule::Resource(|key| {
        let rotated = key.flag("enable_key_rotation")?;
        let spec = key.text("customer_master_key_spec")?.unwrap_or("SYMMETRIC_DEFAULT");
        if !enabled(key)? {
            return not_applicable("the key is not enabled");
        }
        if spec != "SYMMETRIC_DEFAULT" {
            return not_applicable(format!("KMS does not rotate {spec} keys"));
        }
        if key.has("custom_key_store_id")? {
            return not_applicable("KMS does not rotate keys in a custom key store");
        }
        pass_if(rotated, "rotation is off")
    }),
};

pub const NOT_PUBLIC: Check = Check {
    id: "kms_key_not_publicly_accessible",
    title: "Key policy lets in nobody unknown",
    description: "No statement of the key policy may allow anything to anyone, unless a condition names the callers, \
        such as kms:CallerAccount.",
    risk: "Any AWS account can decrypt with the key, or lock its owner out of their data.",
    severity: Severity::Critical,
    kinds: &["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"],
    reads: &["policy"],
    categories: &["internet-exposed", "encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the principals, or add a condition on kms:CallerAccount or aws:PrincipalOrgID.",
        url: "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
        command: "aws kms put-key-policy --key-id KEY_ID --policy-name default --policy file://policy.json",
        terraform: r#"principals {
  type        = "AWS"
  identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|key| closed_to_anyone(key, "policy")),
};

pub const NOT_DELETED: Check = Check {
    id: "kms_cmk_not_deleted_unintentionally",
    title: "Key is not about to be deleted",
    description: "A key may not be scheduled for deletion. Where the source does not name the key's state, an \
        enabled key is known not to be.",
    risk: "When the waiting time ends, all data under the key is lost for good.",
    severity: Severity::Critical,
    kinds: KEY,
    reads: &["key_state", "is_enabled"],
    categories: &["resilience", "encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Cancel the deletion unless it is certain that nothing was encrypted with the key; disable it instead.",
        url: DELETION,
        command: "aws kms cancel-key-deletion --key-id KEY_ID",
        terraform: "",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|key| match (key.text("key_state")?, enabled(key)?) {
        (Some(state @ ("PendingDeletion" | "PendingReplicaDeletion")), _) => fail(format!("the key is {state}")),
        (Some(_), _) | (None, true) => pass(),
        (None, false) => manual("the key is not enabled: see whether it is scheduled for deletion"),
    }),
};

pub const USED: Check = Check {
    id: "kms_cmk_are_used",
    title: "Key is in use",
    description: "A key that is neither enabled nor scheduled for deletion is one nobody has decided about.",
    risk: "Idle keys cost money and hide the ones that matter; one enabled again by mistake opens old data.",
    severity: Severity::Low,
    kinds: KEY,
    reads: &["is_enabled", "key_state"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable the key, or schedule its deletion once CloudTrail shows that nothing uses it.",
        url: DELETION,
        command: "aws kms schedule-key-deletion --key-id KEY_ID --pending-window-in-days 30",
        terraform: "is_enabled = true",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|key| match (enabled(key)?, key.text("key_state")?) {
        (true, None | Some("Enabled")) | (_, Some("PendingDeletion" | "PendingReplicaDeletion")) => pass(),
        (_, Some(state)) => fail(format!("the key is {state}")),
        (false, None) => fail("the key is disabled"),
    }),
};

pub const SINGLE_REGION: Check = Check {
    id: "kms_cmk_not_multi_region",
    title: "Key stays in its region",
    description: "An enabled key may not be a multi-region key.",
    risk: "The same key material in several regions is guarded by several policies, and the weakest of them decides.",
    severity: Severity::Medium,
    kinds: KEY,
    reads: &["multi_region", "is_enabled"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a key for each region and encrypt the data anew; accept multi-region keys only where data moves \
            encrypted.",
        url: "https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html",
        command: "aws kms create-key --no-multi-region",
        terraform: "multi_region = false",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|key| {
        let several = key.flag("multi_region")?;
        if !enabled(key)? {
            return not_applicable("the key is not enabled");
        }
        pass_if(!several, "the key is a multi-region key")
    }),
};

#[cfg(test)]
mod tests;
