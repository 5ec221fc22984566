"""Changes things behind the back of the code in code/main.tf: behind.py ENDPOINT."""

import sys

import boto3

session = boto3.Session(aws_access_key_id="maker", aws_secret_access_key="maker", region_name="eu-west-1")


def client(service):
    return session.client(service, endpoint_url=sys.argv[1])


s3, ec2, sns = client("s3"), client("ec2"), client("sns")
s3.put_bucket_versioning(Bucket="tf-logs", VersioningConfiguration={"Status": "Suspended"})
s3.create_bucket(Bucket="by-hand", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
group = next(group for group in ec2.describe_security_groups()["SecurityGroups"] if group["GroupName"] == "web")
ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[ssh])
sns.delete_topic(TopicArn=sns.list_topics()["Topics"][0]["TopicArn"])
