//! RDS and Aurora: instances, clusters, snapshots, certificates, encrypted connections.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod certificates;
pub mod clusters;
pub mod engines;
pub mod operation;
pub mod protection;
pub mod snapshots;
pub mod transport;

const PARTS: &[&[&Check]] = &[
    certificates::CHECKS,
    clusters::CHECKS,
    operation::CHECKS,
    protection::CHECKS,
    snapshots::CHECKS,
    transport::CHECKS,
];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html"];

#[cfg(test)]
mod tests;
