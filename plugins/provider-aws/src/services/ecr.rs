//! ECR: repositories and how the registry scans them.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, blocks, document, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api =
    Api { prefix: "api.ecr", ..Api::regional("ecr", Protocol::Json("1.1", "AmazonEC2ContainerRegistry_V20150921")) };

const REPOSITORY: &[(&str, Given)] = &[("repositoryName", Given::Of("repositoryName"))];

pub const SERVICE: Service = Service {
    name: "ecr",
    global: false,
    listings: &[
        Listing {
            steps: &[API.call("DescribeRepositories").items("repositories").paged("nextToken", "nextToken")],
            details: &[&[
                API.call("GetRepositoryPolicy").given(REPOSITORY).absent(&["RepositoryPolicyNotFoundException"]),
                API.call("GetLifecyclePolicy").given(REPOSITORY).absent(&["LifecyclePolicyNotFoundException"]),
                API.call("ListTagsForResource").given(&[("resourceArn", Given::Of("repositoryArn"))]),
            ]],
            kinds: &[Kind::new("aws_ecr_repository", "{repositoryArn}", "repositoryName", FIELDS)
                .tags("ListTagsForResource.tags")],
        },
        Listing {
            steps: &[API.call("GetRegistryScanningConfiguration")],
            details: &[],
            kinds: &[Kind::new(
                "aws_ecr_registry_scanning_configuration",
                "{account}/{region}/registry-scanning-configuration",
                "registryId",
                REGISTRY,
            )],
        },
    ],
};

const FIELDS: &[Field] = &[
    text("name", "repositoryName"),
    text("repository_url", "repositoryUri"),
    text("image_tag_mutability", "imageTagMutability"),
    block("image_scanning_configuration", "imageScanningConfiguration", &[flag("scan_on_push", "scanOnPush")]),
    blocks(
        "encryption_configuration",
        "encryptionConfiguration",
        &[text("encryption_type", "encryptionType"), text("kms_key", "kmsKey")],
    ),
    document("policy", "GetRepositoryPolicy.policyText"),
    document("lifecycle_policy", "GetLifecyclePolicy.lifecyclePolicyText"),
];

const REGISTRY: &[Field] = &[
    text("registry_id", "registryId"),
    text("scan_type", "scanningConfiguration.scanType"),
    blocks(
        "rule",
        "scanningConfiguration.rules",
        &[
            text("scan_frequency", "scanFrequency"),
            blocks(
                "repository_filter",
                "repositoryFilters",
                &[text("filter", "filter"), text("filter_type", "filterType")],
            ),
        ],
    ),
];
