//! VPCs and their subnets.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&FLOW_LOGS, &SUBNET_PUBLIC_IP];

pub const FLOW_LOGS: Check = Check {
    id: "vpc_flow_logs_enabled",
    title: "VPC has flow logs",
    description: "At least one flow log must record the traffic of a VPC.",
    risk: "After an incident nobody can say who talked to whom, and scans, tunnels and leaks go unnoticed while they \
        happen.",
    severity: Severity::Medium,
    kinds: &["aws_vpc", "aws_default_vpc"],
    reads: &["flow_log"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Log at least rejected traffic, to a bucket or a log group that is kept as long as incidents take to \
            be noticed.",
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
        command: "aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --traffic-type ALL \
            --log-destination-type s3 --log-destination arn:aws:s3:::BUCKET",
        terraform: r#"resource "aws_flow_log" "main" {
  vpc_id               = aws_vpc.main.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.flow_logs.arn
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|vpc| pass_if(vpc.has("flow_log")?, "no flow log records its traffic")),
};

pub const SUBNET_PUBLIC_IP: Check = Check {
    id: "vpc_subnet_no_public_ip_by_default",
    title: "Subnet gives no public addresses by itself",
    description: "A subnet must not give every instance that is launched in it a public address. Default subnets do \
        unless told not to.",
    risk: "What is launched there without a thought for addresses stands on the internet at once.",
    severity: Severity::High,
    kinds: &["aws_subnet", "aws_default_subnet"],
    reads: &["map_public_ip_on_launch"],
    categories: &["internet-exposed", "network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch it off, and give public addresses only to what needs one, load balancers above all.",
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html",
        command: "aws ec2 modify-subnet-attribute --subnet-id SUBNET_ID --no-map-public-ip-on-launch",
        terraform: "map_public_ip_on_launch = false",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|subnet| {
        let default = subnet.kind == "aws_default_subnet";
        let public = subnet.bool("map_public_ip_on_launch")?.unwrap_or(default);
        let why = if default { "map_public_ip_on_launch is not false" } else { "map_public_ip_on_launch is true" };
        pass_if(!public, why)
    }),
};
