"""An organization with a bucket in each of its three accounts: organization.py ENDPOINT. Prints the ids of the two members."""

import sys

import boto3


def client(service, keys=("maker", "maker"), token=None):
    return boto3.client(service, region_name="eu-west-1", endpoint_url=sys.argv[1], aws_access_key_id=keys[0],
                        aws_secret_access_key=keys[1], aws_session_token=token)


def bucket(s3, name):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


organizations = client("organizations")
organizations.create_organization(FeatureSet="ALL")
bucket(client("s3"), "bucket-of-management")
for name in ["first", "second"]:
    made = organizations.create_account(AccountName=name, Email=f"{name}@example.com", RoleName="Audit")
    account = made["CreateAccountStatus"]["AccountId"]
    role = {"RoleArn": f"arn:aws:iam::{account}:role/Audit", "RoleSessionName": "make"}
    there = client("sts").assume_role(**role)["Credentials"]
    bucket(client("s3", (there["AccessKeyId"], there["SecretAccessKey"]), there["SessionToken"]), f"bucket-of-{name}")
    print(account)
