//! S3: buckets and their settings are read, objects are not. Which of the two a GET does depends on its parameters, so only known
//! ones may stand there.

use plumb_runtime::egress::Method;

use super::{Asked, parameters};
use crate::aws::place::Place;

/// Settings of a bucket.
const BUCKET_SETTINGS: [&str; 24] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "tagging",
    "uploads",
    "versioning",
    "website",
];

/// Lists of a bucket, and what narrows them.
const LISTS: [&str; 18] = [
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "id",
    "key-marker",
    "list-type",
    "marker",
    "max-buckets",
    "max-keys",
    "max-uploads",
    "prefix",
    "start-after",
    "upload-id-marker",
    "version-id-marker",
    "versions",
    "x-id",
];

/// What is said about an object without giving it out.
const OBJECT_SETTINGS: [&str; 4] = ["acl", "legal-hold", "retention", "tagging"];

pub(super) fn check(place: &Place, asked: &Asked<'_>) -> Result<String, String> {
    let method = asked.method.as_str();
    if !matches!(asked.method, Method::Get | Method::Head) || !asked.body.is_empty() {
        return Err(format!("s3: {method} with or without a body does not only read; GET and HEAD without one do"));
    }
    let path = asked.url.path.strip_prefix('/').unwrap_or_default();
    let object = match (&place.before, path.split_once('/')) {
        (Some(_), _) => path,
        (None, Some((_, object))) => object,
        (None, None) => "",
    };
    let pairs = parameters(asked.query())?;
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    let known = |name: &&str| BUCKET_SETTINGS.contains(name) || LISTS.contains(name);
    if let Some(unknown) = names.iter().find(|name| !known(name) && !OBJECT_SETTINGS.contains(name)) {
        return Err(format!("s3: the parameter {unknown:?} is not known to only read settings"));
    }
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err("s3: a parameter stands twice".to_owned());
    }
    let setting = names.iter().find(|name| BUCKET_SETTINGS.contains(name) || OBJECT_SETTINGS.contains(name));
    // An object's own contents are what a GET without a setting gives.
    let is_read = object.is_empty()
        || asked.method == Method::Head
        || (setting.is_some() && names.iter().all(|name| OBJECT_SETTINGS.contains(name)));
    if !is_read {
        return Err("s3: GetObject gives out contents, and a scan reads settings".to_owned());
    }
    Ok(format!("{method} {}", setting.copied().unwrap_or("list")))
}
