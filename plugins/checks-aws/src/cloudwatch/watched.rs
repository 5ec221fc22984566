//! The events that somebody must be told of: the monitoring chapter of the CIS AWS Foundations Benchmark.

use plumbline::prelude::*;

use super::filter_pattern::Event;
use super::monitoring::{KINDS, READS, somebody_is_told};

pub const CHECKS: &[&Check] = &[
    &UNAUTHORIZED_CALLS,
    &SIGN_IN_WITHOUT_MFA,
    &ROOT_USAGE,
    &IAM_POLICIES,
    &TRAILS,
    &SIGN_IN_FAILURES,
    &KMS_KEYS,
    &BUCKET_POLICIES,
    &CONFIG,
    &SECURITY_GROUPS,
    &NETWORK_ACLS,
    &GATEWAYS,
    &ROUTE_TABLES,
    &VPCS,
    &ORGANIZATIONS,
];

/// What every event of CloudTrail has besides; filters may leave out some of it, such as AWS's own calls.
const COMMON: &Event<'_> = &[
    ("eventType", "AwsApiCall"),
    ("eventCategory", "Management"),
    ("awsRegion", "eu-central-1"),
    ("sourceIPAddress", "198.51.100.7"),
    ("userAgent", "aws-cli/2.17"),
    ("userIdentity.type", "IAMUser"),
    ("userIdentity.userName", "someone"),
    ("userIdentity.accountId", "123456789012"),
];

/// An event with what it has of its own put before what all have.
fn event<'e>(own: &Event<'e>) -> Vec<(&'e str, &'e str)> {
    own.iter().chain(COMMON).copied().collect()
}

/// Somebody is told of each call by one of these names to a service.
fn calls(account: &Account<'_>, context: &Context, source: &str, names: &[&str]) -> Vec<(Subject, Outcome)> {
    let events: Vec<_> = names.iter().map(|name| event(&[("eventSource", source), ("eventName", name)])).collect();
    let watched: Vec<_> = names.iter().copied().zip(events.iter().map(Vec::as_slice)).collect();
    vec![(Subject::Account, somebody_is_told(account, context, &watched))]
}

/// Somebody is told of each of these events.
fn events(account: &Account<'_>, context: &Context, own: &[(&str, &Event<'_>)]) -> Vec<(Subject, Outcome)> {
    let events: Vec<_> = own.iter().map(|(_, own)| event(own)).collect();
    let watched: Vec<_> = own.iter().map(|(name, _)| *name).zip(events.iter().map(Vec::as_slice)).collect();
    vec![(Subject::Account, somebody_is_told(account, context, &watched))]
}

macro_rules! watched {
    ($name:ident, $id:literal, $what:literal, $risk:literal, $pattern:expr, $rule:expr) => {
        pub const $name: Check = Check {
            id: $id,
            title: concat!("Somebody is told of ", $what),
            description: concat!(
                "A trail of all regions must deliver to CloudWatch Logs, metric filters there must match ",
                $what,
                ", and each must have an alarm with an action. The patterns are run on sample events, so their wording \
                 does not matter."
            ),
            risk: $risk,
            severity: Severity::Medium,
            kinds: KINDS,
            reads: READS,
            categories: &["logging", "monitoring"],
            references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html"],
            remediation: Remediation {
                text: "Make the metric filter on the trail's log group, an alarm on its metric, and an SNS topic \
                    that somebody reads.",
                url: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
                command: concat!(
                    "aws logs put-metric-filter --log-group-name GROUP --filter-name NAME --metric-transformations \
                     metricName=NAME,metricNamespace=CIS,metricValue=1 --filter-pattern '",
                    $pattern,
                    "'"
                ),
                terraform: concat!(
                    r#"resource "aws_cloudwatch_log_metric_filter" "this" {
  name           = "watched"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern = trimspace(<<-EOT
    "#,
                    $pattern,
                    r#"
  EOT
  )
  metric_transformation {
    name      = "watched"
    namespace = "CIS"
    value     = "1"
  }
}"#
                ),
                effort_minutes: 30,
            },
            rule: Rule::Account($rule),
        };
    };
}

