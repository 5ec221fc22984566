//! CodeBuild: projects.

use plumbline::prelude::*;

use crate::secrets;

pub const CHECKS: &[&Check] = &[&LOGGING, &NO_SECRETS, &LOGS_ENCRYPTED];

const PROJECT: &[&str] = &["aws_codebuild_project"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/codebuild-controls.html"];
const LOGS: &str = "\
    https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html#change-project-console-logs";

/// Whether a block of `logs_config` is on; CloudWatch logs are unless switched off, S3 logs are not unless switched on.
fn logs(project: &Resource<'_>) -> Result<(bool, bool), Unread> {
    let cloudwatch = project.text("logs_config.cloudwatch_logs.status")?.unwrap_or("ENABLED") == "ENABLED";
    let s3 = project.text("logs_config.s3_logs.status")? == Some("ENABLED");
    Ok((cloudwatch, s3))
}

pub const LOGGING: Check = Check {
    id: "codebuild_project_logging_enabled",
    title: "Build project keeps its logs",
    description: "A project must write its logs to CloudWatch Logs, as it does unless told otherwise, or to S3.",
    risk: "Nobody can tell what a build did after somebody tampered with it.",
    severity: Severity::Medium,
    kinds: PROJECT,
    reads: &["logs_config"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch CloudWatch logs on for the project.",
        url: LOGS,
        command: "aws codebuild update-project --name PROJECT --logs-config 'cloudWatchLogs={status=ENABLED}'",
        terraform: r#"logs_config {
  cloudwatch_logs {
    status = "ENABLED"
  }
}"#,
        effort_minutes: 5,
    },
    rule: Rule::Resource(|project| {
        let (cloudwatch, s3) = logs(project)?;
        pass_if(cloudwatch || s3, "neither CloudWatch nor S3 logs are on")
    }),
};

pub const LOGS_ENCRYPTED: Check = Check {
    id: "codebuild_project_s3_logs_encrypted",
    title: "Build logs in S3 are encrypted",
    description: "A project that writes logs to S3 may not have their encryption switched off.",
    risk: "Build logs name hosts, versions and at times secrets, readable to whoever gets at the storage.",
    severity: Severity::Low,
    kinds: PROJECT,
    reads: &["logs_config"],
    categories: &["encryption", "logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch encryption of the S3 logs on.",
        url: LOGS,
        command: "aws codebuild update-project --name PROJECT --logs-config \
            's3Logs={status=ENABLED,location=BUCKET/PREFIX,encryptionDisabled=false}'",
        terraform: r"logs_config {
  s3_logs {
    encryption_disabled = false
  }
}",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|project| {
        let (_, s3) = logs(project)?;
        let plain = project.flag("logs_config.s3_logs.encryption_disabled")?;
        if !s3 {
            return not_applicable("the project writes no logs to S3");
        }
        pass_if(!plain, "encryption of the S3 logs is off")
    }),
};

pub const NO_SECRETS: Check = Check {
    id: "codebuild_project_no_secrets_in_variables",
    title: "Build project has no secrets in its variables",
    description: "No plain environment variable of a project may hold what looks like a credential, by its form or \
        by its name.",
    risk: "Everyone who may look at the project or its builds reads the secret.",
    severity: Severity::Critical,
    kinds: PROJECT,
    reads: &["environment"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Keep the secret in Secrets Manager or Parameter Store, refer to it by the variable's type, and change \
            it, for it has been seen.",
        url: "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html",
        command: "aws codebuild update-project --name PROJECT --environment file://environment.json",
        terraform: r#"environment_variable {
  name  = "DB_PASSWORD"
  value = aws_secretsmanager_secret.this.name
  type  = "SECRETS_MANAGER"
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|project| {
        let environment = project.get("environment")?;
        environment.complete()?;
        for variable in environment.list("environment_variable")? {
            let plain = variable.text("type")?.unwrap_or("PLAINTEXT") == "PLAINTEXT";
            let (name, value) =
                (variable.text("name")?.unwrap_or_default(), variable.text("value")?.unwrap_or_default());
            if let Some(kind) = secrets::in_value(name, value).filter(|_| plain) {
                return fail(format!("variable {name} holds {kind}"));
            }
        }
        pass()
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes, skips};

    const KIND: &str = "aws_codebuild_project";

    #[test]
    fn projects_keep_logs_and_encrypt_them() {
        let logs = |cloudwatch: &str, s3: &str, plain: bool| {
            json!({"logs_config": [{
                "cloudwatch_logs": [{"status": cloudwatch}], "s3_logs": [{"status": s3, "encryption_disabled": plain}],
            }]})
        };
        passes(&LOGGING, KIND, json!({}));
        passes(&LOGGING, KIND, logs("DISABLED", "ENABLED", false));
        fails(&LOGGING, KIND, logs("DISABLED", "DISABLED", false), "neither");
        passes(&LOGS_ENCRYPTED, KIND, logs("DISABLED", "ENABLED", false));
        fails(&LOGS_ENCRYPTED, KIND, logs("ENABLED", "ENABLED", true), "encryption of the S3 logs is off");
        skips(&LOGS_ENCRYPTED, KIND, json!({}));
    }

    #[test]
    fn plain_variables_hold_no_secrets() {
        let variable = |kind: &str, value: &str| {
            let variable = json!({"name": "DB_PASSWORD", "value": value, "type": kind});
            json!({"environment": [{"environment_variable": [variable]}]})
        };
        passes(&NO_SECRETS, KIND, json!({}));
        passes(&NO_SECRETS, KIND, variable("SECRETS_MANAGER", "prod/database-password"));
        fails(&NO_SECRETS, KIND, variable("PLAINTEXT", "hunter2-hunter2"), "variable DB_PASSWORD holds");
    }
}
