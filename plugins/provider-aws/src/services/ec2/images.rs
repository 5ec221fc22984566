//! Disks, copies of them, and machine images of the account's own.

use super::{API, OWNED, kind, list};
use crate::call::Given;
use crate::field::{Field, blocks, flag, number, text};
use crate::kind::Listing;

pub(super) const VOLUMES: Listing = Listing {
    steps: &[list("DescribeVolumes", "volumeSet.item")],
    details: &[],
    kinds: &[kind("aws_ebs_volume", "arn:{partition}:ec2:{region}:{account}:volume/{volumeId}", "volumeId", VOLUME)],
};

const VOLUME: &[Field] = &[
    text("id", "volumeId"),
    text("availability_zone", "availabilityZone"),
    flag("encrypted", "encrypted"),
    text("kms_key_id", "kmsKeyId"),
    number("size", "size"),
    number("iops", "iops"),
    number("throughput", "throughput"),
    text("snapshot_id", "snapshotId"),
    text("type", "volumeType"),
    flag("multi_attach_enabled", "multiAttachEnabled"),
];

pub(super) const SNAPSHOTS: Listing = Listing {
    steps: &[list("DescribeSnapshots", "snapshotSet.item").given(OWNED)],
    details: &[&[API
        .call("DescribeSnapshotAttribute")
        .given(&[("SnapshotId", Given::Of("snapshotId")), ("Attribute", Given::Text("createVolumePermission"))])]],
    kinds: &[kind("aws_ebs_snapshot", "arn:{partition}:ec2:{region}::snapshot/{snapshotId}", "snapshotId", SNAPSHOT)],
};

const SNAPSHOT: &[Field] = &[
    text("id", "snapshotId"),
    text("volume_id", "volumeId"),
    text("description", "description"),
    text("owner_id", "ownerId"),
    flag("encrypted", "encrypted"),
    text("kms_key_id", "kmsKeyId"),
    number("volume_size", "volumeSize"),
    text("storage_tier", "storageTier"),
    blocks(
        "create_volume_permission",
        "DescribeSnapshotAttribute.createVolumePermission.item",
        &[text("group", "group"), text("user_id", "userId")],
    ),
];

pub(super) const IMAGES: Listing = Listing {
    steps: &[list("DescribeImages", "imagesSet.item").given(OWNED)],
    details: &[&[API
        .call("DescribeImageAttribute")
        .given(&[("ImageId", Given::Of("imageId")), ("Attribute", Given::Text("launchPermission"))])]],
    kinds: &[kind("aws_ami", "arn:{partition}:ec2:{region}::image/{imageId}", "name", IMAGE)],
};

const IMAGE: &[Field] = &[
    text("id", "imageId"),
    text("name", "name"),
    text("description", "description"),
    text("architecture", "architecture"),
    text("owner_id", "imageOwnerId"),
    flag("public", "isPublic"),
    text("root_device_name", "rootDeviceName"),
    text("deprecation_time", "deprecationTime"),
    text("imds_support", "imdsSupport"),
    blocks(
        "launch_permission",
        "DescribeImageAttribute.launchPermission.item",
        &[text("group", "group"), text("account_id", "userId")],
    ),
];
