//! DocumentDB clusters.

use plumbline::prelude::*;

use crate::cluster_databases::{backed_up, cluster_checks, exports, on};

pub const CHECKS: &[&Check] = &[&STORAGE, &DELETION, &BACKUP, &LOGS];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html"];

cluster_checks!(
    "DocumentDB", "documentdb", "aws_docdb_cluster", "docdb", REFERENCES,
    "https://docs.aws.amazon.com/documentdb/latest/developerguide/db-cluster-modify.html",
    storage: Medium,
    logs: "documentdb_cluster_cloudwatch_log_export", "audit and profiler logs",
    "enabled_cloudwatch_logs_exports" ["audit", "profiler"]
);

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::{BACKUP, DELETION, LOGS, STORAGE};
    use crate::cases::{fails, passes};

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
}
