//! Whether a server refuses connections without TLS: a parameter of its parameter group.

use plumbline::prelude::*;

use super::REFERENCES;
use super::engines::engine;
use crate::parameters::ParameterGroups;

pub const CHECKS: &[&Check] = &[&TLS];

pub const TLS: Check = Check {
    id: "rds_instance_transport_encrypted",
    title: "RDS instance or cluster refuses unencrypted connections",
    description: "The parameter group must force TLS: `rds.force_ssl` for PostgreSQL and SQL Server, \
        `require_secure_transport` for MySQL and MariaDB. The group's own settings are looked at; for AWS's default \
        groups the engine's default counts.",
    risk: "A client that does not ask for TLS sends passwords and data in the clear, and nobody notices.",
    severity: Severity::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_db_parameter_group", "aws_rds_cluster_parameter_group"],
    reads: &["engine", "engine_version", "parameter_group_name", "db_cluster_parameter_group_name", "parameter"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the parameter in a parameter group of your own, attach it and reboot where the parameter is \
            static.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
        command: "aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters \
            ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=pending-reboot",
        terraform: r#"parameter {
  name         = "rds.force_ssl"
  value        = "1"
  apply_method = "pending-reboot"
}"#,
        effort_minutes: 60,
    },
    rule: Rule::each(&["aws_db_instance", "aws_rds_cluster"], |account, _| {
        let groups = ParameterGroups::of(account, &["aws_db_parameter_group", "aws_rds_cluster_parameter_group"]);
        Ok(Box::new(move |database| forced(&groups, database)))
    }),
};

fn forced(groups: &ParameterGroups<'_>, database: &Resource<'_>) -> Outcome {
    let engine = engine(database)?;
    let parameter = match engine {
        "postgres" | "aurora-postgresql" => "rds.force_ssl",
        "mysql" | "mariadb" | "aurora" | "aurora-mysql" => "require_secure_transport",
        _ if engine.starts_with("sqlserver") => "rds.force_ssl",
        _ => return not_applicable(format!("{engine} has no parameter for it")),
    };
    let (group_attribute, group_kind) = if database.kind == "aws_rds_cluster" {
        ("db_cluster_parameter_group_name", "aws_rds_cluster_parameter_group")
    } else if engine.starts_with("aurora") {
        return not_applicable("an Aurora instance takes this from its cluster");
    } else {
        ("parameter_group_name", "aws_db_parameter_group")
    };
    let Some(group) = database.text(group_attribute)? else {
        return Err(Unread { path: group_attribute.into(), reason: "it is not set".into() });
    };
    match groups.setting(group_kind, database.region, group, parameter)? {
        Some(value) if is_on(value) => pass(),
        Some(value) => fail(format!("{parameter} is {value} in {group}")),
        None => by_default(database, engine, group, parameter),
    }
}

pub(super) fn is_on(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "1" | "on" | "true")
}

/// PostgreSQL forces TLS from version 15 on; the other engines do not, save those whose default is not known here.
fn by_default(database: &Resource<'_>, engine: &str, group: &str, parameter: &str) -> Outcome {
    if engine == "postgres" || engine == "mariadb" {
        let version =
            database.text("engine_version")?.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        let Some(version) = version else {
            return Err(Unread { path: "engine_version".into(), reason: "it is not set or no number".into() });
        };
        if engine == "postgres" && version >= 15 {
            return pass();
        }
        if engine == "mariadb" && version > 10 {
            let reason = format!("{group} does not set {parameter}, and its default in MariaDB {version} varies");
            return Err(Unread { path: "parameter".into(), reason });
        }
    }
    if engine == "aurora-postgresql" {
        let reason = format!("{group} does not set {parameter}, and its default varies with the version");
        return Err(Unread { path: "parameter".into(), reason });
    }
    fail(format!("{group} does not set {parameter}, which is off by default"))
}