/// A check of calls to one service, each by its name.
macro_rules! calls {
    ($name:ident, $id:literal, $what:literal, $risk:literal, $source:literal, [$first:literal $(, $more:literal)*]) => {
        watched!(
            $name, $id, $what, $risk,
            concat!(
                "{ ($.eventSource = ", $source, ") && (($.eventName = ", $first, ")",
                $(" || ($.eventName = ", $more, ")",)* ") }"
            ),
            |account, context| calls(account, context, $source, &[$first $(, $more)*])
        );
    };
}

watched!(
    UNAUTHORIZED_CALLS,
    "cloudwatch_log_metric_filter_unauthorized_api_calls",
    "API calls that were refused",
    "Somebody with stolen credentials tries what they allow, and that is the moment to notice.",
    "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }",
    |account, context| events(
        account,
        context,
        &[
            ("UnauthorizedOperation", &[("errorCode", "Client.UnauthorizedOperation"), ("eventName", "RunInstances")]),
            ("AccessDenied", &[("errorCode", "AccessDenied"), ("eventName", "GetObject")]),
        ]
    )
);
watched!(
    SIGN_IN_WITHOUT_MFA,
    "cloudwatch_log_metric_filter_sign_in_without_mfa",
    "sign-ins to the console without MFA",
    "A password alone was enough to get in, and may have been somebody else's.",
    "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") }",
    |account, context| events(
        account,
        context,
        &[(
            "a sign-in without MFA",
            &[
                ("eventSource", "signin.amazonaws.com"),
                ("eventName", "ConsoleLogin"),
                ("eventType", "AwsConsoleSignIn"),
                ("additionalEventData.MFAUsed", "No"),
                ("responseElements.ConsoleLogin", "Success"),
            ]
        )]
    )
);
watched!(
    ROOT_USAGE,
    "cloudwatch_log_metric_filter_root_usage",
    "the use of the root user",
    "The root user can do everything and is needed for next to nothing: its use is a mistake or an intruder.",
    "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }",
    |account, context| events(
        account,
        context,
        &[
            ("a call by root", &[("userIdentity.type", "Root"), ("eventName", "CreateUser")]),
            (
                "a sign-in by root",
                &[("userIdentity.type", "Root"), ("eventName", "ConsoleLogin"), ("eventType", "AwsConsoleSignIn"),]
            ),
        ]
    )
);
watched!(
    SIGN_IN_FAILURES,
    "cloudwatch_log_metric_filter_authentication_failures",
    "failed sign-ins to the console",
    "Somebody is guessing passwords, and sooner or later guesses one.",
    "{ ($.eventName = ConsoleLogin) && ($.errorMessage = \"Failed authentication\") }",
    |account, context| events(
        account,
        context,
        &[(
            "a failed sign-in",
            &[
                ("eventSource", "signin.amazonaws.com"),
                ("eventName", "ConsoleLogin"),
                ("eventType", "AwsConsoleSignIn"),
                ("errorMessage", "Failed authentication"),
                ("responseElements.ConsoleLogin", "Failure"),
            ]
        )]
    )
);
calls!(
    IAM_POLICIES,
    "cloudwatch_log_metric_filter_policy_changes",
    "changes of IAM policies",
    "Permissions are widened, by mistake or by an intruder who means to stay, and nobody notices.",
    "iam.amazonaws.com",
    [
        "DeleteGroupPolicy",
        "DeleteRolePolicy",
        "DeleteUserPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "AttachUserPolicy",
        "DetachUserPolicy",
        "AttachGroupPolicy",
        "DetachGroupPolicy"
    ]
);
calls!(
    TRAILS,
    "cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled",
    "changes of CloudTrail",
    "Whoever stops the trail can do the rest unseen.",
    "cloudtrail.amazonaws.com",
    ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]
);
calls!(
    KMS_KEYS,
    "cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk",
    "KMS keys being disabled or deleted",
    "What was encrypted with the key cannot be read any more; after the waiting period for ever.",
    "kms.amazonaws.com",
    ["DisableKey", "ScheduleKeyDeletion"]
);
calls!(
    BUCKET_POLICIES,
    "cloudwatch_log_metric_filter_for_s3_bucket_policy_changes",
    "changes of bucket policies",
    "A bucket is opened to others, by mistake or on purpose, and its data is gone before anybody looks.",
    "s3.amazonaws.com",
    [
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketCors",
        "PutBucketLifecycle",
        "PutBucketReplication",
        "DeleteBucketPolicy",
        "DeleteBucketCors",
        "DeleteBucketLifecycle",
        "DeleteBucketReplication"
    ]
);
calls!(
    CONFIG,
    "cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled",
    "changes of AWS Config",
    "Whoever stops the recorder can change resources without a record of it.",
    "config.amazonaws.com",
    ["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"]
);
calls!(
    SECURITY_GROUPS,
    "cloudwatch_log_metric_filter_security_group_changes",
    "changes of security groups",
    "A port is opened to the internet, by mistake or by an intruder, and nobody notices.",
    "ec2.amazonaws.com",
    [
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "CreateSecurityGroup",
        "DeleteSecurityGroup"
    ]
);
calls!(
    NETWORK_ACLS,
    "cloudwatch_changes_to_network_acls_alarm_configured",
    "changes of network ACLs",
    "Subnets are opened, or cut off, and nobody notices.",
    "ec2.amazonaws.com",
    [
        "CreateNetworkAcl",
        "CreateNetworkAclEntry",
        "DeleteNetworkAcl",
        "DeleteNetworkAclEntry",
        "ReplaceNetworkAclEntry",
        "ReplaceNetworkAclAssociation"
    ]
);
calls!(
    GATEWAYS,
    "cloudwatch_changes_to_network_gateways_alarm_configured",
    "changes of network gateways",
    "A way to the internet or to another network is opened, and data leaves by it unseen.",
    "ec2.amazonaws.com",
    [
        "CreateCustomerGateway",
        "DeleteCustomerGateway",
        "AttachInternetGateway",
        "CreateInternetGateway",
        "DeleteInternetGateway",
        "DetachInternetGateway"
    ]
);
calls!(
    ROUTE_TABLES,
    "cloudwatch_changes_to_network_route_tables_alarm_configured",
    "changes of route tables",
    "Traffic is sent another way, past a firewall or to a stranger, and nobody notices.",
    "ec2.amazonaws.com",
    [
        "CreateRoute",
        "CreateRouteTable",
        "ReplaceRoute",
        "ReplaceRouteTableAssociation",
        "DeleteRouteTable",
        "DeleteRoute",
        "DisassociateRouteTable"
    ]
);
calls!(
    VPCS,
    "cloudwatch_changes_to_vpcs_alarm_configured",
    "changes of VPCs",
    "Networks are made, joined or removed, and nobody notices.",
    "ec2.amazonaws.com",
    [
        "CreateVpc",
        "DeleteVpc",
        "ModifyVpcAttribute",
        "AcceptVpcPeeringConnection",
        "CreateVpcPeeringConnection",
        "DeleteVpcPeeringConnection",
        "RejectVpcPeeringConnection",
        "AttachClassicLinkVpc",
        "DetachClassicLinkVpc",
        "DisableVpcClassicLink",
        "EnableVpcClassicLink"
    ]
);
calls!(
    ORGANIZATIONS,
    "cloudwatch_log_metric_filter_aws_organizations_changes",
    "changes of AWS Organizations",
    "Accounts leave the organization or lose its guard rails, and nobody notices.",
    "organizations.amazonaws.com",
    [
        "AcceptHandshake",
        "AttachPolicy",
        "CreateAccount",
        "CreateOrganizationalUnit",
        "CreatePolicy",
        "DeclineHandshake",
        "DeleteOrganization",
        "DeleteOrganizationalUnit",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "EnablePolicyType",
        "InviteAccountToOrganization",
        "LeaveOrganization",
        "MoveAccount",
        "RemoveAccountFromOrganization",
        "UpdatePolicy",
        "UpdateOrganizationalUnit"
    ]
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::filter_pattern::Pattern;

    /// The pattern that a check's own remediation gives.
    fn pattern(check: &Check) -> Pattern {
        let (_, pattern) = check.remediation.command.split_once("--filter-pattern '").unwrap();
        Pattern::parse(pattern.strip_suffix('\'').unwrap()).unwrap_or_else(|| panic!("{}: {pattern}", check.id))
    }

    #[test]
    fn the_remediation_of_each_check_satisfies_it() {
        for check in CHECKS {
            let text = check.remediation.command.split_once("--filter-pattern '").unwrap().1.trim_end_matches('\'');
            let found = crate::cases::account(check, &crate::cloudwatch::tests::monitored(text), &[]);
            assert_eq!(found, vec![(Subject::Account, pass())], "{}", check.id);
            assert!(!pattern(check).matches(&event(&[("eventName", "DescribeInstances")])), "{}", check.id);
        }
    }
}
