//! What an attribute will be that a plan does not know and nobody wrote: its documented default.
//!
//! Only attributes whose default depends on nothing outside the resource stand here. Instance metadata options and disk
//! encryption, for example, follow settings of the account, so they stay gaps. A default is taken only while the resource is
//! made: later the attribute may have been changed by hand.
//!
//! A `dynamic` block whose elements are unknown leaves no trace in a plan, so for blocks only defaults stand here from which
//! a wrong pass cannot follow: the block is absent, or every way to write it is at least as strict.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::embedded::parse;

/// A default that can be written as a constant.
#[derive(Clone, Copy, Debug)]
enum Literal {
    Null,
    Flag(bool),
    Int(i64),
    Text(&'static str),
    /// A JSON document.
    Document(&'static str),
}

/// The default of one attribute.
#[derive(Clone, Copy, Debug)]
struct Default {
    kind: &'static str,
    path: &'static str,
    value: Literal,
    /// The default holds only where none of these is written.
    unless: &'static [&'static str],
    /// The default holds only where this attribute has one of these values.
    only: Option<(&'static str, &'static [&'static str])>,
}

const fn row(kind: &'static str, path: &'static str, value: Literal) -> Default {
    Default { kind, path, value, unless: &[], only: None }
}

const fn unless(unless: &'static [&'static str], default: Default) -> Default {
    Default { unless, ..default }
}

const fn only(attribute: &'static str, values: &'static [&'static str], default: Default) -> Default {
    Default { only: Some((attribute, values)), ..default }
}

use Literal::{Document, Flag, Int, Null, Text};

const NONE: Literal = Document("[]");
const DISABLED: Literal = Document(r#"[{"enabled":false}]"#);
/// What makes a database of a copy, which brings settings with it.
const COPIES: &[&str] = &[
    "global_cluster_identifier",
    "replicate_source_db",
    "replication_source_identifier",
    "restore_to_point_in_time",
    "s3_import",
    "snapshot_identifier",
];
/// A cluster that is given a key is encrypted.
const KEYS_AND_COPIES: &[&str] = &[
    "global_cluster_identifier",
    "kms_key_id",
    "replication_source_identifier",
    "restore_to_point_in_time",
    "s3_import",
    "snapshot_identifier",
];
const TEMPLATE: &[&str] = &["launch_template"];

/// Sources: for each kind the page `resources/KIND` (without `aws_`) of the AWS provider's documentation, version 5.100; where
/// the page leaves the default to the cloud, the page of the API operation that makes the resource, named beside the rows.
const DEFAULTS: &[Default] = &[
    row("aws_api_gateway_rest_api", "disable_execute_api_endpoint", Flag(false)),
    row("aws_api_gateway_rest_api", "policy", Null),
    row("aws_alb", "internal", Flag(false)),
    row("aws_db_instance", "monitoring_role_arn", Null),
    unless(COPIES, row("aws_db_instance", "backup_retention_period", Int(0))),
    unless(COPIES, row("aws_db_instance", "multi_az", Flag(false))),
    unless(&["manage_master_user_password"], row("aws_db_instance", "master_user_secret", NONE)),
    row("aws_default_network_acl", "egress", NONE),
    row("aws_default_network_acl", "ingress", NONE),
    row("aws_default_security_group", "egress", NONE),
    row("aws_default_security_group", "ingress", NONE),
    unless(&["manage_master_user_password"], row("aws_docdb_cluster", "master_user_secret", NONE)),
    row("aws_dynamodb_table", "point_in_time_recovery", DISABLED),
    // An absent block means a key that the service owns.
    row("aws_dynamodb_table", "server_side_encryption", NONE),
    row("aws_dynamodb_table", "ttl", NONE),
    // The service keeps the file system unencrypted and without a key unless asked: CreateFileSystem.
    unless(&["kms_key_id"], row("aws_efs_file_system", "encrypted", Flag(false))),
    row("aws_efs_file_system", "performance_mode", Text("generalPurpose")),
    row("aws_eks_cluster", "vpc_config.public_access_cidrs", Document(r#"["0.0.0.0/0"]"#)),
    row("aws_elasticache_cluster", "transit_encryption_enabled", Flag(false)),
    only(
        "engine",
        &["redis"],
        unless(
            &["global_replication_group_id"],
            row("aws_elasticache_replication_group", "at_rest_encryption_enabled", Flag(false)),
        ),
    ),
    only(
        "engine",
        &["valkey"],
        unless(
            &["global_replication_group_id"],
            row("aws_elasticache_replication_group", "at_rest_encryption_enabled", Flag(true)),
        ),
    ),
    only(
        "engine",
        &["redis"],
        unless(
            &["global_replication_group_id"],
            row("aws_elasticache_replication_group", "transit_encryption_enabled", Flag(false)),
        ),
    ),
    row("aws_elasticache_replication_group", "auto_minor_version_upgrade", Text("true")),
    // CreateElasticsearchDomain: a domain has these only where they are asked for.
    row("aws_elasticsearch_domain", "access_policies", Null),
    row("aws_elasticsearch_domain", "advanced_security_options", DISABLED),
    row("aws_elasticsearch_domain", "encrypt_at_rest", DISABLED),
    row("aws_elasticsearch_domain", "node_to_node_encryption", DISABLED),
    row("aws_elb", "internal", Flag(false)),
    row("aws_flow_log", "log_group_name", Null),
    // UpdateAccountPasswordPolicy: what is not given is turned off.
    row("aws_iam_account_password_policy", "hard_expiry", Flag(false)),
    row("aws_iam_account_password_policy", "max_password_age", Int(0)),
    row("aws_iam_account_password_policy", "password_reuse_prevention", Int(0)),
    row("aws_iam_account_password_policy", "require_lowercase_characters", Flag(false)),
    row("aws_iam_account_password_policy", "require_numbers", Flag(false)),
    row("aws_iam_account_password_policy", "require_symbols", Flag(false)),
    row("aws_iam_account_password_policy", "require_uppercase_characters", Flag(false)),
    unless(&["max_password_age"], row("aws_iam_account_password_policy", "expire_passwords", Flag(false))),
    row("aws_iam_role", "inline_policy", NONE),
    row("aws_iam_role", "managed_policy_arns", NONE),
    unless(TEMPLATE, row("aws_instance", "disable_api_stop", Flag(false))),
    unless(TEMPLATE, row("aws_instance", "disable_api_termination", Flag(false))),
    unless(TEMPLATE, row("aws_instance", "iam_instance_profile", Null)),
    unless(TEMPLATE, row("aws_instance", "key_name", Null)),
    unless(TEMPLATE, row("aws_instance", "monitoring", Flag(false))),
    unless(&["launch_template", "user_data_base64"], row("aws_instance", "user_data", Null)),
    unless(&["launch_template", "user_data"], row("aws_instance", "user_data_base64", Null)),
    row("aws_kms_key", "multi_region", Flag(false)),
    row("aws_lambda_function", "architectures", Document(r#"["x86_64"]"#)),
    row("aws_lambda_function", "tracing_config", Document(r#"[{"mode":"PassThrough"}]"#)),
    row("aws_lb", "internal", Flag(false)),
    only("protocol", &["HTTPS", "TLS"], row("aws_lb_listener", "ssl_policy", Text("ELBSecurityPolicy-2016-08"))),
    only("protocol", &["HTTP", "TCP", "UDP", "TCP_UDP", "GENEVE"], row("aws_lb_listener", "ssl_policy", Null)),
    row("aws_network_acl", "egress", NONE),
    row("aws_network_acl", "ingress", NONE),
    // CreateDomain: a domain has these only where they are asked for.
    row("aws_opensearch_domain", "access_policies", Null),
    row("aws_opensearch_domain", "advanced_security_options", DISABLED),
    row("aws_opensearch_domain", "encrypt_at_rest", DISABLED),
    row("aws_opensearch_domain", "node_to_node_encryption", DISABLED),
    unless(COPIES, row("aws_rds_cluster", "backup_retention_period", Int(1))),
    unless(&["manage_master_user_password"], row("aws_rds_cluster", "master_user_secret", NONE)),
    only(
        "engine_mode",
        &["provisioned"],
        unless(KEYS_AND_COPIES, row("aws_rds_cluster", "storage_encrypted", Flag(false))),
    ),
    row("aws_rds_cluster_instance", "publicly_accessible", Flag(false)),
    row("aws_redshift_cluster", "enhanced_vpc_routing", Flag(false)),
    row("aws_redshift_cluster", "logging", NONE),
    row("aws_s3_bucket", "acceleration_status", Null),
    row("aws_s3_bucket", "acl", Null),
    row("aws_s3_bucket", "cors_rule", NONE),
    // Only the owner is granted anything: PutBucketAcl.
    row("aws_s3_bucket", "grant", NONE),
    row("aws_s3_bucket", "lifecycle_rule", NONE),
    row("aws_s3_bucket", "logging", NONE),
    row("aws_s3_bucket", "object_lock_configuration", NONE),
    unless(&["object_lock_configuration"], row("aws_s3_bucket", "object_lock_enabled", Flag(false))),
    row("aws_s3_bucket", "policy", Null),
    row("aws_s3_bucket", "replication_configuration", NONE),
    row("aws_s3_bucket", "request_payer", Text("BucketOwner")),
    // Every new bucket encrypts with keys of the service since January 2023: the S3 user guide, "default encryption".
    row(
        "aws_s3_bucket",
        "server_side_encryption_configuration",
        Document(
            r#"[{"rule":[{"apply_server_side_encryption_by_default":[{"kms_master_key_id":"","sse_algorithm":"AES256"}],"bucket_key_enabled":false}]}]"#,
        ),
    ),
    row("aws_s3_bucket", "versioning", Document(r#"[{"enabled":false,"mfa_delete":false}]"#)),
    row("aws_s3_bucket", "website", NONE),
    row("aws_s3_bucket_acl", "access_control_policy", Null),
    row("aws_s3_bucket_versioning", "versioning_configuration.mfa_delete", Text("Disabled")),
    row("aws_secretsmanager_secret", "policy", Null),
    row("aws_secretsmanager_secret", "replica", NONE),
    // The resource is what turns rotation on.
    row("aws_secretsmanager_secret_rotation", "rotation_enabled", Flag(true)),
    row("aws_security_group", "egress", NONE),
    row("aws_security_group", "ingress", NONE),
    row("aws_security_group_rule", "source_security_group_id", Null),
    row("aws_sns_topic", "tracing_config", Text("PassThrough")),
    row("aws_sqs_queue", "policy", Null),
    row("aws_sqs_queue", "redrive_allow_policy", Null),
    row("aws_sqs_queue", "redrive_policy", Null),
    // SetQueueAttributes: a new queue encrypts with keys of the service unless it is given one of the customer's.
    unless(&["kms_master_key_id"], row("aws_sqs_queue", "sqs_managed_sse_enabled", Flag(true))),
    row("aws_vpc", "enable_dns_hostnames", Flag(false)),
    row(
        "aws_vpc_endpoint",
        "policy",
        Document(
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}"#,
        ),
    ),
];

/// Whether any attribute of a kind has a documented default.
pub fn has(kind: &str) -> bool {
    DEFAULTS.iter().any(|default| default.kind == kind)
}

/// The documented default of an attribute that nobody wrote.
pub fn default_of(
    kind: &str,
    path: &str,
    written: &BTreeMap<String, usize>,
    values: &Map<String, Json>,
) -> Option<Json> {
    let mut candidates = DEFAULTS.iter().filter(|default| default.kind == kind && default.path == path);
    let default = candidates.find(|default| default.holds(written, values))?;
    Some(match default.value {
        Null => Json::Null,
        Flag(flag) => flag.into(),
        Int(number) => number.into(),
        Text(text) => text.into(),
        Document(text) => parse(text)?,
    })
}

impl Default {
    fn holds(&self, written: &BTreeMap<String, usize>, values: &Map<String, Json>) -> bool {
        if written.contains_key(self.path) || self.unless.iter().any(|name| written.contains_key(*name)) {
            return false;
        }
        if let Some((attribute, allowed)) = self.only
            && !values.get(attribute).and_then(Json::as_str).is_some_and(|value| allowed.contains(&value))
        {
            return false;
        }
        // Of an attribute in a block, the block itself must be written, and as often as it will stand there: what comes from
        // a `dynamic` block cannot be told.
        self.path.split_once('.').is_none_or(|(block, _)| {
            let planned = values.get(block).and_then(Json::as_array).map(Vec::len);
            written.get(block).copied() == planned
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(kind: &str, path: &str, written: &[(&str, usize)], values: &Json) -> Option<Json> {
        let written = written.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        default_of(kind, path, &written, values.as_object().unwrap())
    }

    #[test]
    fn every_document_in_the_table_parses() {
        for default in DEFAULTS {
            if let Document(text) = default.value {
                assert!(parse(text).is_some(), "{} {}", default.kind, default.path);
            }
        }
    }

    #[test]
    fn a_default_holds_only_where_nobody_wrote_the_attribute() {
        assert_eq!(find("aws_security_group", "ingress", &[], &json!({})), Some(json!([])));
        assert_eq!(find("aws_security_group", "ingress", &[("ingress", 1)], &json!({})), None);
        assert_eq!(find("aws_instance", "metadata_options", &[], &json!({})), None);
        assert_eq!(find("aws_instance", "monitoring", &[("launch_template", 1)], &json!({})), None);
    }

    #[test]
    fn a_default_may_depend_on_another_attribute() {
        let path = "at_rest_encryption_enabled";
        let kind = "aws_elasticache_replication_group";
        assert_eq!(find(kind, path, &[], &json!({"engine": "redis"})), Some(json!(false)));
        assert_eq!(find(kind, path, &[], &json!({"engine": "valkey"})), Some(json!(true)));
        assert_eq!(find(kind, path, &[], &json!({})), None);
    }

    #[test]
    fn a_default_in_a_block_needs_the_block_to_be_written() {
        let values = json!({"versioning_configuration": [{"status": "Enabled"}]});
        let path = "versioning_configuration.mfa_delete";
        let block = ("versioning_configuration", 1);
        assert_eq!(find("aws_s3_bucket_versioning", path, &[block], &values), Some(json!("Disabled")));
        assert_eq!(find("aws_s3_bucket_versioning", path, &[], &values), None);
        assert_eq!(find("aws_s3_bucket_versioning", path, &[block, (path, 1)], &values), None);
    }
}
