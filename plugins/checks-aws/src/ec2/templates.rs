//! Launch templates.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&IMDSV2, &PUBLIC_IP, &VOLUMES];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];

/// Whether `metadata_options` requires tokens or turns the service off. What they leave open is open.
pub fn requires_imdsv2(resource: &Resource<'_>) -> Outcome {
    if resource.text("metadata_options.http_endpoint")? == Some("disabled") {
        return pass();
    }
    match resource.text("metadata_options.http_tokens")? {
        Some("required") => pass(),
        Some(tokens) => fail(format!("metadata_options.http_tokens is {tokens}")),
        None => fail("metadata_options.http_tokens is not set"),
    }
}

pub const IMDSV2: Check = Check {
    id: "ec2_launch_template_imdsv2_required",
    title: "EC2 launch template requires IMDSv2",
    description: "A launch template must itself set `http_tokens` to `required` or turn the instance metadata \
        service off.",
    risk: "Instances made from it may answer IMDSv1, from which a single forged request steals the credentials of \
        their role.",
    severity: Severity::High,
    kinds: &["aws_launch_template"],
    reads: &["metadata_options"],
    categories: &["identity-access", "ec2-imdsv1"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a version that requires tokens, make it the default and replace the instances.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html",
        command: "aws ec2 create-launch-template-version --launch-template-id ID --source-version VERSION \
            --launch-template-data '{\"MetadataOptions\":{\"HttpTokens\":\"required\"}}'",
        terraform: r#"metadata_options {
  http_tokens = "required"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(requires_imdsv2),
};

pub const PUBLIC_IP: Check = Check {
    id: "ec2_launch_template_no_public_ip",
    title: "EC2 launch template asks for no public IP addresses",
    description: "No network interface of a launch template may ask for a public address.",
    risk: "Every instance made from the template, also by automatic scaling, appears on the internet.",
    severity: Severity::High,
    kinds: &["aws_launch_template"],
    reads: &["network_interfaces"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a version without public addresses, make it the default and replace the instances.",
        url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html",
        command: "aws ec2 create-launch-template-version --launch-template-id ID --source-version VERSION \
            --launch-template-data \
            '{\"NetworkInterfaces\":[{\"DeviceIndex\":0,\"AssociatePublicIpAddress\":false}]}'",
        terraform: r"network_interfaces {
  associate_public_ip_address = false
}",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|template| {
        for (interface, number) in template.list("network_interfaces")?.iter().zip(1..) {
            if interface.flag("associate_public_ip_address")? {
                return fail(format!("network interface {number} asks for a public address"));
            }
        }
        pass()
    }),
};

pub const VOLUMES: Check = Check {
    id: "ec2_launch_template_volumes_encrypted",
    title: "EC2 launch template encrypts its volumes",
    description: "Every EBS volume of a launch template must be encrypted. Where the attribute is not set, the snapshot \
        and the region's default decide, and the verdict stays open.",
    risk: "Every instance made from the template writes its data unencrypted.",
    severity: Severity::Medium,
    reads: &["block_device_mappings"],
    categories: &["encryption"],
    remediation: Remediation {
        text: "Make a version that encrypts, make it the default and replace the instances.",
        url: "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
        command: "aws ec2 create-launch-template-version --launch-template-id ID --source-version VERSION \
            --launch-template-data \
            '{\"BlockDeviceMappings\":[{\"DeviceName\":\"/dev/xvda\",\"Ebs\":{\"Encrypted\":true}}]}'",
        terraform: r#"block_device_mappings {
  device_name = "/dev/xvda"
  ebs {
    encrypted = true
  }
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|template| {
        let mut undecided = None;
        let mut volumes = 0;
        for mapping in template.list("block_device_mappings")? {
            let device = mapping.text("device_name")?.unwrap_or("without a name");
            for volume in mapping.list("ebs")? {
                volumes += 1;
                match volume.bool("encrypted")? {
                    Some(true) => {}
                    Some(false) => return fail(format!("the volume {device} is not encrypted")),
                    None => undecided = Some(device),
                }
            }
        }
        match undecided {
            Some(device) => Err(Unread {
                path: "block_device_mappings.ebs.encrypted".into(),
                reason: format!("it is not set for {device}, so its snapshot and the region's default decide"),
            }),
            None if volumes == 0 => not_applicable("it names no volumes"),
            None => pass(),
        }
    }),
    ..PUBLIC_IP
};
