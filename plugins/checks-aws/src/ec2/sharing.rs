//! Images and snapshots that are given to everyone.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&PUBLIC_IMAGE, &PUBLIC_SNAPSHOT, &BLOCK_SNAPSHOTS, &BLOCK_IMAGES];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];

pub const PUBLIC_IMAGE: Check = Check {
    id: "ec2_ami_public",
    title: "AMI is not public",
    description: "An image must not be launchable by everyone: neither its `public` attribute nor a launch \
        permission for the group `all`.",
    risk: "Anyone can start the image and read what is on its disks: code, configuration, keys left behind.",
    severity: Severity::Critical,
    kinds: &["aws_ami", "aws_ami_copy", "aws_ami_from_instance", "aws_ami_launch_permission"],
    reads: &["public", "launch_permission", "group"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take the permission of the group `all` away, share with named accounts instead, and rotate what was \
            on the image.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html",
        command: "aws ec2 modify-image-attribute --image-id AMI_ID --launch-permission 'Remove=[{Group=all}]'",
        terraform: r#"resource "aws_ami_launch_permission" "partner" {
  image_id   = aws_ami.app.id
  account_id = "123456789012"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|image| {
        let (group, public) = (image.text("group")?, image.bool("public")?);
        if image.kind == "aws_ami_launch_permission" {
            image.get("launch_permission")?;
            return pass_if(group != Some("all"), "it lets the group 'all' launch the image");
        }
        for permission in image.list("launch_permission")? {
            if permission.text("group")? == Some("all") {
                return fail("launch_permission names the group 'all'");
            }
        }
        match public {
            Some(public) => pass_if(!public, "public is true"),
            None => Err(Unread { path: "public".into(), reason: "the source does not say whether it is".into() }),
        }
    }),
};

pub const PUBLIC_SNAPSHOT: Check = Check {
    id: "ec2_ebs_public_snapshot",
    title: "EBS snapshot is not public",
    description: "The group `all` must not be among those who may make volumes from a snapshot.",
    risk: "Anyone with an AWS account can copy the disk and read everything on it; such snapshots are searched for \
        all the time.",
    severity: Severity::Critical,
    kinds: &["aws_ebs_snapshot", "aws_ebs_snapshot_copy"],
    reads: &["create_volume_permission"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take the permission of the group `all` away and block public snapshots in the region.",
        url: "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html",
        command: "aws ec2 modify-snapshot-attribute --snapshot-id SNAPSHOT_ID --attribute createVolumePermission \
            --operation-type remove --group-names all",
        terraform: r#"resource "aws_ebs_snapshot_block_public_access" "this" {
  state = "block-all-sharing"
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|snapshot| {
        let permissions = snapshot.get("create_volume_permission")?;
        if permissions.value().is_none() {
            let reason = "the source does not say who may make volumes from it".to_owned();
            return Err(Unread { path: "create_volume_permission".into(), reason });
        }
        for permission in permissions.as_list()? {
            if permission.text("group")? == Some("all") {
                return fail("create_volume_permission names the group 'all'");
            }
        }
        pass()
    }),
};

pub const BLOCK_SNAPSHOTS: Check = Check {
    id: "ec2_ebs_snapshot_account_block_public_access",
    title: "Public EBS snapshots are blocked in the region",
    description: "Block public access for snapshots must be in the state `block-all-sharing`, which also hides \
        snapshots shared before.",
    risk: "One wrong permission on one snapshot gives a disk to everyone with an AWS account.",
    severity: Severity::High,
    kinds: &["aws_ebs_snapshot_block_public_access"],
    reads: &["state"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Block all public sharing in every region.",
        url: "https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html",
        command: "aws ec2 enable-snapshot-block-public-access --state block-all-sharing --region REGION",
        terraform: r#"resource "aws_ebs_snapshot_block_public_access" "this" {
  state = "block-all-sharing"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|block| {
        let state = block.text("state")?.unwrap_or("unblocked");
        pass_if(state == "block-all-sharing", format!("state is {state}"))
    }),
};

pub const BLOCK_IMAGES: Check = Check {
    id: "ec2_ami_account_block_public_access",
    title: "Public AMIs are blocked in the region",
    description: "Block public access for images must be in the state `block-new-sharing`.",
    risk: "One wrong launch permission gives an image, with all that is on its disks, to everyone.",
    severity: Severity::Medium,
    kinds: &["aws_ec2_image_block_public_access"],
    reads: &["state"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Block public sharing in every region.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html",
        command: "aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing",
        terraform: r#"resource "aws_ec2_image_block_public_access" "this" {
  state = "block-new-sharing"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|block| {
        let state = block.text("state")?.unwrap_or("unblocked");
        pass_if(state == "block-new-sharing", format!("state is {state}"))
    }),
};
