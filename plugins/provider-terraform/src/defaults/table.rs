//! The documented defaults, each with the page that says so: for the AWS provider those of version 5.100.

use super::Default;
use super::Literal::{self, Document, Flag, Int, Null, Text};
use super::Source::{self, Aws, Provider, ProviderOf};

const fn row(kind: &'static str, path: &'static str, value: Literal, source: Source) -> Default {
    Default { kind, path, value, source, is_block: false, unless: &[], only: None }
}

/// A row whose attribute is a nested block in the provider's schema, which a `dynamic` block may write.
const fn block(kind: &'static str, path: &'static str, value: Literal, source: Source) -> Default {
    Default { is_block: true, ..row(kind, path, value, source) }
}

const fn unless(unless: &'static [&'static str], default: Default) -> Default {
    Default { unless, ..default }
}

const fn only(attribute: &'static str, values: &'static [&'static str], default: Default) -> Default {
    Default { only: Some((attribute, values)), ..default }
}

const NONE: Literal = Document("[]");
const DISABLED: Literal = Document(r#"[{"enabled":false}]"#);
const EVERYTHING: Literal = Document(
    r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}"#,
);
const KEYS_OF_S3: Literal = Document(
    r#"[{"rule":[{"apply_server_side_encryption_by_default":[{"kms_master_key_id":"","sse_algorithm":"AES256"}],"bucket_key_enabled":false}]}]"#,
);

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
const RESTORED: &[&str] = &["restore_source_name", "restore_source_table_arn"];
const TEMPLATE: &[&str] = &["launch_template"];
const GLOBAL: &[&str] = &["global_replication_group_id"];
const MANAGED: &[&str] = &["manage_master_user_password"];
const LOCK: &[&str] = &["object_lock_configuration"];

/// Of the attributes after `unless`, those that are nested blocks in the provider's schema.
pub(super) const SWITCHING_BLOCKS: [&str; 4] =
    ["launch_template", "object_lock_configuration", "restore_to_point_in_time", "s3_import"];

/// What a new bucket is and has until it is told otherwise, setting by setting.
const BUCKET: Source = Aws("AmazonS3/latest/userguide/UsingBucket.html");
const PASSWORDS: Source = Aws("IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html");
const SEARCH: Source = Aws("opensearch-service/latest/APIReference/API_CreateDomain.html");
const LAUNCH: Source = Aws("AWSEC2/latest/APIReference/API_RunInstances.html");
const CACHES: Source = Aws("AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html");
const SECRET: Source = Aws("secretsmanager/latest/apireference/API_CreateSecret.html");
const QUEUE: Source = Aws("AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html");

#[rustfmt::skip]
pub(super) const DEFAULTS: &[Default] = &[
    row("aws_alb", "internal", Flag(false), ProviderOf("aws_lb")),
    row("aws_api_gateway_rest_api", "disable_execute_api_endpoint", Flag(false), Provider),
    // A definition in `body` may bring one.
    unless(&["body"], row("aws_api_gateway_rest_api", "policy", Null, Aws("apigateway/latest/api/API_CreateRestApi.html"))),
    unless(COPIES, row("aws_db_instance", "backup_retention_period", Int(0), Provider)),
    unless(MANAGED, row("aws_db_instance", "master_user_secret", NONE, Provider)),
    row("aws_db_instance", "monitoring_role_arn", Null, Aws("AmazonRDS/latest/APIReference/API_CreateDBInstance.html")),
    row("aws_default_security_group", "egress", NONE, Provider),
    row("aws_default_security_group", "ingress", NONE, Provider),
    unless(MANAGED, row("aws_docdb_cluster", "master_user_secret", NONE, Provider)),
    block("aws_dynamodb_table", "point_in_time_recovery", DISABLED, Provider),
    // An absent block means a key that the service owns.
    unless(RESTORED, block("aws_dynamodb_table", "server_side_encryption", NONE, Provider)),
    block("aws_dynamodb_table", "ttl", NONE, Provider),
    unless(&["kms_key_id"], row("aws_efs_file_system", "encrypted", Flag(false), Aws("efs/latest/ug/API_CreateFileSystem.html"))),
    row("aws_efs_file_system", "performance_mode", Text("generalPurpose"), Provider),
    row("aws_eks_cluster", "vpc_config.public_access_cidrs", Document(r#"["0.0.0.0/0"]"#), Provider),
    row("aws_elasticache_cluster", "transit_encryption_enabled", Flag(false), Aws("AmazonElastiCache/latest/APIReference/API_CacheCluster.html")),
    only("engine", &["redis"], unless(GLOBAL, row("aws_elasticache_replication_group", "at_rest_encryption_enabled", Flag(false), Provider))),
    only("engine", &["valkey"], unless(GLOBAL, row("aws_elasticache_replication_group", "at_rest_encryption_enabled", Flag(true), Provider))),
    row("aws_elasticache_replication_group", "auto_minor_version_upgrade", Text("true"), Provider),
    only("engine", &["redis"], unless(GLOBAL, row("aws_elasticache_replication_group", "transit_encryption_enabled", Flag(false), CACHES))),
    row("aws_elasticsearch_domain", "access_policies", Null, SEARCH),
    block("aws_elasticsearch_domain", "advanced_security_options", DISABLED, SEARCH),
    block("aws_elasticsearch_domain", "encrypt_at_rest", DISABLED, Provider),
    block("aws_elasticsearch_domain", "node_to_node_encryption", DISABLED, Provider),
    row("aws_elb", "internal", Flag(false), Aws("elasticloadbalancing/2012-06-01/APIReference/API_CreateLoadBalancer.html")),
    row("aws_flow_log", "log_group_name", Null, Aws("AWSEC2/latest/APIReference/API_CreateFlowLogs.html")),
    unless(&["max_password_age"], row("aws_iam_account_password_policy", "expire_passwords", Flag(false), Provider)),
    row("aws_iam_account_password_policy", "hard_expiry", Flag(false), PASSWORDS),
    row("aws_iam_account_password_policy", "max_password_age", Int(0), PASSWORDS),
    row("aws_iam_account_password_policy", "password_reuse_prevention", Int(0), PASSWORDS),
    row("aws_iam_account_password_policy", "require_lowercase_characters", Flag(false), PASSWORDS),
    row("aws_iam_account_password_policy", "require_numbers", Flag(false), PASSWORDS),
    row("aws_iam_account_password_policy", "require_symbols", Flag(false), PASSWORDS),
    row("aws_iam_account_password_policy", "require_uppercase_characters", Flag(false), PASSWORDS),
    block("aws_iam_role", "inline_policy", NONE, Provider),
    row("aws_iam_role", "managed_policy_arns", NONE, Provider),
    unless(TEMPLATE, row("aws_instance", "disable_api_termination", Flag(false), LAUNCH)),
    unless(TEMPLATE, row("aws_instance", "iam_instance_profile", Null, LAUNCH)),
    unless(TEMPLATE, row("aws_instance", "key_name", Null, LAUNCH)),
    // Detailed monitoring is what is asked for; basic monitoring is what there is otherwise.
    unless(TEMPLATE, row("aws_instance", "monitoring", Flag(false), Aws("AWSEC2/latest/UserGuide/manage-detailed-monitoring.html"))),
    unless(&["launch_template", "user_data_base64"], row("aws_instance", "user_data", Null, LAUNCH)),
    unless(&["launch_template", "user_data"], row("aws_instance", "user_data_base64", Null, LAUNCH)),
    row("aws_kms_key", "multi_region", Flag(false), Provider),
    row("aws_lambda_function", "architectures", Document(r#"["x86_64"]"#), Provider),
    row("aws_lb", "internal", Flag(false), Provider),
    only("protocol", &["HTTPS", "TLS"], row("aws_lb_listener", "ssl_policy", Text("ELBSecurityPolicy-2016-08"), Provider)),
    only("protocol", &["HTTP", "TCP", "UDP", "TCP_UDP", "GENEVE"], row("aws_lb_listener", "ssl_policy", Null, Provider)),
    row("aws_network_acl", "egress", NONE, Aws("vpc/latest/userguide/custom-network-acl.html")),
    row("aws_network_acl", "ingress", NONE, Aws("vpc/latest/userguide/custom-network-acl.html")),
    row("aws_opensearch_domain", "access_policies", Null, SEARCH),
    block("aws_opensearch_domain", "advanced_security_options", DISABLED, SEARCH),
    block("aws_opensearch_domain", "encrypt_at_rest", DISABLED, Provider),
    block("aws_opensearch_domain", "node_to_node_encryption", DISABLED, Provider),
    unless(COPIES, row("aws_rds_cluster", "backup_retention_period", Int(1), Provider)),
    unless(MANAGED, row("aws_rds_cluster", "master_user_secret", NONE, Provider)),
    only("engine_mode", &["provisioned"], unless(KEYS_AND_COPIES, row("aws_rds_cluster", "storage_encrypted", Flag(false), Provider))),
    row("aws_rds_cluster_instance", "publicly_accessible", Flag(false), Provider),
    row("aws_redshift_cluster", "enhanced_vpc_routing", Flag(false), Aws("redshift/latest/APIReference/API_CreateCluster.html")),
    block("aws_redshift_cluster", "logging", NONE, Aws("redshift/latest/mgmt/db-auditing.html")),
    row("aws_s3_bucket", "acceleration_status", Null, Aws("AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html")),
    row("aws_s3_bucket", "acl", Null, Aws("AmazonS3/latest/userguide/acl-overview.html")),
    block("aws_s3_bucket", "cors_rule", NONE, BUCKET),
    // Only the owner is granted anything.
    block("aws_s3_bucket", "grant", NONE, Aws("AmazonS3/latest/userguide/acl-overview.html")),
    block("aws_s3_bucket", "lifecycle_rule", NONE, BUCKET),
    block("aws_s3_bucket", "logging", NONE, Aws("AmazonS3/latest/userguide/ServerLogs.html")),
    block("aws_s3_bucket", "object_lock_configuration", NONE, BUCKET),
    unless(LOCK, row("aws_s3_bucket", "object_lock_enabled", Flag(false), BUCKET)),
    row("aws_s3_bucket", "policy", Null, BUCKET),
    block("aws_s3_bucket", "replication_configuration", NONE, BUCKET),
    row("aws_s3_bucket", "request_payer", Text("BucketOwner"), Provider),
    // Every new bucket encrypts with keys of the service since January 2023.
    block("aws_s3_bucket", "server_side_encryption_configuration", KEYS_OF_S3, Aws("AmazonS3/latest/userguide/default-bucket-encryption.html")),
    block("aws_s3_bucket", "versioning", Document(r#"[{"enabled":false,"mfa_delete":false}]"#), Aws("AmazonS3/latest/userguide/Versioning.html")),
    block("aws_s3_bucket", "website", NONE, BUCKET),
    row("aws_s3_bucket_versioning", "versioning_configuration.mfa_delete", Text("Disabled"), Aws("AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html")),
    row("aws_secretsmanager_secret", "policy", Null, SECRET),
    block("aws_secretsmanager_secret", "replica", NONE, SECRET),
    // The resource is what turns rotation on.
    row("aws_secretsmanager_secret_rotation", "rotation_enabled", Flag(true), Aws("secretsmanager/latest/apireference/API_RotateSecret.html")),
    row("aws_security_group", "egress", NONE, Provider),
    row("aws_security_group", "ingress", NONE, Aws("vpc/latest/userguide/vpc-security-groups.html")),
    row("aws_security_group_rule", "source_security_group_id", Null, Provider),
    row("aws_sns_topic", "tracing_config", Text("PassThrough"), Aws("sns/latest/api/API_SetTopicAttributes.html")),
    row("aws_sqs_queue", "policy", Null, QUEUE),
    row("aws_sqs_queue", "redrive_allow_policy", Null, QUEUE),
    row("aws_sqs_queue", "redrive_policy", Null, QUEUE),
    // A new queue encrypts with keys of the service unless it is given one of the customer's.
    unless(&["kms_master_key_id"], row("aws_sqs_queue", "sqs_managed_sse_enabled", Flag(true), Aws("AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sqs-sse-queue.html"))),
    row("aws_vpc", "enable_dns_hostnames", Flag(false), Provider),
    row("aws_vpc_endpoint", "policy", EVERYTHING, Provider),
];
