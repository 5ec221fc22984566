//! Neptune clusters and snapshots.

use plumbline::prelude::*;

use crate::cluster_databases::{backed_up, cluster_checks, exports, not_shared_with_all, on};

pub const CHECKS: &[&Check] =
    &[&STORAGE, &DELETION, &BACKUP, &LOGS, &IAM_LOGIN, &COPY_TAGS, &SNAPSHOT_ENCRYPTED, &SNAPSHOT_PUBLIC];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html"];

cluster_checks!(
    "Neptune", "neptune", "aws_neptune_cluster", "neptune", REFERENCES,
    "https://docs.aws.amazon.com/neptune/latest/userguide/manage-console-modify.html",
    storage: High,
    logs: "neptune_cluster_integration_cloudwatch_logs", "audit logs", "enable_cloudwatch_logs_exports" ["audit"]
);

pub const IAM_LOGIN: Check = Check {
    id: "neptune_cluster_iam_authentication_enabled",
    title: "Neptune cluster asks for IAM credentials",
    description: "A cluster must require requests to be signed with IAM credentials.",
    risk: "Whatever reaches the cluster reads and changes the whole graph: there is no other login.",
    severity: Severity::Medium,
    kinds: &["aws_neptune_cluster"],
    reads: &["iam_database_authentication_enabled"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Have the clients sign their requests, then switch IAM authentication on.",
        url: "https://docs.aws.amazon.com/neptune/latest/userguide/iam-auth.html",
        command: "aws neptune modify-db-cluster --db-cluster-identifier ID --enable-iam-database-authentication",
        terraform: "iam_database_authentication_enabled = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|cluster| on(cluster, "iam_database_authentication_enabled")),
};

pub const COPY_TAGS: Check = Check {
    id: "neptune_cluster_copy_tags_to_snapshots",
    title: "Neptune cluster copies its tags to snapshots",
    description: "Snapshots of a cluster should get its tags.",
    risk: "Snapshots without tags fall out of rules on access, cost and retention.",
    severity: Severity::Low,
    kinds: &["aws_neptune_cluster"],
    reads: &["copy_tags_to_snapshot"],
    categories: &["inventory"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the copying of tags on.",
        url: "https://docs.aws.amazon.com/neptune/latest/userguide/tagging.html",
        command: "aws neptune modify-db-cluster --db-cluster-identifier ID --copy-tags-to-snapshot",
        terraform: "copy_tags_to_snapshot = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|cluster| on(cluster, "copy_tags_to_snapshot")),
};

pub const SNAPSHOT_ENCRYPTED: Check = Check {
    id: "neptune_cluster_snapshot_encrypted",
    title: "Neptune snapshot is encrypted",
    description: "A snapshot of a cluster must be encrypted.",
    risk: "A snapshot is easily copied and shared; unencrypted, it gives the whole graph to whoever has it.",
    severity: Severity::Medium,
    kinds: &["aws_neptune_cluster_snapshot"],
    reads: &["storage_encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Copy the snapshot encrypted, delete the original, and encrypt the cluster it came from.",
        url: "https://docs.aws.amazon.com/neptune/latest/userguide/encrypt.html",
        command: "aws neptune copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier SNAPSHOT \
            --target-db-cluster-snapshot-identifier COPY --kms-key-id KEY",
        terraform: "storage_encrypted = true",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|snapshot| on(snapshot, "storage_encrypted")),
};

pub const SNAPSHOT_PUBLIC: Check = Check {
    id: "neptune_cluster_public_snapshot",
    title: "Neptune snapshot is not public",
    description: "A manual snapshot must not be shared with `all`, that is, with every AWS account.",
    risk: "Anyone with an AWS account can restore the graph and read all of it.",
    severity: Severity::Critical,
    reads: &["shared_accounts", "snapshot_type"],
    categories: &["internet-exposed"],
    remediation: Remediation {
        text: "Take `all` off the list, share with named accounts if need be, and treat the data as published.",
        url: "https://docs.aws.amazon.com/neptune/latest/userguide/backup-restore-share-snapshot.html",
        command: "aws neptune modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier ID \
            --attribute-name restore --values-to-remove all",
        // Terraform makes snapshots of Neptune but does not share them.
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Resource(not_shared_with_all),
    ..SNAPSHOT_ENCRYPTED
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::{BACKUP, COPY_TAGS, DELETION, IAM_LOGIN, LOGS, SNAPSHOT_ENCRYPTED, SNAPSHOT_PUBLIC, STORAGE};
    use crate::cases::{fails, passes, unread};

    const CLUSTER: &str = "aws_neptune_cluster";

    #[test]
    fn clusters_are_encrypted_kept_and_logged() {
        for (check, attribute) in [
            (&STORAGE, "storage_encrypted"),
            (&DELETION, "deletion_protection"),
            (&IAM_LOGIN, "iam_database_authentication_enabled"),
            (&COPY_TAGS, "copy_tags_to_snapshot"),
        ] {
            passes(check, CLUSTER, json!({attribute: true}));
            fails(check, CLUSTER, json!({}), attribute);
        }
        passes(&SNAPSHOT_ENCRYPTED, "aws_neptune_cluster_snapshot", json!({"storage_encrypted": true}));
        fails(&SNAPSHOT_ENCRYPTED, "aws_neptune_cluster_snapshot", json!({"storage_encrypted": false}), "storage");
        let shared = |with: &[&str]| json!({"snapshot_type": "manual", "shared_accounts": with});
        passes(&SNAPSHOT_PUBLIC, "aws_neptune_cluster_snapshot", shared(&["123456789012"]));
        fails(&SNAPSHOT_PUBLIC, "aws_neptune_cluster_snapshot", shared(&["all"]), "all");
        unread(&SNAPSHOT_PUBLIC, "aws_neptune_cluster_snapshot", json!({}), "does not say");
        passes(&BACKUP, CLUSTER, json!({"backup_retention_period": 7}));
        fails(&BACKUP, CLUSTER, json!({}), "is 1");
        passes(&LOGS, CLUSTER, json!({"enable_cloudwatch_logs_exports": ["audit"]}));
        fails(&LOGS, CLUSTER, json!({"enable_cloudwatch_logs_exports": ["slowquery"]}), "audit");
    }
}
