//! Config: what records changes, and whether it runs.

use serde_json::json;

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, flag, text, texts, with};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("config", Protocol::Json("1.1", "StarlingDoveService"));

pub const SERVICE: Service = Service {
    name: "config",
    global: false,
    listings: &[
        Listing {
            steps: &[API.call("DescribeConfigurationRecorders").items("ConfigurationRecorders")],
            details: &[&[API
                .call("DescribeConfigurationRecorderStatus")
                .given(&[("ConfigurationRecorderNames", Given::OneOf("name"))])
                .items("ConfigurationRecordersStatus")]],
            kinds: &[Kind::new(
                "aws_config_configuration_recorder",
                "{account}/{region}/config-recorder/{name}",
                "name",
                RECORDER,
            )],
        },
        Listing {
            steps: &[API.call("DescribeDeliveryChannels").items("DeliveryChannels")],
            details: &[],
            kinds: &[Kind::new(
                "aws_config_delivery_channel",
                "{account}/{region}/config-delivery-channel/{name}",
                "name",
                CHANNEL,
            )],
        },
    ],
};

const RECORDER: &[Field] = &[
    text("name", "name"),
    text("role_arn", "roleARN"),
    with("recording", "DescribeConfigurationRecorderStatus.recording", |on| json!(on.as_bool() == Some(true))),
    with("is_enabled", "DescribeConfigurationRecorderStatus.recording", |on| json!(on.as_bool() == Some(true))),
    text("last_status", "DescribeConfigurationRecorderStatus.lastStatus"),
    block(
        "recording_group",
        "recordingGroup",
        &[
            flag("all_supported", "allSupported"),
            flag("include_global_resource_types", "includeGlobalResourceTypes"),
            texts("resource_types", "resourceTypes"),
        ],
    ),
];

const CHANNEL: &[Field] = &[
    text("name", "name"),
    text("s3_bucket_name", "s3BucketName"),
    text("s3_key_prefix", "s3KeyPrefix"),
    text("s3_kms_key_arn", "s3KmsKeyArn"),
    text("sns_topic_arn", "snsTopicARN"),
];
