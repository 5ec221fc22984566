//! HTTP and WebSocket APIs.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&ACCESS_LOGGING, &AUTHORIZERS];

pub const ACCESS_LOGGING: Check = Check {
    id: "apigatewayv2_api_access_logging_enabled",
    title: "HTTP or WebSocket API stage writes access logs",
    description: "A stage of an HTTP or WebSocket API must write access logs.",
    risk: "Who called what cannot be told afterwards, and attacks on the API go unnoticed.",
    severity: Severity::Medium,
    kinds: &["aws_apigatewayv2_stage"],
    reads: &["access_log_settings"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch access logs on, with a log group that is kept long enough.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
        command: "aws apigatewayv2 update-stage --api-id ID --stage-name STAGE --access-log-settings \
            'DestinationArn=GROUP_ARN,Format=$context.requestId $context.status'",
        terraform: r#"access_log_settings {
  destination_arn = aws_cloudwatch_log_group.api.arn
  format          = "$context.requestId $context.identity.sourceIp $context.status"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|stage| {
        pass_if(stage.has("access_log_settings.destination_arn")?, "no access logs are written")
    }),
};

pub const AUTHORIZERS: Check = Check {
    id: "apigatewayv2_api_authorizers_enabled",
    title: "HTTP or WebSocket API route asks who is calling",
    description: "A route must have an authorization type other than NONE, which is the default. Of a WebSocket API, \
        `$connect` alone can have one.",
    risk: "Anyone who finds the address can call the route and what stands behind it.",
    severity: Severity::Medium,
    kinds: &["aws_apigatewayv2_route"],
    reads: &["authorization_type", "route_key"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Use IAM, a JWT authorizer or a Lambda authorizer.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
        command: "aws apigatewayv2 update-route --api-id ID --route-id ROUTE --authorization-type AWS_IAM",
        terraform: "authorization_type = \"AWS_IAM\"",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|route| {
        let kind = route.text("authorization_type")?.unwrap_or("NONE");
        let key = route.text("route_key")?.unwrap_or_default();
        if kind != "NONE" {
            return pass();
        }
        if key.starts_with("OPTIONS ") {
            return not_applicable("browsers send OPTIONS before they may log in");
        }
        // Routes of HTTP APIs are a verb and a path, or `$default`; those of WebSocket APIs are neither.
        if !key.is_empty() && !key.contains(' ') && !matches!(key, "$connect" | "$default") {
            return not_applicable("a WebSocket API asks at $connect");
        }
        fail(format!("the route {key} has the authorization type NONE"))
    }),
};
