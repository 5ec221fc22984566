//! Auto Scaling.

use plumbline::testing::json;

use super::{groups, launch};
use crate::cases::{fails, passes, skips, unread};

const GROUP: &str = "aws_autoscaling_group";
const CONFIGURATION: &str = "aws_launch_configuration";

#[test]
fn groups_are_spread() {
    passes(&groups::MULTI_AZ, GROUP, json!({"availability_zones": ["a", "b"]}));
    fails(&groups::MULTI_AZ, GROUP, json!({"availability_zones": ["a"], "vpc_zone_identifier": ["x", "y"]}), "1 zone");
    fails(&groups::MULTI_AZ, GROUP, json!({"vpc_zone_identifier": ["subnet-1"]}), "1 zone");
    unread(&groups::MULTI_AZ, GROUP, json!({"vpc_zone_identifier": "subnet-1,subnet-2"}), "2 subnets");
    let mixed = |types: &[&str]| {
        let choices: Vec<_> = types.iter().map(|kind| json!({"instance_type": kind})).collect();
        let policy = json!({"launch_template": [{"override": choices}]});
        json!({"availability_zones": ["a", "b"], "mixed_instances_policy": [policy]})
    };
    passes(&groups::INSTANCE_TYPES, GROUP, mixed(&["m7g.large", "m6g.large"]));
    fails(&groups::INSTANCE_TYPES, GROUP, mixed(&["m7g.large"]), "1 instance type");
}

#[test]
fn groups_are_healthy_and_current() {
    let balanced = |kind: &str| json!({"target_group_arns": ["arn"], "health_check_type": kind});
    passes(&groups::HEALTH_CHECK, GROUP, balanced("ELB"));
    fails(&groups::HEALTH_CHECK, GROUP, balanced("EC2"), "EC2");
    skips(&groups::HEALTH_CHECK, GROUP, json!({"health_check_type": "EC2"}));
    passes(&groups::LAUNCH_TEMPLATE, GROUP, json!({"launch_template": [{"id": "lt-1"}]}));
    fails(&groups::LAUNCH_TEMPLATE, GROUP, json!({"launch_configuration": "old"}), "no launch template");
    passes(&groups::REBALANCE, GROUP, json!({"capacity_rebalance": true}));
    fails(&groups::REBALANCE, GROUP, json!({}), "capacity_rebalance");
}

#[test]
fn launch_configurations_are_closed() {
    passes(&launch::PUBLIC_IP, CONFIGURATION, json!({"associate_public_ip_address": false}));
    fails(&launch::PUBLIC_IP, CONFIGURATION, json!({"associate_public_ip_address": true}), "true");
    unread(&launch::PUBLIC_IP, CONFIGURATION, json!({}), "subnets decide");
    passes(&launch::IMDSV2, CONFIGURATION, json!({"metadata_options": [{"http_tokens": "required"}]}));
    fails(&launch::IMDSV2, CONFIGURATION, json!({}), "not set");
    passes(&launch::SECRETS, CONFIGURATION, json!({"user_data": "#!/bin/sh\n"}));
    fails(&launch::SECRETS, CONFIGURATION, json!({"user_data": "API_TOKEN=0123456789"}), "user_data");
}
