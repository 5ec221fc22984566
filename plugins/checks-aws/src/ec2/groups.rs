//! Security groups as a whole.

use plumbline::prelude::*;

use super::rules::{Exposure, Rule as GroupRule, all_closed, edges_of, exposure, read};
use crate::network::Transport;
use crate::network::addresses::Family;

pub const CHECKS: &[&Check] = &[
    &ALL_PORTS,
    &ANY_PORT,
    &UNAUTHORIZED_PORTS,
    &WIDE_PUBLIC_IPV4,
    &DEFAULT_RESTRICTS,
    &FROM_LAUNCH_WIZARD,
    &MANY_RULES,
];

const KINDS: &[&str] = &["aws_security_group", "aws_default_security_group"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];
const RULES_URL: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html";
const REVOKE: &str = "aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID";

/// Above this many rules in a direction nobody can say any more what a group allows; the figure is Prowler's.
const MANY: usize = 50;

/// IPv4 blocks with a prefix below this are wide; the figure is Prowler's.
const NARROW_PREFIX: u8 = 24;

pub const ALL_PORTS: Check = Check {
    id: "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
    title: "Security group does not open all ports to the internet",
    description: "The ingress rules of a security group, taken together, must not admit the internet to every TCP \
        port or to every UDP port.",
    risk: "Every service on every host in the group, also those nobody meant to publish, can be scanned and attacked \
        from anywhere.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["ingress"],
    categories: &["internet-exposed", "network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Replace the rule by rules for the ports that are meant to be public, and narrow the sources of all \
            others.",
        url: RULES_URL,
        command: REVOKE,
        terraform: r#"ingress {
  protocol    = "tcp"
  from_port   = 443
  to_port     = 443
  cidr_blocks = ["0.0.0.0/0"]
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|group| {
        let rules = read(group, "ingress")?;
        let mut undecided = None;
        for transport in [Transport::Tcp, Transport::Udp] {
            match everywhere(&rules, transport) {
                Exposure::Open(message) => return fail(message),
                Exposure::Undecided(message) => undecided = Some(message),
                Exposure::Closed => {}
            }
        }
        undecided.map_or_else(pass, manual)
    }),
};

