//! One setting for each check. Only what changes nothing else: a call that would replace more than it is given is not here. Left out
//! on purpose: a KMS key for SNS topics, because other services could not publish to them any more.

use crate::api::{Api, Place, Protocol};
use crate::call::{Call, Given};

static CLOUDTRAIL: Api =
    Api::regional("cloudtrail", Protocol::Json("1.1", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"));
static DYNAMODB: Api = Api::regional("dynamodb", Protocol::Json("1.0", "DynamoDB_20120810"));
static EC2: Api = Api::regional("ec2", Protocol::Ec2("2016-11-15"));
static ECR: Api =
    Api { prefix: "api.ecr", ..Api::regional("ecr", Protocol::Json("1.1", "AmazonEC2ContainerRegistry_V20150921")) };
static KMS: Api = Api::regional("kms", Protocol::Json("1.1", "TrentService"));
static RDS: Api = Api::regional("rds", Protocol::Query("2014-10-31"));
static S3: Api = Api::regional("s3", Protocol::RestXml);
static S3_CONTROL: Api = Api {
    prefix: "s3-control",
    signing: "s3",
    actions: "s3",
    protocol: Protocol::RestXml,
    place: Place::Account,
    headers: &[],
};
static SQS: Api = Api::regional("sqs", Protocol::Json("1.0", "AmazonSQS"));

/// What mends a check.
#[derive(Clone, Copy, Debug)]
pub struct Fix {
    pub check: &'static str,
    /// The kinds it mends; empty for the account itself, or any.
    pub kinds: &'static [&'static str],
    /// Given paths are of the resource: `config.bucket`.
    pub call: Call,
    /// For people, with `{path}` for what the resource says.
    pub change: &'static str,
}

impl Fix {
    /// Whether it is for resources of a kind.
    pub fn fits(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

const BUCKET: &[(&str, Given)] = &[("Bucket", Given::Of("config.bucket"))];
const INSTANCE: &[&str] = &["aws_db_instance"];
const ANY_INSTANCE: &[&str] = &["aws_db_instance", "aws_rds_cluster_instance"];
const CLUSTER: &[&str] = &["aws_rds_cluster"];

const ALL_BLOCKED: &str = "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
    <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>\
    </PublicAccessBlockConfiguration>";
const ALL_BLOCKED_OF_ACCOUNT: &str = "<PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
    <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
    <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>\
    </PublicAccessBlockConfiguration>";
const VERSIONED: &str = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <Status>Enabled</Status></VersioningConfiguration>";
const ENCRYPTED: &str = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
    </Rule></ServerSideEncryptionConfiguration>";

const fn fix(check: &'static str, kinds: &'static [&'static str], call: Call, change: &'static str) -> Fix {
    Fix { check, kinds, call, change }
}

pub const FIXES: &[Fix] = &[
    fix(
        "cloudtrail_log_file_validation_enabled",
        &["aws_cloudtrail"],
        CLOUDTRAIL
            .call("UpdateTrail")
            .given(&[("Name", Given::Of("id")), ("EnableLogFileValidation", Given::Flag(true))]),
        "the trail {name} writes digests by which its log files can be validated",
    ),
    fix(
        "dynamodb_table_deletion_protection_enabled",
        &["aws_dynamodb_table"],
        DYNAMODB
            .call("UpdateTable")
            .given(&[("TableName", Given::Of("config.name")), ("DeletionProtectionEnabled", Given::Flag(true))]),
        "the table {name} cannot be deleted until its protection is switched off",
    ),
    fix(
        "dynamodb_tables_pitr_enabled",
        &["aws_dynamodb_table"],
        DYNAMODB.call("UpdateContinuousBackups").given(&[
            ("TableName", Given::Of("config.name")),
            ("PointInTimeRecoverySpecification", Given::Json(r#"{"PointInTimeRecoveryEnabled":true}"#)),
        ]),
        "the table {name} can be restored to any point of the last 35 days; AWS charges by its size",
    ),
    fix(
        "ec2_ami_account_block_public_access",
        &["aws_ec2_image_block_public_access"],
        EC2.call("EnableImageBlockPublicAccess")
            .given(&[("ImageBlockPublicAccessState", Given::Text("block-new-sharing"))]),
        "images in {region} cannot be made public; those that are public stay so",
    ),
    fix(
        "ec2_ebs_default_encryption",
        &["aws_ebs_encryption_by_default"],
        EC2.call("EnableEbsEncryptionByDefault"),
        "volumes and snapshots made in {region} from now on are encrypted; those that exist stay as they are",
    ),
    fix(
        "ec2_ebs_snapshot_account_block_public_access",
        &["aws_ebs_snapshot_block_public_access"],
        EC2.call("EnableSnapshotBlockPublicAccess").given(&[("State", Given::Text("block-all-sharing"))]),
        "snapshots in {region} are public for nobody, also those that were shared",
    ),
    fix(
        "ec2_instance_account_imdsv2_enabled",
        &["aws_ec2_instance_metadata_defaults"],
        EC2.call("ModifyInstanceMetadataDefaults").given(&[("HttpTokens", Given::Text("required"))]),
        "instances launched in {region} from now on answer metadata only with a token",
    ),
    fix(
        "ec2_instance_imdsv2_enabled",
        &["aws_instance"],
        EC2.call("ModifyInstanceMetadataOptions")
            .given(&[("InstanceId", Given::Of("config.id")), ("HttpTokens", Given::Text("required"))]),
        "the instance {config.id} answers metadata only with a token; programs that know IMDSv1 alone lose their role",
    ),
    fix(
        "ecr_repositories_scan_images_on_push_enabled",
        &["aws_ecr_repository"],
        ECR.call("PutImageScanningConfiguration").given(&[
            ("repositoryName", Given::Of("config.name")),
            ("imageScanningConfiguration", Given::Json(r#"{"scanOnPush":true}"#)),
        ]),
        "images pushed to {name} are scanned",
    ),
    fix(
        "kms_cmk_rotation_enabled",
        &["aws_kms_key"],
        KMS.call("EnableKeyRotation").given(&[("KeyId", Given::Of("config.key_id"))]),
        "the key {config.key_id} gets new material every year; what the old one encrypted stays readable",
    ),
    fix(
        "rds_cluster_copy_tags_to_snapshots",
        CLUSTER,
        cluster(&[CLUSTER_ID, ("CopyTagsToSnapshot", Given::Flag(true))]),
        "snapshots of the cluster {name} get its tags",
    ),
    fix(
        "rds_cluster_deletion_protection",
        CLUSTER,
        cluster(&[CLUSTER_ID, ("DeletionProtection", Given::Flag(true))]),
        "the cluster {name} cannot be deleted until its protection is switched off",
    ),
    fix(
        "rds_instance_copy_tags_to_snapshots",
        INSTANCE,
        database(&[DATABASE_ID, ("CopyTagsToSnapshot", Given::Flag(true))]),
        "snapshots of the database {name} get its tags",
    ),
    fix(
        "rds_instance_deletion_protection",
        INSTANCE,
        database(&[DATABASE_ID, ("DeletionProtection", Given::Flag(true))]),
        "the database {name} cannot be deleted until its protection is switched off",
    ),
    fix(
        "rds_instance_minor_version_upgrade_enabled",
        ANY_INSTANCE,
        database(&[DATABASE_ID, ("AutoMinorVersionUpgrade", Given::Flag(true))]),
        "the database {name} takes minor versions of its engine in its maintenance window",
    ),
    fix(
        "s3_account_level_public_access_blocks",
        &[],
        S3_CONTROL
            .put("/v20180820/configuration/publicAccessBlock", "PutPublicAccessBlock", ALL_BLOCKED_OF_ACCOUNT)
            .action("s3:PutAccountPublicAccessBlock"),
        "no bucket of the account is public any more, whatever its own settings say",
    ),
    fix(
        "s3_bucket_default_encryption",
        &["aws_s3_bucket"],
        S3.put("/{Bucket}?encryption", "PutBucketEncryption", ENCRYPTED)
            .given(BUCKET)
            .action("s3:PutEncryptionConfiguration"),
        "new objects in {config.bucket} are encrypted with keys that S3 manages, where nobody says otherwise",
    ),
    fix(
        "s3_bucket_level_public_access_block",
        &["aws_s3_bucket"],
        S3.put("/{Bucket}?publicAccessBlock", "PutPublicAccessBlock", ALL_BLOCKED)
            .given(BUCKET)
            .action("s3:PutBucketPublicAccessBlock"),
        "the bucket {config.bucket} is public for nobody any more, whatever its policy and access lists say",
    ),
    fix(
        "s3_bucket_object_versioning",
        &["aws_s3_bucket"],
        S3.put("/{Bucket}?versioning", "PutBucketVersioning", VERSIONED).given(BUCKET),
        "the bucket {config.bucket} keeps every version of its objects; AWS charges for each",
    ),
    fix(
        "sqs_queues_server_side_encryption_enabled",
        &["aws_sqs_queue"],
        SQS.call("SetQueueAttributes").given(&[
            ("QueueUrl", Given::Of("config.url")),
            ("Attributes", Given::Json(r#"{"SqsManagedSseEnabled":"true"}"#)),
        ]),
        "messages in the queue {name} are encrypted with keys that SQS manages",
    ),
];

const CLUSTER_ID: (&str, Given) = ("DBClusterIdentifier", Given::Of("name"));
const DATABASE_ID: (&str, Given) = ("DBInstanceIdentifier", Given::Of("name"));

const fn cluster(given: &'static [(&'static str, Given)]) -> Call {
    RDS.call("ModifyDBCluster").given(given)
}

const fn database(given: &'static [(&'static str, Given)]) -> Call {
    RDS.call("ModifyDBInstance").given(given)
}
