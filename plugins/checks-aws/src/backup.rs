//! AWS Backup: plans and vaults.

use plumbline::prelude::*;

use crate::inventory;

pub const CHECKS: &[&Check] = &[&PLANS, &VAULTS, &ENCRYPTED];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/backup-controls.html"];

fn exists(account: &Account<'_>, kind: &str, message: &str) -> Vec<(Subject, Outcome)> {
    let found = inventory::any(account, kind, |_| Ok(true));
    inventory::whole(found.and_then(|found| pass_if(found, message)))
}

pub const PLANS: Check = Check {
    id: "backup_plans_exist",
    title: "A backup plan exists",
    description: "The account must have a plan of AWS Backup.",
    risk: "Backups depend on each service's own settings, and nobody sees which data has none.",
    severity: Severity::Low,
    kinds: &["aws_backup_plan"],
    reads: &["rule"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a plan with a schedule and retention, and select resources by tag.",
        url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/about-backup-plans.html",
        command: "aws backup create-backup-plan --backup-plan file://plan.json",
        terraform: r#"resource "aws_backup_plan" "this" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this.name
    schedule          = "cron(0 3 * * ? *)"
    lifecycle { delete_after = 35 }
  }
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Account(|account, _| exists(account, "aws_backup_plan", "the account has no backup plan")),
};

pub const VAULTS: Check = Check {
    id: "backup_vaults_exist",
    title: "A backup vault exists",
    description: "The account must have a vault of AWS Backup.",
    risk: "There is no place where backups are kept apart from what they protect.",
    severity: Severity::Low,
    kinds: &["aws_backup_vault"],
    reads: &["name"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a vault with an own key, and lock it.",
        url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/vaults.html",
        command: "aws backup create-backup-vault --backup-vault-name NAME --encryption-key-arn KEY_ARN",
        terraform: r#"resource "aws_backup_vault" "this" {
  name        = "main"
  kms_key_arn = aws_kms_key.this.arn
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Account(|account, _| exists(account, "aws_backup_vault", "the account has no backup vault")),
};

pub const ENCRYPTED: Check = Check {
    id: "backup_vaults_encrypted",
    title: "Backup vault names its key",
    description: "A vault must name the KMS key that encrypts its recovery points.",
    risk: "Without a stated key nobody decided who may open the backups of everything.",
    severity: Severity::Medium,
    kinds: &["aws_backup_vault"],
    reads: &["kms_key_arn"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "A vault's key cannot be changed: make a vault with a customer managed key and copy the recovery points.",
        url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html",
        command: "aws backup create-backup-vault --backup-vault-name NAME --encryption-key-arn KEY_ARN",
        terraform: "kms_key_arn = aws_kms_key.this.arn",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|vault| pass_if(vault.has("kms_key_arn")?, "no KMS key is set")),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{account, fails, passes};

    #[test]
    fn an_account_has_a_plan_and_a_vault() {
        for (check, kind) in [(&PLANS, "aws_backup_plan"), (&VAULTS, "aws_backup_vault")] {
            assert_eq!(account(check, &[(kind, "a", json!({}))], &[])[0].1, pass());
            assert!(matches!(account(check, &[], &[])[0].1, Ok(Verdict::Fail(_))));
            assert!(account(check, &[], &[(kind, "denied")])[0].1.is_err());
        }
    }

    #[test]
    fn vaults_name_a_key() {
        passes(&ENCRYPTED, "aws_backup_vault", json!({"kms_key_arn": "arn"}));
        fails(&ENCRYPTED, "aws_backup_vault", json!({}), "no KMS key");
    }
}
