//! Whether the engine of a cluster writes an audit log: parameters of its parameter group.

use plumbline::prelude::*;

use super::REFERENCES;
use super::engines::engine;
use super::transport::is_on;
use crate::parameters::ParameterGroups;

pub const CHECKS: &[&Check] = &[&AURORA_MYSQL];

const GROUP: &str = "aws_rds_cluster_parameter_group";

pub const AURORA_MYSQL: Check = Check {
    id: "rds_cluster_aurora_mysql_audit_logging_enabled",
    title: "Aurora MySQL cluster writes an audit log",
    description: "The parameter group of an Aurora MySQL cluster must set `server_audit_logging` to 1 and \
        `server_audit_events` to some events. AWS's default groups set neither.",
    risk: "Who logged in, and who read or changed what, cannot be told afterwards.",
    severity: Severity::Medium,
    kinds: &["aws_rds_cluster", GROUP],
    reads: &["engine", "db_cluster_parameter_group_name", "name", "parameter"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set both in a parameter group of your own, attach it, and export the log to CloudWatch Logs.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html",
        command: "aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP --parameters \
            ParameterName=server_audit_logging,ParameterValue=1,ApplyMethod=immediate \
            ParameterName=server_audit_events,ParameterValue=CONNECT,ApplyMethod=immediate",
        terraform: r#"parameter {
  name  = "server_audit_logging"
  value = "1"
}
parameter {
  name  = "server_audit_events"
  value = "CONNECT,QUERY_DCL,QUERY_DDL"
}"#,
        effort_minutes: 45,
    },
    rule: Rule::each(&["aws_rds_cluster"], |account, _| {
        let groups = ParameterGroups::of(account, &[GROUP]);
        Ok(Box::new(move |cluster| audited(&groups, cluster)))
    }),
};

fn audited(groups: &ParameterGroups<'_>, cluster: &Resource<'_>) -> Outcome {
    let engine = engine(cluster)?;
    if !matches!(engine, "aurora" | "aurora-mysql") {
        return not_applicable(format!("the engine is {engine}"));
    }
    let unset = || Unread { path: "db_cluster_parameter_group_name".into(), reason: "it is not set".into() };
    let group = cluster.text("db_cluster_parameter_group_name")?.ok_or_else(unset)?;
    let parameter = |name: &str| groups.setting(GROUP, cluster.region, group, name);
    if !parameter("server_audit_logging")?.is_some_and(is_on) {
        return fail(format!("server_audit_logging is not 1 in {group}"));
    }
    let events = parameter("server_audit_events")?.unwrap_or_default();
    pass_if(!events.is_empty(), format!("server_audit_events is empty in {group}"))
}
