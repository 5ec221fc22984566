//! RDS and Aurora: instances, clusters, snapshots, backups, logs, certificates, zones, encrypted connections.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod auditing;
pub mod backups;
pub mod certificates;
pub mod clusters;
pub mod engines;
pub mod logs;
pub mod operation;
pub mod protection;
pub mod snapshots;
pub mod transport;
pub mod zones;

const PARTS: &[&[&Check]] = &[
    auditing::CHECKS,
    backups::CHECKS,
    certificates::CHECKS,
    clusters::CHECKS,
    logs::CHECKS,
    operation::CHECKS,
    protection::CHECKS,
    snapshots::CHECKS,
    transport::CHECKS,
    zones::CHECKS,
];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html"];

#[cfg(test)]
mod tests;
