//! SQS: queues.

use plumbline::prelude::*;

use crate::policy::closed_to_anyone;

pub const CHECKS: &[&Check] = &[&ENCRYPTION, &NOT_PUBLIC];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html"];

pub const ENCRYPTION: Check = Check {
    id: "sqs_queues_server_side_encryption_enabled",
    title: "Queue is encrypted",
    description: "A queue must be encrypted at rest, with a KMS key or with keys that SQS manages.",
    risk: "Messages wait in the queue readable to whoever gets at the storage.",
    severity: Severity::Medium,
    kinds: &["aws_sqs_queue"],
    reads: &["kms_master_key_id", "sqs_managed_sse_enabled"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a KMS key or switch on encryption with keys that SQS manages.",
        url: "\
            https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
        command: "aws sqs set-queue-attributes --queue-url QUEUE_URL --attributes SqsManagedSseEnabled=true",
        terraform: r#"resource "aws_sqs_queue" "this" {
  sqs_managed_sse_enabled = true
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|queue| {
        let key = queue.has("kms_master_key_id")?;
        let managed = queue.flag("sqs_managed_sse_enabled")?;
        pass_if(key || managed, "no KMS key is set and encryption by SQS is off")
    }),
};

pub const NOT_PUBLIC: Check = Check {
    id: "sqs_queues_not_publicly_accessible",
    title: "Queue policy lets in nobody unknown",
    description: "No statement of the queue policy may allow anything to anyone, unless a condition names the callers.",
    risk: "Strangers can read, delete or plant messages that systems act upon.",
    severity: Severity::Critical,
    kinds: &["aws_sqs_queue", "aws_sqs_queue_policy"],
    reads: &["policy"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the principals, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID.",
        url: "\
            https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/\
            sqs-basic-examples-of-sqs-policies.html",
        command: "aws sqs set-queue-attributes --queue-url QUEUE_URL --attributes file://attributes.json",
        terraform: r#"condition {
  test     = "ArnEquals"
  variable = "aws:SourceArn"
  values   = [aws_sns_topic.this.arn]
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|queue| closed_to_anyone(queue, "policy")),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes, unread};

    #[test]
    fn queues_are_encrypted_by_either_key() {
        passes(&ENCRYPTION, "aws_sqs_queue", json!({"kms_master_key_id": "alias/aws/sqs"}));
        passes(&ENCRYPTION, "aws_sqs_queue", json!({"sqs_managed_sse_enabled": true}));
        fails(&ENCRYPTION, "aws_sqs_queue", json!({"sqs_managed_sse_enabled": false}), "encryption by SQS is off");
    }

    #[test]
    fn queues_are_closed() {
        let policy = |condition: plumbline::serde_json::Value| {
            json!({"policy": {"Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
                    "Condition": condition,
            }]}})
        };
        passes(&NOT_PUBLIC, "aws_sqs_queue", json!({}));
        let topic = json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-central-1:123456789012:t"}});
        passes(&NOT_PUBLIC, "aws_sqs_queue", policy(topic));
        fails(&NOT_PUBLIC, "aws_sqs_queue", policy(json!({})), "statement 1 allows sqs:SendMessage to anyone");
        unread(&NOT_PUBLIC, "aws_sqs_queue", json!({"policy": {"Statement": [{}]}}), "malformed policy");
    }
}
