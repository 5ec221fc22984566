//! ECS: task definitions, services, clusters.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod containers;
pub mod isolation;
pub mod services;
pub mod users;

const PARTS: &[&[&Check]] = &[containers::CHECKS, isolation::CHECKS, services::CHECKS, users::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html"];

#[cfg(test)]
mod tests;
