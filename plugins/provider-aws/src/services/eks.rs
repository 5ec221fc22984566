//! EKS: clusters and their add-ons.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::field::{Field, block, blocks, flag, of, text, texts};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("eks", Protocol::RestJson);

const CLUSTERS: Call = API.get("/clusters", "ListClusters").items("clusters").paged("nextToken", "nextToken");

pub const SERVICE: Service = Service {
    name: "eks",
    global: false,
    listings: &[
        Listing {
            steps: &[
                CLUSTERS,
                API.get("/clusters/{name}", "DescribeCluster").given(&[("name", Given::Of("Value"))]).items("cluster"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_eks_cluster", "{arn}", "name", CLUSTER).tags("tags")],
        },
        Listing {
            steps: &[
                CLUSTERS,
                API.get("/clusters/{name}/addons", "ListAddons")
                    .given(&[("name", Given::Of("Value"))])
                    .items("addons")
                    .paged("nextToken", "nextToken"),
                API.get("/clusters/{name}/addons/{addonName}", "DescribeAddon")
                    .given(&[("name", Given::Of("Parent.Value")), ("addonName", Given::Of("Value"))])
                    .items("addon"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_eks_addon", "{addonArn}", "addonName", ADDON).tags("tags")],
        },
    ],
};

const CLUSTER: &[Field] = &[
    text("name", "name"),
    text("version", "version"),
    text("role_arn", "roleArn"),
    text("status", "status"),
    flag("deletion_protection", "deletionProtection"),
    of("enabled_cluster_log_types", &["logging"], log_types),
    blocks(
        "encryption_config",
        "encryptionConfig",
        &[texts("resources", "resources"), block("provider", "provider", &[text("key_arn", "keyArn")])],
    ),
    block(
        "vpc_config",
        "resourcesVpcConfig",
        &[
            flag("endpoint_public_access", "endpointPublicAccess"),
            flag("endpoint_private_access", "endpointPrivateAccess"),
            texts("public_access_cidrs", "publicAccessCidrs"),
            texts("subnet_ids", "subnetIds"),
            texts("security_group_ids", "securityGroupIds"),
            text("vpc_id", "vpcId"),
        ],
    ),
];

const ADDON: &[Field] = &[
    text("addon_name", "addonName"),
    text("cluster_name", "clusterName"),
    text("addon_version", "addonVersion"),
    text("configuration_values", "configurationValues"),
];

/// Groups of types, each on or off.
fn log_types(cluster: &Json) -> Json {
    let groups = value::all(cluster, "logging.clusterLogging").into_iter();
    let on = groups.filter(|group| value::flag(group, "enabled") == Some(true));
    let types: Vec<&Json> = on.flat_map(|group| value::all(group, "types")).collect();
    json!(types)
}
