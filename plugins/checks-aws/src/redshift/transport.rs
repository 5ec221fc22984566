//! Whether a cluster refuses connections without TLS: a parameter of its parameter group.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::parameters::ParameterGroups;

const GROUP: &str = "aws_redshift_parameter_group";

pub const CHECKS: &[&Check] = &[&TLS];

pub const TLS: Check = Check {
    id: "redshift_cluster_in_transit_encryption_enabled",
    title: "Redshift cluster refuses unencrypted connections",
    description: "The parameter `require_ssl` must be true in the cluster's parameter group. In the group \
        default.redshift-1.0 it is false and cannot be changed; in default.redshift-2.0 it is true.",
    risk: "A client that does not ask for TLS sends passwords and data in the clear, and nobody notices.",
    severity: Severity::High,
    kinds: &["aws_redshift_cluster", GROUP],
    reads: &["cluster_parameter_group_name", "name", "parameter"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the parameter in a group of your own, attach it and reboot.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-ssl-support.html",
        command: "aws redshift modify-cluster-parameter-group --parameter-group-name GROUP --parameters \
            ParameterName=require_ssl,ParameterValue=true",
        terraform: r#"resource "aws_redshift_parameter_group" "tls" {
  name   = "tls"
  family = "redshift-2.0"
  parameter {
    name  = "require_ssl"
    value = "true"
  }
}"#,
        effort_minutes: 45,
    },
    rule: Rule::each(&["aws_redshift_cluster"], |account, _| {
        let groups = ParameterGroups::of(account, &[GROUP]);
        Ok(Box::new(move |cluster| required(&groups, cluster)))
    }),
};

fn required(groups: &ParameterGroups<'_>, cluster: &Resource<'_>) -> Outcome {
    let unread = |path: &str, reason: String| Unread { path: path.to_owned(), reason };
    let group = cluster.text("cluster_parameter_group_name")?;
    let group = group.ok_or_else(|| unread("cluster_parameter_group_name", "it is not set".into()))?;
    let by_default = match group {
        "default.redshift-1.0" => Some("false"),
        "default.redshift-2.0" => Some("true"),
        _ => None,
    };
    match groups.setting(GROUP, cluster.region, group, "require_ssl")?.or(by_default) {
        Some(value) => pass_if(value.eq_ignore_ascii_case("true"), format!("require_ssl is {value} in {group}")),
        None => Err(unread("parameter", format!("{group} does not set require_ssl, so its family decides"))),
    }
}
