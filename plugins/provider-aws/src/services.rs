//! The services: one module each, one line in the list.

use crate::kind::Service;

pub mod cloudtrail;
pub mod ec2;
pub mod elsewhere;
pub mod iam;
pub mod kms;
pub mod s3;

/// Global ones first: they say most of an account.
pub const SERVICES: &[Service] = &[
    iam::SERVICE,
    s3::SERVICE,
    cloudtrail::SERVICE,
    ec2::SERVICE,
    ec2::VPC_SERVICE,
    kms::SERVICE,
    s3::CONTROL_SERVICE,
];
