//! What an account has set for all its machines in a region.

use super::API;
use crate::field::{Field, flag, number, text};
use crate::kind::{Kind, Listing};

pub(super) const ENCRYPTION: Listing = Listing {
    steps: &[API.call("GetEbsEncryptionByDefault")],
    details: &[],
    kinds: &[Kind::new(
        "aws_ebs_encryption_by_default",
        "{account}/{region}/ebs-encryption-by-default",
        "",
        &[flag("enabled", "ebsEncryptionByDefault")],
    )],
};

pub(super) const SNAPSHOT_BLOCK: Listing = Listing {
    steps: &[API.call("GetSnapshotBlockPublicAccessState")],
    details: &[],
    kinds: &[Kind::new(
        "aws_ebs_snapshot_block_public_access",
        "{account}/{region}/ebs-snapshot-block-public-access",
        "",
        &[text("state", "state")],
    )],
};

pub(super) const IMAGE_BLOCK: Listing = Listing {
    steps: &[API.call("GetImageBlockPublicAccessState")],
    details: &[],
    kinds: &[Kind::new(
        "aws_ec2_image_block_public_access",
        "{account}/{region}/image-block-public-access",
        "",
        &[text("state", "imageBlockPublicAccessState")],
    )],
};

const DEFAULTS: &[Field] = &[
    text("http_endpoint", "accountLevel.httpEndpoint"),
    text("http_tokens", "accountLevel.httpTokens"),
    number("http_put_response_hop_limit", "accountLevel.httpPutResponseHopLimit"),
    text("instance_metadata_tags", "accountLevel.instanceMetadataTags"),
];

pub(super) const METADATA: Listing = Listing {
    steps: &[API.call("GetInstanceMetadataDefaults")],
    details: &[],
    kinds: &[Kind::new(
        "aws_ec2_instance_metadata_defaults",
        "{account}/{region}/instance-metadata-defaults",
        "",
        DEFAULTS,
    )],
};
