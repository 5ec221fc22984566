//! Where a function runs.

use std::collections::{HashMap, HashSet};

use plumbline::prelude::*;

use super::{FUNCTION, REFERENCES};

pub(super) const CHECKS: &[&Check] = &[&INSIDE_VPC, &MULTI_AZ];

const URL: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html";
const SUBNET: &str = "aws_subnet";
const TERRAFORM: &str = "vpc_config {\n  subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]\n  \
    security_group_ids = [aws_security_group.this.id]\n}";

/// Enough zones to outlive the loss of one.
const ZONES: usize = 2;

pub(super) const INSIDE_VPC: Check = Check {
    id: "awslambda_function_inside_vpc",
    title: "Function runs inside a VPC",
    description: "A function must be connected to subnets of a VPC.",
    risk: "Its traffic leaves through the internet, past the account's network controls and flow logs.",
    severity: Severity::Low,
    kinds: FUNCTION,
    reads: &["vpc_config"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Connect the function to private subnets, with endpoints or a NAT gateway for what it calls.",
        url: URL,
        command: "aws lambda update-function-configuration --function-name FUNCTION --vpc-config \
            SubnetIds=SUBNET_A,SUBNET_B,SecurityGroupIds=GROUP",
        terraform: TERRAFORM,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|function| pass_if(function.has("vpc_config.subnet_ids")?, "no VPC subnet is set")),
};

/// The zone of each subnet by its id. A subnet whose id or zone cannot be read is not in it.
fn zones(account: &Account<'_>) -> Result<HashMap<String, String>, Unread> {
    let mut zones = HashMap::new();
    account.each_listed(SUBNET, |subnet| {
        if let (Ok(Some(id)), Ok(Some(zone))) = (subnet.text("id"), subnet.text("availability_zone")) {
            zones.insert(id.to_owned(), zone.to_owned());
        }
        Ok(())
    })?;
    Ok(zones)
}

fn judge(function: &Resource<'_>, zones: &HashMap<String, String>) -> Outcome {
    let subnets = function.texts("vpc_config.subnet_ids")?;
    if subnets.is_empty() {
        return not_applicable("the function is in no VPC");
    }
    let found: HashSet<&String> = subnets.iter().filter_map(|subnet| zones.get(*subnet)).collect();
    let unknown = subnets.iter().find(|subnet| !zones.contains_key(**subnet));
    match unknown {
        _ if found.len() >= ZONES => pass(),
        Some(subnet) => Err(Unread {
            path: "vpc_config.subnet_ids".to_owned(),
            reason: format!("the zone of {subnet} is not known"),
        }),
        None => fail(format!("its {} subnets lie in {} zone", subnets.len(), found.len())),
    }
}

pub(super) const MULTI_AZ: Check = Check {
    id: "awslambda_function_vpc_multi_az",
    title: "Function in a VPC spans two zones",
    description: "The subnets of a function that is in a VPC must lie in at least two availability zones.",
    risk: "When the one zone fails, the function fails with it.",
    severity: Severity::Medium,
    kinds: &["aws_lambda_function", SUBNET],
    reads: &["vpc_config", "id", "availability_zone"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a subnet in another zone.",
        url: URL,
        command: "aws lambda update-function-configuration --function-name FUNCTION --vpc-config \
            SubnetIds=SUBNET_A,SUBNET_B,SecurityGroupIds=GROUP",
        terraform: TERRAFORM,
        effort_minutes: 20,
    },
    rule: Rule::each(FUNCTION, |account, _| {
        let zones = zones(account)?;
        Ok(Box::new(move |function| judge(function, &zones)))
    }),
};
