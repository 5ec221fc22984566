"""Makes a small account in an emulator of AWS: small.py ENDPOINT."""

import sys

import boto3

session = boto3.Session(aws_access_key_id="maker", aws_secret_access_key="maker", region_name="eu-west-1")


def client(service):
    return session.client(service, endpoint_url=sys.argv[1])


s3 = client("s3")
for name in ["plain-bucket", "versioned-bucket"]:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
s3.put_bucket_versioning(Bucket="versioned-bucket", VersioningConfiguration={"Status": "Enabled"})
ec2 = client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
group = ec2.create_security_group(GroupName="open", Description="open to all", VpcId=vpc)["GroupId"]
everywhere = [{"CidrIp": "0.0.0.0/0"}]
ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": everywhere}
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])
client("sns").create_topic(Name="plain-topic")
