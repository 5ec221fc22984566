//! The services: one module each, one line in the list.

use crate::kind::Service;

pub mod accessanalyzer;
pub mod acm;
pub mod apigateway;
pub mod athena;
pub mod autoscaling;
pub mod backup;
pub mod cloudfront;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod codebuild;
pub mod config;
pub mod dms;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod elsewhere;
pub mod glacier;
pub mod glue;
pub mod guardduty;
pub mod iam;
pub mod kafka;
pub mod kinesis;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod macie;
pub mod mq;
pub mod opensearch;
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
pub mod workspaces;

/// Global ones first: they say most of an account.
pub const SERVICES: &[Service] = &[
    iam::SERVICE,
    s3::SERVICE,
    cloudfront::SERVICE,
    route53::SERVICE,
    accessanalyzer::SERVICE,
    acm::SERVICE,
    apigateway::SERVICE,
    athena::SERVICE,
    autoscaling::SERVICE,
    backup::SERVICE,
    cloudtrail::SERVICE,
    cloudwatch::SERVICE,
    codebuild::SERVICE,
    config::SERVICE,
    dms::SERVICE,
    dynamodb::SERVICE,
    dynamodb::DAX_SERVICE,
    ec2::SERVICE,
    ec2::VPC_SERVICE,
    ecr::SERVICE,
    ecs::SERVICE,
    efs::SERVICE,
    eks::SERVICE,
    elasticache::SERVICE,
    elb::SERVICE,
    elb::CLASSIC_SERVICE,
    glacier::SERVICE,
    glue::SERVICE,
    guardduty::SERVICE,
    kafka::SERVICE,
    kinesis::SERVICE,
    kms::SERVICE,
    lambda::SERVICE,
    logs::SERVICE,
    macie::SERVICE,
    mq::SERVICE,
    opensearch::SERVICE,
    rds::SERVICE,
    redshift::SERVICE,
    s3::CONTROL_SERVICE,
    sagemaker::SERVICE,
    secretsmanager::SERVICE,
    securityhub::SERVICE,
    sns::SERVICE,
    sqs::SERVICE,
    ssm::SERVICE,
    stepfunctions::SERVICE,
    workspaces::SERVICE,
];
