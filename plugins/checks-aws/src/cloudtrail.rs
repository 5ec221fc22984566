//! CloudTrail: trails, what they record and where they put it.

use plumbline::prelude::*;

use crate::flatten;

mod buckets;
mod coverage;
mod events;
mod integrity;

const PARTS: &[&[&Check]] = &[buckets::CHECKS, coverage::CHECKS, events::CHECKS, integrity::CHECKS];

const ALL: [&Check; crate::count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

pub(crate) use events::records_invocations;

const TRAIL: &str = "aws_cloudtrail";
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html"];

/// Whether the trail records at all; trails do unless switched off.
fn is_logging(trail: &Resource<'_>) -> Result<bool, Unread> {
    Ok(trail.bool("enable_logging")?.unwrap_or(true))
}

#[cfg(test)]
mod tests;
