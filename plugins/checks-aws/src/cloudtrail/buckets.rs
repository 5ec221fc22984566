//! The buckets that trails write to.

use plumbline::prelude::*;

use super::{REFERENCES, TRAIL};
use crate::{inventory, s3};

pub(super) const CHECKS: &[&Check] = &[&ACCESS_LOGGING, &NOT_PUBLIC, &MFA_DELETE];

const BUCKET: &str = "aws_s3_bucket";
const KINDS: &[&str] = &[TRAIL, BUCKET];

/// The verdict of a check of buckets on the bucket of each trail, told as the trail's. A bucket of another account is
/// for a person to look at.
fn judge(account: &Account<'_>, context: &Context, check: &Check) -> Vec<(Subject, Outcome)> {
    inventory::each(account, TRAIL, |trail| {
        let Some(name) = trail.text("s3_bucket_name")? else {
            return Err(Unread { path: "s3_bucket_name".to_owned(), reason: "a trail always has one".to_owned() });
        };
        let mut outcome = None;
        account.each_listed(BUCKET, |bucket| {
            // A bucket whose name cannot be read is not known to be this one.
            if bucket.text("bucket").is_ok_and(|found| found == Some(name)) {
                outcome = Some(check.on(bucket, context));
            }
            Ok(())
        })?;
        match outcome {
            Some(Ok(Verdict::Fail(message))) => fail(format!("bucket {name}: {message}")),
            Some(outcome) => outcome,
            None => {
                account.complete(BUCKET)?;
                manual(format!("bucket {name} is not in this account: look at it where it is"))
            }
        }
    })
}

pub(super) const ACCESS_LOGGING: Check = Check {
    id: "cloudtrail_logs_s3_bucket_access_logging_enabled",
    title: "Access to the trail's bucket is logged",
    description: "Server access logging must be on for the bucket that a trail writes to.",
    risk: "Nobody can tell who read or removed log files.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["s3_bucket_name", "bucket", "logging"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation { effort_minutes: 15, ..s3::ACCESS_LOGGING.remediation },
    rule: Rule::Account(|account, context| judge(account, context, &s3::ACCESS_LOGGING)),
};

pub(super) const NOT_PUBLIC: Check = Check {
    id: "cloudtrail_logs_s3_bucket_is_not_publicly_accessible",
    title: "The trail's bucket is not public",
    description: "Neither an ACL nor the policy of the bucket that a trail writes to may let anyone in.",
    risk: "Strangers learn users, addresses and habits from the log files, and may change them.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &[
        "s3_bucket_name",
        "bucket",
        "acl",
        "grant",
        "access_control_policy",
        "ownership_controls",
        "public_access_block",
        "policy",
    ],
    categories: &["internet-exposed", "logging"],
    references: REFERENCES,
    remediation: Remediation { effort_minutes: 15, ..s3::PUBLIC_ACCESS.remediation },
    rule: Rule::Account(|account, context| judge(account, context, &s3::PUBLIC_ACCESS)),
};

pub(super) const MFA_DELETE: Check = Check {
    id: "cloudtrail_bucket_requires_mfa_delete",
    title: "The trail's bucket asks for MFA before deletion",
    description: "MFA delete must be on for the bucket that a trail writes to.",
    risk: "Stolen credentials are enough to delete the record of what they were used for.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["s3_bucket_name", "bucket", "versioning"],
    categories: &["resilience", "logging"],
    references: REFERENCES,
    remediation: Remediation { effort_minutes: 20, ..s3::MFA_DELETE.remediation },
    rule: Rule::Account(|account, context| judge(account, context, &s3::MFA_DELETE)),
};
