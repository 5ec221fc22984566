//! Instances: what keeps them running, patched and watched.

use plumbline::prelude::*;

use super::REFERENCES;
use super::engines::unless_aurora;

pub const CHECKS: &[&Check] =
    &[&MULTI_AZ, &BACKUP, &DELETION, &MINOR_VERSIONS, &ENHANCED_MONITORING, &LOG_EXPORT, &COPY_TAGS];

pub const MULTI_AZ: Check = Check {
    id: "rds_instance_multi_az",
    title: "RDS instance has a standby in another zone",
    description: "An instance should be a Multi-AZ deployment. Aurora spreads its instances in another way and is \
        not looked at.",
    risk: "When its zone fails the database is down until somebody restores it, and what was written last is lost.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance"],
    reads: &["multi_az", "engine"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch Multi-AZ on, in a quiet hour: the first copy of the storage costs some latency.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --multi-az --apply-immediately",
        terraform: "multi_az = true",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|instance| {
        unless_aurora(instance, |instance| pass_if(instance.flag("multi_az")?, "multi_az is not true"))
    }),
};

pub const BACKUP: Check = Check {
    id: "rds_instance_backup_enabled",
    title: "RDS instance has automated backups",
    description: "The backup retention of an instance must be more than 0 days.",
    risk: "After a mistake, a flaw or ransomware there is no point in time to go back to.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance"],
    reads: &["backup_retention_period", "engine"],
    categories: &["resilience", "backup"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a retention of at least 7 days, and try a restore.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --backup-retention-period 7 \
            --apply-immediately",
        terraform: "backup_retention_period = 7",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|instance| {
        unless_aurora(instance, |instance| {
            let days = instance.int("backup_retention_period")?.unwrap_or(0);
            pass_if(days > 0, format!("backup_retention_period is {days}"))
        })
    }),
};

pub const DELETION: Check = Check {
    id: "rds_instance_deletion_protection",
    title: "RDS instance is protected from deletion",
    description: "An instance must have deletion protection on.",
    risk: "A mistaken command, a wrong plan or an intruder removes the database in one step.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance"],
    reads: &["deletion_protection", "engine"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch deletion protection on.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --deletion-protection --apply-immediately",
        terraform: "deletion_protection = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|instance| {
        unless_aurora(instance, |instance| {
            pass_if(instance.flag("deletion_protection")?, "deletion_protection is not true")
        })
    }),
};

pub const MINOR_VERSIONS: Check = Check {
    id: "rds_instance_minor_version_upgrade_enabled",
    title: "RDS instance takes minor versions by itself",
    description: "An instance must install minor versions of its engine automatically, in the maintenance window.",
    risk: "Flaws that are long fixed stay open, because nobody has got round to the upgrade.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance", "aws_rds_cluster_instance"],
    reads: &["auto_minor_version_upgrade"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch automatic minor upgrades on and choose a maintenance window.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --auto-minor-version-upgrade \
            --apply-immediately",
        terraform: "auto_minor_version_upgrade = true",
        effort_minutes: 10,
    },
    // On unless it is switched off.
    rule: Rule::Resource(|instance| {
        let upgrades = instance.bool("auto_minor_version_upgrade")?.unwrap_or(true);
        pass_if(upgrades, "auto_minor_version_upgrade is false")
    }),
};

pub const ENHANCED_MONITORING: Check = Check {
    id: "rds_instance_enhanced_monitoring_enabled",
    title: "RDS instance has enhanced monitoring",
    description: "An instance should report the metrics of its operating system: its monitoring interval must not be \
        0.",
    risk: "What slows or stops the database cannot be seen from outside the host, and misuse of its resources \
        neither.",
    severity: Severity::Low,
    kinds: &["aws_db_instance", "aws_rds_cluster_instance"],
    reads: &["monitoring_interval"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set an interval of 60 seconds or less, with a role that may write to CloudWatch Logs.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --monitoring-interval 60 \
            --monitoring-role-arn ROLE",
        terraform: r"monitoring_interval = 60
monitoring_role_arn = aws_iam_role.rds_monitoring.arn",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|instance| {
        let seconds = instance.int("monitoring_interval")?.unwrap_or(0);
        pass_if(seconds > 0, format!("monitoring_interval is {seconds}"))
    }),
};

pub const LOG_EXPORT: Check = Check {
    id: "rds_instance_integration_cloudwatch_logs",
    title: "RDS instance sends its logs to CloudWatch Logs",
    description: "An instance must export at least one kind of log to CloudWatch Logs.",
    risk: "The engine's logs are gone after a few days, or with the instance, and with them the traces of an attack.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance"],
    reads: &["enabled_cloudwatch_logs_exports", "engine"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Export the audit and error logs that the engine offers, and set a retention on their log groups.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --cloudwatch-logs-export-configuration \
            EnableLogTypes=postgresql,upgrade",
        terraform: "enabled_cloudwatch_logs_exports = [\"postgresql\", \"upgrade\"]",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|instance| {
        unless_aurora(instance, |instance| {
            pass_if(instance.has("enabled_cloudwatch_logs_exports")?, "no log is exported")
        })
    }),
};

pub const COPY_TAGS: Check = Check {
    id: "rds_instance_copy_tags_to_snapshots",
    title: "RDS instance copies its tags to snapshots",
    description: "Snapshots of an instance should get its tags.",
    risk: "Snapshots without tags fall out of rules on access, cost and retention, and nobody knows whose data they \
        hold.",
    severity: Severity::Low,
    kinds: &["aws_db_instance"],
    reads: &["copy_tags_to_snapshot", "engine"],
    categories: &["inventory"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the copying of tags on.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --copy-tags-to-snapshot --apply-immediately",
        terraform: "copy_tags_to_snapshot = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|instance| {
        unless_aurora(instance, |instance| {
            pass_if(instance.flag("copy_tags_to_snapshot")?, "copy_tags_to_snapshot is not true")
        })
    }),
};
