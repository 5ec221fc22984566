"""Two accounts: 222222222222 is set up as it should be, 123456789012 is as it was made: settings.py ENDPOINT.

Prints the checks of whole accounts that pass for the first and fail for the second, as a JSON list.
"""

import json
import sys
import urllib.request

import boto3

ENDPOINT, REGION, GOOD = sys.argv[1], "eu-west-1", "222222222222"
ALL = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}

sts = boto3.client("sts", region_name=REGION, endpoint_url=ENDPOINT, aws_access_key_id="maker", aws_secret_access_key="maker")
there = sts.assume_role(RoleArn=f"arn:aws:iam::{GOOD}:role/any", RoleSessionName="make")["Credentials"]


def client(service):
    return boto3.client(service, region_name=REGION, endpoint_url=ENDPOINT, aws_access_key_id=there["AccessKeyId"],
                        aws_secret_access_key=there["SecretAccessKey"], aws_session_token=there["SessionToken"])


def policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# Identity.
iam = client("iam")
iam.create_role(RoleName="Audit", AssumeRolePolicyDocument=policy(ALL))
iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, MaxPasswordAge=90,
                                   RequireUppercaseCharacters=True, RequireLowercaseCharacters=True, PasswordReusePrevention=24)
iam.create_saml_provider(Name="directory", SAMLMetadataDocument="<a/>" * 300)
for name, attached in [("audit", "SecurityAudit"), ("support", "AWSSupportAccess")]:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(ALL))
    iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{attached}")

# A trail of all regions that records everything, into a log group that is watched.
s3, logs, trails = client("s3"), client("logs"), client("cloudtrail")
s3.create_bucket(Bucket="good-trail", CreateBucketConfiguration={"LocationConstraint": REGION})
logs.create_log_group(logGroupName="trail")
group = logs.describe_log_groups(logGroupNamePrefix="trail")["logGroups"][0]["arn"]
trails.create_trail(Name="all", S3BucketName="good-trail", IsMultiRegionTrail=True, CloudWatchLogsLogGroupArn=group,
                    CloudWatchLogsRoleArn=f"arn:aws:iam::{GOOD}:role/audit")
trails.put_event_selectors(TrailName="all", EventSelectors=[{
    "ReadWriteType": "All", "IncludeManagementEvents": True,
    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])
trails.start_logging(Name="all")
topic = client("sns").create_topic(Name="watch")["TopicArn"]
PATTERNS = {
    "root_usage": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    "authentication_failures": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
}
for name, pattern in PATTERNS.items():
    change = {"metricName": name, "metricNamespace": "Watch", "metricValue": "1"}
    logs.put_metric_filter(logGroupName="trail", filterName=name, filterPattern=pattern, metricTransformations=[change])
    client("cloudwatch").put_metric_alarm(AlarmName=name, MetricName=name, Namespace="Watch", Statistic="Sum", Period=300, Threshold=1,
                                          EvaluationPeriods=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
                                          AlarmActions=[topic])

# What watches and keeps.
# By hand: boto3 puts the account in front of the host, which is an address here.
switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
block = "".join(f"<{name}>true</{name}>" for name in switches)
scope = f"Credential={there['AccessKeyId']}/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"
urllib.request.urlopen(urllib.request.Request(
    f"{ENDPOINT}/v20180820/configuration/publicAccessBlock", method="PUT",
    data=f"<PublicAccessBlockConfiguration>{block}</PublicAccessBlockConfiguration>".encode(),
    headers={"x-amz-account-id": GOOD, "Authorization": f"AWS4-HMAC-SHA256 {scope}", "Content-Type": "text/xml"})).read()
client("guardduty").create_detector(Enable=True)
recorder = {"name": "default", "roleARN": f"arn:aws:iam::{GOOD}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}}
config = client("config")
config.put_configuration_recorder(ConfigurationRecorder=recorder)
config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "good-trail"})
config.start_configuration_recorder(ConfigurationRecorderName="default")
backup = client("backup")
backup.create_backup_vault(BackupVaultName="vault")
backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "vault"}]})

json.dump([
    "backup_plans_exist", "backup_vaults_exist", "cloudtrail_multi_region_enabled",
    "cloudtrail_multi_region_enabled_logging_management_events", "cloudtrail_s3_dataevents_read_enabled",
    "cloudtrail_s3_dataevents_write_enabled", "cloudwatch_log_metric_filter_authentication_failures",
    "cloudwatch_log_metric_filter_root_usage", "config_recorder_all_regions_enabled",
    "guardduty_is_enabled", "iam_check_saml_providers_sts", "iam_password_policy_expires_passwords_within_90_days_or_less",
    "iam_password_policy_lowercase", "iam_password_policy_minimum_length_14", "iam_password_policy_number",
    "iam_password_policy_reuse_24", "iam_password_policy_symbol", "iam_password_policy_uppercase", "iam_securityaudit_role_created",
    "iam_support_role_created", "s3_account_level_public_access_blocks",
], sys.stdout)
