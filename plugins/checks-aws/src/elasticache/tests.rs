//! ElastiCache.

use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use super::{AT_REST, AUTH, BACKUP, FAILOVER, IN_TRANSIT, MINOR_VERSIONS, MULTI_AZ, SUBNETS};
use crate::cases::{fails, passes, skips, unread};

const GROUP: &str = "aws_elasticache_replication_group";
const CLUSTER: &str = "aws_elasticache_cluster";

#[test]
fn groups_are_encrypted() {
    for (check, attribute) in [(&AT_REST, "at_rest_encryption_enabled"), (&IN_TRANSIT, "transit_encryption_enabled")] {
        passes(check, GROUP, json!({attribute: true}));
        fails(check, GROUP, json!({attribute: false}), attribute);
        fails(check, GROUP, json!({"engine": "redis"}), "not set");
        unread(check, GROUP, json!({"engine": "valkey"}), "Valkey");
    }
}

#[test]
fn groups_survive_failures() {
    passes(&BACKUP, GROUP, json!({"snapshot_retention_limit": 7}));
    fails(&BACKUP, CLUSTER, json!({"engine": "redis", "snapshot_retention_limit": 1}), "is 1");
    skips(&BACKUP, CLUSTER, json!({"engine": "memcached"}));
    skips(&BACKUP, CLUSTER, json!({"replication_group_id": "main"}));
    passes(&FAILOVER, GROUP, json!({"automatic_failover_enabled": true}));
    fails(&FAILOVER, GROUP, json!({}), "automatic_failover_enabled");
    passes(&MULTI_AZ, GROUP, json!({"multi_az_enabled": true}));
    fails(&MULTI_AZ, GROUP, json!({}), "multi_az_enabled");
    passes(&MINOR_VERSIONS, GROUP, json!({}));
    fails(&MINOR_VERSIONS, GROUP, json!({"auto_minor_version_upgrade": "false"}), "false");
}

#[test]
fn old_groups_ask_for_a_password() {
    passes(&AUTH, GROUP, json!({"engine_version": "5.0.6", "auth_token_enabled": true}));
    passes(&AUTH, GROUP, json!({"engine_version": "5.0.6", "auth_token": "x"}));
    fails(&AUTH, GROUP, json!({"engine_version": "5.0.6"}), "auth_token");
    let hidden = resource(GROUP, json!({"engine_version": "5.0.6"})).gap("auth_token", "secret");
    assert!(hidden.verdict(&AUTH).is_err());
    let recent = resource(GROUP, json!({"engine_version": "7.1"})).verdict(&AUTH);
    assert!(matches!(recent, Ok(Verdict::Manual(_))));
    unread(&AUTH, GROUP, json!({"engine_version": "new"}), "new");
}

#[test]
fn clusters_have_subnets_of_their_own() {
    passes(&SUBNETS, GROUP, json!({"subnet_group_name": "private"}));
    fails(&SUBNETS, CLUSTER, json!({"engine": "memcached", "subnet_group_name": "default"}), "is default");
    unread(&SUBNETS, CLUSTER, json!({}), "does not name it");
    skips(&SUBNETS, CLUSTER, json!({"replication_group_id": "main", "subnet_group_name": "default"}));
}
