//! Checks for AWS resources: one module for each service, each with its own list of checks.
//!
//! What services share: [`policy`] is the model of IAM policies, [`network`] that of address ranges and ports, [`secrets`]
//! finds credentials in plain sight, [`calendar`] counts days, and `inventory` asks about all resources of a kind. A check
//! looks at what a provider read and at nothing else.
//!
//! A service is a module here and a line in `SERVICES`; its module lists its checks.

use plumbline::prelude::Check;

pub mod calendar;
mod cluster_databases;
mod inventory;
pub mod network;
pub mod policy;
pub mod secrets;

#[cfg(test)]
mod cases;

pub mod accessanalyzer;
pub mod acm;
pub mod apigateway;
pub mod athena;
pub mod autoscaling;
pub mod awslambda;
pub mod backup;
pub mod cloudfront;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod codebuild;
pub mod config;
pub mod dms;
pub mod documentdb;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod elbv2;
pub mod glacier;
pub mod glue;
pub mod guardduty;
pub mod iam;
pub mod kafka;
pub mod kinesis;
pub mod kms;
pub mod macie;
pub mod mq;
pub mod neptune;
pub mod opensearch;
mod parameters;
pub mod rds;
pub mod redshift;
pub mod route53;
pub mod s3;
pub mod sagemaker;
pub mod secretsmanager;
pub mod securityhub;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod stepfunctions;
pub mod vpc;
pub mod workspaces;

const SERVICES: &[&[&Check]] = &[
    accessanalyzer::CHECKS,
    acm::CHECKS,
    apigateway::CHECKS,
    athena::CHECKS,
    autoscaling::CHECKS,
    awslambda::CHECKS,
    backup::CHECKS,
    cloudfront::CHECKS,
    cloudtrail::CHECKS,
    cloudwatch::CHECKS,
    codebuild::CHECKS,
    config::CHECKS,
    dms::CHECKS,
    documentdb::CHECKS,
    dynamodb::CHECKS,
    ec2::CHECKS,
    ecr::CHECKS,
    ecs::CHECKS,
    efs::CHECKS,
    eks::CHECKS,
    elasticache::CHECKS,
    elb::CHECKS,
    elbv2::CHECKS,
    glacier::CHECKS,
    glue::CHECKS,
    guardduty::CHECKS,
    iam::CHECKS,
    kafka::CHECKS,
    kinesis::CHECKS,
    kms::CHECKS,
    macie::CHECKS,
    mq::CHECKS,
    neptune::CHECKS,
    opensearch::CHECKS,
    rds::CHECKS,
    redshift::CHECKS,
    route53::CHECKS,
    s3::CHECKS,
    sagemaker::CHECKS,
    secretsmanager::CHECKS,
    securityhub::CHECKS,
    sns::CHECKS,
    sqs::CHECKS,
    ssm::CHECKS,
    stepfunctions::CHECKS,
    vpc::CHECKS,
    workspaces::CHECKS,
];

const COUNT: usize = count(SERVICES);

const ALL: [&Check; COUNT] = flatten(SERVICES);

/// Every check of this plugin.
pub const CHECKS: &[&Check] = &ALL;

plumbline::checks!(CHECKS);

const fn count(mut services: &[&[&Check]]) -> usize {
    let mut count = 0;
    while let Some((checks, rest)) = services.split_first() {
        count += checks.len();
        services = rest;
    }
    count
}

const fn flatten<const N: usize>(mut services: &[&'static [&'static Check]]) -> [&'static Check; N] {
    let mut all = [&Check::BLANK; N];
    let mut left = all.as_mut_slice();
    while let Some((checks, rest)) = services.split_first() {
        services = rest;
        let mut checks = *checks;
        while let Some((check, others)) = checks.split_first() {
            let Some((slot, after)) = left.split_first_mut() else {
                return all;
            };
            *slot = check;
            checks = others;
            left = after;
        }
    }
    all
}

#[cfg(test)]
mod tests;
