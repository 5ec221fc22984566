//! The services of AWS that can be asked: how their hosts are called, for which name requests to them are signed, and which protocol
//! they speak. Source: the service models that AWS publishes with its SDKs. Adding a service is one line here, and for a service
//! that reads with POST one for each such call in `read_only/rest.rs`.

/// How a service is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `Action` in a form or in the query.
    Query,
    /// `X-Amz-Target`.
    Json,
    /// Either of them.
    QueryOrJson,
    /// Method and path.
    Rest,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// What stands before the region in the names of its hosts.
    pub(crate) prefix: &'static str,
    /// The name that requests are signed for.
    pub(crate) signing: &'static str,
    /// Its ids in `AWS_ENDPOINT_URL_<ID>`; what the operator set for the first of them counts.
    pub(crate) ids: &'static [&'static str],
    pub(crate) protocol: Protocol,
}

const fn service(
    prefix: &'static str,
    signing: &'static str,
    ids: &'static [&'static str],
    protocol: Protocol,
) -> Service {
    Service { prefix, signing, ids, protocol }
}

use Protocol::{Json, Query, QueryOrJson, Rest};

/// In the order of prefixes.
pub(crate) const SERVICES: [Service; 93] = [
    service("access-analyzer", "access-analyzer", &["ACCESSANALYZER"], Rest),
    service("account", "account", &["ACCOUNT"], Rest),
    service("acm", "acm", &["ACM"], Json),
    service("acm-pca", "acm-pca", &["ACM_PCA"], Json),
    service("api.ecr", "ecr", &["ECR"], Json),
    service("api.ecr-public", "ecr-public", &["ECR_PUBLIC"], Json),
    service("api.sagemaker", "sagemaker", &["SAGEMAKER"], Json),
    service("apigateway", "apigateway", &["API_GATEWAY", "APIGATEWAYV2"], Rest),
    service("application-autoscaling", "application-autoscaling", &["APPLICATION_AUTO_SCALING"], Json),
    service("appstream2", "appstream", &["APPSTREAM"], Json),
    service("athena", "athena", &["ATHENA"], Json),
    service("autoscaling", "autoscaling", &["AUTO_SCALING"], Query),
    service("backup", "backup", &["BACKUP"], Rest),
    service("batch", "batch", &["BATCH"], Rest),
    service("bedrock", "bedrock", &["BEDROCK"], Rest),
    service("cloudcontrolapi", "cloudcontrolapi", &["CLOUDCONTROL"], Json),
    service("cloudformation", "cloudformation", &["CLOUDFORMATION"], Query),
    service("cloudfront", "cloudfront", &["CLOUDFRONT"], Rest),
    service("cloudtrail", "cloudtrail", &["CLOUDTRAIL"], Json),
    service("codebuild", "codebuild", &["CODEBUILD"], Json),
    service("codepipeline", "codepipeline", &["CODEPIPELINE"], Json),
    service("cognito-identity", "cognito-identity", &["COGNITO_IDENTITY"], Json),
    service("cognito-idp", "cognito-idp", &["COGNITO_IDENTITY_PROVIDER"], Json),
    service("config", "config", &["CONFIG_SERVICE"], Json),
    service("datasync", "datasync", &["DATASYNC"], Json),
    service("dax", "dax", &["DAX"], Json),
    service("directconnect", "directconnect", &["DIRECT_CONNECT"], Json),
    service("dms", "dms", &["DATABASE_MIGRATION_SERVICE"], Json),
    service("ds", "ds", &["DIRECTORY_SERVICE"], Json),
    service("dynamodb", "dynamodb", &["DYNAMODB"], Json),
    service("ec2", "ec2", &["EC2"], Query),
    service("ecs", "ecs", &["ECS"], Json),
    service("eks", "eks", &["EKS"], Rest),
    service("elasticache", "elasticache", &["ELASTICACHE"], Query),
    service("elasticbeanstalk", "elasticbeanstalk", &["ELASTIC_BEANSTALK"], Query),
    service("elasticfilesystem", "elasticfilesystem", &["EFS"], Rest),
    service(
        "elasticloadbalancing",
        "elasticloadbalancing",
        &["ELASTIC_LOAD_BALANCING_V2", "ELASTIC_LOAD_BALANCING"],
        Query,
    ),
    service("elasticmapreduce", "elasticmapreduce", &["EMR"], Json),
    service("email", "ses", &["SESV2", "SES"], Rest),
    service("es", "es", &["OPENSEARCH", "ELASTICSEARCH_SERVICE"], Rest),
    service("events", "events", &["EVENTBRIDGE", "CLOUDWATCH_EVENTS"], Json),
    service("firehose", "firehose", &["FIREHOSE"], Json),
    service("fms", "fms", &["FMS"], Json),
    service("fsx", "fsx", &["FSX"], Json),
    service("glacier", "glacier", &["GLACIER"], Rest),
    service("globalaccelerator", "globalaccelerator", &["GLOBAL_ACCELERATOR"], Json),
    service("glue", "glue", &["GLUE"], Json),
    service("guardduty", "guardduty", &["GUARDDUTY"], Rest),
    service("iam", "iam", &["IAM"], Query),
    service("identitystore", "identitystore", &["IDENTITYSTORE"], Json),
    service("inspector2", "inspector2", &["INSPECTOR2"], Rest),
    service("kafka", "kafka", &["KAFKA"], Rest),
    service("kinesis", "kinesis", &["KINESIS"], Json),
    service("kms", "kms", &["KMS"], Json),
    service("lambda", "lambda", &["LAMBDA"], Rest),
    service("lightsail", "lightsail", &["LIGHTSAIL"], Json),
    service("logs", "logs", &["CLOUDWATCH_LOGS"], Json),
    service("macie2", "macie2", &["MACIE2"], Rest),
    service("memory-db", "memorydb", &["MEMORYDB"], Json),
    service("monitoring", "monitoring", &["CLOUDWATCH"], QueryOrJson),
    service("mq", "mq", &["MQ"], Rest),
    service("network-firewall", "network-firewall", &["NETWORK_FIREWALL"], Json),
    service("organizations", "organizations", &["ORGANIZATIONS"], Json),
    service("rds", "rds", &["RDS", "DOCDB", "NEPTUNE"], Query),
    service("redshift", "redshift", &["REDSHIFT"], Query),
    service("redshift-serverless", "redshift-serverless", &["REDSHIFT_SERVERLESS"], Json),
    service("resource-explorer-2", "resource-explorer-2", &["RESOURCE_EXPLORER_2"], Rest),
    service("route53", "route53", &["ROUTE_53"], Rest),
    service("route53domains", "route53domains", &["ROUTE_53_DOMAINS"], Json),
    service("route53resolver", "route53resolver", &["ROUTE53RESOLVER"], Json),
    service("s3", "s3", &["S3"], Rest),
    service("s3-control", "s3", &["S3_CONTROL"], Rest),
    service("scheduler", "scheduler", &["SCHEDULER"], Rest),
    service("secretsmanager", "secretsmanager", &["SECRETS_MANAGER"], Json),
    service("securityhub", "securityhub", &["SECURITYHUB"], Rest),
    service("servicecatalog", "servicecatalog", &["SERVICE_CATALOG"], Json),
    service("servicequotas", "servicequotas", &["SERVICE_QUOTAS"], Json),
    service("shield", "shield", &["SHIELD"], Json),
    service("sns", "sns", &["SNS"], Query),
    service("sqs", "sqs", &["SQS"], QueryOrJson),
    service("ssm", "ssm", &["SSM"], Json),
    service("sso", "sso", &["SSO_ADMIN"], Json),
    service("states", "states", &["SFN"], Json),
    service("storagegateway", "storagegateway", &["STORAGE_GATEWAY"], Json),
    service("sts", "sts", &["STS"], Query),
    service("support", "support", &["SUPPORT"], Json),
    service("tagging", "tagging", &["RESOURCE_GROUPS_TAGGING_API"], Json),
    service("transfer", "transfer", &["TRANSFER"], Json),
    service("waf", "waf", &["WAF"], Json),
    service("waf-regional", "waf-regional", &["WAF_REGIONAL"], Json),
    service("wafv2", "wafv2", &["WAFV2"], Json),
    service("workspaces", "workspaces", &["WORKSPACES"], Json),
    service("xray", "xray", &["XRAY"], Rest),
];

/// The service whose hosts begin with this.
pub(crate) fn by_prefix(prefix: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.prefix == prefix)
}
