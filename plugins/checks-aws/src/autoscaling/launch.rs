//! Launch configurations.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::ec2::templates::requires_imdsv2;
use crate::ec2::user_data::clean;

pub const CHECKS: &[&Check] = &[&PUBLIC_IP, &IMDSV2, &SECRETS];

const KINDS: &[&str] = &["aws_launch_configuration"];
const URL: &str = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html";
/// A launch configuration cannot be changed.
const REPLACE: &str =
    "aws ec2 create-launch-template --launch-template-name NAME --launch-template-data file://template.json";

pub const PUBLIC_IP: Check = Check {
    id: "autoscaling_group_launch_configuration_no_public_ip",
    title: "Launch configuration asks for no public addresses",
    description: "A launch configuration must not give instances public addresses. Where it does not say, the \
        subnets decide.",
    risk: "Every instance of the group stands on the internet, past the load balancer and what protects it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["associate_public_ip_address"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Replace it by a launch template without public addresses and refresh the group's instances.",
        url: URL,
        command: REPLACE,
        terraform: "associate_public_ip_address = false",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|configuration| match configuration.bool("associate_public_ip_address")? {
        Some(public) => pass_if(!public, "associate_public_ip_address is true"),
        None => Err(Unread {
            path: "associate_public_ip_address".into(),
            reason: "it is not set, so the subnets decide".into(),
        }),
    }),
};

pub const IMDSV2: Check = Check {
    id: "autoscaling_group_launch_configuration_requires_imdsv2",
    title: "Launch configuration requires IMDSv2",
    description: "A launch configuration must set `http_tokens` to `required` or turn the instance metadata service \
        off.",
    risk: "Instances made from it may answer IMDSv1, from which a single forged request steals the credentials of \
        their role.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["metadata_options"],
    categories: &["identity-access", "ec2-imdsv1"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Replace it by a launch template that requires tokens and refresh the group's instances.",
        url: URL,
        command: REPLACE,
        terraform: r#"metadata_options {
  http_tokens = "required"
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(requires_imdsv2),
};

pub const SECRETS: Check = Check {
    id: "autoscaling_find_secrets_ec2_launch_configuration",
    title: "Launch configuration has no secrets in its user data",
    description: "The user data of a launch configuration must not hold passwords, tokens or keys.",
    risk: "Everyone who may read the configuration, and every program on every instance made from it, can read the \
        secret.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["user_data", "user_data_base64"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Rotate what was exposed, keep it in Secrets Manager and have the script fetch it with the instance's \
            role.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html",
        command: REPLACE,
        terraform: "user_data = templatefile(\"init.sh\", { secret_arn = aws_secretsmanager_secret.db.arn })",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|configuration| match clean(configuration, "user_data_base64")? {
        Verdict::Pass => clean(configuration, "user_data"),
        other => Ok(other),
    }),
};
