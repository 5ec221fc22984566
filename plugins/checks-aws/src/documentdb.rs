//! DocumentDB clusters.

use plumbline::prelude::*;

use crate::cluster_databases::{backed_up, cluster_checks, exports, not_shared_with_all, on};

pub const CHECKS: &[&Check] = &[&STORAGE, &DELETION, &BACKUP, &LOGS, &SNAPSHOT_PUBLIC];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html"];

cluster_checks!(
    "DocumentDB", "documentdb", "aws_docdb_cluster", "docdb", REFERENCES,
    "https://docs.aws.amazon.com/documentdb/latest/developerguide/db-cluster-modify.html",
    storage: Medium,
    logs: "documentdb_cluster_cloudwatch_log_export", "audit and profiler logs",
    "enabled_cloudwatch_logs_exports" ["audit", "profiler"]
);

pub const SNAPSHOT_PUBLIC: Check = Check {
    id: "documentdb_cluster_public_snapshot",
    title: "DocumentDB snapshot is not public",
    description: "A manual snapshot must not be shared with `all`, that is, with every AWS account. A live account \
        lists these snapshots among those of RDS.",
    risk: "Anyone with an AWS account can restore the database and read all of it.",
    severity: Severity::Critical,
    kinds: &["aws_db_cluster_snapshot"],
    reads: &["engine", "shared_accounts", "snapshot_type"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take `all` off the list, share with named accounts if need be, and treat the data as published.",
        url: "https://docs.aws.amazon.com/documentdb/latest/developerguide/backup_restore-share_cluster_snapshots.html",
        command: "aws docdb modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier ID \
            --attribute-name restore --values-to-remove all",
        // Terraform makes snapshots of DocumentDB but does not share them.
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|snapshot| match snapshot.text("engine")? {
        Some("docdb") => not_shared_with_all(snapshot),
        engine => not_applicable(format!("a snapshot of {}", engine.unwrap_or("another engine"))),
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::{BACKUP, DELETION, LOGS, SNAPSHOT_PUBLIC, STORAGE};
    use crate::cases::{fails, passes, skips};

    const CLUSTER: &str = "aws_docdb_cluster";

    #[test]
    fn clusters_are_encrypted_kept_and_logged() {
        passes(&STORAGE, CLUSTER, json!({"storage_encrypted": true}));
        fails(&STORAGE, CLUSTER, json!({}), "storage_encrypted");
        passes(&DELETION, CLUSTER, json!({"deletion_protection": true}));
        fails(&DELETION, CLUSTER, json!({"deletion_protection": false}), "deletion_protection");
        passes(&BACKUP, CLUSTER, json!({"backup_retention_period": 30}));
        fails(&BACKUP, CLUSTER, json!({"backup_retention_period": 6}), "is 6");
        passes(&LOGS, CLUSTER, json!({"enabled_cloudwatch_logs_exports": ["profiler", "audit"]}));
        fails(&LOGS, CLUSTER, json!({"enabled_cloudwatch_logs_exports": ["audit"]}), "not exported: profiler");
    }

    #[test]
    fn snapshots_are_not_public() {
        let kind = "aws_db_cluster_snapshot";
        let shared =
            |engine: &str, with: &[&str]| json!({"engine": engine, "snapshot_type": "manual", "shared_accounts": with});
        passes(&SNAPSHOT_PUBLIC, kind, shared("docdb", &[]));
        fails(&SNAPSHOT_PUBLIC, kind, shared("docdb", &["123456789012", "all"]), "all");
        skips(&SNAPSHOT_PUBLIC, kind, shared("aurora-mysql", &["all"]));
    }
}
