//! What keeps a trail's records safe and seen.

use plumbline::prelude::*;

use super::{REFERENCES, TRAIL, is_logging};

pub(super) const CHECKS: &[&Check] = &[&KMS, &VALIDATION, &CLOUDWATCH, &INSIGHTS];

pub(super) const KMS: Check = Check {
    id: "cloudtrail_kms_encryption_enabled",
    title: "Trail is encrypted with KMS",
    description: "A trail must name a KMS key for its log files.",
    risk: "Whoever may read the bucket can read who did what, and prepare by it.",
    severity: Severity::Medium,
    kinds: &[TRAIL],
    reads: &["kms_key_id"],
    categories: &["encryption", "logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a key whose policy lets CloudTrail encrypt and the readers decrypt, and set it on the trail.",
        url: "\
            https://docs.aws.amazon.com/awscloudtrail/latest/userguide/\
            encrypting-cloudtrail-log-files-with-aws-kms.html",
        command: "aws cloudtrail update-trail --name TRAIL --kms-key-id KEY_ARN",
        terraform: "kms_key_id = aws_kms_key.trail.arn",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|trail| pass_if(trail.has("kms_key_id")?, "no KMS key is set")),
};

pub(super) const VALIDATION: Check = Check {
    id: "cloudtrail_log_file_validation_enabled",
    title: "Trail signs its log files",
    description: "Log file validation must be on, so that a changed or removed file can be told.",
    risk: "An intruder who reaches the bucket can rewrite what they did, and nobody can prove it.",
    severity: Severity::Medium,
    kinds: &[TRAIL],
    reads: &["enable_log_file_validation"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch log file validation on and check the digests now and then.",
        url: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
        command: "aws cloudtrail update-trail --name TRAIL --enable-log-file-validation",
        terraform: "enable_log_file_validation = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|trail| pass_if(trail.flag("enable_log_file_validation")?, "log file validation is off")),
};

pub(super) const CLOUDWATCH: Check = Check {
    id: "cloudtrail_cloudwatch_logging_enabled",
    title: "Trail is delivered to CloudWatch Logs",
    description: "A trail must send its events to a CloudWatch Logs group. When the last event arrived is not looked \
        at.",
    risk: "Without it no alarm can see what happens now; log files are read when it is too late.",
    severity: Severity::Low,
    kinds: &[TRAIL],
    reads: &["cloud_watch_logs_group_arn"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a log group and a role for CloudTrail to write to it, and set both on the trail.",
        url: "\
            https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
        command: "aws cloudtrail update-trail --name TRAIL --cloud-watch-logs-log-group-arn GROUP_ARN \
            --cloud-watch-logs-role-arn ROLE_ARN",
        terraform: r#"cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
cloud_watch_logs_role_arn  = aws_iam_role.trail.arn"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|trail| pass_if(trail.has("cloud_watch_logs_group_arn")?, "no CloudWatch Logs group is set")),
};

pub(super) const INSIGHTS: Check = Check {
    id: "cloudtrail_insights_exist",
    title: "Trail looks for unusual activity",
    description: "A trail that is logging must have an insight selector.",
    risk: "A burst of calls or errors that tells of an attack goes by unnoticed.",
    severity: Severity::Low,
    kinds: &[TRAIL],
    reads: &["insight_selector", "enable_logging"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable insights on call rate and on error rate; they are charged by analysed events.",
        url: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html",
        command: "aws cloudtrail put-insight-selectors --trail-name TRAIL --insight-selectors \
            '[{\"InsightType\":\"ApiCallRateInsight\"},{\"InsightType\":\"ApiErrorRateInsight\"}]'",
        terraform: r#"insight_selector {
  insight_type = "ApiCallRateInsight"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|trail| {
        let insights = trail.has("insight_selector")?;
        if !is_logging(trail)? {
            return not_applicable("the trail is not logging");
        }
        pass_if(insights, "there is no insight selector")
    }),
};
