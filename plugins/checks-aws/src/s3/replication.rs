//! Copies in another region.

use std::collections::HashMap;

use plumbline::prelude::*;

use super::{BUCKET, REFERENCES};
use crate::inventory;

pub(super) const CHECKS: &[&Check] = &[&CROSS_REGION];

/// The region of each bucket by its name.
fn regions(account: &Account<'_>) -> Result<HashMap<String, String>, Unread> {
    let mut regions = HashMap::new();
    account.each_listed("aws_s3_bucket", |bucket| {
        // A bucket whose name cannot be read is no known destination.
        if let Ok(Some(name)) = bucket.text("bucket") {
            regions.insert(name.to_owned(), bucket.region.to_owned());
        }
        Ok(())
    })?;
    Ok(regions)
}

/// The buckets that enabled rules copy to.
fn destinations<'a>(bucket: &Resource<'a>) -> Result<Vec<&'a str>, Unread> {
    let mut destinations = Vec::new();
    let configuration = bucket.get("replication_configuration")?;
    configuration.complete()?;
    // The block of a bucket calls them `rules`, the configuration resource `rule`.
    for rule in configuration.list("rules")?.into_iter().chain(configuration.list("rule")?) {
        if rule.text("status")? == Some("Enabled") {
            destinations.extend(rule.text("destination.bucket")?);
        }
    }
    Ok(destinations)
}

fn judge(bucket: &Resource<'_>, regions: &HashMap<String, String>) -> Outcome {
    let versioned = bucket.flag("versioning.enabled")?;
    let destinations = destinations(bucket)?;
    if destinations.is_empty() {
        return fail("no replication rule is enabled");
    }
    if !versioned {
        return fail("versioning is off, so nothing is replicated");
    }
    let mut unknown = None;
    for arn in &destinations {
        let name = arn.rsplit(':').next().unwrap_or_default();
        match regions.get(name).filter(|region| !region.is_empty() && !bucket.region.is_empty()) {
            Some(region) if region != bucket.region => return pass(),
            Some(_) => {}
            None => unknown = Some(*arn),
        }
    }
    match unknown {
        Some(arn) => manual(format!("the region of {arn} is not known here: see whether it differs from the bucket's")),
        None => fail(format!("every replica stays in {}", bucket.region)),
    }
}

pub(super) const CROSS_REGION: Check = Check {
    id: "s3_bucket_cross_region_replication",
    title: "Bucket is replicated to another region",
    description: "An enabled replication rule must copy the bucket to one in another region. A destination outside \
        the scanned account is for a person to look at.",
    risk: "When a region is lost, so is everything that lies there alone.",
    severity: Severity::Low,
    kinds: BUCKET,
    reads: &["replication_configuration", "versioning", "bucket"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable versioning on both buckets and add a replication rule with a destination in another region.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
        command: "aws s3api put-bucket-replication --bucket BUCKET --replication-configuration file://replication.json",
        terraform: r#"resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  role   = aws_iam_role.replication.arn
  rule {
    status = "Enabled"
    destination { bucket = aws_s3_bucket.replica.arn }
  }
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Account(|account, _| match regions(account) {
        Ok(regions) => inventory::each(account, "aws_s3_bucket", |bucket| judge(bucket, &regions)),
        Err(unread) => inventory::whole(Err(unread)),
    }),
};
