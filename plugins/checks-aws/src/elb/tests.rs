//! Classic load balancers.

use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use super::{CERTIFICATES, CIPHERS, CROSS_ZONE, DESYNC, DRAINING, INTERNET_FACING, LOGGING, MULTI_AZ, SSL_LISTENERS};
use crate::cases::{fails, passes, skips, unread};

const ELB: &str = "aws_elb";

#[test]
fn listeners_are_encrypted_with_tls_1_2() {
    let listener = |protocol: &str, policies: &[&str]| {
        let listener = json!({"lb_port": 443, "lb_protocol": protocol, "policy_names": policies});
        json!({"listener": [listener]})
    };
    passes(&CIPHERS, ELB, listener("HTTPS", &["ELBSecurityPolicy-TLS-1-2-2017-01"]));
    fails(&CIPHERS, ELB, listener("ssl", &["ELBSecurityPolicy-2016-08"]), "443 uses ELBSecurityPolicy-2016-08");
    unread(&CIPHERS, ELB, listener("https", &[]), "which policy");
    skips(&CIPHERS, ELB, listener("http", &[]));
    let policy = |value: &str| json!({"attribute": [{"name": "Reference-Security-Policy", "value": value}]});
    let kind = "aws_lb_ssl_negotiation_policy";
    passes(&CIPHERS, kind, policy("ELBSecurityPolicy-TLS-1-2-2017-01"));
    fails(&CIPHERS, kind, policy("ELBSecurityPolicy-2015-05"), "2015-05");
    assert!(matches!(resource(kind, json!({})).verdict(&CIPHERS), Ok(Verdict::Manual(_))));

    passes(&SSL_LISTENERS, ELB, listener("ssl", &[]));
    fails(&SSL_LISTENERS, ELB, listener("http", &[]), "443 speaks http");
}

#[test]
fn certificates_come_from_acm() {
    let listener = |protocol: &str, certificate: &str| json!({"listener": [{"lb_port": 443, "lb_protocol": protocol, "ssl_certificate_id": certificate}]});
    passes(&CERTIFICATES, ELB, listener("https", "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1"));
    fails(
        &CERTIFICATES,
        ELB,
        listener("SSL", "arn:aws:iam::123456789012:server-certificate/acm"),
        "server-certificate",
    );
    fails(&CERTIFICATES, ELB, listener("https", ""), "443 has the certificate ''");
    skips(&CERTIFICATES, ELB, listener("tcp", ""));
}

#[test]
fn load_balancers_are_internal_logged_and_robust() {
    passes(&INTERNET_FACING, ELB, json!({"internal": true}));
    fails(&INTERNET_FACING, ELB, json!({}), "internet");
    passes(&LOGGING, ELB, json!({"access_logs": [{"bucket": "logs"}]}));
    fails(&LOGGING, ELB, json!({"access_logs": [{"bucket": "logs", "enabled": false}]}), "off");
    fails(&LOGGING, ELB, json!({}), "off");
    passes(&DRAINING, ELB, json!({"connection_draining": true}));
    fails(&DRAINING, ELB, json!({}), "connection_draining");
    passes(&CROSS_ZONE, ELB, json!({}));
    fails(&CROSS_ZONE, ELB, json!({"cross_zone_load_balancing": false}), "false");
    passes(&MULTI_AZ, ELB, json!({"subnets": ["a", "b"]}));
    fails(&MULTI_AZ, ELB, json!({"availability_zones": ["eu-central-1a"]}), "1 zone");
    passes(&DESYNC, ELB, json!({"desync_mitigation_mode": "strictest"}));
    fails(&DESYNC, ELB, json!({"desync_mitigation_mode": "monitor"}), "monitor");
}
