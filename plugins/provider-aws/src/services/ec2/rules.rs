//! Security groups and network access lists with their rules, as Terraform nests them.

use serde_json::{Map, Value as Json, json};

use super::{kind, list};
use crate::field::{Field, of, text, texts, with};
use crate::kind::Listing;
use crate::value;

pub(super) const GROUPS: Listing = Listing {
    steps: &[list("DescribeSecurityGroups", "securityGroupInfo.item")],
    details: &[],
    kinds: &[
        kind("aws_default_security_group", GROUP_ARN, "groupName", GROUP).keep(is_default),
        kind("aws_security_group", GROUP_ARN, "groupName", GROUP).keep(|group| !is_default(group)),
    ],
};

const GROUP_ARN: &str = "arn:{partition}:ec2:{region}:{account}:security-group/{groupId}";

/// No other group of a VPC can have that name.
fn is_default(group: &Json) -> bool {
    value::is(group, "groupName", "default")
}

const GROUP: &[Field] = &[
    text("id", "groupId"),
    text("name", "groupName"),
    text("description", "groupDescription"),
    text("owner_id", "ownerId"),
    text("vpc_id", "vpcId"),
    of("ingress", &["ipPermissions"], |group| rules(group, "ipPermissions.item")),
    of("egress", &["ipPermissionsEgress"], |group| rules(group, "ipPermissionsEgress.item")),
];

/// A permission lists ranges with a description each. Terraform's entry has one description, so ranges stand together that have the
/// same.
fn rules(group: &Json, path: &str) -> Json {
    const SOURCES: [(&str, &str, &str); 4] = [
        ("ipRanges.item", "cidrIp", "cidr_blocks"),
        ("ipv6Ranges.item", "cidrIpv6", "ipv6_cidr_blocks"),
        ("prefixListIds.item", "prefixListId", "prefix_list_ids"),
        ("groups.item", "groupId", "security_groups"),
    ];
    let own = value::text(group, "groupId");
    let mut rules = Vec::new();
    for permission in value::all(group, path) {
        let mut by_description: Vec<(String, Map<String, Json>)> = Vec::new();
        for (list, name, to) in SOURCES {
            for source in value::all(permission, list) {
                let Some(text) = value::text(source, name) else { continue };
                let description = value::text(source, "description").unwrap_or_default();
                let position =
                    by_description.iter().position(|(known, _)| *known == description).unwrap_or_else(|| {
                        by_description.push((description.clone(), entry(permission, &description)));
                        by_description.len() - 1
                    });
                let Some((_, entry)) = by_description.get_mut(position) else { continue };
                if to == "security_groups" && own.as_ref() == Some(&text) {
                    entry.insert("self".to_owned(), true.into());
                } else if let Some(Json::Array(listed)) = entry.get_mut(to) {
                    // The user of a group of another account stands before it.
                    let user = value::text(source, "userId").filter(|_| to == "security_groups");
                    let owner = value::text(group, "ownerId");
                    let foreign = user.filter(|user| Some(user) != owner.as_ref());
                    listed.push(foreign.map_or(text.clone(), |user| format!("{user}/{text}")).into());
                }
            }
        }
        rules.extend(by_description.into_iter().map(|(_, entry)| Json::from(entry)));
    }
    rules.into()
}

fn entry(permission: &Json, description: &str) -> Map<String, Json> {
    let protocol = value::text(permission, "ipProtocol").unwrap_or_default();
    let port = |path| value::number(permission, path).unwrap_or_else(|| json!(0));
    let entry = json!({
        "protocol": protocol, "from_port": port("fromPort"), "to_port": port("toPort"), "description": description,
        "cidr_blocks": [], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false,
    });
    if let Json::Object(entry) = entry { entry } else { Map::new() }
}

pub(super) const ACLS: Listing = Listing {
    steps: &[list("DescribeNetworkAcls", "networkAclSet.item")],
    details: &[],
    kinds: &[
        kind("aws_default_network_acl", ACL_ARN, "networkAclId", ACL)
            .keep(|acl| value::flag(acl, "default") == Some(true)),
        kind("aws_network_acl", ACL_ARN, "networkAclId", ACL).keep(|acl| value::flag(acl, "default") != Some(true)),
    ],
};

const ACL_ARN: &str = "arn:{partition}:ec2:{region}:{account}:network-acl/{networkAclId}";

const ACL: &[Field] = &[
    text("id", "networkAclId"),
    text("vpc_id", "vpcId"),
    text("owner_id", "ownerId"),
    with("is_default", "default", |default| json!(default == "true")),
    texts("subnet_ids", "associationSet.item.subnetId"),
    of("ingress", &["entrySet"], |acl| entries(acl, false)),
    of("egress", &["entrySet"], |acl| entries(acl, true)),
];

/// The last rule of every list, which denies what no other allowed, and which nobody can change.
const LAST_RULES: [i64; 2] = [32767, 32768];

fn entries(acl: &Json, egress: bool) -> Json {
    let all = value::all(acl, "entrySet.item").into_iter();
    let of_direction = all.filter(|entry| value::flag(entry, "egress") == Some(egress));
    let own = of_direction.filter(|entry| {
        let number = value::number(entry, "ruleNumber").and_then(|number| number.as_i64());
        number.is_none_or(|number| !LAST_RULES.contains(&number))
    });
    let told = own.map(|entry| {
        let number = |path| value::number(entry, path).unwrap_or_else(|| json!(0));
        json!({
            "rule_no": number("ruleNumber"),
            "action": value::text(entry, "ruleAction"),
            "protocol": value::text(entry, "protocol"),
            "cidr_block": value::text(entry, "cidrBlock").unwrap_or_default(),
            "ipv6_cidr_block": value::text(entry, "ipv6CidrBlock").unwrap_or_default(),
            "from_port": number("portRange.from"),
            "to_port": number("portRange.to"),
            "icmp_type": number("icmpTypeCode.type"),
            "icmp_code": number("icmpTypeCode.code"),
        })
    });
    told.collect()
}
