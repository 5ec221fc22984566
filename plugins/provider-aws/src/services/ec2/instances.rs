//! Instances and launch templates.

use serde_json::{Value as Json, json};

use super::{API, TAGS, kind, list};
use crate::call::Given;
use crate::field::{Field, block, blocks, flag, number, of, text, texts, with};
use crate::kind::Listing;
use crate::value;

pub(super) const INSTANCES: Listing = Listing {
    steps: &[list("DescribeInstances", "reservationSet.item.instancesSet.item")],
    details: &[&[API
        .call("DescribeInstanceAttribute")
        .given(&[("InstanceId", Given::Of("instanceId")), ("Attribute", Given::Text("userData"))])
        .when(is_there)]],
    kinds: &[kind(
        "aws_instance",
        "arn:{partition}:ec2:{region}:{account}:instance/{instanceId}",
        "instanceId",
        INSTANCE,
    )
    .keep(is_there)],
};

/// A terminated instance is still listed for an hour.
fn is_there(instance: &Json) -> bool {
    !value::is(instance, "instanceState.name", "terminated")
}

const METADATA: &[Field] = &[
    text("http_endpoint", "httpEndpoint"),
    text("http_tokens", "httpTokens"),
    // A launch template without a limit does not tell one; Terraform writes that as 0.
    with("http_put_response_hop_limit", "httpPutResponseHopLimit", |limit| {
        value::number(limit, "").unwrap_or_else(|| json!(0))
    }),
    text("instance_metadata_tags", "instanceMetadataTags"),
];

const INSTANCE: &[Field] = &[
    text("id", "instanceId"),
    text("ami", "imageId"),
    text("instance_type", "instanceType"),
    text("instance_state", "instanceState.name"),
    text("availability_zone", "placement.availabilityZone"),
    text("tenancy", "placement.tenancy"),
    text("subnet_id", "subnetId"),
    text("vpc_id", "vpcId"),
    text("key_name", "keyName"),
    text("private_ip", "privateIpAddress"),
    text("public_ip", "ipAddress"),
    with("associate_public_ip_address", "ipAddress", |address| json!(!address.is_null())),
    texts("vpc_security_group_ids", "groupSet.item.groupId"),
    // A profile's name is the end of its ARN.
    with("iam_instance_profile", "iamInstanceProfile.arn", |arn| {
        arn.as_str().and_then(|arn| arn.rsplit('/').next()).into()
    }),
    with("monitoring", "monitoring.state", |state| json!(state == "enabled" || state == "pending")),
    flag("ebs_optimized", "ebsOptimized"),
    block("metadata_options", "metadataOptions", METADATA),
    text("user_data_base64", "DescribeInstanceAttribute.userData.value"),
];

pub(super) const TEMPLATES: Listing = Listing {
    steps: &[list("DescribeLaunchTemplates", "launchTemplates.item")],
    details: &[&[API
        .call("DescribeLaunchTemplateVersions")
        .given(&[
            ("LaunchTemplateId", Given::Of("launchTemplateId")),
            ("LaunchTemplateVersion", Given::List(&["$Default"])),
        ])
        .items("launchTemplateVersionSet.item")]],
    kinds: &[kind(
        "aws_launch_template",
        "arn:{partition}:ec2:{region}:{account}:launch-template/{launchTemplateId}",
        "launchTemplateName",
        TEMPLATE,
    )
    .tags(TAGS)],
};

macro_rules! data {
    ($path:literal) => {
        concat!("DescribeLaunchTemplateVersions.launchTemplateData.", $path)
    };
}

const TEMPLATE: &[Field] = &[
    text("id", "launchTemplateId"),
    text("name", "launchTemplateName"),
    number("default_version", "defaultVersionNumber"),
    number("latest_version", "latestVersionNumber"),
    text("image_id", data!("imageId")),
    text("instance_type", data!("instanceType")),
    text("key_name", data!("keyName")),
    text("user_data", data!("userData")),
    texts("vpc_security_group_ids", data!("securityGroupIdSet.item")),
    block("metadata_options", data!("metadataOptions"), METADATA),
    blocks(
        "network_interfaces",
        data!("networkInterfaceSet.item"),
        &[
            number("device_index", "deviceIndex"),
            flag("associate_public_ip_address", "associatePublicIpAddress"),
            text("subnet_id", "subnetId"),
            texts("security_groups", "groupSet.groupId"),
        ],
    ),
    blocks(
        "block_device_mappings",
        data!("blockDeviceMappingSet.item"),
        &[
            text("device_name", "deviceName"),
            block(
                "ebs",
                "ebs",
                &[
                    flag("encrypted", "encrypted"),
                    text("kms_key_id", "kmsKeyId"),
                    flag("delete_on_termination", "deleteOnTermination"),
                    number("volume_size", "volumeSize"),
                    text("volume_type", "volumeType"),
                ],
            ),
        ],
    ),
    of("monitoring", &["DescribeLaunchTemplateVersions"], |template| {
        let enabled = value::flag(template, data!("monitoring.enabled"));
        enabled.map(|enabled| json!([{"enabled": enabled}])).unwrap_or_default()
    }),
];
