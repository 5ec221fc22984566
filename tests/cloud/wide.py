"""An account of some 360 resources of 27 services in three regions, for measuring how long a scan of it takes.

Usage: wide.py ENDPOINT
"""

import io
import json
import sys
import zipfile

import boto3

REGIONS = ["eu-central-1", "eu-west-1", "us-east-1"]


def client(service, region="us-east-1"):
    return boto3.client(service, region_name=region, endpoint_url=sys.argv[1], aws_access_key_id="maker",
                        aws_secret_access_key="maker")


def code():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("a.py", "x")
    return archive.getvalue()


def account(role_of):
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for number in range(10):
        role_of.append(iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=document)["Role"]["Arn"])
    for number in range(10):
        iam.create_user(UserName=f"user-{number}")
        iam.create_access_key(UserName=f"user-{number}")
    iam.create_group(GroupName="group")
    for number in range(3):
        client("route53").create_hosted_zone(Name=f"zone-{number}.example.com", CallerReference=str(number))


def network(region):
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"]["SubnetId"]
               for number, zone in enumerate("ab")]
    image = ec2.register_image(Name="image", RootDeviceName="/dev/sda1")["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=8, MaxCount=8, SubnetId=subnets[0], InstanceType="t3.micro")
    groups = [ec2.create_security_group(GroupName=f"group-{number}", Description="d", VpcId=vpc)["GroupId"] for number in range(8)]
    everywhere = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[everywhere])
    return subnets, groups[0]


def region(name, role):
    subnets, group = network(name)
    storage = client("s3", name)
    where = {} if name == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": name}}
    for number in range(6):
        storage.create_bucket(Bucket=f"{name}-{number}", **where)
    queues, topics, keys, secrets = (client(service, name) for service in ("sqs", "sns", "kms", "secretsmanager"))
    logs, alarms, tables, functions = (client(service, name) for service in ("logs", "cloudwatch", "dynamodb", "lambda"))
    for number in range(6):
        queues.create_queue(QueueName=f"q-{number}")
        topics.create_topic(Name=f"t-{number}")
        secrets.create_secret(Name=f"s-{number}", SecretString="x")
        logs.create_log_group(logGroupName=f"/app/{number}")
        alarms.put_metric_alarm(AlarmName=f"a-{number}", MetricName="m", Namespace="n", EvaluationPeriods=1, Period=60, Threshold=1,
                                ComparisonOperator="GreaterThanThreshold", Statistic="Sum")
    for number in range(4):
        keys.create_key()
        tables.create_table(TableName=f"t-{number}", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")
        functions.create_function(FunctionName=f"f-{number}", Runtime="python3.12", Role=role, Handler="a.h", Code={"ZipFile": code()})
        client("ecr", name).create_repository(repositoryName=f"r-{number}")
    for number in range(2):
        client("acm", name).request_certificate(DomainName=f"{number}.example.com")
        client("ecs", name).create_cluster(clusterName=f"c-{number}")
        client("efs", name).create_file_system(CreationToken=str(number))
        client("rds", name).create_db_instance(DBInstanceIdentifier=f"db-{number}", Engine="postgres", AllocatedStorage=10,
                                               DBInstanceClass="db.t3.micro", MasterUsername="x", MasterUserPassword="yyyyyyyy")
    client("cloudtrail", name).create_trail(Name=f"trail-{name}", S3BucketName=f"{name}-0")
    config = client("config", name)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    client("guardduty", name).create_detector(Enable=True)
    client("eks", name).create_cluster(name="k", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    document = json.dumps({"schemaVersion": "2.2", "mainSteps": []})
    client("ssm", name).create_document(Name="document", DocumentType="Command", Content=document)
    client("elbv2", name).create_load_balancer(Name="lb", Subnets=subnets, SecurityGroups=[group])
    client("elasticache", name).create_cache_cluster(CacheClusterId="cc", Engine="memcached", NumCacheNodes=1,
                                                     CacheNodeType="cache.t3.micro")
    client("redshift", name).create_cluster(ClusterIdentifier="rs", NodeType="dc2.large", MasterUsername="x",
                                            MasterUserPassword="Yyyyyyyy1")
    client("opensearch", name).create_domain(DomainName="dom", EngineVersion="OpenSearch_2.11")
    client("kinesis", name).create_stream(StreamName="st", ShardCount=1)
    client("backup", name).create_backup_vault(BackupVaultName="bv")


roles = []
account(roles)
for name in REGIONS:
    region(name, roles[0])
