//! VPCs: flow logs, subnets, peering, endpoints, VPN connections.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod connections;
pub mod endpoints;
pub mod networks;
pub mod peering;
pub mod reach;

const PARTS: &[&[&Check]] = &[connections::CHECKS, endpoints::CHECKS, networks::CHECKS, peering::CHECKS, reach::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];

#[cfg(test)]
mod tests;
