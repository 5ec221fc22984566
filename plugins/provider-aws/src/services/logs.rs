//! CloudWatch Logs: groups, the filters that make metrics of them, and who else may write or read.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, blocks, document, number, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("logs", Protocol::Json("1.1", "Logs_20140328"));

pub const SERVICE: Service = Service {
    name: "logs",
    global: false,
    listings: &[
        Listing {
            steps: &[API.call("DescribeLogGroups").items("logGroups").paged("nextToken", "nextToken")],
            details: &[&[API.call("ListTagsLogGroup").given(&[("logGroupName", Given::Of("logGroupName"))])]],
            kinds: &[Kind::new(
                "aws_cloudwatch_log_group",
                "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}",
                "logGroupName",
                GROUP,
            )
            .tags("ListTagsLogGroup.tags")],
        },
        Listing {
            steps: &[API.call("DescribeMetricFilters").items("metricFilters").paged("nextToken", "nextToken")],
            details: &[],
            kinds: &[Kind::new(
                "aws_cloudwatch_log_metric_filter",
                "{account}/{region}/log-metric-filter/{logGroupName}/{filterName}",
                "filterName",
                FILTER,
            )],
        },
        Listing {
            steps: &[API.call("DescribeResourcePolicies").items("resourcePolicies").paged("nextToken", "nextToken")],
            details: &[],
            kinds: &[Kind::new(
                "aws_cloudwatch_log_resource_policy",
                "{account}/{region}/log-resource-policy/{policyName}",
                "policyName",
                &[text("policy_name", "policyName"), document("policy_document", "policyDocument")],
            )],
        },
    ],
};

const GROUP: &[Field] = &[
    text("name", "logGroupName"),
    text("kms_key_id", "kmsKeyId"),
    number("retention_in_days", "retentionInDays"),
    text("log_group_class", "logGroupClass"),
];

const FILTER: &[Field] = &[
    text("name", "filterName"),
    text("log_group_name", "logGroupName"),
    text("pattern", "filterPattern"),
    blocks(
        "metric_transformation",
        "metricTransformations",
        &[
            text("name", "metricName"),
            text("namespace", "metricNamespace"),
            text("value", "metricValue"),
            text("default_value", "defaultValue"),
            text("unit", "unit"),
        ],
    ),
];
