//! Which logs an engine has, and whether all that matter are exported.

use plumbline::prelude::*;

use super::engines::engine;
use super::{clusters, operation};

pub const CHECKS: &[&Check] = &[&ALL_LOGS, &POSTGRESQL, &SQL_SERVER, &MARIADB, &AURORA_MYSQL_AUDIT, &AURORA_POSTGRESQL];

/// What Security Hub wants of each engine; an instance of Aurora exports nothing itself.
fn logs_of(engine: &str) -> Option<&'static [&'static str]> {
    match engine {
        "postgres" => Some(&["postgresql", "upgrade"]),
        "mysql" | "mariadb" => Some(&["audit", "error", "general", "slowquery"]),
        _ if engine.starts_with("oracle") => Some(&["alert", "audit", "listener", "trace"]),
        _ if engine.starts_with("sqlserver") => Some(&["agent", "error"]),
        _ => None,
    }
}

fn exports(database: &Resource<'_>, wanted: &[&str]) -> Outcome {
    let exported = database.texts("enabled_cloudwatch_logs_exports")?;
    let missing: Vec<&str> = wanted.iter().copied().filter(|kind| !exported.contains(kind)).collect();
    pass_if(missing.is_empty(), format!("not exported: {}", missing.join(", ")))
}

/// The same for databases of one engine, or of one family of engines, alone.
fn exports_if(database: &Resource<'_>, is_it: fn(&str) -> bool, wanted: &[&str]) -> Outcome {
    let engine = engine(database)?;
    if is_it(engine) { exports(database, wanted) } else { not_applicable(format!("the engine is {engine}")) }
}

pub const ALL_LOGS: Check = Check {
    id: "rds_instance_all_logs_exported",
    title: "RDS instance sends every log of its engine to CloudWatch Logs",
    description: "An instance must export all of these: of PostgreSQL postgresql and upgrade; of MySQL and MariaDB \
        audit, error, general and slowquery; of Oracle alert, audit, listener and trace; of SQL Server agent and \
        error.",
    rule: Rule::Resource(|instance| {
        let engine = engine(instance)?;
        match logs_of(engine) {
            Some(wanted) => exports(instance, wanted),
            None => not_applicable(format!("for {engine} no logs are asked for")),
        }
    }),
    ..operation::LOG_EXPORT
};

pub const POSTGRESQL: Check = Check {
    id: "rds_instance_postgresql_logs_exported",
    title: "PostgreSQL instance sends its log to CloudWatch Logs",
    description: "An instance of RDS for PostgreSQL must export the log `postgresql`.",
    rule: Rule::Resource(|instance| exports_if(instance, |engine| engine == "postgres", &["postgresql"])),
    ..operation::LOG_EXPORT
};

pub const SQL_SERVER: Check = Check {
    id: "rds_instance_sqlserver_logs_exported",
    title: "SQL Server instance sends its logs to CloudWatch Logs",
    description: "An instance of RDS for SQL Server must export the logs `agent` and `error`.",
    remediation: Remediation {
        command: "aws rds modify-db-instance --db-instance-identifier ID --cloudwatch-logs-export-configuration \
            EnableLogTypes=agent,error",
        terraform: "enabled_cloudwatch_logs_exports = [\"agent\", \"error\"]",
        ..operation::LOG_EXPORT.remediation
    },
    rule: Rule::Resource(|instance| {
        exports_if(instance, |engine| engine.starts_with("sqlserver"), &["agent", "error"])
    }),
    ..operation::LOG_EXPORT
};

pub const MARIADB: Check = Check {
    id: "rds_instance_mariadb_logs_exported",
    title: "MariaDB instance sends its logs to CloudWatch Logs",
    description: "An instance of RDS for MariaDB must export the logs `audit` and `error`.",
    remediation: Remediation {
        text: "Export both; audit logs need the plug-in MARIADB_AUDIT_PLUGIN in the instance's option group.",
        command: "aws rds modify-db-instance --db-instance-identifier ID --cloudwatch-logs-export-configuration \
            EnableLogTypes=audit,error",
        terraform: "enabled_cloudwatch_logs_exports = [\"audit\", \"error\"]",
        ..operation::LOG_EXPORT.remediation
    },
    rule: Rule::Resource(|instance| exports_if(instance, |engine| engine == "mariadb", &["audit", "error"])),
    ..operation::LOG_EXPORT
};

pub const AURORA_MYSQL_AUDIT: Check = Check {
    id: "rds_cluster_aurora_mysql_audit_logs_exported",
    title: "Aurora MySQL cluster sends its audit log to CloudWatch Logs",
    description: "A cluster of Aurora MySQL must export the log `audit`. Whether the engine writes one is the matter of \
        `server_audit_logging` in its parameter group.",
    risk: "Who logged in, and who read or changed what, cannot be told afterwards.",
    remediation: Remediation {
        text: "Set server_audit_logging to 1 in the cluster's parameter group, then export the log.",
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --cloudwatch-logs-export-configuration \
            EnableLogTypes=audit",
        terraform: "enabled_cloudwatch_logs_exports = [\"audit\"]",
        ..clusters::LOG_EXPORT.remediation
    },
    rule: Rule::Resource(|cluster| {
        exports_if(cluster, |engine| matches!(engine, "aurora" | "aurora-mysql"), &["audit"])
    }),
    ..clusters::LOG_EXPORT
};

pub const AURORA_POSTGRESQL: Check = Check {
    id: "rds_cluster_aurora_postgresql_logs_exported",
    title: "Aurora PostgreSQL cluster sends its log to CloudWatch Logs",
    description: "A cluster of Aurora PostgreSQL must export the log `postgresql`.",
    remediation: Remediation {
        command: "aws rds modify-db-cluster --db-cluster-identifier ID --cloudwatch-logs-export-configuration \
            EnableLogTypes=postgresql",
        terraform: "enabled_cloudwatch_logs_exports = [\"postgresql\"]",
        ..clusters::LOG_EXPORT.remediation
    },
    rule: Rule::Resource(|cluster| exports_if(cluster, |engine| engine == "aurora-postgresql", &["postgresql"])),
    ..clusters::LOG_EXPORT
};
