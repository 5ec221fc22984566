//! Athena: workgroups.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&ENCRYPTION, &ENFORCED, &LOGGING];

const WORKGROUP: &[&str] = &["aws_athena_workgroup"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/athena-controls.html"];
const SETTINGS: &str = "https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html";

pub const ENCRYPTION: Check = Check {
    id: "athena_workgroup_encryption",
    title: "Workgroup encrypts query results",
    description: "A workgroup must state how results are encrypted.",
    risk: "Results hold the data that was queried, and lie in a bucket under other rules than the source.",
    severity: Severity::Medium,
    kinds: WORKGROUP,
    reads: &["configuration"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set encryption of results, with a KMS key where the data is sensitive.",
        url: "https://docs.aws.amazon.com/athena/latest/ug/encrypting-query-results-stored-in-s3.html",
        command: "aws athena update-work-group --work-group NAME --configuration-updates \
            'ResultConfigurationUpdates={EncryptionConfiguration={EncryptionOption=SSE_KMS,KmsKey=KEY_ARN}}'",
        terraform: r#"configuration {
  result_configuration {
    encryption_configuration {
      encryption_option = "SSE_KMS"
      kms_key_arn       = aws_kms_key.this.arn
    }
  }
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|group| {
        let option = "configuration.result_configuration.encryption_configuration.encryption_option";
        pass_if(group.has(option)?, "no encryption of results is set")
    }),
};

pub const ENFORCED: Check = Check {
    id: "athena_workgroup_enforce_configuration",
    title: "Workgroup's settings hold for everyone",
    description: "A workgroup must enforce its configuration over what clients ask for, as it does unless told \
        otherwise.",
    risk: "A client writes results unencrypted, or to a bucket elsewhere.",
    severity: Severity::Medium,
    kinds: WORKGROUP,
    reads: &["configuration"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enforce the workgroup's configuration.",
        url: SETTINGS,
        command: "aws athena update-work-group --work-group NAME --configuration-updates \
            EnforceWorkGroupConfiguration=true",
        terraform: r"configuration {
  enforce_workgroup_configuration = true
}",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|group| {
        let enforced = group.bool("configuration.enforce_workgroup_configuration")?.unwrap_or(true);
        pass_if(enforced, "clients may override the configuration")
    }),
};

pub const LOGGING: Check = Check {
    id: "athena_workgroup_logging_enabled",
    title: "Workgroup reports its queries to CloudWatch",
    description: "A workgroup must publish query metrics to CloudWatch, as it does unless told otherwise.",
    risk: "Unusual amounts of data being queried go by unnoticed.",
    severity: Severity::Medium,
    kinds: WORKGROUP,
    reads: &["configuration"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch query metrics on.",
        url: "https://docs.aws.amazon.com/athena/latest/ug/athena-cloudwatch-metrics-enable.html",
        command: "aws athena update-work-group --work-group NAME --configuration-updates \
            PublishCloudWatchMetricsEnabled=true",
        terraform: r"configuration {
  publish_cloudwatch_metrics_enabled = true
}",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|group| {
        let on = group.bool("configuration.publish_cloudwatch_metrics_enabled")?.unwrap_or(true);
        pass_if(on, "query metrics are not published")
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes};

    #[test]
    fn workgroups_are_judged_by_their_configuration() {
        let kind = "aws_athena_workgroup";
        let encryption = json!([{"encryption_option": "SSE_S3"}]);
        passes(
            &ENCRYPTION,
            kind,
            json!({"configuration": [{"result_configuration": [{"encryption_configuration": encryption}]}]}),
        );
        fails(&ENCRYPTION, kind, json!({}), "no encryption");
        passes(&ENFORCED, kind, json!({}));
        fails(&ENFORCED, kind, json!({"configuration": [{"enforce_workgroup_configuration": false}]}), "may override");
        passes(&LOGGING, kind, json!({"configuration": [{"publish_cloudwatch_metrics_enabled": true}]}));
        fails(
            &LOGGING,
            kind,
            json!({"configuration": [{"publish_cloudwatch_metrics_enabled": false}]}),
            "not published",
        );
    }
}
