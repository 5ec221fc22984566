//! Whether what runs in a VPC reaches AWS's own services without the internet.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::inventory::{self, Lookup};

pub const CHECKS: &[&Check] = &[&EC2, &ECR_API, &ECR_REGISTRY, &SSM, &SSM_CONTACTS, &SSM_INCIDENTS];

const VPCS: &[&str] = &["aws_vpc", "aws_default_vpc"];
const ENDPOINT: &str = "aws_vpc_endpoint";

/// What these checks share; each names its service.
const BASE: Check = Check {
    risk: "What runs in the VPC needs a way to the internet to call the service, and that way serves an intruder's \
        traffic too.",
    severity: Severity::Medium,
    kinds: &["aws_vpc", "aws_default_vpc", ENDPOINT],
    reads: &["id", "vpc_id", "service_name"],
    categories: &["network"],
    references: REFERENCES,
    ..Check::BLANK
};

macro_rules! reaches {
    ($name:ident, $id:literal, $service:literal, $what:literal) => {
        pub const $name: Check = Check {
            id: concat!("vpc_endpoint_for_", $id, "_enabled"),
            title: concat!("VPC reaches ", $what, " through an endpoint"),
            description: concat!(
                "Each VPC must have an endpoint of the service `", $service, "`, or of its FIPS form. VPCs in which \
                nothing runs are reported too."
            ),
            remediation: Remediation {
                text: "Add an interface endpoint in each zone that is used, with private DNS, or remove a VPC that \
                    nobody uses.",
                url: "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
                command: concat!(
                    "aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id VPC_ID --service-name \
                     com.amazonaws.REGION.", $service, " --subnet-ids SUBNET_ID --security-group-ids GROUP_ID"
                ),
                terraform: concat!(
                    "resource \"aws_vpc_endpoint\" \"main\" {\n  vpc_id              = aws_vpc.main.id\n  \
                    service_name        = \"com.amazonaws.${var.region}.", $service, "\"\n  vpc_endpoint_type   = \
                    \"Interface\"\n  private_dns_enabled = true\n  subnet_ids          = [aws_subnet.private.id]\n}"
                ),
                effort_minutes: 30,
            },
            rule: Rule::each(VPCS, |account, _| {
                    let endpoints = endpoints(account, $service);
                    Ok(Box::new(move |vpc| has_endpoint(account, &endpoints, vpc, $service)))
                }),
            ..BASE
        };
    };
}

reaches!(EC2, "ec2", "ec2", "the API of EC2");
reaches!(ECR_API, "ecr_api", "ecr.api", "the API of ECR");
reaches!(ECR_REGISTRY, "ecr_dkr", "ecr.dkr", "the registry of ECR");
reaches!(SSM, "ssm", "ssm", "Systems Manager");
reaches!(SSM_CONTACTS, "ssm_contacts", "ssm-contacts", "the contacts of Incident Manager");
reaches!(SSM_INCIDENTS, "ssm_incidents", "ssm-incidents", "Incident Manager");

/// Whether endpoints are of the service, by the id of their VPC.
fn endpoints(account: &Account<'_>, service: &str) -> Lookup<String, bool> {
    let of_service = |endpoint: &Resource<'_>| Ok(is_of(endpoint.text("service_name")?, service));
    inventory::lookup(account, &[ENDPOINT], |endpoint| inventory::owned(endpoint, "vpc_id"), of_service)
}

fn has_endpoint(account: &Account<'_>, endpoints: &Lookup<String, bool>, vpc: &Resource<'_>, service: &str) -> Outcome {
    let unset = || Unread { path: "id".into(), reason: "it is not set".into() };
    let id = vpc.text("id")?.ok_or_else(unset)?;
    if inventory::any_of(inventory::of_key(endpoints, id)?)? {
        return pass();
    }
    account.complete(ENDPOINT)?;
    fail(format!("it has no endpoint of the service {service}"))
}

/// `com.amazonaws.REGION.SERVICE`, in China with `cn.` in front; `ec2-fips` and `ecr-fips.api` are forms of a service.
fn is_of(name: Option<&str>, service: &str) -> bool {
    let name = name.unwrap_or_default();
    let own = name.strip_prefix("cn.").unwrap_or(name).strip_prefix("com.amazonaws.");
    let own = own.and_then(|rest| rest.split_once('.'));
    own.is_some_and(|(_, own)| own.replace("-fips", "") == service)
}
