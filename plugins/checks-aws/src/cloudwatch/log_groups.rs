//! Log groups.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::policy::Policy;

pub const CHECKS: &[&Check] = &[&KMS, &RETENTION, &PUBLIC];

const KINDS: &[&str] = &["aws_cloudwatch_log_group"];

pub const KMS: Check = Check {
    id: "cloudwatch_log_group_kms_encryption_enabled",
    title: "Log group is encrypted with a KMS key",
    description: "A log group must name a KMS key. Without one its logs are encrypted with a key that AWS owns and \
        that you cannot see.",
    risk: "Access to the logs cannot be traced in the key's use nor withdrawn by its policy.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["kms_key_id"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Associate a key whose policy lets CloudWatch Logs use it; logs that are there stay as they are.",
        url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        command: "aws logs associate-kms-key --log-group-name NAME --kms-key-id KEY_ARN",
        terraform: "kms_key_id = aws_kms_key.logs.arn",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|group| pass_if(group.has("kms_key_id")?, "it names no KMS key")),
};

/// A year: what PCI DSS and most others ask for; also Prowler's figure.
const RETENTION_DAYS: i64 = 365;

pub const RETENTION: Check = Check {
    id: "cloudwatch_log_group_retention_policy_specific_days_enabled",
    title: "Log group is kept for a year",
    description: "The retention must be at least 365 days, or none, which keeps logs for ever and is the default.",
    risk: "Incidents are often noticed after months, when the logs that would explain them are gone.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["retention_in_days"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the retention to 365 days or more.",
        url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        command: "aws logs put-retention-policy --log-group-name NAME --retention-in-days 365",
        terraform: "retention_in_days = 365",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|group| {
        let days = group.int("retention_in_days")?.unwrap_or(0);
        pass_if(days == 0 || days >= RETENTION_DAYS, format!("retention_in_days is {days}"))
    }),
};

pub const PUBLIC: Check = Check {
    id: "cloudwatch_log_group_not_publicly_accessible",
    title: "Policy of CloudWatch Logs lets known callers in only",
    description: "A resource policy of CloudWatch Logs must allow nothing to anyone.",
    risk: "Strangers can read logs, with the addresses, names and tokens in them, or write false ones.",
    severity: Severity::High,
    kinds: &["aws_cloudwatch_log_resource_policy"],
    reads: &["policy_document"],
    categories: &["internet-exposed", "trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the service or the accounts that need access, with a condition on the source.",
        url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html",
        command: "aws logs put-resource-policy --policy-name NAME --policy-document file://policy.json",
        terraform: r#"resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name     = "delivery"
  policy_document = data.aws_iam_policy_document.delivery.json
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|holder| match Policy::of(holder, "policy_document")? {
        Some(policy) => policy.public_statement().map_or_else(pass, |statement| fail(statement.open_to_anyone())),
        None => Err(Unread { path: "policy_document".into(), reason: "it is not set".into() }),
    }),
};
