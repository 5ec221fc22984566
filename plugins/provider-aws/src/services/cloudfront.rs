//! CloudFront: distributions.

use crate::api::{Api, Partition, Protocol, Site};
use crate::call::Given;
use crate::field::{Field, block, blocks, flag, number, text, texts};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::global(
    "cloudfront",
    Protocol::RestXml,
    &[
        (Partition::Commercial, Site { host: "cloudfront.amazonaws.com", region: "us-east-1" }),
        (Partition::China, Site { host: "cloudfront.cn-northwest-1.amazonaws.com.cn", region: "cn-northwest-1" }),
    ],
);

pub const SERVICE: Service = Service {
    name: "cloudfront",
    global: true,
    listings: &[Listing {
        steps: &[API
            .get("/2020-05-31/distribution", "ListDistributions")
            .items("Items.DistributionSummary")
            .paged("Marker", "NextMarker")],
        details: &[&[
            API.get("/2020-05-31/distribution/{Id}", "GetDistribution").given(&[("Id", Given::Of("Id"))]),
            API.get("/2020-05-31/tagging", "ListTagsForResource").given(&[("Resource", Given::Of("ARN"))]),
        ]],
        kinds: &[Kind::new("aws_cloudfront_distribution", "{ARN}", "Id", FIELDS).tags("ListTagsForResource.Items.Tag")],
    }],
};

macro_rules! config {
    ($path:literal) => {
        concat!("GetDistribution.DistributionConfig.", $path)
    };
}

const BEHAVIOR: &[Field] = &[
    text("path_pattern", "PathPattern"),
    text("target_origin_id", "TargetOriginId"),
    text("viewer_protocol_policy", "ViewerProtocolPolicy"),
    text("field_level_encryption_id", "FieldLevelEncryptionId"),
    text("realtime_log_config_arn", "RealtimeLogConfigArn"),
    text("cache_policy_id", "CachePolicyId"),
    text("response_headers_policy_id", "ResponseHeadersPolicyId"),
    texts("allowed_methods", "AllowedMethods.Items.Method"),
    flag("compress", "Compress"),
    texts("trusted_key_groups", "TrustedKeyGroups.Items.KeyGroup"),
    texts("trusted_signers", "TrustedSigners.Items.AwsAccountNumber"),
];

const FIELDS: &[Field] = &[
    text("id", "Id"),
    text("comment", config!("Comment")),
    text("domain_name", "DomainName"),
    texts("aliases", config!("Aliases.Items.CNAME")),
    flag("enabled", config!("Enabled")),
    text("default_root_object", config!("DefaultRootObject")),
    text("http_version", config!("HttpVersion")),
    text("price_class", config!("PriceClass")),
    text("web_acl_id", config!("WebACLId")),
    block("default_cache_behavior", config!("DefaultCacheBehavior"), BEHAVIOR),
    blocks("ordered_cache_behavior", config!("CacheBehaviors.Items.CacheBehavior"), BEHAVIOR),
    block(
        "logging_config",
        config!("Logging"),
        &[text("bucket", "Bucket"), text("prefix", "Prefix"), flag("include_cookies", "IncludeCookies")],
    ),
    blocks("origin", config!("Origins.Items.Origin"), ORIGIN),
    blocks(
        "origin_group",
        config!("OriginGroups.Items.OriginGroup"),
        &[
            text("origin_id", "Id"),
            blocks("member", "Members.Items.OriginGroupMember", &[text("origin_id", "OriginId")]),
        ],
    ),
    block(
        "restrictions",
        config!("Restrictions"),
        &[block(
            "geo_restriction",
            "GeoRestriction",
            &[text("restriction_type", "RestrictionType"), texts("locations", "Items.Location")],
        )],
    ),
    block(
        "viewer_certificate",
        config!("ViewerCertificate"),
        &[
            text("acm_certificate_arn", "ACMCertificateArn"),
            text("iam_certificate_id", "IAMCertificateId"),
            flag("cloudfront_default_certificate", "CloudFrontDefaultCertificate"),
            text("minimum_protocol_version", "MinimumProtocolVersion"),
            text("ssl_support_method", "SSLSupportMethod"),
        ],
    ),
];

const ORIGIN: &[Field] = &[
    text("origin_id", "Id"),
    text("domain_name", "DomainName"),
    text("origin_path", "OriginPath"),
    text("origin_access_control_id", "OriginAccessControlId"),
    block("s3_origin_config", "S3OriginConfig", &[text("origin_access_identity", "OriginAccessIdentity")]),
    block("vpc_origin_config", "VpcOriginConfig", &[text("vpc_origin_id", "VpcOriginId")]),
    block(
        "custom_origin_config",
        "CustomOriginConfig",
        &[
            number("http_port", "HTTPPort"),
            number("https_port", "HTTPSPort"),
            text("origin_protocol_policy", "OriginProtocolPolicy"),
            texts("origin_ssl_protocols", "OriginSslProtocols.Items.SslProtocol"),
        ],
    ),
];
