//! Records of who did what.

use plumbline::prelude::*;

use super::{BUCKET, REFERENCES};
use crate::inventory::{self, Lookup};

pub(super) const CHECKS: &[&Check] = &[&ACCESS_LOGGING, &EVENTS];

const NOTIFICATION: &str = "aws_s3_bucket_notification";

pub(crate) const ACCESS_LOGGING: Check = Check {
    id: "s3_bucket_server_access_logging_enabled",
    title: "Bucket logs the requests it serves",
    description: "Server access logging must be enabled with a bucket to write to.",
    risk: "After a leak nobody can tell what was read, when, and from where.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: &["logging"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable server access logging to a bucket kept for logs, other than the logged one.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",
        command: "aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status \
            '{\"LoggingEnabled\":{\"TargetBucket\":\"LOGS\",\"TargetPrefix\":\"BUCKET/\"}}'",
        terraform: r#"resource "aws_s3_bucket_logging" "this" {
  bucket        = aws_s3_bucket.this.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "this/"
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|bucket| pass_if(bucket.has("logging.target_bucket")?, "server access logging is off")),
};

/// Whether notification settings, on the bucket or as a resource of their own, name somebody to tell.
fn tells_somebody(settings: &Node<'_>) -> Result<bool, Unread> {
    settings.complete()?;
    let mut targets = settings.flag("eventbridge")?;
    for target in ["lambda_function", "queue", "topic"] {
        targets |= settings.has(target)?;
    }
    Ok(targets)
}

/// `told` is by the name of the bucket.
fn notifies(account: &Account<'_>, told: &Lookup<String, bool>, bucket: &Resource<'_>) -> Outcome {
    if tells_somebody(&bucket.get("notification")?)? {
        return pass();
    }
    if let Some(name) = bucket.text("bucket")?
        && inventory::any_of(inventory::of_key(told, name)?)?
    {
        return pass();
    }
    account.complete(NOTIFICATION)?;
    fail("nobody is notified of events")
}

pub(super) const EVENTS: Check = Check {
    id: "s3_bucket_event_notifications_enabled",
    title: "Bucket tells of changes to its objects",
    description: "The bucket must notify a function, queue, topic or EventBridge of its events.",
    risk: "Objects that appear, change or vanish unexpectedly set nothing in motion and alarm nobody.",
    severity: Severity::Low,
    kinds: &["aws_s3_bucket", NOTIFICATION],
    reads: &["notification", "bucket", "eventbridge", "lambda_function", "queue", "topic"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch on EventBridge for the bucket, or notify a queue, topic or function.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html",
        command: "aws s3api put-bucket-notification-configuration --bucket BUCKET \
            --notification-configuration EventBridgeConfiguration={}",
        terraform: r#"resource "aws_s3_bucket_notification" "this" {
  bucket      = aws_s3_bucket.this.id
  eventbridge = true
}"#,
        effort_minutes: 15,
    },
    rule: Rule::each(BUCKET, |account, _| {
        let tells = |notification: &Resource<'_>| tells_somebody(notification.config());
        let told = inventory::lookup(account, &[NOTIFICATION], |own| inventory::owned(own, "bucket"), tells);
        Ok(Box::new(move |bucket| notifies(account, &told, bucket)))
    }),
};
