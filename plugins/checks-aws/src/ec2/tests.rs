//! EC2.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::{acls, edge, groups, instances, ports, sharing, storage, templates, user_data};
use crate::cases::{fails, passes, skips, unread};

const INSTANCE: &str = "aws_instance";
const GROUP: &str = "aws_security_group";
const ACL: &str = "aws_network_acl";

fn rule(protocol: &str, from: i64, to: i64, sources: &[&str]) -> Json {
    let (v6, v4): (Vec<&str>, Vec<&str>) = sources.iter().partition(|source| source.contains(':'));
    json!({"protocol": protocol, "from_port": from, "to_port": to, "cidr_blocks": v4, "ipv6_cidr_blocks": v6})
}

fn ingress(rules: &[Json]) -> Json {
    json!({"name": "web", "ingress": rules, "egress": []})
}

#[test]
fn a_port_is_open_however_it_is_written() {
    let open = [
        (rule("tcp", 22, 22, &["0.0.0.0/0"]), "rule 1 allows tcp 22 from 0.0.0.0/0"),
        (rule("6", 20, 30, &["10.0.0.0/8", "0.0.0.0/0"]), "rule 1 allows tcp 20-30 from 10.0.0.0/8, 0.0.0.0/0"),
        (rule("-1", 0, 0, &["::/0"]), "rule 1 allows all traffic from ::/0"),
        (rule("tcp", 0, 65535, &["0.0.0.0/1", "128.0.0.0/1"]), "tcp on all ports from 0.0.0.0/1, 128.0.0.0/1"),
        (rule("tcp", 22, 22, &["128.0.0.0/1"]), "128.0.0.0/1"),
    ];
    for (rule, message) in open {
        fails(&ports::SSH, GROUP, ingress(&[rule]), message);
    }
    let split = [
        rule("tcp", 22, 22, &["0.0.0.0/3", "32.0.0.0/4"]),
        rule("tcp", 443, 443, &["10.0.0.0/8"]),
        rule("tcp", 20, 22, &["128.0.0.0/3", "160.0.0.0/4"]),
    ];
    fails(&ports::SSH, GROUP, ingress(&split), "rules 1 and 3 together allow tcp 22 from");
    fails(&ports::SSH, "aws_default_security_group", ingress(&[rule("tcp", 22, 22, &["0.0.0.0/0"])]), "tcp 22");
}

#[test]
fn other_ports_protocols_and_sources_leave_it_closed() {
    let closed = [
        rule("tcp", 443, 443, &["0.0.0.0/0"]),
        rule("udp", 22, 22, &["0.0.0.0/0"]),
        rule("icmp", -1, -1, &["0.0.0.0/0"]),
        rule("tcp", 22, 22, &["10.0.0.0/8", "3.0.0.0/8", "fd00::/8"]),
        json!({"protocol": "tcp", "from_port": 22, "to_port": 22, "security_groups": ["sg-1"], "self": true}),
    ];
    for rule in closed {
        passes(&ports::SSH, GROUP, ingress(&[rule]));
    }
    passes(&ports::SSH, GROUP, json!({"ingress": []}));
}

#[test]
fn each_service_has_its_ports() {
    for check in ports::CHECKS {
        passes(check, GROUP, ingress(&[rule("tcp", 443, 443, &["0.0.0.0/0"])]));
        fails(check, GROUP, ingress(&[rule("tcp", 1, 65535, &["0.0.0.0/0"])]), "tcp 1-65535");
    }
    for (check, ports) in [
        (&ports::RDP, &[3389][..]),
        (&ports::FTP, &[20, 21]),
        (&ports::TELNET, &[23]),
        (&ports::MYSQL, &[3306]),
        (&ports::POSTGRES, &[5432]),
        (&ports::ORACLE, &[1521, 2483]),
        (&ports::SQL_SERVER, &[1433, 1434]),
        (&ports::MONGODB, &[27017, 27018]),
        (&ports::REDIS, &[6379]),
        (&ports::MEMCACHED, &[11211]),
        (&ports::ELASTICSEARCH, &[9200, 9300, 5601]),
        (&ports::KAFKA, &[9092]),
        (&ports::CASSANDRA, &[7199, 9160, 8888]),
        (&ports::HIGH_RISK, &[25, 445, 8080]),
    ] {
        for port in ports {
            let open = ingress(&[rule("tcp", *port, *port, &["0.0.0.0/0"])]);
            fails(check, GROUP, open, &format!("tcp {port} from 0.0.0.0/0"));
        }
    }
}

