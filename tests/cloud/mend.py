"""An account in an emulator of AWS with settings that can be mended: mend.py ENDPOINT make. What they are: mend.py ENDPOINT state.
Whether a bucket of any account is versioned: mend.py ENDPOINT versioning ACCOUNT BUCKET."""

import json
import sys
import urllib.error
import urllib.request

import boto3
import botocore

session = boto3.Session(aws_access_key_id="maker", aws_secret_access_key="maker", region_name="eu-west-1")
ACCOUNT = "123456789012"


def client(service):
    return session.client(service, endpoint_url=sys.argv[1])


s3, ec2, kms, iam, trail, rds = (client(name) for name in ["s3", "ec2", "kms", "iam", "cloudtrail", "rds"])
dynamodb, ecr, sqs = (client(name) for name in ["dynamodb", "ecr", "sqs"])


def make():
    for name in ["plain", "other", "trails"]:
        s3.create_bucket(Bucket=name + "-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    kms.create_key(Description="rotates never")
    iam.update_account_password_policy(
        MinimumPasswordLength=8, MaxPasswordAge=60, AllowUsersToChangePassword=True, HardExpiry=False
    )
    trail.create_trail(Name="trail", S3BucketName="trails-bucket", EnableLogFileValidation=False)
    rds.create_db_instance(
        DBInstanceIdentifier="db",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=10,
        MasterUsername="master",
        MasterUserPassword="unused-here",
        AutoMinorVersionUpgrade=False,
        DeletionProtection=False,
    )
    dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    ecr.create_repository(repositoryName="images")
    sqs.create_queue(QueueName="queue", Attributes={"SqsManagedSseEnabled": "false"})
    image = ec2.describe_images(Owners=["amazon"])["Images"] or [{"ImageId": "ami-12345678"}]
    ec2.run_instances(ImageId=image[0]["ImageId"], MinCount=1, MaxCount=1)


def block(get):
    try:
        return all(get()["PublicAccessBlockConfiguration"].values())
    except botocore.exceptions.ClientError:
        return False


def account_block():
    """By hand: boto3 asks a host for each account, which the emulator does not have."""
    scope = "maker/20260101/eu-west-1/s3/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    headers = {"Authorization": authorization, "x-amz-account-id": ACCOUNT}
    url = sys.argv[1] + "/v20180820/configuration/publicAccessBlock"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers)).read().decode().count("true") == 4
    except urllib.error.HTTPError:
        return False


def encrypted(bucket):
    try:
        return bool(s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"])
    except botocore.exceptions.ClientError:
        return False


def state():
    database = rds.describe_db_instances()["DBInstances"][0]
    backups = dynamodb.describe_continuous_backups(TableName="table")["ContinuousBackupsDescription"]
    queue = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName="queue")["QueueUrl"], AttributeNames=["All"])
    repository = ecr.describe_repositories()["repositories"][0]
    instances = [one for all in ec2.describe_instances()["Reservations"] for one in all["Instances"]]
    return {
        "s3_bucket_object_versioning": s3.get_bucket_versioning(Bucket="plain-bucket").get("Status") == "Enabled",
        "other_versioning": s3.get_bucket_versioning(Bucket="other-bucket").get("Status") == "Enabled",
        "s3_bucket_level_public_access_block": block(lambda: s3.get_public_access_block(Bucket="plain-bucket")),
        "s3_bucket_default_encryption": encrypted("plain-bucket"),
        "s3_account_level_public_access_blocks": account_block(),
        "ec2_ebs_default_encryption": ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "ec2_instance_imdsv2_enabled": instances[0].get("MetadataOptions", {}).get("HttpTokens") == "required",
        "kms_cmk_rotation_enabled": kms.get_key_rotation_status(KeyId=kms.list_keys()["Keys"][0]["KeyId"])[
            "KeyRotationEnabled"
        ],
        "password_policy": iam.get_account_password_policy()["PasswordPolicy"],
        "cloudtrail_log_file_validation_enabled": trail.describe_trails()["trailList"][0]["LogFileValidationEnabled"],
        "rds_instance_minor_version_upgrade_enabled": database["AutoMinorVersionUpgrade"],
        "rds_instance_deletion_protection": database["DeletionProtection"],
        "dynamodb_tables_pitr_enabled": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "dynamodb_table_deletion_protection_enabled": dynamodb.describe_table(TableName="table")["Table"][
            "DeletionProtectionEnabled"
        ],
        "ecr_repositories_scan_images_on_push_enabled": repository["imageScanningConfiguration"]["scanOnPush"],
        "sqs_queues_server_side_encryption_enabled": queue["Attributes"].get("SqsManagedSseEnabled") == "true",
    }


def versioning(account, bucket):
    role = {"RoleArn": f"arn:aws:iam::{account}:role/any", "RoleSessionName": "look"}
    there = client("sts").assume_role(**role)["Credentials"]
    keys = {"aws_access_key_id": there["AccessKeyId"], "aws_secret_access_key": there["SecretAccessKey"]}
    s3 = session.client("s3", endpoint_url=sys.argv[1], aws_session_token=there["SessionToken"], **keys)
    return s3.get_bucket_versioning(Bucket=bucket).get("Status")


if sys.argv[2] == "make":
    make()
elif sys.argv[2] == "versioning":
    print(versioning(*sys.argv[3:]))
else:
    print(json.dumps(state(), default=str))
