//! Redshift clusters.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod operation;
pub mod protection;
pub mod transport;

const PARTS: &[&[&Check]] = &[operation::CHECKS, protection::CHECKS, transport::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const KINDS: &[&str] = &["aws_redshift_cluster"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/redshift-controls.html"];

#[cfg(test)]
mod tests;
