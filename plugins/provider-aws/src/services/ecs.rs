//! ECS: clusters, what runs in them, and the definitions it runs from.

use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::field::{Field, block, blocks, flag, number, same, text, texts, with};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("ecs", Protocol::Json("1.1", "AmazonEC2ContainerServiceV20141113"));

const CLUSTERS: Call = API.call("ListClusters").items("clusterArns").paged("nextToken", "nextToken");

const SERVICES: Call = API
    .call("ListServices")
    .given(&[("cluster", Given::Of("Value")), ("maxResults", Given::Number(100))])
    .items("serviceArns")
    .paged("nextToken", "nextToken");

pub const SERVICE: Service = Service {
    name: "ecs",
    global: false,
    listings: &[
        Listing {
            steps: &[
                CLUSTERS,
                API.call("DescribeClusters")
                    .given(&[("clusters", Given::OneOf("Value")), ("include", Given::List(&["SETTINGS", "TAGS"]))])
                    .items("clusters"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_ecs_cluster", "{clusterArn}", "clusterName", CLUSTER)
                .tags("tags")
                // A deleted cluster is still told of for a while.
                .keep(|cluster| !crate::value::is(cluster, "status", "INACTIVE"))],
        },
        Listing {
            steps: &[
                CLUSTERS,
                SERVICES,
                API.call("DescribeServices")
                    .given(&[
                        ("cluster", Given::Of("Parent.Value")),
                        ("services", Given::OneOf("Value")),
                        ("include", Given::List(&["TAGS"])),
                    ])
                    .items("services"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_ecs_service", "{serviceArn}", "serviceName", SERVICE_FIELDS).tags("tags")],
        },
        // Only services with a deployment controller of their own have any.
        Listing {
            steps: &[
                CLUSTERS,
                SERVICES,
                API.call("DescribeServices")
                    .given(&[("cluster", Given::Of("Parent.Value")), ("services", Given::OneOf("Value"))])
                    .items("services.taskSets"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_ecs_task_set", "{taskSetArn}", "id", TASK_SET)],
        },
        Listing {
            steps: &[API
                .call("ListTaskDefinitions")
                .given(&[("status", Given::Text("ACTIVE"))])
                .items("taskDefinitionArns")
                .paged("nextToken", "nextToken")],
            details: &[&[API
                .call("DescribeTaskDefinition")
                .given(&[("taskDefinition", Given::Of("Value")), ("include", Given::List(&["TAGS"]))])]],
            kinds: &[Kind::new(
                "aws_ecs_task_definition",
                "{Value}",
                "DescribeTaskDefinition.taskDefinition.family",
                DEFINITION,
            )
            .tags("DescribeTaskDefinition.tags")],
        },
    ],
};

const CLUSTER: &[Field] =
    &[text("name", "clusterName"), blocks("setting", "settings", &[text("name", "name"), text("value", "value")])];

const NETWORK: Field = block(
    "network_configuration",
    "networkConfiguration.awsvpcConfiguration",
    &[
        with("assign_public_ip", "assignPublicIp", |state| (state == "ENABLED").into()),
        texts("security_groups", "securityGroups"),
        texts("subnets", "subnets"),
    ],
);

const SERVICE_FIELDS: &[Field] = &[
    text("name", "serviceName"),
    text("cluster", "clusterArn"),
    text("launch_type", "launchType"),
    text("platform_version", "platformVersion"),
    text("task_definition", "taskDefinition"),
    number("desired_count", "desiredCount"),
    flag("enable_execute_command", "enableExecuteCommand"),
    NETWORK,
];

const TASK_SET: &[Field] = &[
    text("service", "serviceArn"),
    text("cluster", "clusterArn"),
    text("launch_type", "launchType"),
    text("task_definition", "taskDefinition"),
    NETWORK,
];

const DEFINITION: &[Field] = &[
    text("family", "DescribeTaskDefinition.taskDefinition.family"),
    number("revision", "DescribeTaskDefinition.taskDefinition.revision"),
    text("network_mode", "DescribeTaskDefinition.taskDefinition.networkMode"),
    text("pid_mode", "DescribeTaskDefinition.taskDefinition.pidMode"),
    text("ipc_mode", "DescribeTaskDefinition.taskDefinition.ipcMode"),
    text("task_role_arn", "DescribeTaskDefinition.taskDefinition.taskRoleArn"),
    text("execution_role_arn", "DescribeTaskDefinition.taskDefinition.executionRoleArn"),
    texts("requires_compatibilities", "DescribeTaskDefinition.taskDefinition.requiresCompatibilities"),
    block(
        "runtime_platform",
        "DescribeTaskDefinition.taskDefinition.runtimePlatform",
        &[text("operating_system_family", "operatingSystemFamily"), text("cpu_architecture", "cpuArchitecture")],
    ),
    blocks(
        "volume",
        "DescribeTaskDefinition.taskDefinition.volumes",
        &[
            text("name", "name"),
            block(
                "efs_volume_configuration",
                "efsVolumeConfiguration",
                &[
                    text("file_system_id", "fileSystemId"),
                    text("root_directory", "rootDirectory"),
                    text("transit_encryption", "transitEncryption"),
                ],
            ),
        ],
    ),
    same("container_definitions", "DescribeTaskDefinition.taskDefinition.containerDefinitions"),
];
