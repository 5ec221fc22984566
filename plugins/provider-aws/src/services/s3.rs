//! S3: buckets with all their settings, which Terraform has as resources of their own and a bucket tells as its own.

use serde_json::{Value as Json, json};

use crate::api::{Api, Place, Protocol};
use crate::call::{Call, Given};
use crate::field::{Field, block, blocks, document, flag, number, of, text, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("s3", Protocol::RestXml);
static CONTROL: Api = Api {
    prefix: "s3-control",
    signing: "s3",
    actions: "s3",
    protocol: Protocol::RestXml,
    place: Place::Account,
    headers: &[],
};

pub const SERVICE: Service = Service {
    name: "s3",
    global: true,
    listings: &[
        Listing {
            steps: &[API
                .get("/", "ListBuckets")
                .given(&[("max-buckets", Given::Number(1000))])
                .items("Buckets.Bucket")
                .paged("continuation-token", "ContinuationToken")
                .action("s3:ListAllMyBuckets")],
            details: &[
                &[of_bucket("/{Bucket}?location", "GetBucketLocation").always().when(has_no_region)],
                &[
                    of_bucket("/{Bucket}?acl", "GetBucketAcl"),
                    of_bucket("/{Bucket}?policy", "GetBucketPolicy").absent(&["NoSuchBucketPolicy"]),
                    of_bucket("/{Bucket}?encryption", "GetBucketEncryption")
                        .absent(&["ServerSideEncryptionConfigurationNotFoundError"])
                        .action("s3:GetEncryptionConfiguration"),
                    of_bucket("/{Bucket}?versioning", "GetBucketVersioning"),
                    of_bucket("/{Bucket}?logging", "GetBucketLogging"),
                    of_bucket("/{Bucket}?publicAccessBlock", "GetPublicAccessBlock")
                        .absent(&["NoSuchPublicAccessBlockConfiguration"])
                        .action("s3:GetBucketPublicAccessBlock"),
                    of_bucket("/{Bucket}?lifecycle", "GetBucketLifecycleConfiguration")
                        .absent(&["NoSuchLifecycleConfiguration"])
                        .action("s3:GetLifecycleConfiguration"),
                    of_bucket("/{Bucket}?tagging", "GetBucketTagging").absent(&["NoSuchTagSet"]),
                    of_bucket("/{Bucket}?ownershipControls", "GetBucketOwnershipControls")
                        .absent(&["OwnershipControlsNotFoundError"]),
                    of_bucket("/{Bucket}?object-lock", "GetObjectLockConfiguration")
                        .absent(&["ObjectLockConfigurationNotFoundError"])
                        .action("s3:GetBucketObjectLockConfiguration"),
                    of_bucket("/{Bucket}?replication", "GetBucketReplication")
                        .absent(&["ReplicationConfigurationNotFoundError"])
                        .action("s3:GetReplicationConfiguration"),
                    of_bucket("/{Bucket}?notification", "GetBucketNotificationConfiguration")
                        .action("s3:GetBucketNotification"),
                ],
            ],
            kinds: &[Kind::new("aws_s3_bucket", "arn:{partition}:s3:::{Name}", "Name", BUCKET)
                .tags("GetBucketTagging.TagSet.Tag")
                .region(region)
                .untold(&[
                    ("acceleration_status", NOT_ASKED),
                    ("cors_rule", NOT_ASKED),
                    ("request_payer", NOT_ASKED),
                    ("website", NOT_ASKED),
                ])],
        },
        Listing {
            steps: &[CONTROL
                .get("/v20180820/configuration/publicAccessBlock", "GetPublicAccessBlock")
                .absent(&["NoSuchPublicAccessBlockConfiguration"])
                .action("s3:GetAccountPublicAccessBlock")],
            details: &[],
            kinds: &[Kind::new(
                "aws_s3_account_public_access_block",
                "{account}/s3/public-access-block",
                "",
                PUBLIC_ACCESS_BLOCK,
            )],
        },
    ],
};

/// Access points live in regions, buckets in all of them.
pub const CONTROL_SERVICE: Service = Service {
    name: "s3control",
    global: false,
    listings: &[Listing {
        steps: &[CONTROL
            .get("/v20180820/accesspoint", "ListAccessPoints")
            .given(&[("maxResults", Given::Number(1000))])
            .items("AccessPointList.AccessPoint")
            .paged("nextToken", "NextToken")],
        details: &[&[
            CONTROL.get("/v20180820/accesspoint/{name}", "GetAccessPoint").given(&[("name", Given::Of("Name"))]),
            CONTROL
                .get("/v20180820/tags/{resourceArn}", "ListTagsForResource")
                .given(&[("resourceArn", Given::Of("AccessPointArn"))]),
        ]],
        kinds: &[Kind::new("aws_s3_access_point", "{AccessPointArn}", "Name", ACCESS_POINT)
            .tags("ListTagsForResource.Tags.Tag")],
    }],
};

const NOT_ASKED: &str = "not read from live accounts: no check rests on it, and it takes a call for each bucket";

const fn of_bucket(path: &'static str, operation: &'static str) -> Call {
    API.get(path, operation).given(&[("Bucket", Given::Of("Name"))])
}

/// The list names regions only where it gives pages.
fn has_no_region(bucket: &Json) -> bool {
    value::at(bucket, "BucketRegion").is_none()
}

/// The oldest region has no name as a location, and the second oldest one of its own.
fn region(bucket: &Json) -> Option<String> {
    value::text(bucket, "BucketRegion").or_else(|| match bucket.get("GetBucketLocation")?.as_str()? {
        "" => Some("us-east-1".to_owned()),
        "EU" => Some("eu-west-1".to_owned()),
        region => Some(region.to_owned()),
    })
}

const PUBLIC_ACCESS_BLOCK: &[Field] = &[
    flag("block_public_acls", "BlockPublicAcls"),
    flag("block_public_policy", "BlockPublicPolicy"),
    flag("ignore_public_acls", "IgnorePublicAcls"),
    flag("restrict_public_buckets", "RestrictPublicBuckets"),
];

const ACCESS_POINT: &[Field] = &[
    text("name", "Name"),
    text("bucket", "Bucket"),
    block("public_access_block_configuration", "GetAccessPoint.PublicAccessBlockConfiguration", PUBLIC_ACCESS_BLOCK),
];

const BUCKET: &[Field] = &[
    text("bucket", "Name"),
    text("id", "Name"),
    of("region", &["BucketRegion", "GetBucketLocation"], |bucket| region(bucket).into()),
    of("grant", &["GetBucketAcl"], grants),
    document("policy", "GetBucketPolicy"),
    block(
        "server_side_encryption_configuration",
        "GetBucketEncryption",
        &[blocks(
            "rule",
            "Rule",
            &[
                block(
                    "apply_server_side_encryption_by_default",
                    "ApplyServerSideEncryptionByDefault",
                    &[text("sse_algorithm", "SSEAlgorithm"), text("kms_master_key_id", "KMSMasterKeyID")],
                ),
                flag("bucket_key_enabled", "BucketKeyEnabled"),
            ],
        )],
    ),
    with("versioning", "GetBucketVersioning", |state| {
        let is_on = |name| value::is(state, name, "Enabled");
        json!([{"enabled": is_on("Status"), "mfa_delete": is_on("MfaDelete")}])
    }),
    block(
        "logging",
        "GetBucketLogging.LoggingEnabled",
        &[text("target_bucket", "TargetBucket"), text("target_prefix", "TargetPrefix")],
    ),
    block("public_access_block", "GetPublicAccessBlock", PUBLIC_ACCESS_BLOCK),
    blocks("lifecycle_rule", "GetBucketLifecycleConfiguration.Rule", LIFECYCLE),
    block(
        "ownership_controls",
        "GetBucketOwnershipControls",
        &[blocks("rule", "Rule", &[text("object_ownership", "ObjectOwnership")])],
    ),
    with("object_lock_enabled", "GetObjectLockConfiguration.ObjectLockEnabled", |state| json!(state == "Enabled")),
    block(
        "object_lock_configuration",
        "GetObjectLockConfiguration",
        &[
            text("object_lock_enabled", "ObjectLockEnabled"),
            block(
                "rule",
                "Rule",
                &[block(
                    "default_retention",
                    "DefaultRetention",
                    &[text("mode", "Mode"), number("days", "Days"), number("years", "Years")],
                )],
            ),
        ],
    ),
    block(
        "replication_configuration",
        "GetBucketReplication",
        &[
            text("role", "Role"),
            blocks(
                "rules",
                "Rule",
                &[
                    text("id", "ID"),
                    text("status", "Status"),
                    text("prefix", "Prefix"),
                    number("priority", "Priority"),
                    block(
                        "destination",
                        "Destination",
                        &[
                            text("bucket", "Bucket"),
                            text("account_id", "Account"),
                            text("storage_class", "StorageClass"),
                        ],
                    ),
                ],
            ),
        ],
    ),
    of("notification", &["GetBucketNotificationConfiguration"], notification),
];

const LIFECYCLE: &[Field] = &[
    text("id", "ID"),
    with("enabled", "Status", |state| json!(state == "Enabled")),
    with("prefix", "", |rule| {
        let paths = ["Prefix", "Filter.Prefix", "Filter.And.Prefix"];
        paths.iter().find_map(|path| value::text(rule, path)).into()
    }),
    number("abort_incomplete_multipart_upload_days", "AbortIncompleteMultipartUpload.DaysAfterInitiation"),
    block(
        "expiration",
        "Expiration",
        &[
            number("days", "Days"),
            text("date", "Date"),
            flag("expired_object_delete_marker", "ExpiredObjectDeleteMarker"),
        ],
    ),
    blocks(
        "transition",
        "Transition",
        &[number("days", "Days"), text("date", "Date"), text("storage_class", "StorageClass")],
    ),
    block("noncurrent_version_expiration", "NoncurrentVersionExpiration", &[number("days", "NoncurrentDays")]),
    blocks(
        "noncurrent_version_transition",
        "NoncurrentVersionTransition",
        &[number("days", "NoncurrentDays"), text("storage_class", "StorageClass")],
    ),
];

/// One entry for each grantee, with all its permissions.
fn grants(bucket: &Json) -> Json {
    let mut grants: Vec<(Json, Vec<String>)> = Vec::new();
    for grant in value::all(bucket, "GetBucketAcl.AccessControlList.Grant") {
        let (id, uri) = (value::text(grant, "Grantee.ID"), value::text(grant, "Grantee.URI"));
        let kind = if uri.is_some() { "Group" } else { "CanonicalUser" };
        let grantee = json!({"id": id.unwrap_or_default(), "type": kind, "uri": uri.unwrap_or_default()});
        let permissions = value::all(grant, "Permission").into_iter().filter_map(|one| value::text(one, ""));
        match grants.iter_mut().find(|(known, _)| *known == grantee) {
            Some((_, known)) => known.extend(permissions),
            None => grants.push((grantee, permissions.collect())),
        }
    }
    let entries = grants.into_iter().map(|(mut grantee, permissions)| {
        if let Json::Object(map) = &mut grantee {
            map.insert("permissions".to_owned(), json!(permissions));
        }
        grantee
    });
    entries.collect()
}

/// Always there, so that a bucket without any says so.
fn notification(bucket: &Json) -> Json {
    let of = |name: &str, to: &str, from: &str| -> Json {
        let all = value::all(bucket, &format!("GetBucketNotificationConfiguration.{name}"));
        let entry = |one: &Json| {
            let events: Vec<&Json> = value::all(one, "Event");
            json!({"id": value::text(one, "Id"), to: value::text(one, from), "events": events})
        };
        all.into_iter().map(entry).collect()
    };
    let eventbridge = bucket
        .get("GetBucketNotificationConfiguration")
        .is_some_and(|all| all.get("EventBridgeConfiguration").is_some());
    json!([{
        "eventbridge": eventbridge,
        "lambda_function": of("CloudFunctionConfiguration", "lambda_function_arn", "CloudFunction"),
        "queue": of("QueueConfiguration", "queue_arn", "Queue"),
        "topic": of("TopicConfiguration", "topic_arn", "Topic"),
    }])
}
