//! Which actions of the protocols with named actions read, and only read.

/// Beginnings of names that read.
const READS: [&str; 4] = ["Describe", "Get", "Head", "List"];

/// Actions that read under other names.
const ALSO: [(&str, &str); 29] = [
    ("cloudformation", "ValidateTemplate"),
    ("cloudtrail", "LookupEvents"),
    ("codebuild", "BatchGetBuilds"),
    ("codebuild", "BatchGetFleets"),
    ("codebuild", "BatchGetProjects"),
    ("codebuild", "BatchGetReportGroups"),
    ("config", "BatchGetAggregateResourceConfig"),
    ("config", "BatchGetResourceConfig"),
    ("config", "SelectAggregateResourceConfig"),
    ("config", "SelectResourceConfig"),
    ("ecr", "BatchGetRepositoryScanningConfiguration"),
    ("glue", "BatchGetCrawlers"),
    ("glue", "BatchGetDevEndpoints"),
    ("glue", "BatchGetJobs"),
    ("glue", "BatchGetTriggers"),
    ("glue", "BatchGetWorkflows"),
    ("glue", "SearchTables"),
    // Makes AWS gather what GetCredentialReport reads; no resource changes.
    ("iam", "GenerateCredentialReport"),
    ("iam", "GenerateServiceLastAccessedDetails"),
    ("iam", "SimulateCustomPolicy"),
    ("iam", "SimulatePrincipalPolicy"),
    ("sagemaker", "Search"),
    ("servicecatalog", "SearchProducts"),
    ("servicecatalog", "SearchProductsAsAdmin"),
    ("servicecatalog", "SearchProvisionedProducts"),
    ("athena", "BatchGetNamedQuery"),
    ("ec2", "SearchTransitGatewayRoutes"),
    ("ec2", "SearchLocalGatewayRoutes"),
    ("ec2", "SearchTransitGatewayMulticastGroups"),
];

/// Actions whose names begin like those that read, but that hand out credentials, secrets or what customers store, or that take
/// something from a queue. A scan looks at settings.
const NEVER: [(&str, &str); 49] = [
    ("athena", "GetQueryResults"),
    ("athena", "GetSessionEndpoint"),
    ("codepipeline", "GetJobDetails"),
    ("codepipeline", "GetThirdPartyJobDetails"),
    ("cognito-identity", "GetCredentialsForIdentity"),
    ("cognito-identity", "GetId"),
    ("cognito-identity", "GetOpenIdToken"),
    ("cognito-identity", "GetOpenIdTokenForDeveloperIdentity"),
    ("cognito-idp", "GetUser"),
    ("cognito-idp", "GetUserAttributeVerificationCode"),
    ("cognito-idp", "GetTokensFromRefreshToken"),
    ("dynamodb", "GetItem"),
    ("dynamodb", "GetRecords"),
    ("dynamodb", "GetShardIterator"),
    ("ec2", "GetConsoleOutput"),
    ("ec2", "GetConsoleScreenshot"),
    ("ec2", "GetInstanceUefiData"),
    ("ec2", "GetPasswordData"),
    ("ec2", "GetVpnConnectionDeviceSampleConfiguration"),
    ("ecr", "GetAuthorizationToken"),
    ("ecr", "GetDownloadUrlForLayer"),
    ("ecr-public", "GetAuthorizationToken"),
    ("elasticmapreduce", "GetClusterSessionCredentials"),
    ("elasticmapreduce", "GetOnClusterAppUIPresignedURL"),
    ("elasticmapreduce", "GetPersistentAppUIPresignedURL"),
    ("glue", "GetUnfilteredPartitionMetadata"),
    ("glue", "GetUnfilteredPartitionsMetadata"),
    ("glue", "GetUnfilteredTableMetadata"),
    ("kinesis", "GetRecords"),
    ("kinesis", "GetShardIterator"),
    ("kms", "GetParametersForImport"),
    ("lightsail", "GetBucketAccessKeys"),
    ("lightsail", "GetContainerLog"),
    ("lightsail", "GetInstanceAccessDetails"),
    ("lightsail", "GetRelationalDatabaseMasterUserPassword"),
    ("logs", "GetLogEvents"),
    ("logs", "GetLogObject"),
    ("logs", "GetLogRecord"),
    ("logs", "GetQueryResults"),
    ("redshift", "GetClusterCredentials"),
    ("redshift", "GetClusterCredentialsWithIAM"),
    ("redshift", "GetIdentityCenterAuthToken"),
    ("redshift-serverless", "GetCredentials"),
    ("secretsmanager", "GetRandomPassword"),
    ("secretsmanager", "GetSecretValue"),
    ("ssm", "GetAccessToken"),
    ("ssm", "GetDeployablePatchSnapshotForInstance"),
    ("states", "GetActivityTask"),
    ("sts", "GetSessionToken"),
];

/// The same by the beginning of the name.
const NEVER_BEGINNING: [(&str, &str); 4] = [
    ("ssm", "GetParameter"),
    ("sts", "GetFederationToken"),
    ("sts", "GetDelegatedAccessToken"),
    ("sts", "GetWebIdentityToken"),
];

/// Names the rule that refuses an action.
pub(super) fn check(service: &str, action: &str) -> Result<(), String> {
    let is_name = !action.is_empty() && action.len() <= 128 && action.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_name {
        return Err(format!("{action:?} is no action"));
    }
    let is = |(of, name): &(&str, &str)| *of == service && *name == action;
    let begins = |(of, name): &(&str, &str)| *of == service && action.starts_with(name);
    if NEVER.iter().any(is) || NEVER_BEGINNING.iter().any(begins) {
        return Err(format!("{service}:{action} gives out secrets or contents, and a scan reads settings"));
    }
    if begins_like_reading(action) || ALSO.iter().any(is) {
        return Ok(());
    }
    Err(format!("{service}:{action} does not only read"))
}

/// `Get` and what follows it: a name that goes on in lower case is another word.
pub(super) fn begins_like_reading(action: &str) -> bool {
    READS.iter().any(|read| {
        action.strip_prefix(read).is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_uppercase()))
    })
}
