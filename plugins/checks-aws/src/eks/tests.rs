//! EKS.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::network_policy::NETWORK_POLICY;
use super::{DELETION, LOGGING, PRIVATE_ENDPOINT, PUBLIC, PUBLIC_ENDPOINT, SECRETS, VERSION};
use crate::cases::{account, fails, passes, unread};

const CLUSTER: &str = "aws_eks_cluster";

#[test]
fn secrets_are_encrypted_with_an_own_key() {
    let config =
        |resources: &[&str]| json!({"encryption_config": [{"resources": resources, "provider": [{"key_arn": "k"}]}]});
    passes(&SECRETS, CLUSTER, config(&["secrets"]));
    fails(&SECRETS, CLUSTER, config(&[]), "no encryption_config");
    fails(&SECRETS, CLUSTER, json!({}), "no encryption_config");
}

#[test]
fn the_api_is_kept_off_the_internet() {
    let endpoint =
        |networks: &[&str]| json!({"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": networks}]});
    passes(&PUBLIC, CLUSTER, json!({"vpc_config": [{"endpoint_public_access": false}]}));
    passes(&PUBLIC, CLUSTER, endpoint(&["198.51.100.0/24"]));
    fails(&PUBLIC, CLUSTER, endpoint(&["0.0.0.0/0"]), "0.0.0.0/0");
    fails(&PUBLIC, CLUSTER, endpoint(&["0.0.0.0/1", "128.0.0.0/1"]), "128.0.0.0/1");
    fails(&PUBLIC, CLUSTER, json!({"vpc_config": [{}]}), "names no public_access_cidrs");
    unread(&PUBLIC, CLUSTER, endpoint(&["everywhere"]), "everywhere");
    passes(&PUBLIC_ENDPOINT, CLUSTER, json!({"vpc_config": [{"endpoint_public_access": false}]}));
    fails(&PUBLIC_ENDPOINT, CLUSTER, endpoint(&["198.51.100.0/24"]), "not false");
    fails(&PUBLIC_ENDPOINT, CLUSTER, json!({"vpc_config": [{}]}), "not false");
    passes(&PRIVATE_ENDPOINT, CLUSTER, json!({"vpc_config": [{"endpoint_private_access": true}]}));
    fails(&PRIVATE_ENDPOINT, CLUSTER, json!({"vpc_config": [{}]}), "endpoint_private_access");
}

#[test]
fn the_control_plane_is_logged_and_kept() {
    let logs =
        json!({"enabled_cluster_log_types": ["api", "audit", "authenticator", "controllerManager", "scheduler"]});
    passes(&LOGGING, CLUSTER, logs);
    fails(
        &LOGGING,
        CLUSTER,
        json!({"enabled_cluster_log_types": ["api", "audit"]}),
        "authenticator, controllerManager",
    );
    passes(&DELETION, CLUSTER, json!({"deletion_protection": true}));
    fails(&DELETION, CLUSTER, json!({}), "deletion_protection");
}

#[test]
fn versions_leave_standard_support() {
    passes(&VERSION, CLUSTER, json!({"version": "1.33"}));
    fails(&VERSION, CLUSTER, json!({"version": "1.31"}), "2025-11-26");
    fails(&VERSION, CLUSTER, json!({"version": "1.21"}), "long out");
    unread(&VERSION, CLUSTER, json!({"version": "1.99"}), "1.99");
    unread(&VERSION, CLUSTER, json!({"version": "two"}), "two");
    let owned = resource(CLUSTER, json!({"version": "1.33"})).build();
    let at = |time: &str| VERSION.on(&owned.view(), &Context { account: String::new(), scan_time: time.to_owned() });
    assert_eq!(at("2026-07-29T23:00:00Z"), pass());
    assert!(matches!(at("2026-07-30T00:00:00Z"), Ok(Verdict::Fail(message)) if message.contains("2026-07-29")));
    assert!(at("now").is_err());
}

fn policy(values: Option<Json>, gaps: &[(&str, &str)]) -> Outcome {
    let mut resources = vec![(CLUSTER, "main", json!({"name": "main"}))];
    let addon = |values| json!({"cluster_name": "main", "addon_name": "vpc-cni", "configuration_values": values});
    resources.extend(values.map(|values| ("aws_eks_addon", "cni", addon(values))));
    account(&NETWORK_POLICY, &resources, gaps).remove(0).1
}

#[test]
fn network_policies_are_seen_in_the_add_on_alone() {
    assert_eq!(policy(Some(json!("{\"enableNetworkPolicy\": \"true\"}")), &[]), pass());
    for values in [Some(json!("{\"enableNetworkPolicy\": \"false\"}")), Some(json!(null)), None] {
        assert!(matches!(policy(values, &[]), Ok(Verdict::Manual(_))));
    }
    assert!(policy(None, &[("aws_eks_addon", "denied")]).is_err());
    assert!(policy(Some(json!("{")), &[]).is_err());
}
