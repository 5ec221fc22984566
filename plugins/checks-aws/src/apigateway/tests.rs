//! API Gateway.

use plumbline::testing::json;

use super::{apis, stages, version2};
use crate::cases::{fails, passes, skips};

const STAGE: &str = "aws_api_gateway_stage";
const METHOD: &str = "aws_api_gateway_method";
const ROUTE: &str = "aws_apigatewayv2_route";

#[test]
fn apis_are_private_and_ask_who_is_calling() {
    let api = "aws_api_gateway_rest_api";
    passes(&apis::PUBLIC, api, json!({"endpoint_configuration": [{"types": ["PRIVATE"]}]}));
    fails(&apis::PUBLIC, api, json!({"endpoint_configuration": [{"types": ["REGIONAL"]}]}), "REGIONAL");
    fails(&apis::PUBLIC, api, json!({}), "EDGE");
    passes(&apis::AUTHORIZERS, METHOD, json!({"http_method": "GET", "authorization": "AWS_IAM"}));
    fails(&apis::AUTHORIZERS, METHOD, json!({"http_method": "POST", "authorization": "NONE"}), "POST");
    skips(&apis::AUTHORIZERS, METHOD, json!({"http_method": "OPTIONS", "authorization": "NONE"}));
    passes(&version2::AUTHORIZERS, ROUTE, json!({"route_key": "GET /a", "authorization_type": "JWT"}));
    fails(&version2::AUTHORIZERS, ROUTE, json!({"route_key": "GET /a"}), "GET /a");
    fails(&version2::AUTHORIZERS, ROUTE, json!({"route_key": "$connect"}), "$connect");
    skips(&version2::AUTHORIZERS, ROUTE, json!({"route_key": "send"}));
}

#[test]
fn stages_are_logged_and_filtered() {
    passes(&stages::LOGGING, STAGE, json!({"access_log_settings": [{"destination_arn": "a"}]}));
    passes(&stages::LOGGING, STAGE, json!({"method_settings": [{"settings": [{"logging_level": "ERROR"}]}]}));
    fails(&stages::LOGGING, STAGE, json!({"method_settings": [{"settings": [{"logging_level": "OFF"}]}]}), "logs");
    passes(
        &version2::ACCESS_LOGGING,
        "aws_apigatewayv2_stage",
        json!({"access_log_settings": [{"destination_arn": "a"}]}),
    );
    fails(&version2::ACCESS_LOGGING, "aws_apigatewayv2_stage", json!({}), "no access logs");
    passes(&stages::CLIENT_CERTIFICATE, STAGE, json!({"client_certificate_id": "a"}));
    fails(&stages::CLIENT_CERTIFICATE, STAGE, json!({}), "certificate");
    passes(&stages::TRACING, STAGE, json!({"xray_tracing_enabled": true}));
    fails(&stages::TRACING, STAGE, json!({}), "xray_tracing_enabled");
    passes(&stages::WAF, STAGE, json!({"web_acl_arn": "a"}));
    fails(&stages::WAF, STAGE, json!({}), "no web ACL");
}

#[test]
fn caches_and_variables_give_nothing_away() {
    let settings = "aws_api_gateway_method_settings";
    passes(&stages::CACHE, settings, json!({"settings": [{"caching_enabled": true, "cache_data_encrypted": true}]}));
    fails(&stages::CACHE, settings, json!({"settings": [{"caching_enabled": true}]}), "cache_data_encrypted");
    skips(&stages::CACHE, settings, json!({"settings": [{"caching_enabled": false}]}));
    passes(&stages::SECRETS, STAGE, json!({"variables": {"table": "orders"}}));
    fails(&stages::SECRETS, STAGE, json!({"variables": {"api_key": "0123456789abcdef"}}), "api_key");
}
