//! What keeps a cluster running, patched and watched.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES};

pub const CHECKS: &[&Check] = &[&AUDIT_LOGGING, &SNAPSHOTS, &SNAPSHOTS_KEPT, &UPGRADES, &MULTI_AZ];

pub const AUDIT_LOGGING: Check = Check {
    id: "redshift_cluster_audit_logging",
    title: "Redshift cluster writes audit logs",
    description: "Connections and the activity of users must be logged to a bucket or to CloudWatch Logs.",
    risk: "Who logged in and what was read cannot be told afterwards.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["logging"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch audit logging on, and the parameter enable_user_activity_logging for the text of queries.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html",
        command: "aws redshift enable-logging --cluster-identifier ID --log-destination-type cloudwatch \
            --log-exports connectionlog userlog useractivitylog",
        terraform: r#"resource "aws_redshift_logging" "main" {
  cluster_identifier   = aws_redshift_cluster.main.id
  log_destination_type = "cloudwatch"
  log_exports          = ["connectionlog", "userlog", "useractivitylog"]
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|cluster| {
        // The block within the cluster says `enable`; logging as a resource of its own is on where it names a
        // destination.
        let on = match cluster.bool("logging.enable")? {
            Some(enabled) => enabled,
            None => cluster.has("logging.log_destination_type")? || cluster.has("logging.bucket_name")?,
        };
        pass_if(on, "audit logging is off")
    }),
};

pub const SNAPSHOTS: Check = Check {
    id: "redshift_cluster_automated_snapshot",
    title: "Redshift cluster has automated snapshots",
    description: "Automated snapshots must be kept for at least a day, which is the default.",
    risk: "What a failure or a mistake destroys is lost.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["automated_snapshot_retention_period"],
    categories: &["resilience", "backup"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a retention of 7 days or more.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html",
        command: "aws redshift modify-cluster --cluster-identifier ID --automated-snapshot-retention-period 7",
        terraform: "automated_snapshot_retention_period = 7",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|cluster| {
        let days = cluster.int("automated_snapshot_retention_period")?.unwrap_or(1);
        pass_if(days > 0, format!("automated_snapshot_retention_period is {days}"))
    }),
};

/// Days that automated snapshots must be kept; the figure is Security Hub's.
const WEEK: i64 = 7;

pub const SNAPSHOTS_KEPT: Check = Check {
    id: "redshift_cluster_snapshot_retention_7_days",
    title: "Redshift cluster keeps automated snapshots for a week",
    description: "Automated snapshots must be kept for at least 7 days. The default is one.",
    risk: "A mistake that is noticed after a day or two cannot be undone.",
    severity: Severity::Medium,
    rule: Rule::Resource(|cluster| {
        let days = cluster.int("automated_snapshot_retention_period")?.unwrap_or(1);
        pass_if(days >= WEEK, format!("automated_snapshot_retention_period is {days}"))
    }),
    ..SNAPSHOTS
};

pub const UPGRADES: Check = Check {
    id: "redshift_cluster_automatic_upgrades",
    title: "Redshift cluster takes new versions by itself",
    description: "Automatic upgrades of the version, which are on by default, must not be switched off.",
    risk: "Flaws that are long fixed stay open.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["allow_version_upgrade"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch upgrades on and choose a maintenance window.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-considerations.html",
        command: "aws redshift modify-cluster --cluster-identifier ID --allow-version-upgrade",
        terraform: "allow_version_upgrade = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|cluster| {
        let upgrades = cluster.bool("allow_version_upgrade")?.unwrap_or(true);
        pass_if(upgrades, "allow_version_upgrade is false")
    }),
};

pub const MULTI_AZ: Check = Check {
    id: "redshift_cluster_multi_az_enabled",
    title: "Redshift cluster is in two zones",
    description: "Multi-AZ should be on.",
    risk: "When its zone fails, the warehouse is gone until it is restored elsewhere.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["multi_az"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Convert the cluster, which must have RA3 nodes, to Multi-AZ.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-multi-az.html",
        command: "aws redshift modify-cluster --cluster-identifier ID --multi-az",
        terraform: "multi_az = true",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| {
        // The API answers with a word, Terraform with a boolean.
        let on = match cluster.text("multi_az") {
            Ok(Some(word)) if word.eq_ignore_ascii_case("enabled") => true,
            Ok(Some(word)) if word.eq_ignore_ascii_case("disabled") => false,
            _ => cluster.flag("multi_az")?,
        };
        pass_if(on, "multi_az is not on")
    }),
};