/// Open where every port of the transport is.
fn everywhere(rules: &[GroupRule<'_>], transport: Transport) -> Exposure {
    let mut undecided = None;
    let mut open = None;
    for port in edges_of(rules, transport) {
        match exposure(rules, transport, port) {
            Exposure::Closed => return Exposure::Closed,
            Exposure::Undecided(message) => undecided = Some(message),
            Exposure::Open(message) => open = open.or(Some(message)),
        }
    }
    match (undecided, open) {
        (Some(message), _) => Exposure::Undecided(message),
        (None, Some(message)) => Exposure::Open(format!("every {transport} port is open: {message}")),
        (None, None) => Exposure::Closed,
    }
}

pub const ANY_PORT: Check = Check {
    id: "ec2_securitygroup_allow_ingress_from_internet_to_any_port",
    title: "Security group does not open any port to the internet",
    description: "The ingress rules of a security group, taken together, should admit the internet to no TCP or UDP \
        port at all. Groups of load balancers that are meant to be public will be reported; protocols without ports, \
        such as ICMP, are not looked at.",
    risk: "Each open port is a place to attack, and one more thing that must be patched at once when a flaw becomes \
        known.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["ingress"],
    categories: &["internet-exposed", "network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Let the internet in through a load balancer or CloudFront only, and take its group as the source of \
            this one.",
        url: RULES_URL,
        command: REVOKE,
        terraform: r#"ingress {
  protocol        = "tcp"
  from_port       = 443
  to_port         = 443
  security_groups = [aws_security_group.load_balancer.id]
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|group| {
        let rules = read(group, "ingress")?;
        let tcp = edges_of(&rules, Transport::Tcp).into_iter().map(|port| (Transport::Tcp, port));
        let udp = edges_of(&rules, Transport::Udp).into_iter().map(|port| (Transport::Udp, port));
        all_closed(&rules, tcp.chain(udp))
    }),
};

/// The TCP ports that may be open to everyone: HTTP and HTTPS, as Security Hub has it.
const AUTHORIZED: [u16; 2] = [80, 443];

pub const UNAUTHORIZED_PORTS: Check = Check {
    id: "ec2_securitygroup_allow_ingress_from_internet_to_unauthorized_ports",
    title: "Security group opens nothing but HTTP and HTTPS to the internet",
    description: "The ingress rules of a security group, taken together, must admit the internet to no TCP port but 80 \
        and 443, and to no UDP port. Protocols without ports, such as ICMP, are not looked at.",
    remediation: Remediation {
        text: "Narrow the sources of all rules but those for HTTP and HTTPS, and reach the rest through a VPN, a \
            bastion or Session Manager.",
        ..ANY_PORT.remediation
    },
    rule: Rule::Resource(|group| {
        let rules = read(group, "ingress")?;
        // A range may begin at an authorized port: what follows it has to be tried as well.
        let mut tcp = edges_of(&rules, Transport::Tcp);
        tcp.extend(AUTHORIZED.map(|port| port + 1));
        tcp.retain(|port| !AUTHORIZED.contains(port));
        let tcp = tcp.into_iter().map(|port| (Transport::Tcp, port));
        let udp = edges_of(&rules, Transport::Udp).into_iter().map(|port| (Transport::Udp, port));
        all_closed(&rules, tcp.chain(udp))
    }),
    ..ANY_PORT
};

pub const WIDE_PUBLIC_IPV4: Check = Check {
    id: "ec2_securitygroup_allow_wide_open_public_ipv4",
    title: "Security group names no wide public IPv4 ranges",
    description: "No ingress or egress rule may name an IPv4 block with public addresses and a prefix from /1 to \
        /23. The block of all addresses, 0.0.0.0/0, is left to the checks of open ports.",
    risk: "A block of that size holds many networks of strangers: a mistyped prefix length lets them all in, or lets \
        data out to them.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["ingress", "egress"],
    categories: &["internet-exposed", "network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the addresses that are needed, or use a managed prefix list that somebody keeps up to date.",
        url: RULES_URL,
        command: REVOKE,
        terraform: "cidr_blocks = [\"198.51.100.0/28\"]",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|group| {
        for direction in ["ingress", "egress"] {
            for rule in read(group, direction)? {
                let wide = rule.blocks.iter().find(|(_, block)| {
                    block.family == Family::V4 && (1..NARROW_PREFIX).contains(&block.prefix) && block.has_public()
                });
                if let Some((text, _)) = wide {
                    return fail(format!("{direction} rule {} allows {} with {text}", rule.number, rule.traffic));
                }
            }
        }
        pass()
    }),
};

pub const DEFAULT_RESTRICTS: Check = Check {
    id: "ec2_securitygroup_default_restrict_traffic",
    title: "Default security group of a VPC has no rules",
    description: "The security group named `default`, which AWS attaches to whatever names no other, must have \
        neither ingress nor egress rules.",
    risk: "What is launched without a thought for its group can talk to everything else that was, and out to the \
        internet.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["ingress", "egress"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Move what uses the default group to groups of its own, then remove all rules of the default group.",
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
        command: "aws ec2 revoke-security-group-egress --group-id GROUP_ID --security-group-rule-ids RULE_ID",
        terraform: r#"resource "aws_default_security_group" "default" {
  vpc_id = aws_vpc.main.id
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|group| {
        if group.kind == "aws_security_group" {
            match group.text("name")? {
                Some("default") => {}
                Some(_) => return not_applicable("not the default group of its VPC"),
                None => return Err(Unread { path: "name".into(), reason: "it is not set".into() }),
            }
        }
        for direction in ["ingress", "egress"] {
            let rules = group.list(direction)?.len();
            if rules > 0 {
                return fail(format!("the default group has {rules} {direction} rule(s)"));
            }
        }
        pass()
    }),
};

pub const FROM_LAUNCH_WIZARD: Check = Check {
    id: "ec2_securitygroup_from_launch_wizard",
    title: "Security group was not made by the EC2 launch wizard",
    description: "A group whose name begins with `launch-wizard` was made in passing by the console, which proposes \
        SSH or RDP from anywhere.",
    risk: "Such groups tend to open administrative ports, are shared by accident and belong to nobody.",
    severity: Severity::Medium,
    kinds: &["aws_security_group"],
    reads: &["name"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a group with a name, a purpose and the rules it needs, move the instances to it and delete this \
            one.",
        url: RULES_URL,
        command: "aws ec2 modify-instance-attribute --instance-id INSTANCE_ID --groups GROUP_ID",
        terraform: r#"resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|group| match group.text("name")? {
        Some(name) => pass_if(!name.starts_with("launch-wizard"), format!("it is named {name}")),
        None => Err(Unread { path: "name".into(), reason: "it is not set".into() }),
    }),
};

pub const MANY_RULES: Check = Check {
    id: "ec2_securitygroup_with_many_ingress_egress_rules",
    title: "Security group has few enough rules to be understood",
    description: "A security group should have at most 50 ingress and 50 egress rules. Each source of a rule counts, \
        as EC2 counts it.",
    risk: "In a long list a rule that opens too much, or is no longer needed, goes unnoticed.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["ingress", "egress"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Remove what is not needed, gather addresses in prefix lists, and split the group by purpose.",
        url: RULES_URL,
        command: REVOKE,
        terraform: "prefix_list_ids = [aws_ec2_managed_prefix_list.offices.id]",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|group| {
        for direction in ["ingress", "egress"] {
            let mut count = 0;
            for rule in group.list(direction)? {
                let mut sources = usize::from(rule.flag("self")?);
                for attribute in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"] {
                    sources += rule.texts(attribute)?.len();
                }
                count += sources.max(1);
            }
            if count > MANY {
                return fail(format!("it has {count} {direction} rules, more than {MANY}"));
            }
        }
        pass()
    }),
};
