//! CodeBuild: projects.

use plumbline::prelude::*;

use crate::secrets;

pub const CHECKS: &[&Check] = &[&LOGGING, &NO_SECRETS, &NO_CREDENTIALS_IN_SOURCE, &LOGS_ENCRYPTED];

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

pub const NO_CREDENTIALS_IN_SOURCE: Check = Check {
    id: "codebuild_project_source_repo_url_no_sensitive_credentials",
    title: "Build project's source addresses hold no credentials",
    description: "No address of a source, also of a secondary one, may hold a password or token in front of its host, as \
        `https://user:token@bitbucket.org/team/app.git` does.",
    risk: "Everyone who may read the project, or a build's log, can read and change the repository.",
    severity: Severity::Critical,
    kinds: PROJECT,
    reads: &["source", "secondary_sources"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Revoke what was exposed, take it out of the address, and connect the project by OAuth or a CodeConnections \
            connection.",
        url: "https://docs.aws.amazon.com/codebuild/latest/userguide/access-tokens.html",
        command: "aws codebuild update-project --name PROJECT --source \
            type=BITBUCKET,location=https://bitbucket.org/TEAM/REPOSITORY.git",
        terraform: r#"source {
  type     = "BITBUCKET"
  location = "https://bitbucket.org/team/app.git"
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|project| {
        let (first, others) = (project.list("source")?, project.list("secondary_sources")?);
        for source in first.iter().chain(&others) {
            if holds_credentials(source.text("location")?.unwrap_or_default()) {
                let name = source.text("source_identifier")?.unwrap_or("the source");
                // The address itself would carry the credentials into the finding.
                return fail(format!("the address of {name} holds a user and a password or token"));
            }
        }
        pass()
    }),
};

/// Whether there is a user with a password in front of the host.
fn holds_credentials(address: &str) -> bool {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

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

    #[test]
    fn addresses_of_sources_hold_no_credentials() {
        let from = |location: &str| json!({"source": [{"type": "BITBUCKET", "location": location}]});
        for good in ["https://bitbucket.org/team/app.git", "https://user@bitbucket.org/team/app.git", "bucket/app.zip"]
        {
            passes(&NO_CREDENTIALS_IN_SOURCE, KIND, from(good));
        }
        fails(
            &NO_CREDENTIALS_IN_SOURCE,
            KIND,
            from("https://user:app-password@bitbucket.org/team/app.git"),
            "the source",
        );
        let second = json!({"secondary_sources": [{
            "source_identifier": "tools", "location": "https://x-token-auth:t0ken@bitbucket.org/team/tools.git",
        }]});
        fails(&NO_CREDENTIALS_IN_SOURCE, KIND, second, "the address of tools");
    }
}
