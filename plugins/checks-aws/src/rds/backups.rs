//! For how long backups are kept.

use plumbline::prelude::*;

use super::engines::{engine, is_elsewhere, unless_aurora};
use super::{clusters, operation};

pub const CHECKS: &[&Check] = &[&INSTANCE, &CLUSTER];

/// Days that backups must be kept; the figure is Security Hub's.
const WEEK: i64 = 7;

/// What AWS keeps a cluster's backups for unless told otherwise.
const CLUSTER_DEFAULT: i64 = 1;

fn a_week(days: i64) -> Outcome {
    pass_if(days >= WEEK, format!("backup_retention_period is {days}"))
}

pub const INSTANCE: Check = Check {
    id: "rds_instance_backup_retention_7_days",
    title: "RDS instance keeps backups for a week",
    description: "Automated backups of an instance must be kept for at least 7 days. Aurora keeps them for its \
        clusters and is not looked at.",
    risk: "A mistake that is noticed after a day or two cannot be undone.",
    rule: Rule::Resource(|instance| {
        unless_aurora(instance, |instance| a_week(instance.int("backup_retention_period")?.unwrap_or(0)))
    }),
    ..operation::BACKUP
};

pub const CLUSTER: Check = Check {
    id: "rds_cluster_backup_retention_7_days",
    title: "RDS cluster keeps backups for a week",
    description: "Automated backups of a cluster must be kept for at least 7 days. The default is one.",
    risk: "A mistake that is noticed after a day or two cannot be undone.",
    reads: &["backup_retention_period", "engine"],
    categories: &["resilience", "backup"],
    remediation: Remediation {
        text: "Set a retention of 7 days or more, and try a restore.",
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --backup-retention-period 7 \
            --apply-immediately",
        terraform: "backup_retention_period = 7",
        effort_minutes: 15,
        ..clusters::DELETION.remediation
    },
    rule: Rule::Resource(|cluster| {
        let engine = engine(cluster)?;
        if is_elsewhere(engine) {
            return not_applicable(format!("a cluster of {engine}"));
        }
        a_week(cluster.int("backup_retention_period")?.unwrap_or(CLUSTER_DEFAULT))
    }),
    ..clusters::DELETION
};
