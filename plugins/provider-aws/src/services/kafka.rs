//! Managed Kafka: provisioned clusters.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::field::{Field, block, flag, number, text, texts, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("kafka", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "kafka",
    global: false,
    listings: &[Listing {
        steps: &[API
            .get("/api/v2/clusters", "ListClustersV2")
            .items("clusterInfoList")
            .paged("nextToken", "nextToken")],
        details: &[],
        kinds: &[Kind::new("aws_msk_cluster", "{clusterArn}", "clusterName", FIELDS)
            .tags("tags")
            .keep(|cluster| value::at(cluster, "provisioned").is_some())],
    }],
};

const FIELDS: &[Field] = &[
    text("cluster_name", "clusterName"),
    text("kafka_version", "provisioned.currentBrokerSoftwareInfo.kafkaVersion"),
    number("number_of_broker_nodes", "provisioned.numberOfBrokerNodes"),
    text("enhanced_monitoring", "provisioned.enhancedMonitoring"),
    block(
        "broker_node_group_info",
        "provisioned.brokerNodeGroupInfo",
        &[
            text("instance_type", "instanceType"),
            texts("client_subnets", "clientSubnets"),
            texts("security_groups", "securityGroups"),
            block(
                "connectivity_info",
                "connectivityInfo",
                &[block("public_access", "publicAccess", &[text("type", "type")])],
            ),
        ],
    ),
    with("client_authentication", "provisioned.clientAuthentication", authentication),
    block(
        "encryption_info",
        "provisioned.encryptionInfo",
        &[
            text("encryption_at_rest_kms_key_arn", "encryptionAtRest.dataVolumeKMSKeyId"),
            block(
                "encryption_in_transit",
                "encryptionInTransit",
                &[text("client_broker", "clientBroker"), flag("in_cluster", "inCluster")],
            ),
        ],
    ),
];

fn authentication(told: &Json) -> Json {
    let is_on = |path: &str| value::flag(told, path) == Some(true);
    json!([{
        "sasl": [{"iam": is_on("sasl.iam.enabled"), "scram": is_on("sasl.scram.enabled")}],
        "tls": [{"certificate_authority_arns": value::all(told, "tls.certificateAuthorityArnList")}],
        "unauthenticated": is_on("unauthenticated.enabled"),
    }])
}
