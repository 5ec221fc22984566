//! Redshift: clusters and the parameters they run with.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, flag, number, of, text, texts, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("redshift", Protocol::Query("2012-12-01"));

pub const SERVICE: Service = Service {
    name: "redshift",
    global: false,
    listings: &[
        Listing {
            steps: &[API.call("DescribeClusters").items("Clusters.Cluster").paged("Marker", "Marker")],
            details: &[&[API
                .call("DescribeLoggingStatus")
                .given(&[("ClusterIdentifier", Given::Of("ClusterIdentifier"))])]],
            kinds: &[Kind::new(
                "aws_redshift_cluster",
                "arn:{partition}:redshift:{region}:{account}:cluster:{ClusterIdentifier}",
                "ClusterIdentifier",
                CLUSTER,
            )
            .tags("Tags.Tag")],
        },
        Listing {
            steps: &[API
                .call("DescribeClusterParameterGroups")
                .items("ParameterGroups.ClusterParameterGroup")
                .paged("Marker", "Marker")],
            details: &[&[API
                .call("DescribeClusterParameters")
                .given(&[("ParameterGroupName", Given::Of("ParameterGroupName"))])
                .items("Parameters.Parameter")
                .paged("Marker", "Marker")]],
            kinds: &[Kind::new(
                "aws_redshift_parameter_group",
                "arn:{partition}:redshift:{region}:{account}:parametergroup:{ParameterGroupName}",
                "ParameterGroupName",
                PARAMETERS,
            )
            .tags("Tags.Tag")],
        },
    ],
};

const CLUSTER: &[Field] = &[
    text("cluster_identifier", "ClusterIdentifier"),
    text("node_type", "NodeType"),
    text("database_name", "DBName"),
    text("master_username", "MasterUsername"),
    text("cluster_parameter_group_name", "ClusterParameterGroups.ClusterParameterGroup.ParameterGroupName"),
    flag("allow_version_upgrade", "AllowVersionUpgrade"),
    number("automated_snapshot_retention_period", "AutomatedSnapshotRetentionPeriod"),
    flag("encrypted", "Encrypted"),
    flag("enhanced_vpc_routing", "EnhancedVpcRouting"),
    text("kms_key_id", "KmsKeyId"),
    // A word in the answer, a switch in Terraform.
    with("multi_az", "MultiAZ", |state| json!(state.as_str().is_some_and(|word| word.eq_ignore_ascii_case("enabled")))),
    flag("publicly_accessible", "PubliclyAccessible"),
    texts("vpc_security_group_ids", "VpcSecurityGroups.VpcSecurityGroup.VpcSecurityGroupId"),
    with("logging", "DescribeLoggingStatus", logging),
];

fn logging(status: &Json) -> Json {
    json!([{
        "enable": value::flag(status, "LoggingEnabled") == Some(true),
        "bucket_name": value::text(status, "BucketName").unwrap_or_default(),
        "s3_key_prefix": value::text(status, "S3KeyPrefix").unwrap_or_default(),
        "log_destination_type": value::text(status, "LogDestinationType").unwrap_or_default(),
        "log_exports": value::all(status, "LogExports.member"),
    }])
}

const PARAMETERS: &[Field] = &[
    text("name", "ParameterGroupName"),
    text("family", "ParameterGroupFamily"),
    text("description", "Description"),
    of("parameter", &["DescribeClusterParameters"], |group| {
        let all = value::all(group, "DescribeClusterParameters").into_iter();
        let set = all.filter(|parameter| value::at(parameter, "ParameterValue").is_some());
        let told = set.map(|parameter| {
            json!({"name": value::text(parameter, "ParameterName"), "value": value::text(parameter, "ParameterValue")})
        });
        told.collect()
    }),
];
