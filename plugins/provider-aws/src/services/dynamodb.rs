//! DynamoDB: tables and what scales them, and DAX, the cache in front of it.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, flag, number, text, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("dynamodb", Protocol::Json("1.0", "DynamoDB_20120810"));
static SCALING: Api = Api::regional("application-autoscaling", Protocol::Json("1.1", "AnyScaleFrontendService"));
static DAX: Api = Api::regional("dax", Protocol::Json("1.1", "AmazonDAXV3"));

const TABLE: &[(&str, Given)] = &[("TableName", Given::Of("Value"))];

pub const SERVICE: Service = Service {
    name: "dynamodb",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .call("ListTables")
                .items("TableNames")
                .paged("ExclusiveStartTableName", "LastEvaluatedTableName")],
            details: &[
                &[API.call("DescribeTable").given(TABLE), API.call("DescribeContinuousBackups").given(TABLE)],
                &[API
                    .call("ListTagsOfResource")
                    .given(&[("ResourceArn", Given::Of("DescribeTable.Table.TableArn"))])
                    .items("Tags")
                    .paged("NextToken", "NextToken")],
            ],
            kinds: &[Kind::new(
                "aws_dynamodb_table",
                "arn:{partition}:dynamodb:{region}:{account}:table/{Value}",
                "Value",
                TABLE_FIELDS,
            )
            .tags("ListTagsOfResource")],
        },
        Listing {
            steps: &[SCALING
                .call("DescribeScalableTargets")
                .given(&[("ServiceNamespace", Given::Text("dynamodb"))])
                .items("ScalableTargets")
                .paged("NextToken", "NextToken")],
            details: &[],
            kinds: &[Kind::new(
                "aws_appautoscaling_target",
                "{account}/{region}/scalable-target/{ServiceNamespace}/{ResourceId}/{ScalableDimension}",
                "ResourceId",
                &[
                    text("service_namespace", "ServiceNamespace"),
                    text("resource_id", "ResourceId"),
                    text("scalable_dimension", "ScalableDimension"),
                    number("min_capacity", "MinCapacity"),
                    number("max_capacity", "MaxCapacity"),
                ],
            )],
        },
    ],
};

/// Not everywhere where tables are.
pub const DAX_SERVICE: Service = Service {
    name: "dax",
    global: false,
    listings: &[Listing {
        steps: &[DAX.call("DescribeClusters").items("Clusters").paged("NextToken", "NextToken")],
        details: &[],
        kinds: &[Kind::new(
            "aws_dax_cluster",
            "{ClusterArn}",
            "ClusterName",
            &[
                text("cluster_name", "ClusterName"),
                text("node_type", "NodeType"),
                text("cluster_endpoint_encryption_type", "ClusterEndpointEncryptionType"),
                with(
                    "server_side_encryption",
                    "SSEDescription.Status",
                    |status| json!([{"enabled": status == "ENABLED" || status == "ENABLING"}]),
                ),
            ],
        )
        .tagged("dax:cache")],
    }],
};

const TABLE_FIELDS: &[Field] = &[
    text("name", "Value"),
    text("id", "Value"),
    // A table that was always provisioned has no summary.
    with("billing_mode", "DescribeTable.Table", |table| {
        let mode = value::text(table, "BillingModeSummary.BillingMode");
        if table.is_null() { Json::Null } else { json!(mode.unwrap_or_else(|| "PROVISIONED".to_owned())) }
    }),
    flag("deletion_protection_enabled", "DescribeTable.Table.DeletionProtectionEnabled"),
    flag("stream_enabled", "DescribeTable.Table.StreamSpecification.StreamEnabled"),
    // A table that never had another class has no summary.
    with("table_class", "DescribeTable.Table", |table| {
        let class = value::text(table, "TableClassSummary.TableClass");
        if table.is_null() { Json::Null } else { json!(class.unwrap_or_else(|| "STANDARD".to_owned())) }
    }),
    // A table is always encrypted; without a description it is with a key that belongs to the service.
    with("server_side_encryption", "DescribeTable.Table.SSEDescription", |described| {
        let is_on = value::is(described, "Status", "ENABLED") || value::is(described, "Status", "UPDATING");
        if is_on {
            json!([{"enabled": true, "kms_key_arn": value::text(described, "KMSMasterKeyArn")}])
        } else {
            json!([])
        }
    }),
    block(
        "point_in_time_recovery",
        "DescribeContinuousBackups.ContinuousBackupsDescription.PointInTimeRecoveryDescription",
        &[with("enabled", "PointInTimeRecoveryStatus", |status| json!(status == "ENABLED"))],
    ),
];
