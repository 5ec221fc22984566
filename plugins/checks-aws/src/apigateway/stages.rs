//! Stages of REST APIs.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::secrets::in_value;

pub const CHECKS: &[&Check] = &[&LOGGING, &CLIENT_CERTIFICATE, &TRACING, &CACHE, &WAF, &SECRETS];

const KINDS: &[&str] = &["aws_api_gateway_stage"];

pub const LOGGING: Check = Check {
    id: "apigateway_restapi_logging_enabled",
    title: "REST API stage writes logs",
    description: "A stage must write access logs, or execution logs of level INFO or ERROR for its methods.",
    risk: "Who called what cannot be told afterwards, and attacks on the API go unnoticed.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["access_log_settings", "method_settings"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Give the account a role that may write to CloudWatch Logs, then switch access logs on.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
        command: "aws apigateway update-stage --rest-api-id ID --stage-name STAGE --patch-operations \
            op=replace,path=/accessLogSettings/destinationArn,value=GROUP_ARN",
        terraform: r#"access_log_settings {
  destination_arn = aws_cloudwatch_log_group.api.arn
  format          = "$context.requestId $context.identity.sourceIp $context.status"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|stage| {
        let mut logged = stage.has("access_log_settings.destination_arn")?;
        for method in stage.list("method_settings")? {
            let level = match method.text("settings.logging_level")? {
                Some(level) => Some(level),
                None => method.text("logging_level")?,
            };
            logged |= matches!(level, Some("INFO" | "ERROR"));
        }
        pass_if(logged, "neither access nor execution logs are written")
    }),
};

pub const CLIENT_CERTIFICATE: Check = Check {
    id: "apigateway_restapi_client_certificate_enabled",
    title: "REST API stage shows its backend a certificate",
    description: "A stage should have a client certificate, by which HTTP backends know that a request came through \
        the API.",
    risk: "Whoever finds the backend's address calls it directly, past authorizers, limits and logs.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["client_certificate_id"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Generate a certificate, attach it, and have the backend ask for it.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html",
        command: "aws apigateway update-stage --rest-api-id ID --stage-name STAGE --patch-operations \
            op=replace,path=/clientCertificateId,value=CERTIFICATE_ID",
        terraform: "client_certificate_id = aws_api_gateway_client_certificate.main.id",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|stage| pass_if(stage.has("client_certificate_id")?, "it has no client certificate")),
};

pub const TRACING: Check = Check {
    id: "apigateway_restapi_tracing_enabled",
    title: "REST API stage traces requests",
    description: "A stage should have X-Ray tracing on.",
    risk: "Where a request failed or was slow, behind the API, is hard to find.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["xray_tracing_enabled"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch tracing on.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html",
        command: "aws apigateway update-stage --rest-api-id ID --stage-name STAGE --patch-operations \
            op=replace,path=/tracingEnabled,value=true",
        terraform: "xray_tracing_enabled = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|stage| pass_if(stage.flag("xray_tracing_enabled")?, "xray_tracing_enabled is not true")),
};

pub const CACHE: Check = Check {
    id: "apigateway_restapi_cache_encrypted",
    title: "REST API encrypts what it caches",
    description: "Where method settings switch caching on, they must switch the encryption of cached data on too. \
        Without caching there is nothing to encrypt.",
    risk: "Cached answers, with the data of those who asked, lie unencrypted on the cache's disks.",
    severity: Severity::Medium,
    kinds: &["aws_api_gateway_method_settings"],
    reads: &["settings"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the encryption of cached data on.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",
        command: "aws apigateway update-stage --rest-api-id ID --stage-name STAGE --patch-operations \
            'op=replace,path=/*/*/caching/dataEncrypted,value=true'",
        terraform: r"settings {
  caching_enabled      = true
  cache_data_encrypted = true
}",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|methods| {
        if !methods.flag("settings.caching_enabled")? {
            return not_applicable("nothing is cached");
        }
        pass_if(methods.flag("settings.cache_data_encrypted")?, "settings.cache_data_encrypted is not true")
    }),
};

pub const WAF: Check = Check {
    id: "apigateway_restapi_waf_acl_attached",
    title: "REST API stage is behind a web ACL",
    description: "A stage must be associated with a web ACL of AWS WAF.",
    risk: "Injection, scans and floods of requests reach the API unfiltered.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["web_acl_arn"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Associate a web ACL with AWS's managed rules, counting at first and blocking after a look at what \
            they would block.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html",
        command: "aws wafv2 associate-web-acl --web-acl-arn ACL_ARN --resource-arn STAGE_ARN",
        terraform: r#"resource "aws_wafv2_web_acl_association" "api" {
  resource_arn = aws_api_gateway_stage.main.arn
  web_acl_arn  = aws_wafv2_web_acl.main.arn
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|stage| pass_if(stage.has("web_acl_arn")?, "it has no web ACL")),
};

pub const SECRETS: Check = Check {
    id: "apigateway_restapi_no_secrets_in_stage_variables",
    title: "REST API stage has no secrets in its variables",
    description: "The variables of a stage must not hold passwords, tokens or keys.",
    risk: "Everyone who may read the stage can read the secret, and it ends up in logs and in addresses of backends.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["variables"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Rotate what was exposed, keep it in Secrets Manager and let the backend fetch it.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html",
        command: "aws apigateway update-stage --rest-api-id ID --stage-name STAGE --patch-operations \
            op=remove,path=/variables/NAME",
        terraform: "variables = { secret_arn = aws_secretsmanager_secret.backend.arn }",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|stage| {
        for (name, value) in stage.get("variables")?.complete()?.entries() {
            if let Some(what) = in_value(name, value.as_text()?.unwrap_or_default()) {
                return fail(format!("the variable {name} holds {what}"));
            }
        }
        pass()
    }),
};
