//! RDS, and with the same API DocumentDB and Neptune: which of them a database is, its engine says.

use serde_json::Value as Json;

use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::field::{Field, flag, number, of, text, texts};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("rds", Protocol::Query("2014-10-31"));

const fn list(operation: &'static str, items: &'static str) -> Call {
    API.call(operation).items(items).paged("Marker", "Marker")
}

pub const SERVICE: Service = Service {
    name: "rds",
    global: false,
    listings: &[
        Listing {
            steps: &[list("DescribeDBInstances", "DBInstances.DBInstance")],
            details: &[],
            kinds: &[
                Kind::new("aws_db_instance", INSTANCE_ARN, "DBInstanceIdentifier", INSTANCE)
                    .tags(TAGS)
                    .keep(|database| family(database) == Family::Rds && !is_member(database)),
                Kind::new("aws_rds_cluster_instance", INSTANCE_ARN, "DBInstanceIdentifier", INSTANCE)
                    .tags(TAGS)
                    .keep(|database| family(database) == Family::Rds && is_member(database)),
                Kind::new("aws_docdb_cluster_instance", INSTANCE_ARN, "DBInstanceIdentifier", INSTANCE)
                    .tags(TAGS)
                    .keep(|database| family(database) == Family::DocumentDb),
                Kind::new("aws_neptune_cluster_instance", INSTANCE_ARN, "DBInstanceIdentifier", INSTANCE)
                    .tags(TAGS)
                    .keep(|database| family(database) == Family::Neptune),
            ],
        },
        Listing {
            steps: &[list("DescribeDBClusters", "DBClusters.DBCluster")],
            details: &[],
            kinds: &[
                Kind::new("aws_rds_cluster", CLUSTER_ARN, "DBClusterIdentifier", CLUSTER)
                    .tags(TAGS)
                    .keep(|cluster| family(cluster) == Family::Rds),
                Kind::new("aws_docdb_cluster", CLUSTER_ARN, "DBClusterIdentifier", CLUSTER)
                    .tags(TAGS)
                    .keep(|cluster| family(cluster) == Family::DocumentDb),
                Kind::new("aws_neptune_cluster", CLUSTER_ARN, "DBClusterIdentifier", NEPTUNE)
                    .tags(TAGS)
                    .keep(|cluster| family(cluster) == Family::Neptune),
            ],
        },
        Listing {
            steps: &[list("DescribeDBSnapshots", "DBSnapshots.DBSnapshot")],
            details: &[&[API
                .call("DescribeDBSnapshotAttributes")
                .given(&[("DBSnapshotIdentifier", Given::Of("DBSnapshotIdentifier"))])
                .when(can_be_shared)]],
            kinds: &[Kind::new("aws_db_snapshot", "{DBSnapshotArn}", "DBSnapshotIdentifier", SNAPSHOT).tags(TAGS)],
        },
        Listing {
            steps: &[list("DescribeDBClusterSnapshots", "DBClusterSnapshots.DBClusterSnapshot")],
            details: &[&[API
                .call("DescribeDBClusterSnapshotAttributes")
                .given(&[("DBClusterSnapshotIdentifier", Given::Of("DBClusterSnapshotIdentifier"))])
                .when(can_be_shared)]],
            kinds: &[
                Kind::new(
                    "aws_db_cluster_snapshot",
                    CLUSTER_SNAPSHOT_ARN,
                    "DBClusterSnapshotIdentifier",
                    CLUSTER_SNAPSHOT,
                )
                .tags(TAGS)
                .keep(|snapshot| family(snapshot) != Family::Neptune),
                Kind::new(
                    "aws_neptune_cluster_snapshot",
                    CLUSTER_SNAPSHOT_ARN,
                    "DBClusterSnapshotIdentifier",
                    CLUSTER_SNAPSHOT,
                )
                .tags(TAGS)
                .keep(|snapshot| family(snapshot) == Family::Neptune),
            ],
        },
        Listing {
            steps: &[list("DescribeDBParameterGroups", "DBParameterGroups.DBParameterGroup")],
            details: &[&[list("DescribeDBParameters", "Parameters.Parameter")
                .given(&[("DBParameterGroupName", Given::Of("DBParameterGroupName"))])]],
            kinds: &[Kind::new(
                "aws_db_parameter_group",
                "{DBParameterGroupArn}",
                "DBParameterGroupName",
                &[
                    text("name", "DBParameterGroupName"),
                    text("family", "DBParameterGroupFamily"),
                    text("description", "Description"),
                    of("parameter", &["DescribeDBParameters"], |group| parameters(group, "DescribeDBParameters")),
                ],
            )
            .tagged("rds:pg")],
        },
        Listing {
            steps: &[list("DescribeDBClusterParameterGroups", "DBClusterParameterGroups.DBClusterParameterGroup")],
            details: &[&[list("DescribeDBClusterParameters", "Parameters.Parameter")
                .given(&[("DBClusterParameterGroupName", Given::Of("DBClusterParameterGroupName"))])]],
            kinds: &[Kind::new(
                "aws_rds_cluster_parameter_group",
                "{DBClusterParameterGroupArn}",
                "DBClusterParameterGroupName",
                &[
                    text("name", "DBClusterParameterGroupName"),
                    text("family", "DBParameterGroupFamily"),
                    text("description", "Description"),
                    of("parameter", &["DescribeDBClusterParameters"], |group| {
                        parameters(group, "DescribeDBClusterParameters")
                    }),
                ],
            )
            .tagged("rds:cluster-pg")],
        },
    ],
};

