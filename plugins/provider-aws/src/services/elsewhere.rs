//! Kinds that Terraform has for what a live account tells as another kind.

/// Kinds that stand in states only, because they are settings of another resource, or another name for it.
const TOLD: [&str; 18] = [
    "aws_alb",
    "aws_alb_listener",
    "aws_ami_copy",
    "aws_ami_from_instance",
    "aws_ami_launch_permission",
    "aws_db_snapshot_copy",
    "aws_default_route_table",
    "aws_ebs_snapshot_copy",
    "aws_ebs_snapshot_import",
    "aws_ecr_repository_policy",
    "aws_elasticsearch_domain",
    "aws_kms_replica_key",
    "aws_lb_ssl_negotiation_policy",
    "aws_s3_bucket_notification",
    "aws_secretsmanager_secret_policy",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
    // WAF Classic ended on 2025-09-30, with all its associations.
    "aws_wafregional_web_acl_association",
];

/// Whether what this kind says is told by another.
pub fn is_told(kind: &str) -> bool {
    TOLD.contains(&kind)
}
