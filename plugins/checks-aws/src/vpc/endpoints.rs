//! Endpoints and endpoint services.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::policy::{Condition, Effect, Policy, PrincipalKind};

pub const CHECKS: &[&Check] = &[&MULTI_AZ, &SERVICE_PRINCIPALS, &POLICY];

pub const MULTI_AZ: Check = Check {
    id: "vpc_endpoint_multi_az_enabled",
    title: "Interface endpoint is in several zones",
    description: "An interface endpoint should have subnets in at least two zones; it can have one for each zone. \
        Other types have none.",
    risk: "When its zone fails, everything in the VPC loses the service behind the endpoint.",
    severity: Severity::Medium,
    kinds: &["aws_vpc_endpoint"],
    reads: &["subnet_ids", "vpc_endpoint_type"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a subnet in another zone.",
        url: "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
        command: "aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID --add-subnet-ids SUBNET_ID",
        terraform: "subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|endpoint| match endpoint.text("vpc_endpoint_type")?.unwrap_or("Gateway") {
        "Interface" => {
            let zones = endpoint.texts("subnet_ids")?.len();
            pass_if(zones >= 2, format!("it has {zones} subnet(s)"))
        }
        other => not_applicable(format!("an endpoint of type {other}")),
    }),
};

pub const SERVICE_PRINCIPALS: Check = Check {
    id: "vpc_endpoint_services_allowed_principals_trust_boundaries",
    title: "Endpoint service admits only its own account",
    description: "An endpoint service should name no allowed principals outside its own account, and never `*`.",
    risk: "Other accounts, or all of them, can connect to the service that was meant for your own networks.",
    severity: Severity::High,
    kinds: &["aws_vpc_endpoint_service"],
    reads: &["allowed_principals"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Remove the principals, or confirm that each is trusted and mute the finding.",
        url: "https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html",
        command: "aws ec2 modify-vpc-endpoint-service-permissions --service-id ID --remove-allowed-principals '*'",
        terraform: "allowed_principals = [\"arn:aws:iam::123456789012:root\"]",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|service| {
        let mut unknown = None;
        for principal in service.texts("allowed_principals")? {
            if principal == "*" {
                return fail("allowed_principals holds '*'");
            }
            // arn:PARTITION:iam::ACCOUNT:WHO, or the account alone.
            let account = principal.split(':').nth(4).unwrap_or(principal);
            match service.account {
                "" => unknown = Some(principal),
                own if own != account => return fail(format!("allowed_principals holds {principal}")),
                _ => {}
            }
        }
        match unknown {
            Some(principal) => manual(format!("the service's account is not known: look whether {principal} is in it")),
            None => pass(),
        }
    }),
};

/// Condition keys that tie a caller to an account or an organization.
const ACCOUNT_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourceorgid",
];

pub const POLICY: Check = Check {
    id: "vpc_endpoint_connections_trust_boundaries",
    title: "Endpoint's policy admits only its own account",
    description: "The policy of an endpoint must allow principals of its own account only, by name or by a condition \
        on their account or organization. Without a policy AWS's default holds, which allows everyone everything.",
    risk: "An intruder in the VPC uses credentials of an account of theirs to send data through the endpoint to a \
        bucket of theirs.",
    severity: Severity::High,
    kinds: &["aws_vpc_endpoint"],
    reads: &["policy", "vpc_endpoint_type", "service_name"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Write a policy with a condition on aws:PrincipalAccount or aws:PrincipalOrgID, and one on \
            aws:ResourceOrgID.",
        url: "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
        command: "aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID --policy-document file://policy.json",
        terraform: "policy = data.aws_iam_policy_document.own_account_only.json",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|endpoint| {
        let service = endpoint.text("service_name")?.unwrap_or_default();
        let kind = endpoint.text("vpc_endpoint_type")?.unwrap_or("Gateway");
        let policy = Policy::of(endpoint, "policy")?;
        // Services of other owners, and Gateway Load Balancers, take no policy.
        if kind == "GatewayLoadBalancer" || service.starts_with("com.amazonaws.vpce.") {
            return not_applicable("such an endpoint has no policy");
        }
        let Some(policy) = policy else {
            return fail("it has no policy, so AWS's default allows everyone everything");
        };
        own_account_only(&policy, endpoint.account)
    }),
};

fn own_account_only(policy: &Policy, own: &str) -> Outcome {
    let mut unknown = None;
    for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let tied = |condition: &Condition| ACCOUNT_KEYS.contains(&condition.key.as_str()) && condition.restricts();
        if statement.conditions.iter().any(tied) {
            continue;
        }
        if statement.principals.include_anyone() {
            return fail(statement.open_to_anyone());
        }
        for principal in statement.principals.named(PrincipalKind::Aws) {
            match principal.account() {
                Some(account) if account == own => {}
                Some(account) if !own.is_empty() => {
                    return fail(format!("{} allows the account {account}", statement.label()));
                }
                _ => unknown = Some(format!("{} allows {}", statement.label(), principal.name)),
            }
        }
    }
    unknown.map_or_else(pass, |what| manual(format!("{what}: look whether that is your own account")))
}
