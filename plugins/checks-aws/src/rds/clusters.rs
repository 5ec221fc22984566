//! Clusters of Aurora, and Multi-AZ clusters of RDS.

use plumbline::prelude::*;

use super::REFERENCES;
use super::engines::{engine, has_iam_login, is_elsewhere};
use super::protection::{own_admin, own_port};

pub const CHECKS: &[&Check] = &[&STORAGE, &DELETION, &IAM_LOGIN, &LOG_EXPORT, &COPY_TAGS, &ADMIN, &PORT, &BACKTRACK];

const KINDS: &[&str] = &["aws_rds_cluster"];
const URL: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html";

fn of_rds(cluster: &Resource<'_>, rule: fn(&Resource<'_>, &str) -> Outcome) -> Outcome {
    let engine = engine(cluster)?;
    if is_elsewhere(engine) { not_applicable(format!("a cluster of {engine}")) } else { rule(cluster, engine) }
}

pub const STORAGE: Check = Check {
    id: "rds_cluster_storage_encrypted",
    title: "RDS cluster encrypts its storage",
    description: "The storage of a cluster, and with it its backups and snapshots, must be encrypted. Aurora \
        Serverless v1 always does.",
    risk: "A snapshot that is shared by mistake gives away the whole database.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["storage_encrypted", "engine"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Encryption is chosen when a cluster is made: restore a snapshot into an encrypted one and move the \
            clients over.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html",
        command: "aws rds restore-db-cluster-from-snapshot --db-cluster-identifier ID --snapshot-identifier SNAPSHOT \
            --engine ENGINE --kms-key-id KEY",
        terraform: "storage_encrypted = true",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|cluster| {
        of_rds(cluster, |cluster, _| match cluster.bool("storage_encrypted")? {
            Some(encrypted) => pass_if(encrypted, "storage_encrypted is false"),
            None if cluster.text("engine_mode")? == Some("serverless") => pass(),
            None => fail("storage_encrypted is not set"),
        })
    }),
};

pub const DELETION: Check = Check {
    id: "rds_cluster_deletion_protection",
    title: "RDS cluster is protected from deletion",
    description: "A cluster must have deletion protection on.",
    risk: "A mistaken command, a wrong plan or an intruder removes the database in one step.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["deletion_protection", "engine"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch deletion protection on.",
        url: URL,
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --deletion-protection --apply-immediately",
        terraform: "deletion_protection = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|cluster| {
        of_rds(cluster, |cluster, _| pass_if(cluster.flag("deletion_protection")?, "deletion_protection is not true"))
    }),
};

pub const IAM_LOGIN: Check = Check {
    id: "rds_cluster_iam_authentication_enabled",
    title: "RDS cluster accepts IAM authentication",
    description: "A cluster of MySQL or PostgreSQL should let users log in with short-lived IAM credentials.",
    risk: "Passwords of the database are shared, kept in configuration and seldom rotated, and outlive those who \
        knew them.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["iam_database_authentication_enabled", "engine"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch IAM authentication on, make database users for it and move clients to tokens.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html",
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --enable-iam-database-authentication",
        terraform: "iam_database_authentication_enabled = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|cluster| {
        of_rds(cluster, |cluster, engine| {
            if !has_iam_login(engine) {
                return not_applicable(format!("{engine} has no IAM authentication"));
            }
            let enabled = cluster.flag("iam_database_authentication_enabled")?;
            pass_if(enabled, "iam_database_authentication_enabled is not true")
        })
    }),
};

pub const LOG_EXPORT: Check = Check {
    id: "rds_cluster_integration_cloudwatch_logs",
    title: "RDS cluster sends its logs to CloudWatch Logs",
    description: "A cluster must export at least one kind of log to CloudWatch Logs.",
    risk: "The engine's logs are gone after a few days, or with the cluster, and with them the traces of an attack.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["enabled_cloudwatch_logs_exports", "engine"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Export the audit and error logs that the engine offers, and set a retention on their log groups.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html",
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --cloudwatch-logs-export-configuration \
            EnableLogTypes=audit,error",
        terraform: "enabled_cloudwatch_logs_exports = [\"audit\", \"error\"]",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|cluster| {
        of_rds(cluster, |cluster, _| pass_if(cluster.has("enabled_cloudwatch_logs_exports")?, "no log is exported"))
    }),
};

pub const COPY_TAGS: Check = Check {
    id: "rds_cluster_copy_tags_to_snapshots",
    title: "RDS cluster copies its tags to snapshots",
    description: "Snapshots of a cluster should get its tags.",
    risk: "Snapshots without tags fall out of rules on access, cost and retention, and nobody knows whose data they \
        hold.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["copy_tags_to_snapshot", "engine"],
    categories: &["inventory"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the copying of tags on.",
        url: URL,
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --copy-tags-to-snapshot",
        terraform: "copy_tags_to_snapshot = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|cluster| {
        of_rds(cluster, |cluster, _| {
            pass_if(cluster.flag("copy_tags_to_snapshot")?, "copy_tags_to_snapshot is not true")
        })
    }),
};

pub const ADMIN: Check = Check {
    id: "rds_cluster_default_admin",
    title: "RDS cluster has a master user of its own name",
    description: "The master user must not be called `admin` or `postgres`, as the console proposes.",
    risk: "Half of the login is known to anyone who guesses passwords.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["master_username", "engine"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "The name cannot be changed: make a cluster with another one and move the data, or make users with \
            fewer rights.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html",
        command: "aws rds create-db-cluster --db-cluster-identifier ID --engine ENGINE --master-username NAME \
            --manage-master-user-password",
        terraform: "master_username = \"ledger_owner\"",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|cluster| of_rds(cluster, |cluster, _| own_admin(cluster))),
};

pub const PORT: Check = Check {
    id: "rds_cluster_non_default_port",
    title: "RDS cluster listens on a port of its own",
    description: "A cluster should not use the default port of its engine.",
    risk: "Scanners that look for databases try the default ports, and only those.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["port", "engine"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Change the port together with the security groups and the clients' settings.",
        url: URL,
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --port 5433 --apply-immediately",
        terraform: "port = 5433",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| of_rds(cluster, |cluster, _| own_port(cluster))),
};

pub const BACKTRACK: Check = Check {
    id: "rds_cluster_backtrack_enabled",
    title: "Aurora MySQL cluster has Backtrack",
    description: "A cluster of Aurora MySQL should have a Backtrack window of more than 0 seconds. Other engines \
        have no Backtrack.",
    risk: "After a mistake the way back is a restore into another cluster, which takes hours instead of minutes.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["backtrack_window", "engine"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Backtrack is chosen when a cluster is made or restored; choose a window that covers the time to \
            notice a mistake.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Backtrack.html",
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --backtrack-window 86400",
        terraform: "backtrack_window = 86400",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|cluster| {
        of_rds(cluster, |cluster, engine| {
            if !matches!(engine, "aurora" | "aurora-mysql") {
                return not_applicable(format!("{engine} has no Backtrack"));
            }
            let seconds = cluster.int("backtrack_window")?.unwrap_or(0);
            pass_if(seconds > 0, format!("backtrack_window is {seconds}"))
        })
    }),
};
