//! VPCs.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::{connections, connections::TUNNELS, endpoints, networks, peering::LEAST_PRIVILEGE, reach};
use crate::cases::{account, fails, passes, skips, unread};

const ENDPOINT: &str = "aws_vpc_endpoint";

#[test]
fn networks_are_watched_and_private() {
    passes(&networks::FLOW_LOGS, "aws_vpc", json!({"flow_log": [{"traffic_type": "ALL"}]}));
    fails(&networks::FLOW_LOGS, "aws_vpc", json!({"flow_log": []}), "no flow log");
    passes(&networks::SUBNET_PUBLIC_IP, "aws_subnet", json!({}));
    passes(&networks::SUBNET_PUBLIC_IP, "aws_default_subnet", json!({"map_public_ip_on_launch": false}));
    fails(&networks::SUBNET_PUBLIC_IP, "aws_subnet", json!({"map_public_ip_on_launch": true}), "true");
    fails(&networks::SUBNET_PUBLIC_IP, "aws_default_subnet", json!({}), "not false");
}

#[test]
fn both_tunnels_must_be_up() {
    let tunnels = |first: &str| json!({"vgw_telemetry": [{"status": first}, {"status": "UP"}]});
    passes(&TUNNELS, "aws_vpn_connection", tunnels("UP"));
    fails(&TUNNELS, "aws_vpn_connection", tunnels("DOWN"), "1 of 2");
    unread(&TUNNELS, "aws_vpn_connection", json!({}), "state of the tunnels");
}

#[test]
fn both_tunnels_log_and_speak_ikev2() {
    let vpn = "aws_vpn_connection";
    let logs = |first: bool, second: bool| {
        let options = |on: bool| json!([{"cloudwatch_log_options": [{"log_enabled": on}]}]);
        json!({"tunnel1_log_options": options(first), "tunnel2_log_options": options(second)})
    };
    passes(&connections::LOGS, vpn, logs(true, true));
    fails(&connections::LOGS, vpn, logs(true, false), "1 of 2");
    fails(&connections::LOGS, vpn, json!({}), "2 of 2");
    let versions = |first: &[&str]| json!({"tunnel1_ike_versions": first, "tunnel2_ike_versions": ["ikev2"]});
    passes(&connections::IKE, vpn, versions(&["ikev2"]));
    fails(&connections::IKE, vpn, versions(&["ikev1", "ikev2"]), "tunnel 1 offers ikev1, ikev2");
    fails(&connections::IKE, vpn, versions(&[]), "tunnel 1 offers every version");
}

#[test]
fn endpoints_are_in_several_zones() {
    let endpoint = |subnets: &[&str]| json!({"vpc_endpoint_type": "Interface", "subnet_ids": subnets});
    passes(&endpoints::MULTI_AZ, ENDPOINT, endpoint(&["a", "b"]));
    fails(&endpoints::MULTI_AZ, ENDPOINT, endpoint(&["a"]), "1 subnet");
    skips(&endpoints::MULTI_AZ, ENDPOINT, json!({"vpc_endpoint_type": "Gateway"}));
}

fn endpoint(principal: &Json, condition: &Json) -> Json {
    let statement =
        json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*", "Condition": condition});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    json!({"service_name": "com.amazonaws.eu-central-1.s3", "policy": policy})
}

#[test]
fn endpoint_policies_admit_the_own_account() {
    let anyone = json!("*");
    let own = json!({"AWS": "arn:aws:iam::123456789012:root"});
    let other = json!({"AWS": ["arn:aws:iam::999999999999:role/a"]});
    passes(&endpoints::POLICY, ENDPOINT, endpoint(&own, &json!({})));
    passes(
        &endpoints::POLICY,
        ENDPOINT,
        endpoint(&anyone, &json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})),
    );
    fails(&endpoints::POLICY, ENDPOINT, endpoint(&anyone, &json!({})), "to anyone");
    fails(&endpoints::POLICY, ENDPOINT, endpoint(&other, &json!({})), "999999999999");
    let network = json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}});
    fails(&endpoints::POLICY, ENDPOINT, endpoint(&anyone, &network), "to anyone");
    fails(&endpoints::POLICY, ENDPOINT, json!({"service_name": "com.amazonaws.eu-central-1.s3"}), "default");
    skips(&endpoints::POLICY, ENDPOINT, json!({"vpc_endpoint_type": "GatewayLoadBalancer"}));
    unread(&endpoints::POLICY, ENDPOINT, json!({"policy": "{"}), "JSON");
    let nowhere = resource(ENDPOINT, endpoint(&own, &json!({}))).with("account", "").verdict(&endpoints::POLICY);
    assert!(matches!(nowhere, Ok(Verdict::Manual(_))), "{nowhere:?}");
}

