//! Ten checks of checks-aws, written against structs.

#![allow(clippy::option_option, reason = "not about this kind, or about it and in order, or about it and wrong")]

use crate::typed::{Config, Resource};

/// Longest kept by default, as `cloudwatch_log_group_retention_policy_specific_days_enabled` has it.
const RETENTION_DAYS: i64 = 365;

/// What a check said; a message where it is a violation.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Position in [`TEN`].
    pub(crate) check: usize,
    pub(crate) resource: usize,
    pub(crate) message: Option<String>,
}

/// None where the check is not about this kind; else the message of a violation, or none.
type Rule = fn(&Config<'_>) -> Option<Option<String>>;

pub(crate) const TEN: &[(&str, Rule)] = &[
    ("s3_bucket_object_versioning", versioning),
    ("rds_instance_storage_encrypted", storage),
    ("ec2_instance_imdsv2_enabled", imdsv2),
    ("ec2_ebs_volume_encryption", volume),
    ("kms_cmk_rotation_enabled", rotation),
    ("sqs_queues_server_side_encryption_enabled", queue),
    ("sns_topics_kms_encryption_at_rest_enabled", topic),
    ("cloudwatch_log_group_retention_policy_specific_days_enabled", retention),
    ("dynamodb_tables_pitr_enabled", recovery),
    ("ecr_repositories_scan_images_on_push_enabled", scanning),
];

pub(crate) fn evaluate(resources: &[Resource<'_>]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (resource, held) in resources.iter().enumerate() {
        for (check, (_, rule)) in TEN.iter().enumerate() {
            if let Some(message) = rule(&held.config) {
                outcomes.push(Outcome { check, resource, message });
            }
        }
    }
    outcomes
}

fn unless(good: bool, message: &str) -> Option<String> {
    (!good).then(|| message.to_owned())
}

fn is_set(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn versioning(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Bucket(bucket) = config else { return None };
    let on = bucket.versioning.iter().flatten().any(|versioning| versioning.enabled == Some(true));
    Some(unless(on, "versioning is off"))
}

fn storage(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Database(database) = config else { return None };
    Some(unless(database.storage_encrypted == Some(true), "storage_encrypted is false"))
}

fn imdsv2(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Instance(instance) = config else { return None };
    let options = instance.metadata_options.iter().flatten().next();
    let tokens = options.and_then(|options| options.http_tokens).unwrap_or_default();
    let off = options.is_some_and(|options| options.http_endpoint == Some("disabled"));
    Some((!off && tokens != "required").then(|| format!("metadata_options.http_tokens is {tokens}")))
}

fn volume(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Volume(volume) = config else { return None };
    Some(unless(volume.encrypted == Some(true), "encrypted is false"))
}

fn rotation(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Key(key) = config else { return None };
    let symmetric = key.customer_master_key_spec.is_none_or(|spec| spec == "SYMMETRIC_DEFAULT");
    let left_out = key.is_enabled == Some(false) || !symmetric || is_set(key.custom_key_store_id);
    Some(unless(left_out || key.enable_key_rotation == Some(true), "rotation is off"))
}

fn queue(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Queue(queue) = config else { return None };
    let encrypted = is_set(queue.kms_master_key_id) || queue.sqs_managed_sse_enabled == Some(true);
    Some(unless(encrypted, "no KMS key is set and encryption by SQS is off"))
}

fn topic(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Topic(topic) = config else { return None };
    Some(unless(is_set(topic.kms_master_key_id), "no KMS key is set"))
}

fn retention(config: &Config<'_>) -> Option<Option<String>> {
    let Config::LogGroup(group) = config else { return None };
    let days = group.retention_in_days.unwrap_or_default();
    Some((days != 0 && days < RETENTION_DAYS).then(|| format!("retention_in_days is {days}")))
}

fn recovery(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Table(table) = config else { return None };
    let on = table.point_in_time_recovery.iter().flatten().any(|recovery| recovery.enabled == Some(true));
    Some(unless(on, "point_in_time_recovery.enabled is not true"))
}

fn scanning(config: &Config<'_>) -> Option<Option<String>> {
    let Config::Repository(repository) = config else { return None };
    let on = repository.image_scanning_configuration.iter().flatten().any(|scan| scan.scan_on_push == Some(true));
    Some(unless(on, "scanning on push is off"))
}
