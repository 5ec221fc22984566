//! Instances.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&IMDSV2, &ACCOUNT_IMDSV2, &PUBLIC_IP, &PROFILE, &INTERNET_FACING_PROFILE, &MONITORING];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];
const METADATA_URL: &str =
    "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html";

pub const IMDSV2: Check = Check {
    id: "ec2_instance_imdsv2_enabled",
    title: "EC2 instance requires IMDSv2",
    description: "The instance metadata service must ask for a session token (`http_tokens` is `required`) or be \
        off. Where the instance sets neither, its image and the account's defaults decide, and the verdict stays \
        open.",
    risk: "With IMDSv1 a single forged request by a web application gives an attacker the credentials of the \
        instance's role.",
    severity: Severity::High,
    kinds: &["aws_instance"],
    reads: &["metadata_options"],
    categories: &["identity-access", "ec2-imdsv1"],
    references: REFERENCES,
    remediation: Remediation {
        text: "See that the software on the instance uses IMDSv2 (the metric MetadataNoToken is zero), then require \
            tokens.",
        url: METADATA_URL,
        command: "aws ec2 modify-instance-metadata-options --instance-id INSTANCE_ID --http-tokens required",
        terraform: r#"metadata_options {
  http_tokens = "required"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|instance| {
        if instance.text("metadata_options.http_endpoint")? == Some("disabled") {
            return pass();
        }
        match instance.text("metadata_options.http_tokens")? {
            Some("required") => pass(),
            Some(tokens) => fail(format!("metadata_options.http_tokens is {tokens}")),
            None => Err(Unread {
                path: "metadata_options.http_tokens".into(),
                reason: "it is not set, so the image and the account's defaults decide".into(),
            }),
        }
    }),
};

pub const ACCOUNT_IMDSV2: Check = Check {
    id: "ec2_instance_account_imdsv2_enabled",
    title: "Region's default for EC2 instances requires IMDSv2",
    description: "The metadata defaults of a region must have `http_tokens` set to `required`, so that instances \
        need IMDSv2 unless they say otherwise.",
    risk: "Instances launched without a word on metadata may answer IMDSv1, from which a forged request steals role \
        credentials.",
    severity: Severity::High,
    kinds: &["aws_ec2_instance_metadata_defaults"],
    reads: &["http_tokens"],
    categories: &["identity-access", "ec2-imdsv1"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the default in each region; instances that exist keep their setting.",
        url: METADATA_URL,
        command: "aws ec2 modify-instance-metadata-defaults --http-tokens required",
        terraform: r#"resource "aws_ec2_instance_metadata_defaults" "this" {
  http_tokens = "required"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|defaults| {
        let tokens = defaults.text("http_tokens")?.unwrap_or("no-preference");
        pass_if(tokens == "required", format!("http_tokens is {tokens}"))
    }),
};

/// The public address of an instance, or that it asks for one.
fn public_address(instance: &Resource<'_>) -> Result<Option<String>, Unread> {
    let asked = instance.bool("associate_public_ip_address")?;
    match (asked, instance.text("public_ip")) {
        (_, Ok(Some(address))) => Ok(Some(format!("it has the public address {address}"))),
        (Some(true), _) => Ok(Some("associate_public_ip_address is true".to_owned())),
        // Before a first apply the address is unknown, but an instance that declines one gets none.
        (Some(false), _) | (None, Ok(None)) => Ok(None),
        (None, Err(unread)) => Err(unread),
    }
}

pub const PUBLIC_IP: Check = Check {
    id: "ec2_instance_public_ip",
    title: "EC2 instance has no public IP address",
    description: "An instance should be reached through a load balancer, a bastion or Session Manager, not at a \
        public address of its own.",
    risk: "All that stands between its services and the internet is one security group, and one wrong rule in it is \
        enough.",
    severity: Severity::Medium,
    kinds: &["aws_instance"],
    reads: &["associate_public_ip_address"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Launch it anew in a private subnet, or without a public address, behind a load balancer if it serves \
            the public.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
        command: "aws ec2 run-instances --launch-template LaunchTemplateId=TEMPLATE_ID \
            --no-associate-public-ip-address",
        terraform: "associate_public_ip_address = false",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|instance| public_address(instance)?.map_or_else(pass, fail)),
};

pub const PROFILE: Check = Check {
    id: "ec2_instance_profile_attached",
    title: "EC2 instance has an instance profile",
    description: "An instance should get its AWS permissions from a role in an instance profile.",
    risk: "Without a role, software that calls AWS is given long-lived access keys, which are copied, leaked and \
        seldom rotated.",
    severity: Severity::Medium,
    kinds: &["aws_instance"],
    reads: &["iam_instance_profile"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a role with the permissions that the instance needs, attach it by a profile, and remove keys \
            from the instance.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",
        command: "aws ec2 associate-iam-instance-profile --instance-id INSTANCE_ID --iam-instance-profile \
            Name=PROFILE",
        terraform: "iam_instance_profile = aws_iam_instance_profile.app.name",
        effort_minutes: 45,
    },
    rule: Rule::Resource(|instance| pass_if(instance.has("iam_instance_profile")?, "no instance profile is attached")),
};

pub const INTERNET_FACING_PROFILE: Check = Check {
    id: "ec2_instance_internet_facing_with_instance_profile",
    title: "EC2 instance with a public IP address holds no role",
    description: "An instance should not have both a public address and an instance profile.",
    risk: "Whoever takes over the exposed host also has the permissions of its role, and goes on from there into the \
        account.",
    severity: Severity::High,
    kinds: &["aws_instance"],
    reads: &["associate_public_ip_address", "iam_instance_profile"],
    categories: &["internet-exposed", "identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take the public address away and put a load balancer in front, or take the role away if nothing needs \
            it.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
        command: "aws ec2 disassociate-iam-instance-profile --association-id ASSOCIATION_ID",
        terraform: "associate_public_ip_address = false",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|instance| {
        let profile = instance.get("iam_instance_profile")?;
        match (public_address(instance)?, profile.is_empty()) {
            (Some(why), false) => fail(format!("{why} and an instance profile")),
            _ => pass(),
        }
    }),
};

pub const MONITORING: Check = Check {
    id: "ec2_instance_detailed_monitoring_enabled",
    title: "EC2 instance has detailed monitoring",
    description: "An instance should report its metrics every minute instead of every five.",
    risk: "Load, failures and misuse such as mining are seen minutes later, and automatic scaling reacts late.",
    severity: Severity::Low,
    kinds: &["aws_instance"],
    reads: &["monitoring"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch detailed monitoring on.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-detailed-monitoring.html",
        command: "aws ec2 monitor-instances --instance-ids INSTANCE_ID",
        terraform: "monitoring = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|instance| pass_if(instance.flag("monitoring")?, "monitoring is basic, every five minutes")),
};
