//! Kinesis: data streams.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&ENCRYPTION, &RETENTION];

const STREAM: &[&str] = &["aws_kinesis_stream"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/kinesis-controls.html"];

/// Hours: a week, so that a fault found after a weekend loses nothing.
const SHORTEST_RETENTION: i64 = 168;

pub const ENCRYPTION: Check = Check {
    id: "kinesis_stream_encrypted_at_rest",
    title: "Stream is encrypted",
    description: "A data stream must be encrypted with KMS.",
    risk: "Records wait in the stream readable to whoever gets at the storage.",
    severity: Severity::High,
    kinds: STREAM,
    reads: &["encryption_type"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Start encryption with a KMS key that producers and consumers may use.",
        url: "https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",
        command: "aws kinesis start-stream-encryption --stream-name STREAM --encryption-type KMS --key-id \
            alias/aws/kinesis",
        terraform: r#"encryption_type = "KMS"
kms_key_id      = aws_kms_key.this.id"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|stream| match stream.text("encryption_type")? {
        Some("KMS") => pass(),
        other => fail(format!("encryption type is {}", other.unwrap_or("NONE"))),
    }),
};

pub const RETENTION: Check = Check {
    id: "kinesis_stream_data_retention_period",
    title: "Stream keeps records for a week",
    description: "A data stream must keep its records for at least 168 hours; AWS keeps them for 24 unless told \
        otherwise.",
    risk: "When a consumer stands still for longer, records are lost before anybody has read them.",
    severity: Severity::Medium,
    kinds: STREAM,
    reads: &["retention_period"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Raise the retention period.",
        url: "https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html",
        command: "aws kinesis increase-stream-retention-period --stream-name STREAM --retention-period-hours 168",
        terraform: "retention_period = 168",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|stream| {
        let hours = stream.int("retention_period")?.unwrap_or(24);
        pass_if(hours >= SHORTEST_RETENTION, format!("records are kept for {hours} hours"))
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes};

    #[test]
    fn streams_are_encrypted_and_keep_records() {
        passes(&ENCRYPTION, "aws_kinesis_stream", json!({"encryption_type": "KMS"}));
        fails(&ENCRYPTION, "aws_kinesis_stream", json!({"encryption_type": "NONE"}), "NONE");
        passes(&RETENTION, "aws_kinesis_stream", json!({"retention_period": 168}));
        fails(&RETENTION, "aws_kinesis_stream", json!({"retention_period": 48}), "48 hours");
        fails(&RETENTION, "aws_kinesis_stream", json!({}), "24 hours");
    }
}
