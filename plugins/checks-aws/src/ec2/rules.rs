//! The rules of a security group, and what they open together.

use plumbline::prelude::*;

use crate::network::ports::edges;
use crate::network::{Addresses, Block, Traffic, Transport};

/// How many address blocks a message shows.
const SHOWN_BLOCKS: usize = 4;

/// One rule of a group.
#[derive(Debug)]
pub struct Rule<'a> {
    /// Its place in the group, from 1.
    pub number: usize,
    pub traffic: Traffic,
    pub blocks: Vec<(&'a str, Block)>,
    /// Their entries are resources of their own, so a rule that names one cannot be decided from the group alone.
    pub prefix_lists: Vec<&'a str>,
}

/// Whether a port can be reached from the internet.
#[derive(Debug, PartialEq, Eq)]
pub enum Exposure {
    Closed,
    /// Depends on the entries of a prefix list; says which rule.
    Undecided(String),
    /// Says which rules open it, and to whom.
    Open(String),
}

/// The rules in `ingress` or `egress`.
pub fn read<'a>(group: &Resource<'a>, direction: &str) -> Result<Vec<Rule<'a>>, Unread> {
    let rules = group.list(direction)?;
    rules.iter().enumerate().map(|(place, rule)| read_one(rule, direction, place + 1)).collect()
}

fn read_one<'a>(rule: &Node<'a>, direction: &str, number: usize) -> Result<Rule<'a>, Unread> {
    let unread = |attribute: &str, reason: String| Unread { path: format!("{direction}.{attribute}"), reason };
    let protocol = match rule.text("protocol") {
        Ok(text) => text.map(str::to_owned),
        Err(_) => rule.int("protocol")?.map(|number| number.to_string()),
    };
    let protocol = protocol.ok_or_else(|| unread("protocol", format!("rule {number} has none")))?;
    let traffic = Traffic::read(&protocol, rule.int("from_port")?, rule.int("to_port")?)
        .map_err(|reason| unread("protocol", format!("rule {number}: {reason}")))?;
    let mut blocks = Vec::new();
    for attribute in ["cidr_blocks", "ipv6_cidr_blocks"] {
        for text in rule.texts(attribute)? {
            let block = Block::parse(text)
                .ok_or_else(|| unread(attribute, format!("rule {number}: '{text}' is no CIDR block")))?;
            blocks.push((text, block));
        }
    }
    Ok(Rule { number, traffic, blocks, prefix_lists: rule.texts("prefix_list_ids")? })
}

/// Whether the rules together open this port to the internet.
pub fn exposure(rules: &[Rule<'_>], transport: Transport, port: u16) -> Exposure {
    let covering: Vec<&Rule<'_>> = rules.iter().filter(|rule| rule.traffic.covers(transport, port)).collect();
    if let Some(rule) = covering.iter().find(|rule| opens(std::slice::from_ref(*rule))) {
        return Exposure::Open(format!("rule {} allows {} from {}", rule.number, rule.traffic, sources(&[rule])));
    }
    if opens(&covering) {
        let named: Vec<&Rule<'_>> = covering.into_iter().filter(|rule| !rule.blocks.is_empty()).collect();
        let numbers: Vec<String> = named.iter().map(|rule| rule.number.to_string()).collect();
        let sources = sources(&named);
        let numbers = numbers.join(" and ");
        return Exposure::Open(format!("rules {numbers} together allow {transport} {port} from {sources}"));
    }
    match covering.iter().find_map(|rule| Some((rule, rule.prefix_lists.first()?))) {
        Some((rule, list)) => Exposure::Undecided(format!(
            "rule {} allows {} from prefix list {list}: look whether its entries are public",
            rule.number, rule.traffic
        )),
        None => Exposure::Closed,
    }
}

fn opens(rules: &[&Rule<'_>]) -> bool {
    let mut from = Addresses::default();
    for (_, block) in rules.iter().flat_map(|rule| &rule.blocks) {
        from.insert(block);
    }
    from.is_internet()
}

fn sources(rules: &[&Rule<'_>]) -> String {
    let all: Vec<&str> = rules.iter().flat_map(|rule| &rule.blocks).map(|(text, _)| *text).collect();
    match all.len().checked_sub(SHOWN_BLOCKS) {
        Some(more @ 1..) => {
            let shown: Vec<&str> = all.into_iter().take(SHOWN_BLOCKS).collect();
            format!("{} and {more} more", shown.join(", "))
        }
        _ => all.join(", "),
    }
}

/// The ports at which the exposure of a transport can change.
pub fn edges_of(rules: &[Rule<'_>], transport: Transport) -> Vec<u16> {
    edges(rules.iter().map(|rule| &rule.traffic), transport)
}

/// A failure for the first of these ports that is open, `manual` where one depends on a prefix list, else a pass.
pub fn all_closed(rules: &[Rule<'_>], ports: impl IntoIterator<Item = (Transport, u16)>) -> Outcome {
    let mut undecided = None;
    for (transport, port) in ports {
        match exposure(rules, transport, port) {
            Exposure::Open(message) => return fail(message),
            Exposure::Undecided(message) => undecided = undecided.or(Some(message)),
            Exposure::Closed => {}
        }
    }
    undecided.map_or_else(pass, manual)
}