#[test]
fn what_cannot_be_decided_about_a_rule_is_not_passed() {
    let list = json!({"protocol": "tcp", "from_port": 22, "to_port": 22, "prefix_list_ids": ["pl-1"]});
    for check in [&ports::SSH, &groups::ANY_PORT] {
        let verdict = resource(GROUP, ingress(std::slice::from_ref(&list))).verdict(check);
        assert!(matches!(&verdict, Ok(Verdict::Manual(message)) if message.contains("pl-1")), "{verdict:?}");
    }
    passes(&ports::RDP, GROUP, ingress(&[list]));
    unread(&ports::SSH, GROUP, ingress(&[rule("tcp", 22, 22, &["10.0.0.0"])]), "no CIDR block");
    unread(&ports::SSH, GROUP, ingress(&[rule("tpc", 22, 22, &["10.0.0.0/8"])]), "no protocol");
    unread(&ports::SSH, GROUP, ingress(&[json!({"from_port": 22, "to_port": 22})]), "ingress.protocol");
    let unknown = resource(GROUP, ingress(&[rule("tcp", 22, 22, &[])])).gap("ingress.cidr_blocks", "known after apply");
    assert!(unknown.verdict(&ports::SSH).is_err());
}

#[test]
fn all_ports_and_any_port_are_told_apart() {
    let everything = ingress(&[rule("-1", 0, 0, &["0.0.0.0/0"])]);
    fails(&groups::ALL_PORTS, GROUP, everything.clone(), "every tcp port is open");
    fails(&groups::ANY_PORT, GROUP, everything, "all traffic");
    let halves = [rule("tcp", 0, 1000, &["0.0.0.0/0"]), rule("tcp", 1001, 65535, &["::/0"])];
    fails(&groups::ALL_PORTS, GROUP, ingress(&halves), "every tcp port is open");
    fails(&groups::ALL_PORTS, GROUP, ingress(&[rule("udp", 0, 65535, &["0.0.0.0/0"])]), "every udp port");
    let web = ingress(&[rule("tcp", 443, 443, &["0.0.0.0/0"])]);
    passes(&groups::ALL_PORTS, GROUP, web.clone());
    fails(&groups::ANY_PORT, GROUP, web, "tcp 443");
    passes(&groups::ANY_PORT, GROUP, ingress(&[rule("icmp", -1, -1, &["0.0.0.0/0"])]));
    let hole = [rule("tcp", 0, 1000, &["0.0.0.0/0"]), rule("tcp", 1002, 65535, &["0.0.0.0/0"])];
    passes(&groups::ALL_PORTS, GROUP, ingress(&hole));
}

#[test]
fn the_internet_reaches_http_and_https_alone() {
    let from = |rules: &[(&str, i64, i64)]| {
        let rules: Vec<Json> = rules.iter().map(|(what, from, to)| rule(what, *from, *to, &["0.0.0.0/0"])).collect();
        ingress(&rules)
    };
    passes(&groups::UNAUTHORIZED_PORTS, GROUP, from(&[("tcp", 80, 80), ("tcp", 443, 443)]));
    passes(&groups::UNAUTHORIZED_PORTS, GROUP, ingress(&[rule("tcp", 22, 22, &["10.0.0.0/8"])]));
    for (what, first, last) in
        [("tcp", 22, 22), ("tcp", 80, 81), ("tcp", 443, 444), ("tcp", 79, 80), ("udp", 443, 443), ("-1", 0, 0)]
    {
        fails(&groups::UNAUTHORIZED_PORTS, GROUP, from(&[(what, first, last)]), "rule 1 allows");
    }
}

