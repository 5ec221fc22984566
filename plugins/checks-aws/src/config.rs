//! AWS Config recorders.

use std::collections::BTreeSet;

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&ALL_REGIONS, &SERVICE_ROLE];

const RECORDER: &str = "aws_config_configuration_recorder";
/// Every region in use has a VPC, so they tell which regions there are.
const VPCS: [&str; 2] = ["aws_vpc", "aws_default_vpc"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html"];

pub const ALL_REGIONS: Check = Check {
    id: "config_recorder_all_regions_enabled",
    title: "AWS Config records in every region in use",
    description: "Each region that has a VPC must have a recorder, and each recorder must be recording, its last \
        delivery not failed.",
    risk: "Changes go unrecorded: what a resource looked like before an incident, and who changed it, cannot be \
        told.",
    severity: Severity::Medium,
    kinds: &[RECORDER, "aws_vpc", "aws_default_vpc"],
    reads: &["recording", "last_status"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set up a recorder with a delivery channel in every region, by a stack set or Control Tower, and start \
            it.",
        url: "https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
        command: "aws configservice start-configuration-recorder --configuration-recorder-name default --region \
            REGION",
        terraform: r#"resource "aws_config_configuration_recorder_status" "this" {
  name       = aws_config_configuration_recorder.this.name
  is_enabled = true
  depends_on = [aws_config_delivery_channel.this]
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Account(|account, _| {
        let mut outcomes = Vec::new();
        let whole = regions_are_covered(account, &mut outcomes);
        outcomes.push((Subject::Account, whole));
        outcomes
    }),
};

fn recording(recorder: &Resource<'_>) -> Outcome {
    if !recorder.flag("recording")? {
        return fail("it is not recording");
    }
    match recorder.text("last_status")? {
        Some(status) if status.eq_ignore_ascii_case("failure") => fail(format!("last_status is {status}")),
        _ => pass(),
    }
}

fn regions_are_covered(account: &Account<'_>, outcomes: &mut Vec<(Subject, Outcome)>) -> Outcome {
    let mut recorded = BTreeSet::new();
    account.each_listed(RECORDER, |recorder| {
        recorded.insert(recorder.region.to_owned());
        outcomes.push((Subject::Resource(recorder.id.to_owned()), recording(recorder)));
        Ok(())
    })?;
    let mut used = BTreeSet::new();
    for kind in VPCS {
        account.each_listed(kind, |vpc| {
            used.insert(vpc.region.to_owned());
            Ok(())
        })?;
    }
    account.complete(RECORDER)?;
    if recorded.is_empty() {
        return fail("there is no recorder in any region");
    }
    let missing: Vec<&str> = used.difference(&recorded).map(String::as_str).collect();
    if !missing.is_empty() {
        return fail(format!("there is no recorder in {}", missing.join(", ")));
    }
    for kind in VPCS {
        account.complete(kind)?;
    }
    if used.is_empty() {
        let found: Vec<&str> = recorded.iter().map(String::as_str).collect();
        return manual(format!("recorders were found in {}: look whether other regions are in use", found.join(", ")));
    }
    pass()
}

pub const SERVICE_ROLE: Check = Check {
    id: "config_recorder_using_aws_service_role",
    title: "AWS Config uses its service-linked role",
    description: "A recorder must use the role AWSServiceRoleForConfig, whose policy AWS keeps up to date.",
    risk: "A role of your own lacks the permissions for new kinds of resources, which then are not recorded, or has \
        too many.",
    severity: Severity::Medium,
    kinds: &[RECORDER],
    reads: &["role_arn"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the service-linked role and name it in the recorder.",
        url: "https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html",
        command: "aws iam create-service-linked-role --aws-service-name config.amazonaws.com",
        terraform: "role_arn = aws_iam_service_linked_role.config.arn",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|recorder| {
        let role = recorder.text("role_arn")?.unwrap_or("not set");
        let linked = role.contains(":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
        pass_if(linked, format!("role_arn is {role}"))
    }),
};

#[cfg(test)]
mod tests;
