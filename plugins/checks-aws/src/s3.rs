//! S3: buckets, access points and the settings of the account.

use plumbline::prelude::*;

use crate::flatten;

mod access_block;
mod acl;
mod encryption;
mod monitoring;
mod policies;
mod protection;
mod replication;

pub(crate) use monitoring::ACCESS_LOGGING;
pub(crate) use policies::PUBLIC_ACCESS;
pub(crate) use protection::MFA_DELETE;

const PARTS: &[&[&Check]] = &[
    access_block::CHECKS,
    acl::CHECKS,
    encryption::CHECKS,
    monitoring::CHECKS,
    policies::CHECKS,
    protection::CHECKS,
    replication::CHECKS,
];

const ALL: [&Check; crate::count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const BUCKET: &[&str] = &["aws_s3_bucket"];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html"];

#[cfg(test)]
mod tests;
