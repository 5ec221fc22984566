//! ElastiCache: replication groups, and clusters that stand alone.

use serde_json::json;

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, flag, number, text, texts, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("elasticache", Protocol::Query("2015-02-02"));

pub const SERVICE: Service = Service {
    name: "elasticache",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .call("DescribeReplicationGroups")
                .items("ReplicationGroups.ReplicationGroup")
                .paged("Marker", "Marker")],
            // The members know the version and the subnet group, all the same ones.
            details: &[&[API
                .call("DescribeCacheClusters")
                .given(&[("CacheClusterId", Given::Of("MemberClusters.ClusterId"))])
                .items("CacheClusters.CacheCluster")
                .when(|group| value::at(group, "MemberClusters.ClusterId").is_some())]],
            kinds: &[Kind::new("aws_elasticache_replication_group", "{ARN}", "ReplicationGroupId", GROUP)
                .tagged("elasticache:replicationgroup")],
        },
        Listing {
            steps: &[API.call("DescribeCacheClusters").items("CacheClusters.CacheCluster").paged("Marker", "Marker")],
            details: &[],
            kinds: &[Kind::new("aws_elasticache_cluster", "{ARN}", "CacheClusterId", CLUSTER)
                .tagged("elasticache:cluster")
                .keep(|cluster| value::at(cluster, "ReplicationGroupId").is_none())],
        },
    ],
};

const GROUP: &[Field] = &[
    text("replication_group_id", "ReplicationGroupId"),
    text("description", "Description"),
    text("node_type", "CacheNodeType"),
    text("subnet_group_name", "DescribeCacheClusters.CacheSubnetGroupName"),
    text("engine", "DescribeCacheClusters.Engine"),
    text("engine_version", "DescribeCacheClusters.EngineVersion"),
    flag("at_rest_encryption_enabled", "AtRestEncryptionEnabled"),
    flag("transit_encryption_enabled", "TransitEncryptionEnabled"),
    text("transit_encryption_mode", "TransitEncryptionMode"),
    flag("auth_token_enabled", "AuthTokenEnabled"),
    flag("auto_minor_version_upgrade", "AutoMinorVersionUpgrade"),
    with("automatic_failover_enabled", "AutomaticFailover", |state| json!(state == "enabled" || state == "enabling")),
    with("multi_az_enabled", "MultiAZ", |state| json!(state == "enabled")),
    text("kms_key_id", "KmsKeyId"),
    number("snapshot_retention_limit", "SnapshotRetentionLimit"),
];

const CLUSTER: &[Field] = &[
    text("cluster_id", "CacheClusterId"),
    text("engine", "Engine"),
    text("engine_version", "EngineVersion"),
    text("node_type", "CacheNodeType"),
    text("subnet_group_name", "CacheSubnetGroupName"),
    number("num_cache_nodes", "NumCacheNodes"),
    flag("auto_minor_version_upgrade", "AutoMinorVersionUpgrade"),
    flag("transit_encryption_enabled", "TransitEncryptionEnabled"),
    number("snapshot_retention_limit", "SnapshotRetentionLimit"),
    texts("security_group_ids", "SecurityGroups.member.SecurityGroupId"),
];
