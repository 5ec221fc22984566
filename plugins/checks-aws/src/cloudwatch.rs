//! CloudWatch: log groups, alarms, and the alarms on what CloudTrail records.
//!
//! [`filter_pattern`] runs a metric filter's pattern on events, [`watched`] says which events an alarm must see,
//! [`monitoring`] finds out whether one does.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod filter_pattern;
pub mod log_groups;
pub mod metric_alarms;
pub mod monitoring;
pub mod watched;

#[cfg(test)]
mod tests;

const PARTS: &[&[&Check]] = &[log_groups::CHECKS, metric_alarms::CHECKS, watched::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html"];
