//! Settings of buckets and file systems.

use serde_json::{Map, Value as Json, json};

use super::Shape::{Block, Custom, Field};
use super::{Fold, Fragment, Part, Shape, field, first};
use crate::complete::Completed;

const fn bucket(satellite: &'static str, shape: Shape) -> Fold {
    let parents = &["aws_s3_bucket"];
    Fold { satellite, parents, link: "bucket", identity: &["arn", "bucket", "id"], stays: false, shape }
}

const fn file_system(satellite: &'static str, shape: Shape) -> Fold {
    let parents = &["aws_efs_file_system"];
    Fold { satellite, parents, link: "file_system_id", identity: &["arn", "id"], stays: false, shape }
}

pub const FOLDS: &[Fold] = &[
    bucket("aws_s3_bucket_accelerate_configuration", Field("status", "acceleration_status")),
    bucket("aws_s3_bucket_acl", Custom(acl)),
    bucket("aws_s3_bucket_cors_configuration", Field("cors_rule", "cors_rule")),
    bucket("aws_s3_bucket_lifecycle_configuration", Custom(lifecycle)),
    bucket(
        "aws_s3_bucket_logging",
        Block(
            "logging",
            &[
                ("target_bucket", "target_bucket"),
                ("target_grant", "target_grant"),
                ("target_object_key_format", "target_object_key_format"),
                ("target_prefix", "target_prefix"),
            ],
        ),
    ),
    bucket(
        "aws_s3_bucket_notification",
        Block(
            "notification",
            &[
                ("eventbridge", "eventbridge"),
                ("lambda_function", "lambda_function"),
                ("queue", "queue"),
                ("topic", "topic"),
            ],
        ),
    ),
    bucket(
        "aws_s3_bucket_object_lock_configuration",
        Block("object_lock_configuration", &[("object_lock_enabled", "object_lock_enabled"), ("rule", "rule")]),
    ),
    bucket("aws_s3_bucket_ownership_controls", Block("ownership_controls", &[("rule", "rule")])),
    bucket("aws_s3_bucket_policy", Field("policy", "policy")),
    bucket(
        "aws_s3_bucket_public_access_block",
        Block(
            "public_access_block",
            &[
                ("block_public_acls", "block_public_acls"),
                ("block_public_policy", "block_public_policy"),
                ("ignore_public_acls", "ignore_public_acls"),
                ("restrict_public_buckets", "restrict_public_buckets"),
            ],
        ),
    ),
    bucket(
        "aws_s3_bucket_replication_configuration",
        Block("replication_configuration", &[("role", "role"), ("rule", "rules")]),
    ),
    bucket("aws_s3_bucket_request_payment_configuration", Field("payer", "request_payer")),
    bucket(
        "aws_s3_bucket_server_side_encryption_configuration",
        Block("server_side_encryption_configuration", &[("rule", "rule")]),
    ),
    bucket("aws_s3_bucket_versioning", Custom(versioning)),
    bucket("aws_s3_bucket_website_configuration", Custom(website)),
    file_system("aws_efs_backup_policy", Field("backup_policy", "backup_policy")),
    file_system("aws_efs_file_system_policy", Field("policy", "policy")),
];

fn whole(attribute: &'static str, value: Json, gaps: Vec<(String, String)>) -> Fragment {
    Fragment { attribute, part: Part::Whole(value), gaps }
}

fn acl(satellite: &Completed) -> Vec<Fragment> {
    ["acl", "access_control_policy"].into_iter().filter_map(|name| field(satellite, name, name)).collect()
}

/// `status` and `mfa_delete` are words in the satellite and switches in the bucket.
fn versioning(satellite: &Completed) -> Vec<Fragment> {
    let mut gaps = satellite.gaps_at("versioning_configuration.status", "versioning.enabled");
    gaps.extend(satellite.gaps_at("versioning_configuration.mfa_delete", "versioning.mfa_delete"));
    let words = first(satellite.set("versioning_configuration"));
    let word = |name: &str| words.and_then(|words| words.get(name)).and_then(Json::as_str).unwrap_or_default();
    let block = json!([{"enabled": word("status") == "Enabled", "mfa_delete": word("mfa_delete") == "Enabled"}]);
    vec![whole("versioning", block, gaps)]
}

