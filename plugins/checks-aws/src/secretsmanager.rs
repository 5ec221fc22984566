//! Secrets Manager: secrets.

use plumbline::prelude::*;

use crate::policy::closed_to_anyone;

pub const CHECKS: &[&Check] = &[&ROTATION, &NOT_PUBLIC];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html"];

pub const ROTATION: Check = Check {
    id: "secretsmanager_automatic_rotation_enabled",
    title: "Secret is rotated automatically",
    description: "A secret must have automatic rotation on.",
    risk: "A secret that never changes works for whoever got it once, however long ago.",
    severity: Severity::High,
    kinds: &["aws_secretsmanager_secret"],
    reads: &["rotation_enabled", "rotation", "rotation_rules"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set up managed rotation or a rotation function with a schedule.",
        url: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",
        command: "aws secretsmanager rotate-secret --secret-id SECRET_ID --rotation-lambda-arn FUNCTION_ARN \
            --rotation-rules AutomaticallyAfterDays=30",
        terraform: r#"resource "aws_secretsmanager_secret_rotation" "this" {
  secret_id           = aws_secretsmanager_secret.this.id
  rotation_lambda_arn = aws_lambda_function.rotate.arn
  rotation_rules { automatically_after_days = 30 }
}"#,
        effort_minutes: 120,
    },
    rule: Rule::Resource(|secret| {
        let (rotation, rules) = (secret.has("rotation")?, secret.has("rotation_rules")?);
        // What AWS reports weighs more than rules that may be left from a rotation that was cancelled.
        let reported = secret.bool("rotation_enabled")?.or(secret.bool("rotation.rotation_enabled")?);
        pass_if(reported.unwrap_or(rotation || rules), "automatic rotation is off")
    }),
};

pub const NOT_PUBLIC: Check = Check {
    id: "secretsmanager_not_publicly_accessible",
    title: "Secret's policy lets in nobody unknown",
    description: "No statement of the secret's resource policy may allow anything to anyone, unless a condition \
        names the callers.",
    risk: "Any AWS account can read the secret and use what it opens.",
    severity: Severity::High,
    kinds: &["aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"],
    reads: &["policy"],
    categories: &["internet-exposed", "secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the principals and have AWS refuse public policies for the secret.",
        url: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        command: "aws secretsmanager put-resource-policy --secret-id SECRET_ID --resource-policy file://policy.json \
            --block-public-policy",
        terraform: r#"resource "aws_secretsmanager_secret_policy" "this" {
  secret_arn          = aws_secretsmanager_secret.this.arn
  policy              = data.aws_iam_policy_document.this.json
  block_public_policy = true
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|secret| closed_to_anyone(secret, "policy")),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes, unread};

    const KIND: &str = "aws_secretsmanager_secret";

    #[test]
    fn rotation_is_what_aws_reports_or_what_is_configured() {
        passes(&ROTATION, KIND, json!({"rotation_enabled": true}));
        passes(&ROTATION, KIND, json!({"rotation_rules": [{"automatically_after_days": 30}]}));
        passes(&ROTATION, KIND, json!({"rotation": [{"rotation_rules": [{"automatically_after_days": 30}]}]}));
        fails(&ROTATION, KIND, json!({}), "automatic rotation is off");
        let cancelled = json!({"rotation_enabled": false, "rotation_rules": [{"automatically_after_days": 30}]});
        fails(&ROTATION, KIND, cancelled, "automatic rotation is off");
    }

    #[test]
    fn secrets_are_closed() {
        let policy = |principal: &str| {
            json!({"policy": {"Statement": [{
                "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "secretsmanager:GetSecretValue",
                    "Resource": "*",
            }]}})
        };
        passes(&NOT_PUBLIC, KIND, json!({"policy": "{}"}));
        passes(&NOT_PUBLIC, KIND, policy("123456789012"));
        fails(&NOT_PUBLIC, KIND, policy("*"), "allows secretsmanager:GetSecretValue to anyone");
        unread(&NOT_PUBLIC, KIND, json!({"policy": "["}), "policy");
    }
}
