"""Queues, topics, logs, keys, secrets."""

from . import ACCOUNT, DUBLIN, OPEN, SINGAPORE, VIRGINIA, client, policy, twins
from .compute import function_of

OWN = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Resource": "*"}


@twins("sqs", DUBLIN, "sqs_queues_server_side_encryption_enabled", "sqs_queues_not_publicly_accessible")
def queue(sqs, name, good):
    who = {**(OWN if good else OPEN), "Action": "sqs:*"}
    sqs.create_queue(QueueName=name, Attributes={"SqsManagedSseEnabled": "true" if good else "false", "Policy": policy(who)})


@twins("sns", VIRGINIA, "sns_topics_kms_encryption_at_rest_enabled", "sns_topics_not_publicly_accessible")
def topic(sns, name, good):
    who = {**(OWN if good else OPEN), "Action": "sns:Publish"}
    key = {"KmsMasterKeyId": "alias/aws/sns"} if good else {}
    sns.create_topic(Name=name, Attributes={"Policy": policy(who), **key})


@twins("sns", SINGAPORE, "sns_subscription_not_using_http_endpoints")
def subscription(sns, name, good):
    topic = sns.create_topic(Name=f"topic-of-{name}")["TopicArn"]
    scheme = "https" if good else "http"
    made = sns.subscribe(TopicArn=topic, Protocol=scheme, Endpoint=f"{scheme}://example.com/", ReturnSubscriptionArn=True)
    return made["SubscriptionArn"].rsplit(":", 1)[1]


@twins("kms", SINGAPORE, "kms_cmk_rotation_enabled", "kms_key_not_publicly_accessible")
def key(kms, name, good):
    tags = [{"TagKey": "Name", "TagValue": name}]
    made = kms.create_key(Tags=tags, Policy=policy({**(OWN if good else OPEN), "Action": "kms:*"}))["KeyMetadata"]["KeyId"]
    if good:
        kms.enable_key_rotation(KeyId=made)


@twins("kms", DUBLIN, "kms_cmk_not_deleted_unintentionally")
def key_life(kms, name, good):
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    if not good:
        kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    return made


@twins("kms", VIRGINIA, "kms_cmk_not_multi_region")
def key_place(kms, name, good):
    return kms.create_key(MultiRegion=not good)["KeyMetadata"]["KeyId"]


@twins("secretsmanager", DUBLIN, "secretsmanager_automatic_rotation_enabled", "secretsmanager_not_publicly_accessible")
def secret(secretsmanager, name, good):
    made = secretsmanager.create_secret(Name=name, SecretString="not-a-secret-1")["ARN"]
    who = {**(OWN if good else OPEN), "Action": "secretsmanager:GetSecretValue"}
    secretsmanager.put_resource_policy(SecretId=made, ResourcePolicy=policy(who))
    if good:
        function = function_of(client("lambda", DUBLIN), "rotate")
        secretsmanager.rotate_secret(SecretId=made, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})


@twins("logs", SINGAPORE, "cloudwatch_log_group_retention_policy_specific_days_enabled",
       "cloudwatch_log_group_kms_encryption_enabled")
def log_group(logs, name, good):
    logs.create_log_group(logGroupName=name, **({"kmsKeyId": "arn:aws:kms:ap-southeast-1:123456789012:key/1"} if good else {}))
    logs.put_retention_policy(logGroupName=name, retentionInDays=400 if good else 1)


@twins("cloudwatch", VIRGINIA, "cloudwatch_alarm_actions_alarm_state_configured", "cloudwatch_alarm_actions_enabled")
def alarm(cloudwatch, name, good):
    cloudwatch.put_metric_alarm(AlarmName=name, MetricName="Errors", Namespace="App", Statistic="Sum", Period=60,
                                EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", ActionsEnabled=good,
                                AlarmActions=["arn:aws:sns:us-east-1:123456789012:topic-good"] if good else [])


@twins("mq", DUBLIN, "mq_broker_not_publicly_accessible", "mq_broker_auto_minor_version_upgrades", "mq_broker_logging_enabled")
def message_broker(mq, name, good):
    mq.create_broker(BrokerName=name, EngineType="ACTIVEMQ", EngineVersion="5.18", HostInstanceType="mq.t3.micro",
                     DeploymentMode="SINGLE_INSTANCE", PubliclyAccessible=not good, AutoMinorVersionUpgrade=good,
                     Logs={"General": good, "Audit": good}, Users=[{"Username": "keeper", "Password": "not-a-secret-1"}])
