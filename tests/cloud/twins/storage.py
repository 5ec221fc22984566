"""Buckets, volumes, snapshots, images, file systems, vaults."""

import json

from . import ACCOUNT, DUBLIN, OPEN, SINGAPORE, VIRGINIA, client, named, policy, twins


@twins("s3", DUBLIN, "s3_bucket_object_versioning", "s3_bucket_kms_encryption", "s3_bucket_default_encryption",
       "s3_bucket_level_public_access_block", "s3_bucket_secure_transport_policy", "s3_bucket_server_access_logging_enabled",
       "s3_bucket_lifecycle_enabled", "s3_bucket_object_lock", "s3_bucket_acl_prohibited", "s3_bucket_event_notifications_enabled",
       "s3_bucket_policy_public_write_access", "s3_bucket_cross_account_access", "s3_bucket_public_access")
def bucket(s3, name, good):
    place = {"LocationConstraint": DUBLIN}
    if not good:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        everything = {**OPEN, "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]}
        s3.put_bucket_policy(Bucket=name, Policy=policy(everything))
        return
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True,
                     ObjectOwnership="BucketOwnerEnforced")
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"}}]})
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}]})
    plain = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket=name, Policy=policy(plain))
    topic = client("sns", DUBLIN).create_topic(Name="bucket-events")["TopicArn"]
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={
        "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}]})
    s3.create_bucket(Bucket="bucket-logs", CreateBucketConfiguration=place, ACL="log-delivery-write")
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "bucket-logs", "TargetPrefix": "log/"}})


@twins("s3", VIRGINIA, "s3_bucket_public_list_acl", "s3_bucket_public_write_acl")
def bucket_acl(s3, name, good):
    s3.create_bucket(Bucket=name)
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    shared = [] if good else [{"Grantee": everybody, "Permission": permission} for permission in ["READ", "WRITE"]]
    own = s3.get_bucket_acl(Bucket=name)
    s3.put_bucket_acl(Bucket=name, AccessControlPolicy={"Owner": own["Owner"], "Grants": own["Grants"] + shared})


@twins("ec2", VIRGINIA, "ec2_ebs_volume_encryption")
def volume(ec2, name, good):
    tags = [{"ResourceType": "volume", "Tags": named(name)}]
    ec2.create_volume(AvailabilityZone=f"{VIRGINIA}a", Size=1, Encrypted=good, TagSpecifications=tags)


@twins("ec2", SINGAPORE, "ec2_ebs_snapshots_encrypted", "ec2_ebs_public_snapshot")
def snapshot(ec2, name, good):
    volume = ec2.create_volume(AvailabilityZone=f"{SINGAPORE}a", Size=1, Encrypted=good)["VolumeId"]
    tags = [{"ResourceType": "snapshot", "Tags": named(name)}]
    snapshot = ec2.create_snapshot(VolumeId=volume, TagSpecifications=tags)["SnapshotId"]
    if not good:
        ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add",
                                      GroupNames=["all"])


@twins("efs", DUBLIN, "efs_encryption_at_rest_enabled", "efs_have_backup_enabled", "efs_not_publicly_accessible")
def file_system(efs, name, good):
    made = efs.create_file_system(CreationToken=name, Encrypted=good, Tags=named(name), Backup=good)["FileSystemId"]
    if not good:
        everything = {**OPEN, "Action": "elasticfilesystem:*"}
        efs.put_file_system_policy(FileSystemId=made, Policy=policy(everything))
    else:
        own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "elasticfilesystem:*",
               "Resource": "*"}
        efs.put_file_system_policy(FileSystemId=made, Policy=policy(own))


@twins("efs", VIRGINIA, "efs_access_point_enforce_root_directory", "efs_access_point_enforce_user_identity")
def access_point(efs, name, good):
    system = efs.create_file_system(CreationToken=name, Encrypted=True)["FileSystemId"]
    more = {"PosixUser": {"Uid": 1000, "Gid": 1000}, "RootDirectory": {"Path": "/data"}} if good else {}
    efs.create_access_point(ClientToken=name, FileSystemId=system, Tags=named(name), **more)


@twins("backup", SINGAPORE, "backup_vaults_encrypted")
def backup_vault(backup, name, good):
    key = client("kms", SINGAPORE).create_key()["KeyMetadata"]["Arn"]
    backup.create_backup_vault(BackupVaultName=name, **({"EncryptionKeyArn": key} if good else {}))


@twins("ecr", SINGAPORE, "ecr_repositories_scan_images_on_push_enabled", "ecr_repositories_tag_immutability",
       "ecr_repositories_lifecycle_policy_enabled", "ecr_repositories_not_publicly_accessible")
def repository(ecr, name, good):
    ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": good},
                          imageTagMutability="IMMUTABLE" if good else "MUTABLE")
    if good:
        rule = {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 9},
                "action": {"type": "expire"}}
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [rule]}))
    else:
        statement = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
        ecr.set_repository_policy(repositoryName=name, policyText=policy(statement))