#[test]
fn groups_are_narrow_small_and_named() {
    passes(&groups::WIDE_PUBLIC_IPV4, GROUP, ingress(&[rule("tcp", 22, 22, &["198.51.100.0/24", "10.0.0.0/8"])]));
    fails(&groups::WIDE_PUBLIC_IPV4, GROUP, ingress(&[rule("tcp", 22, 22, &["52.0.0.0/15"])]), "52.0.0.0/15");
    let out = json!({"ingress": [], "egress": [rule("tcp", 443, 443, &["8.8.0.0/16"])]});
    fails(&groups::WIDE_PUBLIC_IPV4, GROUP, out, "egress rule 1");

    let default = |rules: &[Json]| json!({"name": "default", "ingress": rules, "egress": []});
    passes(&groups::DEFAULT_RESTRICTS, GROUP, default(&[]));
    passes(&groups::DEFAULT_RESTRICTS, "aws_default_security_group", json!({"ingress": [], "egress": []}));
    fails(&groups::DEFAULT_RESTRICTS, GROUP, default(&[json!({"protocol": "-1", "self": true})]), "1 ingress rule");
    skips(&groups::DEFAULT_RESTRICTS, GROUP, ingress(&[]));
    unread(&groups::DEFAULT_RESTRICTS, GROUP, json!({}), "name");

    passes(&groups::FROM_LAUNCH_WIZARD, GROUP, json!({"name": "web"}));
    fails(&groups::FROM_LAUNCH_WIZARD, GROUP, json!({"name": "launch-wizard-3"}), "launch-wizard-3");

    let sources: Vec<String> = (0..51).map(|n| format!("10.0.{n}.0/24")).collect();
    let many: Vec<&str> = sources.iter().map(String::as_str).collect();
    passes(&groups::MANY_RULES, GROUP, ingress(&[rule("tcp", 22, 22, &many[..50])]));
    fails(&groups::MANY_RULES, GROUP, ingress(&[rule("tcp", 22, 22, &many)]), "51 ingress rules");
}

fn entry(number: i64, action: &str, protocol: &str, ports: (i64, i64), block: &str) -> Json {
    let block_name = if block.contains(':') { "ipv6_cidr_block" } else { "cidr_block" };
    let (from, to) = ports;
    json!({
        "rule_no": number, "action": action, "protocol": protocol, "from_port": from, "to_port": to, block_name: block,
    })
}

#[test]
fn the_first_entry_that_matches_decides() {
    let allow = entry(100, "allow", "-1", (0, 0), "0.0.0.0/0");
    let deny = entry(50, "deny", "tcp", (22, 22), "0.0.0.0/0");
    let late = entry(200, "deny", "tcp", (22, 22), "0.0.0.0/0");
    fails(&acls::SSH, ACL, json!({"ingress": [allow]}), "entry 100 allows all traffic from 0.0.0.0/0");
    passes(&acls::SSH, ACL, json!({"ingress": [allow, deny]}));
    fails(&acls::SSH, ACL, json!({"ingress": [late, allow]}), "entry 100");
    fails(&acls::RDP, ACL, json!({"ingress": [allow, deny]}), "entry 100");
    passes(&acls::RDP, ACL, json!({"ingress": [entry(100, "allow", "6", (443, 443), "0.0.0.0/0")]}));
    fails(&acls::SSH, ACL, json!({"ingress": [deny, entry(60, "ALLOW", "-1", (0, 0), "::/0")]}), "::/0");
    let halves = [entry(1, "allow", "6", (22, 22), "0.0.0.0/2"), entry(2, "deny", "6", (22, 22), "0.0.0.0/1")];
    fails(&acls::SSH, ACL, json!({"ingress": halves}), "entry 1");
    let reversed = [entry(3, "allow", "6", (22, 22), "0.0.0.0/2"), entry(2, "deny", "6", (22, 22), "0.0.0.0/1")];
    passes(&acls::SSH, ACL, json!({"ingress": reversed}));
    passes(&acls::SSH, "aws_default_network_acl", json!({"ingress": []}));
    unread(&acls::SSH, ACL, json!({"ingress": [{"rule_no": 1, "action": "permit"}]}), "permit");
}

#[test]
fn an_acl_that_filters_nothing_is_found() {
    let allow = entry(100, "allow", "-1", (0, 0), "0.0.0.0/0");
    fails(&acls::ANY_PORT, ACL, json!({"ingress": [allow]}), "every tcp port is open");
    passes(
        &acls::ANY_PORT,
        ACL,
        json!({"ingress": [
            allow, entry(9, "deny", "tcp", (22, 22), "0.0.0.0/0"), entry(10, "deny", "udp", (53, 53), "0.0.0.0/0"),
        ]}),
    );
    passes(&acls::ANY_PORT, ACL, json!({"ingress": [entry(1, "allow", "tcp", (1024, 65535), "0.0.0.0/0")]}));
    passes(&acls::UNUSED, ACL, json!({"subnet_ids": ["subnet-1"]}));
    fails(&acls::UNUSED, ACL, json!({"subnet_ids": []}), "no subnet");
    skips(&acls::UNUSED, ACL, json!({"is_default": true}));
}