/// The rules in the bucket's own older form, which has switches and numbers where the satellite has words and blocks.
fn lifecycle(satellite: &Completed) -> Vec<Fragment> {
    let mut gaps = Vec::new();
    for (path, reason) in satellite.gaps_at("rule", "lifecycle_rule") {
        let path = match path.strip_prefix("lifecycle_rule.") {
            Some("status") => "lifecycle_rule.enabled",
            Some("abort_incomplete_multipart_upload" | "abort_incomplete_multipart_upload.days_after_initiation") => {
                "lifecycle_rule.abort_incomplete_multipart_upload_days"
            }
            Some("noncurrent_version_expiration.noncurrent_days") => {
                "lifecycle_rule.noncurrent_version_expiration.days"
            }
            Some("noncurrent_version_transition.noncurrent_days") => {
                "lifecycle_rule.noncurrent_version_transition.days"
            }
            _ => &path,
        };
        gaps.push((path.to_owned(), reason));
    }
    let rules = satellite.set("rule").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let rules: Vec<Json> = rules.iter().filter_map(Json::as_object).map(|rule| lifecycle_rule(rule).into()).collect();
    vec![whole("lifecycle_rule", rules.into(), gaps)]
}

fn lifecycle_rule(rule: &Map<String, Json>) -> Map<String, Json> {
    let mut out = Map::new();
    for (key, value) in rule {
        match key.as_str() {
            "status" => {
                out.insert("enabled".to_owned(), (value == "Enabled").into());
            }
            "abort_incomplete_multipart_upload" => {
                if let Some(days) = first(Some(value)).and_then(|block| block.get("days_after_initiation")) {
                    out.insert("abort_incomplete_multipart_upload_days".to_owned(), days.clone());
                }
            }
            "noncurrent_version_expiration" | "noncurrent_version_transition" => {
                out.insert(key.clone(), renamed_days(value));
            }
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    let filter = first(rule.get("filter"));
    let both = filter.and_then(|filter| first(filter.get("and")));
    let named = |name: &str| {
        let inner = both.and_then(|both| both.get(name)).or_else(|| filter.and_then(|filter| filter.get(name)));
        inner.filter(|value| !value.is_null() && *value != "")
    };
    if let Some(prefix) = named("prefix") {
        out.insert("prefix".to_owned(), prefix.clone());
    }
    if let Some(tags) = named("tags") {
        out.insert("tags".to_owned(), tags.clone());
    }
    if let Some(tag) = filter.and_then(|filter| first(filter.get("tag")))
        && let (Some(Json::String(key)), Some(value)) = (tag.get("key"), tag.get("value"))
    {
        out.insert("tags".to_owned(), json!({key: value}));
    }
    out
}

fn renamed_days(blocks: &Json) -> Json {
    let mut blocks = blocks.clone();
    for block in blocks.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
        if let Some(days) = block.remove("noncurrent_days") {
            block.insert("days".to_owned(), days);
        }
    }
    blocks
}

/// Blocks of one attribute in the satellite are plain attributes in the bucket.
fn website(satellite: &Completed) -> Vec<Fragment> {
    let mut block = Map::new();
    let mut gaps = Vec::new();
    let part = |name: &str, inner: &str| first(satellite.set(name)).and_then(|block| block.get(inner)).cloned();
    for (name, inner) in [("index_document", "suffix"), ("error_document", "key")] {
        if let Some(value) = part(name, inner) {
            block.insert(name.to_owned(), value);
        }
        gaps.extend(satellite.gaps_at(&format!("{name}.{inner}"), &format!("website.{name}")));
    }
    if let Some(Json::String(host)) = part("redirect_all_requests_to", "host_name") {
        let target = match part("redirect_all_requests_to", "protocol") {
            Some(Json::String(protocol)) if !protocol.is_empty() => format!("{protocol}://{host}"),
            _ => host,
        };
        block.insert("redirect_all_requests_to".to_owned(), target.into());
    }
    let redirect = satellite.gaps_at("redirect_all_requests_to", "website.redirect_all_requests_to");
    gaps.extend(redirect.into_iter().map(|(_, reason)| ("website.redirect_all_requests_to".to_owned(), reason)));
    for name in ["routing_rule", "routing_rules"] {
        if let Some(rules) = satellite.set(name) {
            block.insert(name.to_owned(), rules.clone());
        }
        gaps.extend(satellite.gaps_at(name, &format!("website.{name}")));
    }
    vec![whole("website", vec![Json::Object(block)].into(), gaps)]
}