const TAGS: &str = "TagList.Tag";
const INSTANCE_ARN: &str = "{DBInstanceArn}";
const CLUSTER_ARN: &str = "{DBClusterArn}";
const CLUSTER_SNAPSHOT_ARN: &str = "{DBClusterSnapshotArn}";

#[derive(PartialEq, Eq)]
enum Family {
    Rds,
    DocumentDb,
    Neptune,
}

fn family(database: &Json) -> Family {
    match value::text(database, "Engine").as_deref() {
        Some("docdb") => Family::DocumentDb,
        Some("neptune") => Family::Neptune,
        _ => Family::Rds,
    }
}

fn is_member(database: &Json) -> bool {
    value::at(database, "DBClusterIdentifier").is_some()
}

/// Automated snapshots cannot be shared, and are not asked whether they are.
fn can_be_shared(snapshot: &Json) -> bool {
    value::is(snapshot, "SnapshotType", "manual")
}

const INSTANCE: &[Field] = &[
    text("identifier", "DBInstanceIdentifier"),
    text("cluster_identifier", "DBClusterIdentifier"),
    text("instance_class", "DBInstanceClass"),
    text("engine", "Engine"),
    text("engine_version", "EngineVersion"),
    text("username", "MasterUsername"),
    text("db_name", "DBName"),
    number("port", "Endpoint.Port"),
    number("allocated_storage", "AllocatedStorage"),
    text("availability_zone", "AvailabilityZone"),
    flag("auto_minor_version_upgrade", "AutoMinorVersionUpgrade"),
    number("backup_retention_period", "BackupRetentionPeriod"),
    text("ca_cert_identifier", "CACertificateIdentifier"),
    flag("copy_tags_to_snapshot", "CopyTagsToSnapshot"),
    flag("deletion_protection", "DeletionProtection"),
    texts("enabled_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports.member"),
    flag("iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"),
    text("kms_key_id", "KmsKeyId"),
    number("monitoring_interval", "MonitoringInterval"),
    flag("multi_az", "MultiAZ"),
    text("parameter_group_name", "DBParameterGroups.DBParameterGroup.DBParameterGroupName"),
    flag("performance_insights_enabled", "PerformanceInsightsEnabled"),
    flag("publicly_accessible", "PubliclyAccessible"),
    text("replicate_source_db", "ReadReplicaSourceDBInstanceIdentifier"),
    flag("storage_encrypted", "StorageEncrypted"),
    text("storage_type", "StorageType"),
    text("db_subnet_group_name", "DBSubnetGroup.DBSubnetGroupName"),
    texts("vpc_security_group_ids", "VpcSecurityGroups.VpcSecurityGroupMembership.VpcSecurityGroupId"),
];

