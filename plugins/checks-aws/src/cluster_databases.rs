//! Clusters of Neptune and DocumentDB, which share their shape and most of what can go wrong with them.

use plumbline::prelude::*;

/// Days that backups must be kept; the figure is Security Hub's.
const BACKUP_DAYS: i64 = 7;

/// What AWS keeps backups for unless told otherwise.
const DEFAULT_BACKUP_DAYS: i64 = 1;

/// Passes where the switch is on.
pub(crate) fn on(cluster: &Resource<'_>, attribute: &str) -> Outcome {
    pass_if(cluster.flag(attribute)?, format!("{attribute} is not true"))
}

pub(crate) fn backed_up(cluster: &Resource<'_>) -> Outcome {
    let days = cluster.int("backup_retention_period")?.unwrap_or(DEFAULT_BACKUP_DAYS);
    pass_if(days >= BACKUP_DAYS, format!("backup_retention_period is {days}"))
}

/// Passes where all of these kinds of log are exported; `attribute` is the service's own name for the list.
pub(crate) fn exports(cluster: &Resource<'_>, attribute: &str, wanted: &[&str]) -> Outcome {
    let exported = cluster.texts(attribute)?;
    let missing: Vec<&str> = wanted.iter().copied().filter(|kind| !exported.contains(kind)).collect();
    pass_if(missing.is_empty(), format!("not exported: {}", missing.join(", ")))
}

/// Fails where a snapshot is shared with everybody. A source that does not tell with whom leaves the verdict open;
/// automated snapshots cannot be shared.
pub(crate) fn not_shared_with_all(snapshot: &Resource<'_>) -> Outcome {
    let shared = snapshot.texts("shared_accounts")?;
    if shared.contains(&"all") {
        return fail("shared_accounts holds 'all'");
    }
    let automated = snapshot.text("snapshot_type")? == Some("automated");
    if !automated && snapshot.get("shared_accounts")?.value().is_none() {
        let reason = "the source does not say with whom the snapshot is shared".to_owned();
        return Err(Unread { path: "shared_accounts".into(), reason });
    }
    pass()
}

/// The five checks of a cluster that differ between the services in names alone.
macro_rules! cluster_checks {
    (
        $service:literal, $prefix:literal, $kind:literal, $cli:literal, $references:expr, $guide:literal,
        storage: $severity:ident, logs: $logs_id:literal, $logs:literal, $exported:literal [$($log:literal),+]
    ) => {
        pub const STORAGE: Check = Check {
            id: concat!($prefix, "_cluster_storage_encrypted"),
            title: concat!($service, " cluster encrypts its storage"),
            description: "The storage of a cluster, and with it its backups and snapshots, must be encrypted.",
            risk: "A snapshot that is shared by mistake gives away the whole database.",
            severity: Severity::$severity,
            kinds: &[$kind],
            reads: &["storage_encrypted"],
            categories: &["encryption"],
            references: $references,
            remediation: Remediation {
                text: "Encryption is chosen when a cluster is made: restore a snapshot into an encrypted one.",
                url: $guide,
                command: concat!(
                    "aws ", $cli, " restore-db-cluster-from-snapshot --db-cluster-identifier ID ",
                    "--snapshot-identifier SNAPSHOT --engine ", $cli, " --kms-key-id KEY"
                ),
                terraform: "storage_encrypted = true",
                effort_minutes: 180,
            },
            rule: Rule::Resource(|cluster| on(cluster, "storage_encrypted")),
        };

        pub const DELETION: Check = Check {
            id: concat!($prefix, "_cluster_deletion_protection"),
            title: concat!($service, " cluster is protected from deletion"),
            description: "A cluster must have deletion protection on.",
            risk: "A mistaken command, a wrong plan or an intruder removes the database in one step.",
            severity: Severity::Medium,
            kinds: &[$kind],
            reads: &["deletion_protection"],
            categories: &["resilience"],
            references: $references,
            remediation: Remediation {
                text: "Switch deletion protection on.",
                url: $guide,
                command: concat!("aws ", $cli, " modify-db-cluster --db-cluster-identifier ID --deletion-protection"),
                terraform: "deletion_protection = true",
                effort_minutes: 5,
            },
            rule: Rule::Resource(|cluster| on(cluster, "deletion_protection")),
        };

        pub const BACKUP: Check = Check {
            id: concat!($prefix, "_cluster_backup_enabled"),
            title: concat!($service, " cluster keeps backups for a week"),
            description: "Automated backups must be kept for at least 7 days. The default is one.",
            risk: "A mistake that is noticed after a day or two cannot be undone.",
            severity: Severity::Medium,
            kinds: &[$kind],
            reads: &["backup_retention_period"],
            categories: &["resilience", "backup"],
            references: $references,
            remediation: Remediation {
                text: "Set a retention of 7 days or more, and try a restore.",
                url: $guide,
                command: concat!(
                    "aws ", $cli, " modify-db-cluster --db-cluster-identifier ID --backup-retention-period 7"
                ),
                terraform: "backup_retention_period = 7",
                effort_minutes: 10,
            },
            rule: Rule::Resource(backed_up),
        };

        pub const LOGS: Check = Check {
            id: $logs_id,
            title: concat!($service, " cluster sends its logs to CloudWatch Logs"),
            description: concat!("A cluster must export ", $logs, " to CloudWatch Logs."),
            risk: "Who read or changed what cannot be told afterwards.",
            severity: Severity::Medium,
            kinds: &[$kind],
            reads: &[$exported],
            categories: &["logging", "forensics"],
            references: $references,
            remediation: Remediation {
                text: "Switch the logs on in the cluster's parameter group, then export them.",
                url: $guide,
                command: concat!(
                    "aws ", $cli, " modify-db-cluster --db-cluster-identifier ID ",
                    "--cloudwatch-logs-export-configuration EnableLogTypes=audit"
                ),
                terraform: concat!($exported, " = [\"audit\"]"),
                effort_minutes: 20,
            },
            rule: Rule::Resource(|cluster| exports(cluster, $exported, &[$($log),+])),
        };
    };
}

pub(crate) use cluster_checks;