#[test]
fn instances_need_tokens_for_metadata() {
    passes(&instances::IMDSV2, INSTANCE, json!({"metadata_options": [{"http_tokens": "required"}]}));
    passes(&instances::IMDSV2, INSTANCE, json!({"metadata_options": [{"http_endpoint": "disabled"}]}));
    fails(&instances::IMDSV2, INSTANCE, json!({"metadata_options": [{"http_tokens": "optional"}]}), "optional");
    unread(&instances::IMDSV2, INSTANCE, json!({}), "account's defaults");
    let defaults = "aws_ec2_instance_metadata_defaults";
    passes(&instances::ACCOUNT_IMDSV2, defaults, json!({"http_tokens": "required"}));
    fails(&instances::ACCOUNT_IMDSV2, defaults, json!({}), "no-preference");
    let template = "aws_launch_template";
    passes(&templates::IMDSV2, template, json!({"metadata_options": [{"http_tokens": "required"}]}));
    fails(&templates::IMDSV2, template, json!({}), "not set");
}

#[test]
fn instances_stay_off_the_internet() {
    passes(&instances::PUBLIC_IP, INSTANCE, json!({"associate_public_ip_address": false}));
    fails(&instances::PUBLIC_IP, INSTANCE, json!({"associate_public_ip_address": true}), "true");
    fails(&instances::PUBLIC_IP, INSTANCE, json!({"public_ip": "198.51.100.1"}), "198.51.100.1");
    let planned =
        resource(INSTANCE, json!({"associate_public_ip_address": false})).gap("public_ip", "known after apply");
    assert_eq!(planned.verdict(&instances::PUBLIC_IP), pass());
    let unknown = resource(INSTANCE, json!({})).gap("public_ip", "known after apply");
    assert!(unknown.verdict(&instances::PUBLIC_IP).is_err());

    passes(&instances::PROFILE, INSTANCE, json!({"iam_instance_profile": "app"}));
    fails(&instances::PROFILE, INSTANCE, json!({}), "no instance profile");
    let private = json!({"iam_instance_profile": "app", "associate_public_ip_address": false});
    passes(&instances::INTERNET_FACING_PROFILE, INSTANCE, private);
    let both = json!({"iam_instance_profile": "app", "public_ip": "198.51.100.1"});
    fails(&instances::INTERNET_FACING_PROFILE, INSTANCE, both, "and an instance profile");
    passes(&instances::MONITORING, INSTANCE, json!({"monitoring": true}));
    fails(&instances::MONITORING, INSTANCE, json!({}), "basic");

    let template = "aws_launch_template";
    passes(&templates::PUBLIC_IP, template, json!({"network_interfaces": [{"associate_public_ip_address": "false"}]}));
    let second = json!({"network_interfaces": [{}, {"associate_public_ip_address": "true"}]});
    fails(&templates::PUBLIC_IP, template, second, "interface 2");
}

#[test]
fn launch_templates_encrypt_their_volumes() {
    let template = "aws_launch_template";
    let volume = |encrypted: Json| json!({"block_device_mappings": [{"device_name": "/dev/xvda", "ebs": [{"encrypted": encrypted}]}]});
    passes(&templates::VOLUMES, template, volume(json!("true")));
    fails(&templates::VOLUMES, template, volume(json!("false")), "the volume /dev/xvda");
    unread(&templates::VOLUMES, template, volume(Json::Null), "not set for /dev/xvda");
    skips(&templates::VOLUMES, template, json!({"block_device_mappings": [{"device_name": "/dev/sdb", "ebs": []}]}));
}

