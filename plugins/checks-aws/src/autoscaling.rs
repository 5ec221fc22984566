//! Auto Scaling groups and launch configurations.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod groups;
pub mod launch;

const PARTS: &[&[&Check]] = &[groups::CHECKS, launch::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/autoscaling-controls.html"];

#[cfg(test)]
mod tests;
