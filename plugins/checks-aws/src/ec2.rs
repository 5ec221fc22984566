//! EC2: instances and what they are made from, disks and images, security groups, network ACLs, addresses and gateways.

use plumbline::prelude::*;

use crate::flatten;

pub mod acls;
pub mod edge;
pub mod groups;
pub mod instances;
pub mod ports;
pub mod rules;
pub mod sharing;
pub mod storage;
pub mod templates;
pub mod user_data;

const PARTS: &[&[&Check]] = &[
    acls::CHECKS,
    edge::CHECKS,
    groups::CHECKS,
    instances::CHECKS,
    ports::CHECKS,
    sharing::CHECKS,
    storage::CHECKS,
    templates::CHECKS,
    user_data::CHECKS,
];

const ALL: [&Check; crate::count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

#[cfg(test)]
mod tests;