#[test]
fn user_data_is_read_in_every_form() {
    passes(&user_data::INSTANCE, INSTANCE, json!({"user_data": "#!/bin/sh\nyum install -y httpd\n"}));
    let secret = "export DB_PASSWORD=hunter2hunter2";
    fails(&user_data::INSTANCE, INSTANCE, json!({"user_data": secret}), "line 1 of user_data holds a literal secret");
    let encoded = "ZXhwb3J0IERCX1BBU1NXT1JEPWh1bnRlcjJodW50ZXIy";
    fails(&user_data::INSTANCE, INSTANCE, json!({"user_data_base64": encoded}), "user_data_base64");
    fails(&user_data::TEMPLATE, "aws_launch_template", json!({"user_data": encoded}), "user_data");
    passes(&user_data::TEMPLATE, "aws_launch_template", json!({"user_data": "IyEvYmluL3No"}));
    unread(&user_data::INSTANCE, INSTANCE, json!({"user_data": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}), "SHA-1");
    let packed = resource(INSTANCE, json!({"user_data_base64": "H4sIAAAAAAAA/w=="})).verdict(&user_data::INSTANCE);
    assert!(matches!(packed, Ok(Verdict::Manual(_))), "{packed:?}");
    let Ok(Verdict::Fail(message)) = resource(INSTANCE, json!({"user_data": secret})).verdict(&user_data::INSTANCE)
    else {
        panic!("it should fail");
    };
    assert!(!message.contains("hunter2"), "a finding never repeats the secret");
}

#[test]
fn disks_and_snapshots_are_encrypted_and_kept_to_oneself() {
    for (check, kind) in
        [(&storage::VOLUME_ENCRYPTION, "aws_ebs_volume"), (&storage::SNAPSHOT_ENCRYPTION, "aws_ebs_snapshot")]
    {
        passes(check, kind, json!({"encrypted": true}));
        fails(check, kind, json!({"encrypted": false}), "encrypted is false");
        unread(check, kind, json!({}), "default");
    }
    let default = "aws_ebs_encryption_by_default";
    passes(&storage::DEFAULT_ENCRYPTION, default, json!({"enabled": true}));
    fails(&storage::DEFAULT_ENCRYPTION, default, json!({"enabled": false}), "enabled");

    let snapshot = "aws_ebs_snapshot";
    passes(&sharing::PUBLIC_SNAPSHOT, snapshot, json!({"create_volume_permission": [{"user_id": "123456789012"}]}));
    passes(&sharing::PUBLIC_SNAPSHOT, snapshot, json!({"create_volume_permission": []}));
    fails(&sharing::PUBLIC_SNAPSHOT, snapshot, json!({"create_volume_permission": [{"group": "all"}]}), "all");
    unread(&sharing::PUBLIC_SNAPSHOT, snapshot, json!({}), "does not say");
    let block = "aws_ebs_snapshot_block_public_access";
    passes(&sharing::BLOCK_SNAPSHOTS, block, json!({"state": "block-all-sharing"}));
    fails(&sharing::BLOCK_SNAPSHOTS, block, json!({"state": "block-new-sharing"}), "block-new-sharing");
    let images = "aws_ec2_image_block_public_access";
    passes(&sharing::BLOCK_IMAGES, images, json!({"state": "block-new-sharing"}));
    fails(&sharing::BLOCK_IMAGES, images, json!({"state": "unblocked"}), "unblocked");

    passes(&sharing::PUBLIC_IMAGE, "aws_ami", json!({"public": false}));
    fails(&sharing::PUBLIC_IMAGE, "aws_ami", json!({"public": true}), "public is true");
    fails(&sharing::PUBLIC_IMAGE, "aws_ami", json!({"launch_permission": [{"group": "all"}]}), "all");
    unread(&sharing::PUBLIC_IMAGE, "aws_ami", json!({}), "public");
    let permission = "aws_ami_launch_permission";
    passes(&sharing::PUBLIC_IMAGE, permission, json!({"account_id": "123456789012"}));
    fails(&sharing::PUBLIC_IMAGE, permission, json!({"group": "all"}), "all");
}

#[test]
fn the_edges_of_the_network_are_kept() {
    passes(&edge::ELASTIC_IP, "aws_eip", json!({"association_id": "eipassoc-1"}));
    fails(&edge::ELASTIC_IP, "aws_eip", json!({}), "nothing");
    let gateway = "aws_ec2_transit_gateway";
    passes(&edge::TRANSIT_GATEWAY, gateway, json!({}));
    fails(&edge::TRANSIT_GATEWAY, gateway, json!({"auto_accept_shared_attachments": "enable"}), "enable");
    let vpn = "aws_ec2_client_vpn_endpoint";
    passes(&edge::CLIENT_VPN, vpn, json!({"connection_log_options": [{"enabled": true}]}));
    fails(&edge::CLIENT_VPN, vpn, json!({"connection_log_options": [{"enabled": false}]}), "enabled");
}
