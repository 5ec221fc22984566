//! Auto Scaling: groups and the older launch configurations.

use serde_json::json;

use crate::api::{Api, Protocol};
use crate::field::{Field, block, blocks, flag, number, text, texts, with};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("autoscaling", Protocol::Query("2011-01-01"));

pub const SERVICE: Service = Service {
    name: "autoscaling",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .call("DescribeAutoScalingGroups")
                .items("AutoScalingGroups.member")
                .paged("NextToken", "NextToken")],
            details: &[],
            kinds: &[Kind::new("aws_autoscaling_group", "{AutoScalingGroupARN}", "AutoScalingGroupName", GROUP)
                .tags("Tags.member")],
        },
        Listing {
            steps: &[API
                .call("DescribeLaunchConfigurations")
                .items("LaunchConfigurations.member")
                .paged("NextToken", "NextToken")],
            details: &[],
            kinds: &[Kind::new(
                "aws_launch_configuration",
                "{LaunchConfigurationARN}",
                "LaunchConfigurationName",
                CONFIGURATION,
            )],
        },
    ],
};

const TEMPLATE: &[Field] =
    &[text("id", "LaunchTemplateId"), text("name", "LaunchTemplateName"), text("version", "Version")];

const GROUP: &[Field] = &[
    text("name", "AutoScalingGroupName"),
    texts("availability_zones", "AvailabilityZones.member"),
    with("vpc_zone_identifier", "VPCZoneIdentifier", |subnets| {
        let subnets = subnets.as_str().unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
        json!(subnets.collect::<Vec<_>>())
    }),
    flag("capacity_rebalance", "CapacityRebalance"),
    text("health_check_type", "HealthCheckType"),
    text("launch_configuration", "LaunchConfigurationName"),
    block("launch_template", "LaunchTemplate", TEMPLATE),
    texts("load_balancers", "LoadBalancerNames.member"),
    texts("target_group_arns", "TargetGroupARNs.member"),
    number("min_size", "MinSize"),
    number("max_size", "MaxSize"),
    block(
        "mixed_instances_policy",
        "MixedInstancesPolicy",
        &[block(
            "launch_template",
            "LaunchTemplate",
            &[
                block(
                    "launch_template_specification",
                    "LaunchTemplateSpecification",
                    &[
                        text("launch_template_id", "LaunchTemplateId"),
                        text("launch_template_name", "LaunchTemplateName"),
                        text("version", "Version"),
                    ],
                ),
                blocks(
                    "override",
                    "Overrides.member",
                    &[
                        text("instance_type", "InstanceType"),
                        block(
                            "instance_requirements",
                            "InstanceRequirements",
                            &[number("vcpu_min", "VCpuCount.Min"), number("memory_min", "MemoryMiB.Min")],
                        ),
                    ],
                ),
            ],
        )],
    ),
];

const CONFIGURATION: &[Field] = &[
    text("name", "LaunchConfigurationName"),
    text("image_id", "ImageId"),
    text("instance_type", "InstanceType"),
    text("key_name", "KeyName"),
    flag("associate_public_ip_address", "AssociatePublicIpAddress"),
    text("user_data_base64", "UserData"),
    texts("security_groups", "SecurityGroups.member"),
    block(
        "metadata_options",
        "MetadataOptions",
        &[
            text("http_endpoint", "HttpEndpoint"),
            text("http_tokens", "HttpTokens"),
            number("http_put_response_hop_limit", "HttpPutResponseHopLimit"),
        ],
    ),
    flag("enable_monitoring", "InstanceMonitoring.Enabled"),
];
