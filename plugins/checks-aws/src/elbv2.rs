//! Application, network and gateway load balancers.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod balancers;
pub mod listeners;
pub mod surroundings;

const PARTS: &[&[&Check]] = &[balancers::CHECKS, listeners::CHECKS, surroundings::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const KINDS: &[&str] = &["aws_lb", "aws_alb"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html"];

/// `application`, `network` or `gateway`; the first is what a load balancer is unless it says otherwise.
fn balancer_type<'a>(balancer: &Resource<'a>) -> Result<&'a str, Unread> {
    Ok(balancer.text("load_balancer_type")?.unwrap_or("application"))
}

#[cfg(test)]
mod tests;
