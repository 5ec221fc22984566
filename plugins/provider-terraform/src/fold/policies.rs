//! Resources that are the policy of another, and other settings that are one attribute.

use serde_json::Value as Json;

use super::Shape::{Block, Custom, Field};
use super::{Fold, Fragment, Part};
use crate::complete::Completed;

const fn policy(
    satellite: &'static str,
    parents: &'static [&'static str],
    link: &'static str,
    identity: &'static [&'static str],
) -> Fold {
    Fold { satellite, parents, link, identity, stays: false, shape: Field("policy", "policy") }
}

const SECRET: &[&str] = &["aws_secretsmanager_secret"];
const QUEUE: &[&str] = &["aws_sqs_queue"];
const REPOSITORY: &[&str] = &["aws_ecr_repository"];
const CLUSTER: &[&str] = &["aws_redshift_cluster"];

pub const FOLDS: &[Fold] = &[
    policy("aws_sns_topic_policy", &["aws_sns_topic"], "arn", &["arn", "id"]),
    policy("aws_sqs_queue_policy", QUEUE, "queue_url", &["id", "url"]),
    Fold {
        shape: Field("redrive_policy", "redrive_policy"),
        ..policy("aws_sqs_queue_redrive_policy", QUEUE, "queue_url", &["id", "url"])
    },
    Fold {
        shape: Field("redrive_allow_policy", "redrive_allow_policy"),
        ..policy("aws_sqs_queue_redrive_allow_policy", QUEUE, "queue_url", &["id", "url"])
    },
    policy("aws_secretsmanager_secret_policy", SECRET, "secret_arn", &["arn", "id", "name"]),
    Fold {
        shape: Block(
            "rotation",
            &[
                ("rotation_enabled", "rotation_enabled"),
                ("rotation_lambda_arn", "rotation_lambda_arn"),
                ("rotation_rules", "rotation_rules"),
            ],
        ),
        ..policy("aws_secretsmanager_secret_rotation", SECRET, "secret_id", &["arn", "id", "name"])
    },
    policy("aws_ecr_repository_policy", REPOSITORY, "repository", &["id", "name"]),
    Fold {
        shape: Field("policy", "lifecycle_policy"),
        ..policy("aws_ecr_lifecycle_policy", REPOSITORY, "repository", &["id", "name"])
    },
    policy(
        "aws_kms_key_policy",
        &["aws_kms_external_key", "aws_kms_key", "aws_kms_replica_key"],
        "key_id",
        &["arn", "id", "key_id"],
    ),
    Fold {
        shape: Field("access_policies", "access_policies"),
        ..policy("aws_elasticsearch_domain_policy", &["aws_elasticsearch_domain"], "domain_name", &["domain_name"])
    },
    Fold {
        shape: Field("access_policies", "access_policies"),
        ..policy("aws_opensearch_domain_policy", &["aws_opensearch_domain"], "domain_name", &["domain_name"])
    },
    policy("aws_api_gateway_rest_api_policy", &["aws_api_gateway_rest_api"], "rest_api_id", &["id"]),
    policy("aws_backup_vault_policy", &["aws_backup_vault"], "backup_vault_name", &["id", "name"]),
    policy("aws_cloudwatch_event_bus_policy", &["aws_cloudwatch_event_bus"], "event_bus_name", &["id", "name"]),
    policy("aws_dynamodb_resource_policy", &["aws_dynamodb_table"], "resource_arn", &["arn"]),
    policy("aws_vpc_endpoint_policy", &["aws_vpc_endpoint"], "vpc_endpoint_id", &["id"]),
    Fold {
        shape: Custom(redshift_logging),
        ..policy("aws_redshift_logging", CLUSTER, "cluster_identifier", CLUSTER_ID)
    },
    Fold {
        shape: Custom(recorder_status),
        ..policy(
            "aws_config_configuration_recorder_status",
            &["aws_config_configuration_recorder"],
            "name",
            &["id", "name"],
        )
    },
];

const CLUSTER_ID: &[&str] = &["cluster_identifier", "id"];

/// The block of the cluster says whether it is on; the resource is there only where it is.
fn redshift_logging(satellite: &Completed) -> Vec<Fragment> {
    let fields = ["bucket_name", "log_destination_type", "log_exports", "s3_key_prefix"].map(|name| (name, name));
    let (mut map, gaps) = satellite.renamed("logging", &fields);
    map.insert("enable".to_owned(), true.into());
    vec![Fragment { attribute: "logging", part: Part::Whole(vec![Json::Object(map)].into()), gaps }]
}

/// Told under the provider's name and under the one of the live service's answer.
fn recorder_status(satellite: &Completed) -> Vec<Fragment> {
    ["is_enabled", "recording"].into_iter().filter_map(|to| super::field(satellite, "is_enabled", to)).collect()
}
