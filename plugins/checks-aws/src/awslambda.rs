//! Lambda: functions, their addresses, network, runtimes and variables.

use plumbline::prelude::*;

use crate::flatten;

mod access;
mod environment;
mod network;
mod runtimes;
mod tracing;

const PARTS: &[&[&Check]] = &[access::CHECKS, environment::CHECKS, network::CHECKS, runtimes::CHECKS, tracing::CHECKS];

const ALL: [&Check; crate::count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const FUNCTION: &[&str] = &["aws_lambda_function"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html"];

#[cfg(test)]
mod tests;
