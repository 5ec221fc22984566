//! Redshift.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::json;

use super::transport::TLS;
use super::{operation, protection};
use crate::cases::{account, fails, passes, unread};

const CLUSTER: &str = "aws_redshift_cluster";

#[test]
fn clusters_are_logged_kept_and_patched() {
    passes(&operation::AUDIT_LOGGING, CLUSTER, json!({"logging": [{"enable": true, "bucket_name": "logs"}]}));
    passes(&operation::AUDIT_LOGGING, CLUSTER, json!({"logging": [{"log_destination_type": "cloudwatch"}]}));
    fails(&operation::AUDIT_LOGGING, CLUSTER, json!({"logging": [{"enable": false, "bucket_name": "logs"}]}), "off");
    fails(&operation::AUDIT_LOGGING, CLUSTER, json!({}), "off");
    passes(&operation::SNAPSHOTS, CLUSTER, json!({}));
    fails(&operation::SNAPSHOTS, CLUSTER, json!({"automated_snapshot_retention_period": 0}), "is 0");
    passes(&operation::SNAPSHOTS_KEPT, CLUSTER, json!({"automated_snapshot_retention_period": 7}));
    fails(&operation::SNAPSHOTS_KEPT, CLUSTER, json!({}), "is 1");
    passes(&operation::UPGRADES, CLUSTER, json!({}));
    fails(&operation::UPGRADES, CLUSTER, json!({"allow_version_upgrade": false}), "false");
    passes(&operation::MULTI_AZ, CLUSTER, json!({"multi_az": true}));
    passes(&operation::MULTI_AZ, CLUSTER, json!({"multi_az": "Enabled"}));
    fails(&operation::MULTI_AZ, CLUSTER, json!({"multi_az": "Disabled"}), "multi_az");
}

#[test]
fn clusters_keep_strangers_out() {
    passes(&protection::PUBLIC, CLUSTER, json!({"publicly_accessible": false}));
    fails(&protection::PUBLIC, CLUSTER, json!({"publicly_accessible": true}), "true");
    unread(&protection::PUBLIC, CLUSTER, json!({}), "depends on");
    passes(&protection::AT_REST, CLUSTER, json!({"encrypted": "true"}));
    fails(&protection::AT_REST, CLUSTER, json!({"encrypted": false}), "false");
    unread(&protection::AT_REST, CLUSTER, json!({}), "depends on");
    passes(&protection::VPC_ROUTING, CLUSTER, json!({"enhanced_vpc_routing": true}));
    fails(&protection::VPC_ROUTING, CLUSTER, json!({}), "enhanced_vpc_routing");
    passes(&protection::ADMIN, CLUSTER, json!({"master_username": "owner"}));
    fails(&protection::ADMIN, CLUSTER, json!({"master_username": "awsuser"}), "awsuser");
    unread(&protection::ADMIN, CLUSTER, json!({}), "not set");
    passes(&protection::DATABASE, CLUSTER, json!({"database_name": "warehouse"}));
    fails(&protection::DATABASE, CLUSTER, json!({"database_name": "dev"}), "dev");
}

fn required(group: &str, parameters: Option<Json>, gaps: &[(&str, &str)]) -> Outcome {
    let mut resources = vec![(CLUSTER, "main", json!({"cluster_parameter_group_name": group}))];
    let own = |parameters| ("aws_redshift_parameter_group", "own", json!({"name": "own", "parameter": parameters}));
    resources.extend(parameters.map(own));
    account(&TLS, &resources, gaps).remove(0).1
}

#[test]
fn connections_are_encrypted_by_force() {
    let set = |value: &str| Some(json!([{"name": "require_ssl", "value": value}]));
    assert_eq!(required("own", set("true"), &[]), pass());
    assert_eq!(required("default.redshift-2.0", None, &[]), pass());
    assert!(matches!(required("own", set("false"), &[]), Ok(Verdict::Fail(_))));
    assert!(matches!(required("default.redshift-1.0", None, &[]), Ok(Verdict::Fail(_))));
    assert!(required("own", Some(json!([])), &[]).is_err());
    assert!(required("own", None, &[]).is_err());
    assert!(required("own", None, &[("aws_redshift_parameter_group", "denied")]).is_err());
}
