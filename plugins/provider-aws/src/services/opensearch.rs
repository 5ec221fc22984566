//! OpenSearch, and the Elasticsearch domains that it serves too.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, document, flag, number, text, texts, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("es", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "opensearch",
    global: false,
    listings: &[Listing {
        steps: &[
            API.get("/2021-01-01/domain", "ListDomainNames").items("DomainNames"),
            API.get("/2021-01-01/opensearch/domain/{DomainName}", "DescribeDomain")
                .given(&[("DomainName", Given::Of("DomainName"))])
                .items("DomainStatus"),
        ],
        details: &[&[API.get("/2021-01-01/tags/", "ListTags").given(&[("arn", Given::Of("ARN"))])]],
        kinds: &[Kind::new("aws_opensearch_domain", "{ARN}", "DomainName", FIELDS).tags("ListTags.TagList")],
    }],
};

const FIELDS: &[Field] = &[
    text("domain_name", "DomainName"),
    text("engine_version", "EngineVersion"),
    document("access_policies", "AccessPolicies"),
    block(
        "advanced_security_options",
        "AdvancedSecurityOptions",
        &[
            flag("enabled", "Enabled"),
            flag("internal_user_database_enabled", "InternalUserDatabaseEnabled"),
            flag("anonymous_auth_enabled", "AnonymousAuthEnabled"),
        ],
    ),
    block(
        "cluster_config",
        "ClusterConfig",
        &[
            flag("dedicated_master_enabled", "DedicatedMasterEnabled"),
            number("dedicated_master_count", "DedicatedMasterCount"),
            number("instance_count", "InstanceCount"),
            text("instance_type", "InstanceType"),
            flag("zone_awareness_enabled", "ZoneAwarenessEnabled"),
        ],
    ),
    block(
        "domain_endpoint_options",
        "DomainEndpointOptions",
        &[flag("enforce_https", "EnforceHTTPS"), text("tls_security_policy", "TLSSecurityPolicy")],
    ),
    block("encrypt_at_rest", "EncryptionAtRestOptions", &[flag("enabled", "Enabled"), text("kms_key_id", "KmsKeyId")]),
    block("node_to_node_encryption", "NodeToNodeEncryptionOptions", &[flag("enabled", "Enabled")]),
    block(
        "vpc_options",
        "VPCOptions",
        &[texts("subnet_ids", "SubnetIds"), texts("security_group_ids", "SecurityGroupIds"), text("vpc_id", "VPCId")],
    ),
    with("log_publishing_options", "LogPublishingOptions", log_publishing),
];

/// A map by type of log; a list with the type in Terraform.
fn log_publishing(options: &Json) -> Json {
    let told = options.as_object().into_iter().flatten().map(|(kind, option)| {
        json!({
            "log_type": kind,
            "enabled": value::flag(option, "Enabled"),
            "cloudwatch_log_group_arn": value::text(option, "CloudWatchLogsLogGroupArn"),
        })
    });
    told.collect()
}
