//! Disks and their encryption.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&VOLUME_ENCRYPTION, &DEFAULT_ENCRYPTION, &SNAPSHOT_ENCRYPTION];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];
const URL: &str = "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html";

fn encrypted(resource: &Resource<'_>) -> Outcome {
    match resource.bool("encrypted")? {
        Some(encrypted) => pass_if(encrypted, "encrypted is false"),
        None => Err(Unread {
            path: "encrypted".into(),
            reason: "it is not set, so its origin and the region's default decide".into(),
        }),
    }
}

pub const VOLUME_ENCRYPTION: Check = Check {
    id: "ec2_ebs_volume_encryption",
    title: "EBS volume is encrypted",
    description: "A volume must be encrypted. Where the attribute is not set, the region's default decides and the \
        verdict stays open.",
    risk: "Whoever gets at the volume, a snapshot of it or the hardware beneath can read its data without needing a \
        key.",
    severity: Severity::High,
    kinds: &["aws_ebs_volume"],
    reads: &["encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "A volume cannot be encrypted in place: take a snapshot, copy it encrypted, make a volume of the copy \
            and swap them.",
        url: URL,
        command: "aws ec2 copy-snapshot --source-region REGION --source-snapshot-id SNAPSHOT_ID --encrypted",
        terraform: "encrypted = true",
        effort_minutes: 60,
    },
    rule: Rule::Resource(encrypted),
};

pub const DEFAULT_ENCRYPTION: Check = Check {
    id: "ec2_ebs_default_encryption",
    title: "EBS encryption is the default in the region",
    description: "The setting that encrypts every new volume and snapshot copy of a region must be on.",
    risk: "One forgotten attribute is enough for a disk to be written unencrypted, and it must be copied to mend it.",
    severity: Severity::High,
    kinds: &["aws_ebs_encryption_by_default"],
    reads: &["enabled"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the default on in every region; it costs nothing and leaves existing volumes as they are.",
        url: "https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",
        command: "aws ec2 enable-ebs-encryption-by-default --region REGION",
        terraform: r#"resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}"#,
        effort_minutes: 5,
    },
    // The Terraform resource, when it stands without the attribute, switches the default on.
    rule: Rule::Resource(|default| pass_if(default.bool("enabled")?.unwrap_or(true), "enabled is false")),
};

pub const SNAPSHOT_ENCRYPTION: Check = Check {
    id: "ec2_ebs_snapshots_encrypted",
    title: "EBS snapshot is encrypted",
    description: "A snapshot of a volume must be encrypted.",
    risk: "A snapshot is easily copied and shared; unencrypted, it gives all the data of the disk to whoever has it.",
    severity: Severity::High,
    kinds: &["aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_ebs_snapshot_import"],
    reads: &["encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Copy the snapshot encrypted and delete the original.",
        url: URL,
        command: "aws ec2 copy-snapshot --source-region REGION --source-snapshot-id SNAPSHOT_ID --encrypted",
        terraform: r#"resource "aws_ebs_snapshot_copy" "encrypted" {
  source_snapshot_id = aws_ebs_snapshot.data.id
  source_region      = "eu-central-1"
  encrypted          = true
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(encrypted),
};
