//! Application, network and gateway load balancers.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::json;

use super::{balancers, listeners, surroundings};
use crate::cases::{account, fails, passes, skips, unread};

const LB: &str = "aws_lb";
const LISTENER: &str = "aws_lb_listener";

#[test]
fn load_balancers_are_kept_logged_and_robust() {
    passes(&balancers::DELETION, "aws_alb", json!({"enable_deletion_protection": true}));
    fails(&balancers::DELETION, LB, json!({}), "enable_deletion_protection");
    passes(&balancers::DESYNC, LB, json!({}));
    let monitor = json!({"desync_mitigation_mode": "monitor"});
    fails(&balancers::DESYNC, LB, monitor, "monitor");
    passes(&balancers::DESYNC, LB, json!({"desync_mitigation_mode": "monitor", "drop_invalid_header_fields": true}));
    skips(&balancers::DESYNC, LB, json!({"load_balancer_type": "network"}));
    passes(&balancers::INVALID_HEADERS, LB, json!({"drop_invalid_header_fields": true}));
    fails(&balancers::INVALID_HEADERS, LB, json!({}), "drop_invalid_header_fields");
    passes(&balancers::LOGGING, LB, json!({"access_logs": [{"bucket": "logs", "enabled": true}]}));
    fails(&balancers::LOGGING, LB, json!({"access_logs": [{"bucket": "logs"}]}), "off");
    skips(&balancers::LOGGING, LB, json!({"load_balancer_type": "gateway"}));
    passes(&balancers::MULTI_AZ, LB, json!({"subnet_mapping": [{"subnet_id": "a"}, {"subnet_id": "b"}]}));
    fails(&balancers::MULTI_AZ, LB, json!({"subnets": ["a"]}), "1 zone");
    let network = json!({"load_balancer_type": "network", "enable_cross_zone_load_balancing": true});
    passes(&balancers::CROSS_ZONE, LB, network);
    fails(&balancers::CROSS_ZONE, LB, json!({"load_balancer_type": "gateway"}), "cross_zone");
    skips(&balancers::CROSS_ZONE, LB, json!({}));
}

#[test]
fn listeners_begin_at_tls_1_2() {
    let listener = |policy: &str| json!({"protocol": "HTTPS", "ssl_policy": policy});
    for good in [
        "TLS13-1-2-2021-06",
        "TLS13-1-3-2021-06",
        "TLS-1-2-Ext-2018-06",
        "FS-1-2-Res-2020-10",
        "TLS13-1-2-Res-PQ-2025-09",
    ] {
        passes(&listeners::POLICY, LISTENER, listener(&format!("ELBSecurityPolicy-{good}")));
    }
    for bad in ["2016-08", "TLS-1-0-2015-04", "TLS-1-1-2017-01", "FS-2018-06", "FS-1-1-2019-08", "TLS13-1-0-2021-06"] {
        fails(&listeners::POLICY, LISTENER, listener(&format!("ELBSecurityPolicy-{bad}")), bad);
    }
    fails(&listeners::POLICY, "aws_alb_listener", json!({"protocol": "TLS"}), "2016-08");
    skips(&listeners::POLICY, LISTENER, json!({"protocol": "HTTP"}));
    unread(&listeners::POLICY, LISTENER, json!({}), "protocol");
}

