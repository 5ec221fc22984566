//! Network ACLs: numbered rules, of which the first that matches decides.

use plumbline::prelude::*;

use crate::network::ports::edges;
use crate::network::{Addresses, Block, Traffic, Transport};

pub const CHECKS: &[&Check] = &[&ANY_PORT, &SSH, &RDP, &UNUSED];

struct Entry<'a> {
    number: i64,
    allow: bool,
    traffic: Traffic,
    text: &'a str,
    block: Block,
}

/// The ingress entries in the order in which they are tried.
fn entries<'a>(acl: &Resource<'a>) -> Result<Vec<Entry<'a>>, Unread> {
    let unread = |attribute: &str, reason: String| Unread { path: format!("ingress.{attribute}"), reason };
    let mut entries = Vec::new();
    for entry in acl.list("ingress")? {
        let number = match entry.int("rule_no")? {
            Some(number) => number,
            None => entry.int("rule_number")?.ok_or_else(|| unread("rule_no", "an entry has none".into()))?,
        };
        let allow = match entry.text("action")?.map(str::to_ascii_lowercase).as_deref() {
            Some("allow") => true,
            Some("deny") => false,
            other => return Err(unread("action", format!("entry {number} has '{}'", other.unwrap_or_default()))),
        };
        let protocol = match entry.text("protocol") {
            Ok(text) => text.map(str::to_owned),
            Err(_) => entry.int("protocol")?.map(|number| number.to_string()),
        };
        let protocol = protocol.ok_or_else(|| unread("protocol", format!("entry {number} has none")))?;
        let traffic = Traffic::read(&protocol, entry.int("from_port")?, entry.int("to_port")?)
            .map_err(|reason| unread("protocol", format!("entry {number}: {reason}")))?;
        for attribute in ["cidr_block", "ipv6_cidr_block"] {
            if let Some(text) = entry.text(attribute)? {
                let block = Block::parse(text)
                    .ok_or_else(|| unread(attribute, format!("entry {number}: '{text}' is no CIDR block")))?;
                entries.push(Entry { number, allow, traffic, text, block });
            }
        }
    }
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

/// Where the internet gets through to this port: the first entry that lets in what none before it decided.
fn opening(entries: &[Entry<'_>], transport: Transport, port: u16) -> Option<String> {
    let mut undecided = Addresses::all();
    let mut allowed = Addresses::default();
    for entry in entries.iter().filter(|entry| entry.traffic.covers(transport, port)) {
        if entry.allow {
            allowed.insert_within(&entry.block, &undecided);
        }
        undecided.remove(&entry.block);
        if allowed.is_internet() {
            return Some(format!("entry {} allows {} from {}", entry.number, entry.traffic, entry.text));
        }
    }
    None
}

fn port_closed(acl: &Resource<'_>, port: u16) -> Outcome {
    opening(&entries(acl)?, Transport::Tcp, port).map_or_else(pass, fail)
}

fn not_wide_open(acl: &Resource<'_>) -> Outcome {
    let entries = entries(acl)?;
    for transport in [Transport::Tcp, Transport::Udp] {
        let ports = edges(entries.iter().map(|entry| &entry.traffic), transport);
        let open: Option<Vec<String>> = ports.into_iter().map(|port| opening(&entries, transport, port)).collect();
        if let Some(first) = open.and_then(|messages| messages.into_iter().next()) {
            return fail(format!("every {transport} port is open: {first}"));
        }
    }
    pass()
}

macro_rules! acl {
    ($name:ident, $id:literal, $severity:ident, $what:literal, $risk:literal, $effort:literal, $rule:expr) => {
        pub const $name: Check = Check {
            id: concat!("ec2_networkacl_allow_ingress_", $id),
            title: concat!("Network ACL does not admit the internet to ", $what),
            description: concat!(
                "The ingress entries of a network ACL, tried in the order of their numbers so that an earlier deny \
                 wins, must not admit the internet to ",
                $what,
                "."
            ),
            risk: $risk,
            severity: Severity::$severity,
            kinds: &["aws_network_acl", "aws_default_network_acl"],
            reads: &["ingress"],
            categories: &["internet-exposed", "network"],
            references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"],
            remediation: Remediation {
                text: "Remove the entry, narrow its block, or put a deny with a lower number before it.",
                url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
                command: "aws ec2 delete-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number NUMBER",
                terraform: r#"ingress {
  rule_no    = 100
  action     = "allow"
  protocol   = "tcp"
  from_port  = 443
  to_port    = 443
  cidr_block = "0.0.0.0/0"
}"#,
                effort_minutes: $effort,
            },
            rule: Rule::Resource($rule),
        };
    };
}

acl!(
    ANY_PORT,
    "any_port",
    High,
    "every port",
    "The ACL filters nothing, so a single mistake in a security group exposes every host of its subnets.",
    60,
    not_wide_open
);
acl!(
    SSH,
    "tcp_port_22",
    Medium,
    "SSH (TCP 22)",
    "The second line of defence is missing: one mistake in a security group and SSH can be attacked from anywhere.",
    30,
    |acl| port_closed(acl, 22)
);
acl!(
    RDP,
    "tcp_port_3389",
    Medium,
    "Remote Desktop (TCP 3389)",
    "The second line of defence is missing: one mistake in a security group and Remote Desktop can be attacked from \
     anywhere.",
    30,
    |acl| port_closed(acl, 3389)
);

pub const UNUSED: Check = Check {
    id: "ec2_networkacl_unused",
    title: "Network ACL is used by a subnet",
    description: "A network ACL that is not the default one should be associated with at least one subnet.",
    risk: "Somebody believes that its rules protect a subnet, and they do not; and clutter hides the ACLs that \
        matter.",
    severity: Severity::Low,
    kinds: &["aws_network_acl"],
    reads: &["subnet_ids"],
    categories: &["network"],
    references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"],
    remediation: Remediation {
        text: "Associate the ACL with the subnets it was made for, or delete it.",
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
        command: "aws ec2 delete-network-acl --network-acl-id ACL_ID",
        terraform: "subnet_ids = [aws_subnet.private.id]",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|acl| {
        if acl.flag("is_default")? {
            return not_applicable("the default ACL of its VPC");
        }
        pass_if(acl.has("subnet_ids")?, "no subnet uses it")
    }),
};
