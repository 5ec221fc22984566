//! What keeps objects from being lost.

use plumbline::prelude::*;

use super::{BUCKET, REFERENCES};

pub(super) const CHECKS: &[&Check] = &[&VERSIONING, &MFA_DELETE, &OBJECT_LOCK, &LIFECYCLE];

pub(super) const VERSIONING: Check = Check {
    id: "s3_bucket_object_versioning",
    title: "Bucket keeps versions of its objects",
    description: "Versioning of the bucket must be enabled.",
    risk: "An object that is overwritten or deleted, by mistake or by ransomware, is gone.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: &["versioning"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable versioning, with a lifecycle rule that removes old versions when they are no longer needed.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
        command: "aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled",
        terraform: r#"resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration { status = "Enabled" }
}"#,
        effort_minutes: 5,
    },
    rule: Rule::Resource(|bucket| pass_if(bucket.flag("versioning.enabled")?, "versioning is off")),
};

pub(crate) const MFA_DELETE: Check = Check {
    id: "s3_bucket_no_mfa_delete",
    title: "Bucket asks for MFA before versions are deleted",
    description: "MFA delete must be on, so that deleting a version or suspending versioning needs the root user's \
        device.",
    risk: "Whoever steals credentials that may delete can also delete every version, and with them the way back.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: &["versioning"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable MFA delete with the root user's credentials and device; it cannot be done in the console.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html",
        command: "aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration \
            Status=Enabled,MFADelete=Enabled --mfa 'SERIAL CODE'",
        terraform: r#"mfa = "SERIAL CODE"
versioning_configuration {
  status     = "Enabled"
  mfa_delete = "Enabled"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|bucket| pass_if(bucket.flag("versioning.mfa_delete")?, "MFA delete is off")),
};

pub(super) const OBJECT_LOCK: Check = Check {
    id: "s3_bucket_object_lock",
    title: "Bucket has Object Lock",
    description: "Object Lock must be enabled, so that objects can be kept from deletion for a time.",
    risk: "Records that must be kept can be deleted by anyone with the right to delete, ransomware included.",
    severity: Severity::Low,
    kinds: BUCKET,
    reads: &["object_lock_enabled", "object_lock_configuration"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable Object Lock and set a default retention in governance or compliance mode.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
        command: "aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration \
            '{\"ObjectLockEnabled\":\"Enabled\",\"Rule\":{\"DefaultRetention\":{\"Mode\":\"GOVERNANCE\",\
            \"Days\":30}}}'",
        terraform: r#"resource "aws_s3_bucket_object_lock_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 30
    }
  }
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|bucket| {
        let configured = bucket.text("object_lock_configuration.object_lock_enabled")? == Some("Enabled");
        let enabled = bucket.flag("object_lock_enabled")?;
        pass_if(enabled || configured, "object lock is off")
    }),
};

pub(super) const LIFECYCLE: Check = Check {
    id: "s3_bucket_lifecycle_enabled",
    title: "Bucket has a lifecycle rule",
    description: "At least one lifecycle rule of the bucket must be enabled.",
    risk: "Data is kept longer than it may be, old versions and unfinished uploads pile up, and the bill grows with \
        them.",
    severity: Severity::Low,
    kinds: BUCKET,
    reads: &["lifecycle_rule"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a rule that expires or moves objects, old versions and unfinished uploads.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
        command: "aws s3api put-bucket-lifecycle-configuration --bucket BUCKET --lifecycle-configuration \
            file://lifecycle.json",
        terraform: r#"resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    id     = "tidy"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|bucket| {
        let rules = bucket.list("lifecycle_rule")?;
        for rule in &rules {
            // The block of a bucket says `enabled`, the configuration resource `status`.
            if rule.flag("enabled")? || rule.text("status")? == Some("Enabled") {
                return pass();
            }
        }
        fail(if rules.is_empty() { "there is no lifecycle rule" } else { "no lifecycle rule is enabled" })
    }),
};
