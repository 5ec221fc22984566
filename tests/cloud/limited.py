"""An account with a little of several services, a user who may only describe EC2, and a role that another account can be audited
through. Prints the user's key and its secret; from then on the emulator judges signatures and rights.

Usage: limited.py ENDPOINT
"""

import json
import sys
import urllib.request

import boto3

ENDPOINT = sys.argv[1]
OTHER = "222222222222"


def client(service, keys=("admin", "admin"), token=None):
    return boto3.client(service, region_name="eu-west-1", endpoint_url=ENDPOINT, aws_access_key_id=keys[0],
                        aws_secret_access_key=keys[1], aws_session_token=token)


def policy(action, **more):
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


client("s3").create_bucket(Bucket="secret-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
client("kms").create_key()
iam = client("iam")
iam.create_user(UserName="limited")
iam.put_user_policy(UserName="limited", PolicyName="own", PolicyDocument=policy("ec2:Describe*", Resource="*"))
key = iam.create_access_key(UserName="limited")["AccessKey"]

# In the other account, a bucket and the role.
sts = client("sts")
there = sts.assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/any", RoleSessionName="make")["Credentials"]
keys, token = (there["AccessKeyId"], there["SecretAccessKey"]), there["SessionToken"]
client("s3", keys, token).create_bucket(Bucket="other-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
trust = policy("sts:AssumeRole", Principal={"AWS": "*"})
client("iam", keys, token).create_role(RoleName="Audit", AssumeRolePolicyDocument=trust)

if len(sys.argv) > 2:
    request = urllib.request.Request(f"{ENDPOINT}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    urllib.request.urlopen(request).read()
print(key["AccessKeyId"], key["SecretAccessKey"])
