//! Encryption at rest.

use plumbline::prelude::*;

use super::{BUCKET, REFERENCES};

pub(super) const CHECKS: &[&Check] = &[&DEFAULT_ENCRYPTION, &KMS_ENCRYPTION];

const ALGORITHM: &str =
    "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm";
const READS: &[&str] = &["server_side_encryption_configuration"];
const URL: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html";

pub(super) const DEFAULT_ENCRYPTION: Check = Check {
    id: "s3_bucket_default_encryption",
    title: "Bucket states its default encryption",
    description: "The bucket must have a default encryption rule. AWS has encrypted every new object with SSE-S3 \
        since January 2023, so a live bucket always shows one; a configuration that shows none leaves the choice of \
        key to AWS and fails.",
    risk: "Without a stated rule nobody decided with which key data is encrypted, and older objects may lie \
        unencrypted.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: READS,
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "State a default encryption rule for the bucket, with a KMS key where access to the data must be \
            controlled apart from access to the bucket.",
        url: URL,
        command: "aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration \
            '{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\"}}]}'",
        terraform: r#"resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
  }
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|bucket| match bucket.text(ALGORITHM)? {
        Some("AES256" | "aws:kms" | "aws:kms:dsse") => pass(),
        Some(other) => fail(format!("default encryption is {other}")),
        None => fail("no default encryption rule is set"),
    }),
};

pub(super) const KMS_ENCRYPTION: Check = Check {
    id: "s3_bucket_kms_encryption",
    title: "Bucket is encrypted with KMS by default",
    description: "The bucket's default encryption must use a KMS key (`aws:kms` or `aws:kms:dsse`), not keys that S3 \
        manages alone.",
    risk: "With SSE-S3, whoever may read an object may decrypt it: no key policy stands between, and no key use is \
        logged.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: READS,
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the default encryption to a customer managed KMS key and switch bucket keys on to keep its cost \
            low.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
        command: "aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration \
            '{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\",\
            \"KMSMasterKeyID\":\"KEY_ARN\"},\"BucketKeyEnabled\":true}]}'",
        terraform: r#"rule {
  bucket_key_enabled = true
  apply_server_side_encryption_by_default {
    sse_algorithm     = "aws:kms"
    kms_master_key_id = aws_kms_key.this.arn
  }
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|bucket| match bucket.text(ALGORITHM)? {
        Some("aws:kms" | "aws:kms:dsse") => pass(),
        Some(other) => fail(format!("default encryption is {other}")),
        None => fail("no default encryption rule is set"),
    }),
};
