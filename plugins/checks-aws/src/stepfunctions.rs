//! Step Functions: state machines.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&LOGGING, &ENCRYPTION];

const MACHINE: &[&str] = &["aws_sfn_state_machine"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/stepfunctions-controls.html"];

pub const LOGGING: Check = Check {
    id: "stepfunctions_statemachine_logging_enabled",
    title: "State machine logs its runs",
    description: "The log level of a state machine must not be OFF, which it is unless told otherwise.",
    risk: "Nobody can tell what a run did, nor that somebody misused it.",
    severity: Severity::Medium,
    kinds: MACHINE,
    reads: &["logging_configuration"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a log group and the level ERROR or ALL.",
        url: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
        command: "aws stepfunctions update-state-machine --state-machine-arn ARN --logging-configuration \
            file://logging.json",
        terraform: r#"logging_configuration {
  level           = "ALL"
  log_destination = "${aws_cloudwatch_log_group.this.arn}:*"
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|machine| match machine.text("logging_configuration.level")? {
        Some("ALL" | "ERROR" | "FATAL") => pass(),
        other => fail(format!("the log level is {}", other.unwrap_or("OFF"))),
    }),
};

pub const ENCRYPTION: Check = Check {
    id: "stepfunctions_statemachine_encrypted_with_cmk",
    title: "State machine is encrypted with an own key",
    description: "A state machine must name a customer managed KMS key for its definition and its runs.",
    risk: "Inputs and outputs of runs lie under a key nobody here controls.",
    severity: Severity::Medium,
    kinds: MACHINE,
    reads: &["encryption_configuration"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a customer managed key that the machine's role may use.",
        url: "https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html",
        command: "aws stepfunctions update-state-machine --state-machine-arn ARN --encryption-configuration \
            type=CUSTOMER_MANAGED_KMS_KEY,kmsKeyId=KEY_ARN",
        terraform: r#"encryption_configuration {
  type       = "CUSTOMER_MANAGED_KMS_KEY"
  kms_key_id = aws_kms_key.this.arn
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|machine| match machine.text("encryption_configuration.type")? {
        Some("CUSTOMER_MANAGED_KMS_KEY") => pass(),
        other => fail(format!("the key is {}", other.unwrap_or("AWS_OWNED_KEY"))),
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes};

    #[test]
    fn state_machines_log_and_have_a_key() {
        let kind = "aws_sfn_state_machine";
        passes(&LOGGING, kind, json!({"logging_configuration": [{"level": "ERROR"}]}));
        fails(&LOGGING, kind, json!({"logging_configuration": [{"level": "OFF"}]}), "OFF");
        fails(&LOGGING, kind, json!({}), "OFF");
        passes(&ENCRYPTION, kind, json!({"encryption_configuration": [{"type": "CUSTOMER_MANAGED_KMS_KEY"}]}));
        fails(&ENCRYPTION, kind, json!({}), "AWS_OWNED_KEY");
    }
}
