//! CloudFront.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::{origins, viewers};
use crate::cases::{fails, passes, skips, unread};

const KIND: &str = "aws_cloudfront_distribution";

#[test]
fn viewers_get_https_from_every_behavior() {
    let behaviors = |first: &str, second: &str| {
        json!({
            "default_cache_behavior": [{"viewer_protocol_policy": first}],
            "ordered_cache_behavior": [{"path_pattern": "/api/*", "viewer_protocol_policy": second}],
        })
    };
    passes(&viewers::HTTPS, KIND, behaviors("https-only", "redirect-to-https"));
    fails(&viewers::HTTPS, KIND, behaviors("allow-all", "https-only"), "the default behavior is allow-all");
    fails(&viewers::HTTPS, KIND, behaviors("https-only", "allow-all"), "/api/*");
    unread(&viewers::HTTPS, KIND, json!({}), "default_cache_behavior");
}

#[test]
fn distributions_are_logged_filtered_and_named() {
    passes(&viewers::LOGGING, KIND, json!({"logging_config": [{"bucket": "logs"}]}));
    passes(&viewers::LOGGING, KIND, json!({"default_cache_behavior": [{"realtime_log_config_arn": "a"}]}));
    fails(&viewers::LOGGING, KIND, json!({}), "logs");
    passes(&viewers::WAF, KIND, json!({"web_acl_id": "a"}));
    fails(&viewers::WAF, KIND, json!({"web_acl_id": ""}), "no web ACL");
    let geo = |kind: &str| json!({"restrictions": [{"geo_restriction": [{"restriction_type": kind}]}]});
    passes(&viewers::GEO, KIND, geo("whitelist"));
    fails(&viewers::GEO, KIND, geo("none"), "none");
    passes(&viewers::ROOT_OBJECT, KIND, json!({"default_root_object": "index.html"}));
    fails(&viewers::ROOT_OBJECT, KIND, json!({}), "default_root_object");
    passes(&viewers::FIELD_LEVEL, KIND, json!({"default_cache_behavior": [{"field_level_encryption_id": "a"}]}));
    fails(&viewers::FIELD_LEVEL, KIND, json!({"default_cache_behavior": [{}]}), "field_level_encryption_id");
}

#[test]
fn certificates_are_own_and_by_sni() {
    let certificate =
        |method: &str| json!({"viewer_certificate": [{"acm_certificate_arn": "a", "ssl_support_method": method}]});
    let default = json!({"viewer_certificate": [{"cloudfront_default_certificate": true}]});
    passes(&viewers::CERTIFICATE, KIND, certificate("sni-only"));
    fails(&viewers::CERTIFICATE, KIND, default.clone(), "default certificate");
    passes(&viewers::SNI, KIND, certificate("sni-only"));
    fails(&viewers::SNI, KIND, certificate("vip"), "vip");
    skips(&viewers::SNI, KIND, default);
}

fn custom(policy: &str, protocols: &[&str], viewer: &str) -> Json {
    let config = json!({"origin_protocol_policy": policy, "origin_ssl_protocols": protocols});
    json!({
        "origin": [{"origin_id": "app", "domain_name": "app.example.com", "custom_origin_config": [config]}],
        "default_cache_behavior": [{"viewer_protocol_policy": viewer}],
    })
}

fn bucket(control: &str, viewer: &str) -> Json {
    let origin = json!({
        "origin_id": "files", "domain_name": "files.s3.eu-central-1.amazonaws.com", "origin_access_control_id": control,
    });
    json!({"origin": [origin], "default_cache_behavior": [{"viewer_protocol_policy": viewer}]})
}

#[test]
fn traffic_to_origins_is_encrypted() {
    passes(&origins::PROTOCOLS, KIND, custom("https-only", &["TLSv1.2"], "https-only"));
    fails(&origins::PROTOCOLS, KIND, custom("https-only", &["TLSv1.2", "TLSv1.1"], "https-only"), "app admits TLSv1.1");
    passes(&origins::TRAFFIC, KIND, custom("https-only", &[], "allow-all"));
    passes(&origins::TRAFFIC, KIND, custom("match-viewer", &[], "redirect-to-https"));
    passes(&origins::TRAFFIC, KIND, bucket("", "redirect-to-https"));
    fails(&origins::TRAFFIC, KIND, custom("match-viewer", &[], "allow-all"), "match-viewer");
    fails(&origins::TRAFFIC, KIND, custom("http-only", &[], "https-only"), "http-only");
    fails(&origins::TRAFFIC, KIND, bucket("", "allow-all"), "viewer's protocol");
    let vpc = json!({
        "origin": [{"origin_id": "inner", "vpc_origin_config": [{"vpc_origin_id": "vo"}]}],
        "default_cache_behavior": [{"viewer_protocol_policy": "https-only"}],
    });
    assert!(matches!(resource(KIND, vpc).verdict(&origins::TRAFFIC), Ok(Verdict::Manual(_))));
}

#[test]
fn buckets_are_reached_with_a_signature() {
    passes(&origins::ACCESS_CONTROL, KIND, bucket("oac", "https-only"));
    fails(&origins::ACCESS_CONTROL, KIND, bucket("", "https-only"), "origin files");
    let identity = json!({"origin": [{"origin_id": "old", "s3_origin_config": [{"origin_access_identity": "a"}]}]});
    fails(&origins::ACCESS_CONTROL, KIND, identity, "origin old");
    skips(&origins::ACCESS_CONTROL, KIND, custom("https-only", &[], "https-only"));
    passes(&origins::FAILOVER, KIND, json!({"origin_group": [{"member": [{"origin_id": "a"}, {"origin_id": "b"}]}]}));
    fails(&origins::FAILOVER, KIND, json!({}), "origin_group");
}

#[test]
fn functions_are_called_through_access_control() {
    let origin = |domain: &str, control: &str| json!({"origin": [{"origin_id": "f", "domain_name": domain, "origin_access_control_id": control}]});
    let function = "abc.lambda-url.eu-central-1.on.aws";
    passes(&origins::FUNCTION_URLS, KIND, origin(function, "E1"));
    fails(&origins::FUNCTION_URLS, KIND, origin(function, ""), "the origin f has none");
    skips(&origins::FUNCTION_URLS, KIND, origin("example.com", ""));
}

#[test]
fn viewers_get_recent_tls_and_keys_of_a_group() {
    let policy = |version: &str| json!({"viewer_certificate": [{"minimum_protocol_version": version}]});
    passes(&viewers::TLS_POLICY, KIND, policy("TLSv1.2_2021"));
    passes(&viewers::TLS_POLICY, KIND, policy("TLSv1.3_2025"));
    fails(&viewers::TLS_POLICY, KIND, policy("TLSv1.2_2019"), "is TLSv1.2_2019");
    let default = json!({"viewer_certificate": [{
        "cloudfront_default_certificate": true, "minimum_protocol_version": "TLSv1.2_2021",
    }]});
    fails(&viewers::TLS_POLICY, KIND, default, "default certificate");
    fails(&viewers::TLS_POLICY, KIND, json!({}), "is TLSv1");
    let signers = |signers: &[&str]| {
        json!({
            "default_cache_behavior": [{"trusted_key_groups": ["g"]}],
            "ordered_cache_behavior": [{"path_pattern": "/paid/*", "trusted_signers": signers}],
        })
    };
    passes(&viewers::KEY_GROUPS, KIND, signers(&[]));
    fails(&viewers::KEY_GROUPS, KIND, signers(&["self"]), "the behavior for /paid/*: self");
}
