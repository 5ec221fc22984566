//! Environment variables.

use plumbline::prelude::*;

use super::{FUNCTION, REFERENCES};
use crate::secrets;

pub(super) const CHECKS: &[&Check] = &[&NO_SECRETS, &OWN_KEY];

const URL: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html";

pub(super) const NO_SECRETS: Check = Check {
    id: "awslambda_function_no_secrets_in_variables",
    title: "Function has no secrets in its variables",
    description: "No environment variable may hold what looks like a credential, by its form or by its name.",
    risk: "Everyone who may look at the function's configuration reads the secret, and so does every log of it.",
    severity: Severity::Critical,
    kinds: FUNCTION,
    reads: &["environment"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Keep the secret in Secrets Manager or Parameter Store, read it at run time, and change it, for it has \
            been seen.",
        url: "https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html",
        command: "aws lambda update-function-configuration --function-name FUNCTION --environment \
            'Variables={SECRET_ARN=ARN}'",
        terraform: r"environment {
  variables = {
    SECRET_ARN = aws_secretsmanager_secret.this.arn
  }
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|function| {
        let environment = function.get("environment")?;
        environment.complete()?;
        for (name, value) in environment.get("variables")?.entries() {
            let value = value.as_text()?.unwrap_or_default();
            if let Some(kind) = secrets::in_value(name, value) {
                return fail(format!("variable {name} holds {kind}"));
            }
        }
        pass()
    }),
};

pub(super) const OWN_KEY: Check = Check {
    id: "awslambda_function_env_vars_not_encrypted_with_cmk",
    title: "Function's variables are encrypted with an own key",
    description: "A function with environment variables must name a KMS key for them.",
    risk: "With the key AWS provides, whoever may see the function's configuration sees the values too: no key \
        policy stands between.",
    severity: Severity::Medium,
    kinds: FUNCTION,
    reads: &["environment", "kms_key_arn"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a customer managed key that the function's role may use.",
        url: URL,
        command: "aws lambda update-function-configuration --function-name FUNCTION --kms-key-arn KEY_ARN",
        terraform: "kms_key_arn = aws_kms_key.this.arn",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|function| {
        let variables = function.has("environment.variables")?;
        let key = function.has("kms_key_arn")?;
        if !variables {
            return not_applicable("the function has no environment variables");
        }
        pass_if(key, "no KMS key is set for the environment variables")
    }),
};