#[test]
fn endpoint_services_admit_the_own_account() {
    let service = "aws_vpc_endpoint_service";
    let admits = |principal: &str| json!({"allowed_principals": [principal]});
    passes(&endpoints::SERVICE_PRINCIPALS, service, admits("arn:aws:iam::123456789012:root"));
    passes(&endpoints::SERVICE_PRINCIPALS, service, json!({}));
    fails(&endpoints::SERVICE_PRINCIPALS, service, admits("*"), "'*'");
    fails(&endpoints::SERVICE_PRINCIPALS, service, admits("arn:aws:iam::999999999999:root"), "999999999999");
}

fn peered(destination: &str) -> Vec<(&'static str, &'static str, Json)> {
    vec![
        ("aws_vpc_peering_connection", "p", json!({"id": "pcx-1", "vpc_id": "vpc-1", "peer_vpc_id": "vpc-2"})),
        ("aws_vpc", "one", json!({"id": "vpc-1", "cidr_block": "10.1.0.0/16"})),
        ("aws_vpc", "two", json!({"id": "vpc-2", "cidr_block": "10.2.0.0/16"})),
        (
            "aws_route_table",
            "t",
            json!({"route": [
                {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"},
                {"cidr_block": destination, "vpc_peering_connection_id": "pcx-1"},
            ]}),
        ),
    ]
}

fn verdict(resources: &[(&str, &str, Json)], gaps: &[(&str, &str)]) -> Outcome {
    account(&LEAST_PRIVILEGE, resources, gaps).remove(0).1
}

#[test]
fn routes_through_a_peering_are_narrow() {
    assert_eq!(verdict(&peered("10.2.3.0/24"), &[]), pass());
    for (destination, message) in
        [("10.2.0.0/16", "all of vpc-2"), ("10.0.0.0/8", "all of vpc-1"), ("0.0.0.0/0", "0.0.0.0/0")]
    {
        let found = verdict(&peered(destination), &[]);
        assert!(matches!(&found, Ok(Verdict::Fail(text)) if text.contains(message)), "{found:?}");
    }
    let mut foreign = peered("10.2.3.0/24");
    foreign.remove(2);
    assert!(matches!(verdict(&foreign, &[]), Ok(Verdict::Manual(message)) if message.contains("vpc-2")));
    assert!(verdict(&peered("10.2.3.0/24"), &[("aws_route_table", "denied")]).is_err());
}

#[test]
fn each_vpc_reaches_services_through_endpoints() {
    let vpc = |id: &str| json!({ "id": id });
    let endpoint = |vpc: &str, service: &str| json!({"vpc_id": vpc, "service_name": format!("com.amazonaws.eu-central-1.{service}")});
    for (check, service, other) in [
        (&reach::EC2, "ec2", "ec2messages"),
        (&reach::EC2, "ec2-fips", "ssm"),
        (&reach::ECR_API, "ecr.api", "ecr.dkr"),
        (&reach::ECR_REGISTRY, "ecr.dkr", "ecr.api"),
        (&reach::SSM, "ssm", "ssmmessages"),
        (&reach::SSM_CONTACTS, "ssm-contacts", "ssm"),
        (&reach::SSM_INCIDENTS, "ssm-incidents", "ssm"),
    ] {
        let resources = [
            ("aws_vpc", "reached", vpc("vpc-1")),
            ("aws_default_vpc", "alone", vpc("vpc-2")),
            (ENDPOINT, "it", endpoint("vpc-1", service)),
            (ENDPOINT, "another", endpoint("vpc-2", other)),
        ];
        let found = account(check, &resources, &[]);
        let of =
            |name: &str| &found.iter().find(|(subject, _)| *subject == Subject::Resource(name.to_owned())).unwrap().1;
        assert_eq!((found.len(), of("reached")), (2, &pass()), "{}", check.id);
        assert!(matches!(of("alone"), Ok(Verdict::Fail(_))), "{}: {:?}", check.id, of("alone"));
    }
    let hidden = account(&reach::EC2, &[("aws_vpc", "v", vpc("vpc-1"))], &[(ENDPOINT, "denied")]);
    assert!(hidden[0].1.is_err());
}
