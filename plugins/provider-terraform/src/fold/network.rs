//! Rules of security groups and network access lists, and flow logs.

use serde_json::{Map, Value as Json, json};

use super::Shape::Custom;
use super::{Fold, Fragment, Part};
use crate::complete::Completed;

const GROUPS: &[&str] = &["aws_default_security_group", "aws_security_group"];
const LISTS: &[&str] = &["aws_default_network_acl", "aws_network_acl"];

const fn rule(satellite: &'static str, shape: fn(&Completed) -> Vec<Fragment>) -> Fold {
    let (parents, link, identity) = (GROUPS, "security_group_id", &["id"]);
    Fold { satellite, parents, link, identity, stays: false, shape: Custom(shape) }
}

pub const FOLDS: &[Fold] = &[
    rule("aws_security_group_rule", group_rule),
    rule("aws_vpc_security_group_egress_rule", |rule| vpc_rule(rule, "egress")),
    rule("aws_vpc_security_group_ingress_rule", |rule| vpc_rule(rule, "ingress")),
    Fold {
        satellite: "aws_network_acl_rule",
        parents: LISTS,
        link: "network_acl_id",
        identity: &["default_network_acl_id", "id"],
        stays: false,
        shape: Custom(list_rule),
    },
    Fold {
        satellite: "aws_flow_log",
        parents: &["aws_default_vpc", "aws_vpc"],
        link: "vpc_id",
        identity: &["id"],
        stays: true,
        shape: Custom(flow_log),
    },
];

/// The attributes of a rule that decide whom it lets through.
const LISTED: [&str; 4] = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];

/// `ingress` or `egress`, or both where the satellite does not say.
fn directions(satellite: &Completed, from: &str, direction: Option<&'static str>) -> Vec<Fragment> {
    if let Some(attribute) = direction {
        return vec![Fragment { attribute, part: Part::Rules(Vec::new()), gaps: Vec::new() }];
    }
    let both = ["ingress", "egress"].into_iter().map(|attribute| Fragment {
        attribute,
        part: Part::Rules(Vec::new()),
        gaps: satellite.gaps_at(from, attribute),
    });
    both.collect()
}

fn group_rule(satellite: &Completed) -> Vec<Fragment> {
    let direction = match satellite.text("type") {
        Some("ingress") => Some("ingress"),
        Some("egress") => Some("egress"),
        _ => None,
    };
    let mut fragments = directions(satellite, "type", direction);
    if let (Some(_), Some(fragment)) = (direction, fragments.first_mut()) {
        let fields = [
            ("cidr_blocks", "cidr_blocks"),
            ("ipv6_cidr_blocks", "ipv6_cidr_blocks"),
            ("prefix_list_ids", "prefix_list_ids"),
            ("from_port", "from_port"),
            ("to_port", "to_port"),
            ("protocol", "protocol"),
            ("self", "self"),
            ("description", "description"),
        ];
        let (mut entry, mut gaps) = satellite.renamed(fragment.attribute, &fields);
        let groups: Vec<&str> = satellite.text("source_security_group_id").into_iter().collect();
        entry.insert("security_groups".to_owned(), json!(groups));
        gaps.extend(satellite.gaps_at("source_security_group_id", &format!("{}.security_groups", fragment.attribute)));
        fragment.part = Part::Rules(vec![finished(entry)]);
        fragment.gaps = gaps;
    }
    fragments
}

fn vpc_rule(satellite: &Completed, attribute: &'static str) -> Vec<Fragment> {
    let fields = [("from_port", "from_port"), ("to_port", "to_port"), ("description", "description")];
    let (mut entry, mut gaps) = satellite.renamed(attribute, &fields);
    let own = satellite.text("security_group_id");
    let group = satellite.text("referenced_security_group_id");
    let is_own = group.is_some() && group == own;
    let sources = [
        ("cidr_ipv4", "cidr_blocks", satellite.text("cidr_ipv4")),
        ("cidr_ipv6", "ipv6_cidr_blocks", satellite.text("cidr_ipv6")),
        ("prefix_list_id", "prefix_list_ids", satellite.text("prefix_list_id")),
        ("referenced_security_group_id", "security_groups", group.filter(|_| !is_own)),
    ];
    for (from, to, source) in sources {
        entry.insert(to.to_owned(), json!(Vec::from_iter(source)));
        gaps.extend(satellite.gaps_at(from, &format!("{attribute}.{to}")));
    }
    entry.insert("self".to_owned(), is_own.into());
    if let Some(protocol) = satellite.text("ip_protocol") {
        entry.insert("protocol".to_owned(), protocol_name(protocol).into());
    }
    gaps.extend(satellite.gaps_at("ip_protocol", &format!("{attribute}.protocol")));
    vec![Fragment { attribute, part: Part::Rules(vec![finished(entry)]), gaps }]
}

/// The names under which a group lists protocols; numbers of others stay.
fn protocol_name(protocol: &str) -> String {
    match protocol {
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        other => other.to_lowercase(),
    }
}

/// An entry with every attribute that entries of a group have.
fn finished(mut entry: Map<String, Json>) -> Json {
    let set = |entry: &mut Map<String, Json>, name: &str, value: Json| {
        let slot = entry.entry(name).or_insert(Json::Null);
        if slot.is_null() {
            *slot = value;
        }
    };
    for name in LISTED {
        set(&mut entry, name, json!([]));
    }
    set(&mut entry, "description", "".into());
    set(&mut entry, "self", false.into());
    if entry.get("protocol").and_then(Json::as_str) == Some("-1") {
        set(&mut entry, "from_port", 0.into());
        set(&mut entry, "to_port", 0.into());
    }
    entry.into()
}

fn list_rule(satellite: &Completed) -> Vec<Fragment> {
    let direction = match satellite.set("egress") {
        Some(Json::Bool(egress)) => Some(*egress),
        Some(Json::String(egress)) => Some(egress == "true"),
        // The documented default.
        None if satellite.gaps_at("egress", "").is_empty() => Some(false),
        _ => None,
    };
    let attribute = direction.map(|egress| if egress { "egress" } else { "ingress" });
    let mut fragments = directions(satellite, "egress", attribute);
    if let (Some(_), Some(fragment)) = (attribute, fragments.first_mut()) {
        let fields = [
            ("rule_number", "rule_no"),
            ("rule_action", "action"),
            ("protocol", "protocol"),
            ("from_port", "from_port"),
            ("to_port", "to_port"),
            ("cidr_block", "cidr_block"),
            ("ipv6_cidr_block", "ipv6_cidr_block"),
            ("icmp_type", "icmp_type"),
            ("icmp_code", "icmp_code"),
        ];
        let (entry, gaps) = satellite.renamed(fragment.attribute, &fields);
        fragment.part = Part::Elements(vec![entry.into()]);
        fragment.gaps = gaps;
    }
    fragments
}

fn flow_log(satellite: &Completed) -> Vec<Fragment> {
    let fields = [
        "id",
        "iam_role_arn",
        "log_destination",
        "log_destination_type",
        "log_group_name",
        "max_aggregation_interval",
        "traffic_type",
    ];
    let (entry, gaps) = satellite.renamed("flow_log", &fields.map(|name| (name, name)));
    vec![Fragment { attribute: "flow_log", part: Part::Elements(vec![entry.into()]), gaps }]
}