#[test]
fn listeners_use_recommended_policies_and_protocols() {
    let listener = |policy: &str| json!({"protocol": "TLS", "ssl_policy": format!("ELBSecurityPolicy-{policy}")});
    for good in ["TLS13-1-3-2021-06", "TLS13-1-3-FIPS-PQ-2025-09", "TLS13-1-2-Res-2021-06", "TLS13-1-2-Res-PQ-2025-09"]
    {
        passes(&listeners::RECOMMENDED, LISTENER, listener(good));
    }
    for bad in ["TLS13-1-2-2021-06", "TLS13-1-2-Ext1-2021-06", "TLS-1-2-2017-01", "FS-1-2-Res-2020-10"] {
        fails(&listeners::RECOMMENDED, LISTENER, listener(bad), bad);
    }
    fails(&listeners::RECOMMENDED, LISTENER, json!({"protocol": "HTTPS"}), "2016-08");
    skips(&listeners::RECOMMENDED, LISTENER, json!({"protocol": "TCP"}));
    for (protocol, good) in [("HTTPS", true), ("TLS", true), ("HTTP", false), ("TCP_UDP", false)] {
        let listener = json!({ "protocol": protocol });
        if good {
            passes(&listeners::SECURE, LISTENER, listener);
        } else {
            fails(&listeners::SECURE, LISTENER, listener, protocol);
        }
    }
    skips(&listeners::SECURE, LISTENER, json!({"protocol": "GENEVE"}));
    unread(&listeners::SECURE, LISTENER, json!({}), "protocol");
}

#[test]
fn plain_listeners_redirect() {
    let http = |protocol: &str| {
        let action = json!({"type": "redirect", "redirect": [{"protocol": protocol}]});
        json!({"protocol": "HTTP", "port": 80, "default_action": [action]})
    };
    passes(&listeners::ENCRYPTED, LISTENER, http("HTTPS"));
    fails(&listeners::ENCRYPTED, LISTENER, http("#{protocol}"), "port 80");
    fails(
        &listeners::ENCRYPTED,
        LISTENER,
        json!({"protocol": "HTTP", "default_action": [{"type": "forward"}]}),
        "HTTP",
    );
    skips(&listeners::ENCRYPTED, LISTENER, json!({"protocol": "TCP"}));
}

fn facing(balancer: Json, sources: &[&str], gaps: &[(&str, &str)]) -> Outcome {
    let rule = json!({"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": sources});
    let group = ("aws_security_group", "arn:aws:ec2:eu-central-1:1:security-group/sg-1", json!({"ingress": [rule]}));
    account(&surroundings::INTERNET_FACING, &[(LB, "lb", balancer), group], gaps).remove(0).1
}

#[test]
fn the_security_groups_decide_who_is_admitted() {
    let public = json!({"security_groups": ["sg-1"]});
    assert_eq!(facing(json!({"internal": true}), &[], &[]), pass());
    assert_eq!(facing(public.clone(), &["198.51.100.0/24"], &[]), pass());
    let open = facing(public, &["0.0.0.0/0"], &[]);
    assert!(matches!(&open, Ok(Verdict::Fail(message)) if message.contains("in sg-1 rule 1")), "{open:?}");
    assert!(matches!(facing(json!({}), &[], &[]), Ok(Verdict::Fail(message)) if message.contains("no security group")));
    assert!(facing(json!({"security_groups": ["sg-2"]}), &[], &[]).is_err());
}

fn filtered(resources: &[(&str, &str, Json)], gaps: &[(&str, &str)]) -> Outcome {
    account(&surroundings::WAF, resources, gaps).remove(0).1
}

#[test]
fn a_web_acl_is_found_by_its_association() {
    let balancer = (LB, "lb", json!({"arn": "arn:lb"}));
    let association = ("aws_wafv2_web_acl_association", "w", json!({"resource_arn": "arn:lb"}));
    let regional = ("aws_wafregional_web_acl_association", "w", json!({"resource_arn": "arn:lb"}));
    assert_eq!(filtered(&[balancer.clone(), association], &[]), pass());
    assert_eq!(filtered(&[balancer.clone(), regional], &[]), pass());
    assert!(matches!(filtered(std::slice::from_ref(&balancer), &[]), Ok(Verdict::Fail(_))));
    assert!(filtered(&[balancer], &[("aws_wafv2_web_acl_association", "denied")]).is_err());
    let network = (LB, "lb", json!({"load_balancer_type": "network"}));
    assert!(matches!(filtered(&[network], &[]), Ok(Verdict::NotApplicable(_))));
}
