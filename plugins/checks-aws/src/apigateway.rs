//! API Gateway: REST APIs, and the HTTP and WebSocket APIs of version 2.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod apis;
pub mod stages;
pub mod version2;

const PARTS: &[&[&Check]] = &[apis::CHECKS, stages::CHECKS, version2::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html"];

#[cfg(test)]
mod tests;
