//! Peering connections and the routes through them.

use std::collections::HashMap;

use plumbline::prelude::*;

use super::REFERENCES;
use crate::network::{Addresses, Block};

pub const CHECKS: &[&Check] = &[&LEAST_PRIVILEGE];

pub const LEAST_PRIVILEGE: Check = Check {
    id: "vpc_peering_routing_tables_with_least_privilege",
    title: "Routes through a VPC peering reach only what they must",
    description: "No route through a peering connection may have a destination that covers all of one of the peered \
        VPCs, or the internet. Where the block of a VPC is not known, because it is in another account, a person has \
        to look.",
    risk: "An intruder in one VPC reaches every host of the other, not only the service that the peering was made \
        for.",
    severity: Severity::Medium,
    kinds: &["aws_vpc_peering_connection", "aws_route_table", "aws_default_route_table", "aws_vpc"],
    reads: &["vpc_id", "peer_vpc_id", "route", "cidr_block"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Replace the route by routes to the subnets, or the hosts, that are needed.",
        url: "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html",
        command: "aws ec2 create-route --route-table-id TABLE --destination-cidr-block 10.1.2.0/24 \
            --vpc-peering-connection-id PEERING",
        terraform: r#"route {
  cidr_block                = "10.1.2.0/24"
  vpc_peering_connection_id = aws_vpc_peering_connection.main.id
}"#,
        effort_minutes: 45,
    },
    rule: Rule::each(&["aws_vpc_peering_connection"], |account, _| {
        let (blocks, routes) = (blocks(account), routes(account));
        Ok(Box::new(move |peering| narrow(&blocks, &routes, peering)))
    }),
};

/// The label of a route's table, and the destination if it names one.
type Route = (String, Option<String>);

fn narrow(
    blocks: &Result<HashMap<String, Option<Block>>, Unread>,
    routes: &Result<HashMap<String, Vec<Route>>, Unread>,
    peering: &Resource<'_>,
) -> Outcome {
    let unset = |path: &str| Unread { path: path.to_owned(), reason: "it is not set".to_owned() };
    let id = peering.text("id")?.unwrap_or(peering.id);
    let id = id.rsplit('/').next().unwrap_or(id);
    let mut vpcs = Vec::new();
    let mut unknown = None;
    for attribute in ["vpc_id", "peer_vpc_id"] {
        let vpc = peering.text(attribute)?.ok_or_else(|| unset(attribute))?;
        match blocks.as_ref().map_err(Unread::clone)?.get(vpc).and_then(Option::as_ref) {
            Some(block) => vpcs.push((vpc, block)),
            None => unknown = Some(vpc),
        }
    }
    let mut through = Vec::new();
    for (table, destination) in routes.as_ref().map_err(Unread::clone)?.get(id).into_iter().flatten() {
        through.push((table, destination.as_deref().ok_or_else(|| unset("route.cidr_block"))?));
    }
    for (table, destination) in &through {
        let wrong = || Unread { path: "route.cidr_block".into(), reason: format!("'{destination}' is no CIDR block") };
        let block = Block::parse(destination).ok_or_else(wrong)?;
        let mut reached = Addresses::default();
        reached.insert(&block);
        if reached.is_internet() {
            return fail(format!("a route of {table} sends {destination} through it"));
        }
        if let Some((vpc, _)) = vpcs.iter().find(|(_, whole)| block.contains(whole)) {
            return fail(format!("a route of {table} sends {destination}, all of {vpc}, through it"));
        }
    }
    match unknown {
        Some(vpc) if !through.is_empty() => {
            let found: Vec<&str> = through.iter().map(|(_, destination)| *destination).collect();
            manual(format!("the block of {vpc} is not known: look whether {} cover all of it", found.join(", ")))
        }
        _ => pass(),
    }
}

/// The routes through each peering connection.
fn routes(account: &Account<'_>) -> Result<HashMap<String, Vec<Route>>, Unread> {
    let mut routes: HashMap<String, Vec<Route>> = HashMap::new();
    for kind in ["aws_route_table", "aws_default_route_table"] {
        account.each(kind, |table| {
            for route in table.list("route")? {
                if let Some(peering) = route.text("vpc_peering_connection_id")? {
                    let destination = route.text("cidr_block")?.or(route.text("ipv6_cidr_block")?).map(str::to_owned);
                    routes.entry(peering.to_owned()).or_default().push((table.label().to_owned(), destination));
                }
            }
            Ok(())
        })?;
    }
    Ok(routes)
}

/// The IPv4 block of each VPC that was listed, by its id.
fn blocks(account: &Account<'_>) -> Result<HashMap<String, Option<Block>>, Unread> {
    let mut blocks = HashMap::new();
    account.each("aws_vpc", |vpc| {
        let block = vpc.text("cidr_block")?.and_then(Block::parse);
        let of_id = vpc.id.rsplit('/').next().unwrap_or(vpc.id);
        blocks.insert(vpc.text("id")?.unwrap_or(of_id).to_owned(), block);
        Ok(())
    })?;
    Ok(blocks)
}
