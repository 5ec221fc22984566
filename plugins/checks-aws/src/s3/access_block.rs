//! Block Public Access: on buckets, on access points, on the account.

use plumbline::prelude::*;

use super::{BUCKET, REFERENCES};
use crate::inventory;

pub(super) const CHECKS: &[&Check] = &[&BUCKET_BLOCK, &ACCOUNT_BLOCK, &ACCESS_POINT_BLOCK];

const FLAGS: [&str; 4] = ["block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"];
const URL: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";

/// The flags that are off.
fn off(settings: &Node<'_>, default: bool) -> Result<Vec<&'static str>, Unread> {
    let mut off = Vec::new();
    for flag in FLAGS {
        if !settings.bool(flag)?.unwrap_or(default) {
            off.push(flag);
        }
    }
    Ok(off)
}

fn all_on(off: &[&str]) -> Outcome {
    pass_if(off.is_empty(), format!("{} off: {}", if off.len() == 1 { "this is" } else { "these are" }, off.join(", ")))
}

pub(super) const BUCKET_BLOCK: Check = Check {
    id: "s3_bucket_level_public_access_block",
    title: "Bucket blocks public access",
    description: "All four Block Public Access settings of the bucket must be on. The account's own setting, which \
        also covers the bucket, has a check of its own.",
    risk: "One careless ACL or policy opens the bucket to the internet, because nothing above it says no.",
    severity: Severity::High,
    kinds: BUCKET,
    reads: &["public_access_block"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch all four settings on; serve public content through CloudFront with origin access control \
            instead.",
        url: URL,
        command: "aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration \
            BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        terraform: r#"resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|bucket| {
        let block = bucket.get("public_access_block")?;
        block.complete()?;
        if block.is_empty() {
            return fail("no public access block is set on the bucket");
        }
        all_on(&off(&block, false)?)
    }),
};

pub(super) const ACCOUNT_BLOCK: Check = Check {
    id: "s3_account_level_public_access_blocks",
    title: "Account blocks public access to all its buckets",
    description: "The account's Block Public Access settings must all be on, so that no bucket of the account can \
        become public.",
    risk: "Every bucket, also one made tomorrow, depends on its own settings alone.",
    severity: Severity::High,
    kinds: &["aws_s3_account_public_access_block"],
    reads: &FLAGS,
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the four settings on for the account once no bucket has to be public.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html",
        command: "aws s3control put-public-access-block --account-id ACCOUNT --public-access-block-configuration \
            BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        terraform: r#"resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Account(|account, _| {
        let mut lacking = Vec::new();
        let blocked = inventory::any(account, "aws_s3_account_public_access_block", |block| {
            lacking = off(block.config(), false)?;
            Ok(lacking.is_empty())
        });
        inventory::whole(match blocked {
            Ok(true) => pass(),
            Ok(false) if lacking.is_empty() => fail("the account has no public access block"),
            Ok(false) => all_on(&lacking),
            Err(unread) => Err(unread),
        })
    }),
};

pub(super) const ACCESS_POINT_BLOCK: Check = Check {
    id: "s3_access_point_public_access_block",
    title: "Access point blocks public access",
    description: "All four Block Public Access settings of an access point must be on. They are on unless switched \
        off, and cannot be changed after creation.",
    risk: "An access point with its own open policy is a second door to the bucket that its owner may overlook.",
    severity: Severity::Critical,
    kinds: &["aws_s3_access_point"],
    reads: &["public_access_block_configuration"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a replacement access point with all four settings on and delete this one.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html",
        command: "aws s3control create-access-point --account-id ACCOUNT --name NAME --bucket BUCKET \
            --public-access-block-configuration \
            BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        terraform: r"public_access_block_configuration {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|point| {
        let block = point.get("public_access_block_configuration")?;
        block.complete()?;
        all_on(&off(&block, true)?)
    }),
};
