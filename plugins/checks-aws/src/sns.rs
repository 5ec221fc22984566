//! SNS: topics and subscriptions.

use plumbline::prelude::*;

use crate::policy::closed_to_anyone;

pub const CHECKS: &[&Check] = &[&ENCRYPTION, &NOT_PUBLIC, &NO_HTTP];

const TOPIC: &[&str] = &["aws_sns_topic"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/sns-controls.html"];

pub const ENCRYPTION: Check = Check {
    id: "sns_topics_kms_encryption_at_rest_enabled",
    title: "Topic is encrypted with KMS",
    description: "A topic must name a KMS key for its messages at rest.",
    risk: "Messages wait for delivery readable to whoever gets at the storage, without a key policy in between.",
    severity: Severity::High,
    kinds: TOPIC,
    reads: &["kms_master_key_id"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a KMS key, a customer managed one where other services or accounts publish.",
        url: "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
        command: "aws sns set-topic-attributes --topic-arn TOPIC_ARN --attribute-name KmsMasterKeyId \
            --attribute-value alias/aws/sns",
        terraform: r#"resource "aws_sns_topic" "this" {
  kms_master_key_id = aws_kms_key.this.id
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|topic| pass_if(topic.has("kms_master_key_id")?, "no KMS key is set")),
};

pub const NOT_PUBLIC: Check = Check {
    id: "sns_topics_not_publicly_accessible",
    title: "Topic policy lets in nobody unknown",
    description: "No statement of the topic policy may allow anything to anyone, unless a condition names the \
        callers. The policy AWS gives a new topic does so with aws:SourceOwner.",
    risk: "Strangers can subscribe and read what is published, or publish what subscribers act upon.",
    severity: Severity::High,
    kinds: &["aws_sns_topic", "aws_sns_topic_policy"],
    reads: &["policy"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the principals, or add a condition on aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID.",
        url: "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
        command: "aws sns set-topic-attributes --topic-arn TOPIC_ARN --attribute-name Policy --attribute-value \
            file://policy.json",
        terraform: r#"condition {
  test     = "StringEquals"
  variable = "aws:SourceAccount"
  values   = [data.aws_caller_identity.current.account_id]
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|topic| closed_to_anyone(topic, "policy")),
};

pub const NO_HTTP: Check = Check {
    id: "sns_subscription_not_using_http_endpoints",
    title: "Subscription does not deliver over plain HTTP",
    description: "The protocol of a subscription may not be `http`.",
    risk: "Messages and the address of the endpoint can be read and changed on the way.",
    severity: Severity::High,
    kinds: &["aws_sns_topic_subscription"],
    reads: &["protocol"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Subscribe the endpoint's https address and remove this subscription.",
        url: "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
        command: "aws sns subscribe --topic-arn TOPIC_ARN --protocol https --notification-endpoint https://HOST/PATH",
        terraform: "protocol = \"https\"",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|subscription| match subscription.text("protocol")? {
        Some("http") => fail("the protocol is http"),
        Some(_) => pass(),
        None => Err(Unread { path: "protocol".to_owned(), reason: "a subscription always has one".to_owned() }),
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes, unread};

    #[test]
    fn topics_are_encrypted_and_closed() {
        passes(&ENCRYPTION, "aws_sns_topic", json!({"kms_master_key_id": "alias/aws/sns"}));
        fails(&ENCRYPTION, "aws_sns_topic", json!({"kms_master_key_id": ""}), "no KMS key");
        let policy = |condition: plumbline::serde_json::Value| {
            json!({"policy": {"Statement": [{
                "Sid": "default", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish",
                    "SNS:Subscribe"],
                "Resource": "arn:aws:sns:eu-central-1:123456789012:t", "Condition": condition,
            }]}})
        };
        passes(&NOT_PUBLIC, "aws_sns_topic", json!({}));
        passes(&NOT_PUBLIC, "aws_sns_topic", policy(json!({"StringEquals": {"AWS:SourceOwner": "123456789012"}})));
        fails(&NOT_PUBLIC, "aws_sns_topic", policy(json!({})), "(default) allows SNS:Publish, SNS:Subscribe to anyone");
        fails(&NOT_PUBLIC, "aws_sns_topic", policy(json!({"StringEquals": {"sns:Protocol": "https"}})), "anyone");
        unread(&NOT_PUBLIC, "aws_sns_topic", json!({"policy": "nonsense"}), "policy");
    }

    #[test]
    fn subscriptions_speak_https() {
        passes(&NO_HTTP, "aws_sns_topic_subscription", json!({"protocol": "https"}));
        passes(&NO_HTTP, "aws_sns_topic_subscription", json!({"protocol": "sqs"}));
        fails(&NO_HTTP, "aws_sns_topic_subscription", json!({"protocol": "http"}), "http");
        unread(&NO_HTTP, "aws_sns_topic_subscription", json!({}), "always has one");
    }
}
