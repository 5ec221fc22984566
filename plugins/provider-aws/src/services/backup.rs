//! Backup: vaults and plans.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{blocks, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("backup", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "backup",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .get("/backup-vaults/", "ListBackupVaults")
                .items("BackupVaultList")
                .paged("nextToken", "NextToken")],
            details: &[],
            kinds: &[Kind::new(
                "aws_backup_vault",
                "{BackupVaultArn}",
                "BackupVaultName",
                &[text("name", "BackupVaultName"), text("kms_key_arn", "EncryptionKeyArn"), flag("locked", "Locked")],
            )
            .tagged("backup:backup-vault")],
        },
        Listing {
            steps: &[API
                .get("/backup/plans/", "ListBackupPlans")
                .items("BackupPlansList")
                .paged("nextToken", "NextToken")],
            details: &[&[API
                .get("/backup/plans/{backupPlanId}/", "GetBackupPlan")
                .given(&[("backupPlanId", Given::Of("BackupPlanId"))])]],
            kinds: &[Kind::new(
                "aws_backup_plan",
                "{BackupPlanArn}",
                "BackupPlanName",
                &[
                    text("name", "BackupPlanName"),
                    blocks(
                        "rule",
                        "GetBackupPlan.BackupPlan.Rules",
                        &[
                            text("rule_name", "RuleName"),
                            text("schedule", "ScheduleExpression"),
                            text("target_vault_name", "TargetBackupVaultName"),
                        ],
                    ),
                ],
            )
            .tagged("backup:backup-plan")],
        },
    ],
};
