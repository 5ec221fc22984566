//! CloudTrail: trails, each in its home region.

use serde_json::json;

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, blocks, flag, text, texts, with};
use crate::kind::{Kind, Listing, Service};

static API: Api =
    Api::regional("cloudtrail", Protocol::Json("1.1", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"));

const TRAIL: &[(&str, Given)] = &[("TrailName", Given::Of("TrailARN"))];

pub const SERVICE: Service = Service {
    name: "cloudtrail",
    global: false,
    listings: &[Listing {
        // Shadows of trails from other regions would be the same trails again.
        steps: &[API.call("DescribeTrails").given(&[("includeShadowTrails", Given::Flag(false))]).items("trailList")],
        details: &[&[
            API.call("GetTrailStatus").given(&[("Name", Given::Of("TrailARN"))]),
            API.call("GetEventSelectors").given(TRAIL),
            API.call("GetInsightSelectors").given(TRAIL).absent(&["InsightNotEnabledException"]),
            API.call("ListTags").given(&[("ResourceIdList", Given::OneOf("TrailARN"))]),
        ]],
        kinds: &[Kind::new("aws_cloudtrail", "{TrailARN}", "Name", FIELDS).tags("ListTags.ResourceTagList.TagsList")],
    }],
};

const FIELDS: &[Field] = &[
    text("name", "Name"),
    text("s3_bucket_name", "S3BucketName"),
    text("s3_key_prefix", "S3KeyPrefix"),
    text("sns_topic_name", "SnsTopicName"),
    text("home_region", "HomeRegion"),
    text("kms_key_id", "KmsKeyId"),
    text("cloud_watch_logs_group_arn", "CloudWatchLogsLogGroupArn"),
    text("cloud_watch_logs_role_arn", "CloudWatchLogsRoleArn"),
    flag("enable_log_file_validation", "LogFileValidationEnabled"),
    flag("include_global_service_events", "IncludeGlobalServiceEvents"),
    flag("is_multi_region_trail", "IsMultiRegionTrail"),
    flag("is_organization_trail", "IsOrganizationTrail"),
    with("enable_logging", "GetTrailStatus.IsLogging", |on| json!(on.as_bool() == Some(true))),
    blocks(
        "event_selector",
        "GetEventSelectors.EventSelectors",
        &[
            text("read_write_type", "ReadWriteType"),
            flag("include_management_events", "IncludeManagementEvents"),
            texts("exclude_management_event_sources", "ExcludeManagementEventSources"),
            blocks("data_resource", "DataResources", &[text("type", "Type"), texts("values", "Values")]),
        ],
    ),
    blocks(
        "advanced_event_selector",
        "GetEventSelectors.AdvancedEventSelectors",
        &[
            text("name", "Name"),
            blocks(
                "field_selector",
                "FieldSelectors",
                &[
                    text("field", "Field"),
                    texts("equals", "Equals"),
                    texts("not_equals", "NotEquals"),
                    texts("starts_with", "StartsWith"),
                    texts("not_starts_with", "NotStartsWith"),
                    texts("ends_with", "EndsWith"),
                    texts("not_ends_with", "NotEndsWith"),
                ],
            ),
        ],
    ),
    blocks("insight_selector", "GetInsightSelectors.InsightSelectors", &[text("insight_type", "InsightType")]),
];
