//! S3 Glacier: vaults.

use plumbline::prelude::*;

use crate::policy::closed_to_anyone;

pub const CHECKS: &[&Check] = &[&NOT_PUBLIC];

const URL: &str = "https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-access-policy.html";

pub const NOT_PUBLIC: Check = Check {
    id: "glacier_vaults_policy_public_access",
    title: "Vault policy lets in nobody unknown",
    description: "No statement of the vault's access policy may allow anything to anyone, unless a condition names \
        the callers.",
    risk: "Strangers can fetch or delete the archives.",
    severity: Severity::Critical,
    kinds: &["aws_glacier_vault"],
    reads: &["access_policy"],
    categories: &["internet-exposed"],
    references: &[URL],
    remediation: Remediation {
        text: "Name the accounts that use the vault.",
        url: URL,
        command: "aws glacier set-vault-access-policy --account-id - --vault-name VAULT --policy file://policy.json",
        terraform: "access_policy = data.aws_iam_policy_document.vault.json",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|vault| closed_to_anyone(vault, "access_policy")),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes, unread};

    #[test]
    fn vaults_are_closed() {
        let policy = |principal: &str| {
            json!({"access_policy": {"Statement": [{
                "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "glacier:*", "Resource": "*",
            }]}})
        };
        passes(&NOT_PUBLIC, "aws_glacier_vault", json!({}));
        passes(&NOT_PUBLIC, "aws_glacier_vault", policy("123456789012"));
        fails(&NOT_PUBLIC, "aws_glacier_vault", policy("*"), "allows glacier:* to anyone");
        unread(&NOT_PUBLIC, "aws_glacier_vault", json!({"access_policy": "x"}), "access_policy");
    }
}
