//! OpenSearch.

use plumbline::serde_json::Value as Json;
use plumbline::testing::json;

use super::{access, encryption, logging, resilience};
use crate::cases::{fails, passes, unread};

const DOMAIN: &str = "aws_opensearch_domain";
const OLD: &str = "aws_elasticsearch_domain";

#[test]
fn domains_are_encrypted() {
    passes(&encryption::AT_REST, DOMAIN, json!({"encrypt_at_rest": [{"enabled": true}]}));
    fails(&encryption::AT_REST, OLD, json!({}), "encrypt_at_rest");
    passes(&encryption::BETWEEN_NODES, OLD, json!({"node_to_node_encryption": [{"enabled": true}]}));
    fails(&encryption::BETWEEN_NODES, DOMAIN, json!({}), "node_to_node_encryption");
    passes(&encryption::HTTPS, DOMAIN, json!({"domain_endpoint_options": [{"enforce_https": true}]}));
    fails(&encryption::HTTPS, DOMAIN, json!({"domain_endpoint_options": [{"enforce_https": false}]}), "enforce_https");
    let endpoint = |https: bool, policy: &str| json!({"domain_endpoint_options": [{"enforce_https": https, "tls_security_policy": policy}]});
    passes(&encryption::TLS_POLICY, DOMAIN, endpoint(true, "Policy-Min-TLS-1-2-PFS-2023-10"));
    fails(&encryption::TLS_POLICY, OLD, endpoint(true, "Policy-Min-TLS-1-2-2019-07"), "is Policy-Min-TLS-1-2-2019-07");
    fails(&encryption::TLS_POLICY, DOMAIN, endpoint(false, "Policy-Min-TLS-1-2-PFS-2023-10"), "enforce_https");
    fails(&encryption::TLS_POLICY, DOMAIN, json!({"domain_endpoint_options": [{"enforce_https": true}]}), "not set");
}

fn open_to(principal: &str, condition: Json) -> Json {
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "es:*", "Resource": "*"});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    json!({"access_policies": {"Version": "2012-10-17", "Statement": [statement]}})
}

#[test]
fn domains_are_closed_to_strangers() {
    passes(&access::PUBLIC, DOMAIN, open_to("arn:aws:iam::123456789012:role/search", Json::Null));
    passes(&access::PUBLIC, DOMAIN, open_to("*", json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})));
    passes(&access::PUBLIC, OLD, json!({}));
    let mut inside = open_to("*", Json::Null);
    inside["vpc_options"] = json!([{"subnet_ids": ["subnet-1"]}]);
    passes(&access::PUBLIC, DOMAIN, inside);
    fails(&access::PUBLIC, DOMAIN, open_to("*", Json::Null), "statement 1 allows es:* to anyone");
    fails(&access::PUBLIC, OLD, open_to("*", json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})), "anyone");
    unread(&access::PUBLIC, DOMAIN, json!({"access_policies": "{"}), "JSON");
    passes(&access::INSIDE_VPC, DOMAIN, json!({"vpc_options": [{"subnet_ids": ["subnet-1"]}]}));
    fails(&access::INSIDE_VPC, OLD, open_to("arn:aws:iam::123456789012:role/search", Json::Null), "no subnets");
    passes(&access::FINE_GRAINED, DOMAIN, json!({"advanced_security_options": [{"enabled": true}]}));
    fails(&access::FINE_GRAINED, DOMAIN, json!({}), "advanced_security_options");
    passes(&access::INTERNAL_USERS, DOMAIN, json!({"advanced_security_options": [{"enabled": true}]}));
    let internal = json!({"advanced_security_options": [{"internal_user_database_enabled": true}]});
    fails(&access::INTERNAL_USERS, DOMAIN, internal, "internal_user_database_enabled");
}

#[test]
fn domains_are_logged() {
    let logs = |kinds: &[&str]| {
        let options: Vec<Json> = kinds.iter().map(|kind| json!({"log_type": kind})).collect();
        json!({"log_publishing_options": options})
    };
    passes(&logging::AUDIT, DOMAIN, logs(&["AUDIT_LOGS"]));
    fails(&logging::AUDIT, DOMAIN, logs(&[]), "AUDIT_LOGS");
    let off = json!({"log_publishing_options": [{"log_type": "AUDIT_LOGS", "enabled": false}]});
    fails(&logging::AUDIT, DOMAIN, off, "AUDIT_LOGS");
    passes(&logging::ERRORS, DOMAIN, logs(&["ES_APPLICATION_LOGS"]));
    fails(&logging::ERRORS, OLD, logs(&["AUDIT_LOGS"]), "not published: ES_APPLICATION_LOGS");
    passes(&logging::SLOW, DOMAIN, logs(&["INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"]));
    fails(&logging::SLOW, DOMAIN, logs(&["INDEX_SLOW_LOGS"]), "not published: SEARCH_SLOW_LOGS");
}

#[test]
fn domains_outlive_a_node() {
    let cluster = |nodes: i64, aware: bool| {
        let config = json!({"instance_count": nodes, "zone_awareness_enabled": aware});
        json!({"cluster_config": [config]})
    };
    passes(&resilience::DATA_NODES, DOMAIN, cluster(3, true));
    fails(&resilience::DATA_NODES, DOMAIN, cluster(3, false), "without zone awareness");
    fails(&resilience::DATA_NODES, DOMAIN, cluster(2, true), "2 data node");
    let masters =
        |count: i64| json!({"cluster_config": [{"dedicated_master_enabled": true, "dedicated_master_count": count}]});
    passes(&resilience::MASTER_NODES, DOMAIN, masters(3));
    fails(&resilience::MASTER_NODES, DOMAIN, masters(1), "1 dedicated");
    fails(&resilience::MASTER_NODES, DOMAIN, json!({}), "no dedicated");
}
