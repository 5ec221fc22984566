//! The services: one module each, one line in the list.

use crate::kind::Service;

pub mod acm;
pub mod autoscaling;
pub mod cloudfront;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod elsewhere;
pub mod guardduty;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod opensearch;
pub mod rds;
pub mod redshift;
pub mod route53;
pub mod s3;
pub mod secretsmanager;
pub mod securityhub;
pub mod sns;
pub mod sqs;
pub mod ssm;

/// Global ones first: they say most of an account.
pub const SERVICES: &[Service] = &[
    iam::SERVICE,
    s3::SERVICE,
    cloudfront::SERVICE,
    route53::SERVICE,
    acm::SERVICE,
    autoscaling::SERVICE,
    cloudtrail::SERVICE,
    cloudwatch::SERVICE,
    config::SERVICE,
    dynamodb::SERVICE,
    dynamodb::DAX_SERVICE,
    ec2::SERVICE,
    ecr::SERVICE,
    ecs::SERVICE,
    efs::SERVICE,
    eks::SERVICE,
    elasticache::SERVICE,
    elb::CLASSIC_SERVICE,
    elb::SERVICE,
    guardduty::SERVICE,
    kms::SERVICE,
    lambda::SERVICE,
    logs::SERVICE,
    opensearch::SERVICE,
    rds::SERVICE,
    redshift::SERVICE,
    s3::CONTROL_SERVICE,
    secretsmanager::SERVICE,
    securityhub::SERVICE,
    sns::SERVICE,
    sqs::SERVICE,
    ssm::SERVICE,
    ec2::VPC_SERVICE,
];