const CLUSTER: &[Field] = &[
    text("cluster_identifier", "DBClusterIdentifier"),
    text("engine", "Engine"),
    text("engine_mode", "EngineMode"),
    text("engine_version", "EngineVersion"),
    text("master_username", "MasterUsername"),
    text("database_name", "DatabaseName"),
    number("port", "Port"),
    number("backtrack_window", "BacktrackWindow"),
    number("backup_retention_period", "BackupRetentionPeriod"),
    flag("copy_tags_to_snapshot", "CopyTagsToSnapshot"),
    text("db_cluster_parameter_group_name", "DBClusterParameterGroup"),
    flag("deletion_protection", "DeletionProtection"),
    texts("enabled_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports.member"),
    flag("iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"),
    text("kms_key_id", "KmsKeyId"),
    flag("storage_encrypted", "StorageEncrypted"),
    texts("vpc_security_group_ids", "VpcSecurityGroups.VpcSecurityGroupMembership.VpcSecurityGroupId"),
];

const NEPTUNE: &[Field] = &[
    text("cluster_identifier", "DBClusterIdentifier"),
    text("engine", "Engine"),
    text("engine_version", "EngineVersion"),
    number("backup_retention_period", "BackupRetentionPeriod"),
    flag("copy_tags_to_snapshot", "CopyTagsToSnapshot"),
    flag("deletion_protection", "DeletionProtection"),
    texts("enable_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports.member"),
    flag("iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"),
    text("kms_key_arn", "KmsKeyId"),
    flag("storage_encrypted", "StorageEncrypted"),
];

const SNAPSHOT: &[Field] = &[
    text("db_snapshot_identifier", "DBSnapshotIdentifier"),
    text("db_instance_identifier", "DBInstanceIdentifier"),
    text("engine", "Engine"),
    text("snapshot_type", "SnapshotType"),
    flag("encrypted", "Encrypted"),
    text("kms_key_id", "KmsKeyId"),
    of("shared_accounts", &["DescribeDBSnapshotAttributes"], |snapshot| {
        shared(
            snapshot,
            "DescribeDBSnapshotAttributes.DBSnapshotAttributesResult.DBSnapshotAttributes.DBSnapshotAttribute",
        )
    }),
];

const CLUSTER_SNAPSHOT: &[Field] = &[
    text("db_cluster_snapshot_identifier", "DBClusterSnapshotIdentifier"),
    text("db_cluster_identifier", "DBClusterIdentifier"),
    text("engine", "Engine"),
    text("snapshot_type", "SnapshotType"),
    flag("storage_encrypted", "StorageEncrypted"),
    text("kms_key_id", "KmsKeyId"),
    of("shared_accounts", &["DescribeDBClusterSnapshotAttributes"], |snapshot| {
        shared(
            snapshot,
            "DescribeDBClusterSnapshotAttributes.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes.DBClusterSnapshotAttribute",
        )
    }),
];

/// The accounts that may restore it; `all` for everybody.
fn shared(snapshot: &Json, path: &str) -> Json {
    let attributes = value::all(snapshot, path).into_iter();
    let restore = attributes.filter(|attribute| value::is(attribute, "AttributeName", "restore"));
    restore.flat_map(|attribute| value::all(attribute, "AttributeValues.AttributeValue")).cloned().collect()
}

/// Those that somebody set, as Terraform lists them; the others have the engine's default.
fn parameters(group: &Json, path: &str) -> Json {
    let set = value::all(group, path).into_iter().filter(|parameter| {
        value::at(parameter, "ParameterValue").is_some() && !value::is(parameter, "Source", "engine-default")
    });
    set.map(|parameter| Json::from(crate::field::config(PARAMETER, parameter))).collect()
}

const PARAMETER: &[Field] =
    &[text("name", "ParameterName"), text("value", "ParameterValue"), text("apply_method", "ApplyMethod")];
