//! Auto Scaling groups.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&MULTI_AZ, &HEALTH_CHECK, &LAUNCH_TEMPLATE, &REBALANCE, &INSTANCE_TYPES];

const KINDS: &[&str] = &["aws_autoscaling_group"];

/// In how many zones the group is. Where only subnets are known, two of them may be in one zone.
fn zones(group: &Resource<'_>) -> Result<usize, Unread> {
    let zones = group.texts("availability_zones")?.len();
    let subnets = group.texts("vpc_zone_identifier")?;
    // The API gives the subnets as one text.
    let subnets: usize = subnets.iter().map(|text| text.split(',').filter(|id| !id.trim().is_empty()).count()).sum();
    match (zones, subnets) {
        (0, 2..) => Err(Unread {
            path: "availability_zones".into(),
            reason: format!("the source does not say in which zones its {subnets} subnets are"),
        }),
        (0, subnets) => Ok(subnets),
        (zones, _) => Ok(zones),
    }
}

pub const MULTI_AZ: Check = Check {
    id: "autoscaling_group_multiple_az",
    title: "Auto Scaling group is in several zones",
    description: "A group must launch instances in at least two zones.",
    risk: "When its zone fails, the group cannot replace what is lost.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["availability_zones", "vpc_zone_identifier"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add subnets in other zones.",
        url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-add-availability-zone.html",
        command: "aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME --vpc-zone-identifier \
            SUBNET_A,SUBNET_B",
        terraform: "vpc_zone_identifier = [aws_subnet.a.id, aws_subnet.b.id]",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|group| {
        let zones = zones(group)?;
        pass_if(zones >= 2, format!("it is in {zones} zone(s)"))
    }),
};

pub const HEALTH_CHECK: Check = Check {
    id: "autoscaling_group_elb_health_check_enabled",
    title: "Auto Scaling group behind a load balancer asks it for health",
    description: "A group with a load balancer or a target group must use health checks of type ELB. The default \
        looks at the host alone.",
    risk: "Instances whose application has died stay in the group, because the host beneath still answers.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["health_check_type", "load_balancers", "target_group_arns"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the type to ELB, with a grace period that covers the start of the application.",
        url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-add-elb-healthcheck.html",
        command: "aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME --health-check-type ELB \
            --health-check-grace-period 300",
        terraform: r#"health_check_type         = "ELB"
health_check_grace_period = 300"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|group| {
        let kind = group.text("health_check_type")?.unwrap_or("EC2");
        let balanced = [group.has("load_balancers")?, group.has("target_group_arns")?];
        if !balanced.contains(&true) {
            return not_applicable("no load balancer is attached");
        }
        pass_if(kind.split(',').any(|kind| kind == "ELB"), format!("health_check_type is {kind}"))
    }),
};

pub const LAUNCH_TEMPLATE: Check = Check {
    id: "autoscaling_group_using_ec2_launch_template",
    title: "Auto Scaling group uses a launch template",
    description: "A group must use a launch template, itself or in its mixed instances policy, and not a launch \
        configuration.",
    risk: "Launch configurations get no new features, versions or instance types, and what needs them is left out.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["launch_template", "mixed_instances_policy"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Copy the launch configuration to a launch template and give that to the group.",
        url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html",
        command: "aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME --launch-template \
            'LaunchTemplateId=ID,Version=$Default'",
        terraform: r"launch_template {
  id      = aws_launch_template.app.id
  version = aws_launch_template.app.latest_version
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|group| {
        let (own, mixed) = (group.has("launch_template")?, group.has("mixed_instances_policy.launch_template")?);
        pass_if(own || mixed, "it has no launch template")
    }),
};

pub const REBALANCE: Check = Check {
    id: "autoscaling_group_capacity_rebalance_enabled",
    title: "Auto Scaling group replaces Spot instances in time",
    description: "Capacity rebalancing should be on, so that a Spot instance at risk is replaced before it is taken \
        away.",
    risk: "Capacity is missing for minutes whenever AWS takes Spot instances back.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["capacity_rebalance"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch capacity rebalancing on.",
        url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html",
        command: "aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME --capacity-rebalance",
        terraform: "capacity_rebalance = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|group| pass_if(group.flag("capacity_rebalance")?, "capacity_rebalance is not true")),
};

pub const INSTANCE_TYPES: Check = Check {
    id: "autoscaling_group_multiple_instance_types",
    title: "Auto Scaling group uses several instance types in several zones",
    description: "The mixed instances policy should name at least two instance types, or requirements for them, in \
        at least two zones.",
    risk: "When AWS has no more of the one type in the one zone, the group cannot grow or replace what is lost.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["mixed_instances_policy", "availability_zones", "vpc_zone_identifier"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add overrides with types of like size, or requirements for attributes.",
        url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html",
        command: "aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME --mixed-instances-policy \
            file://policy.json",
        terraform: r#"mixed_instances_policy {
  launch_template {
    launch_template_specification {
      launch_template_id = aws_launch_template.app.id
    }
    override {
      instance_type = "m7g.large"
    }
    override {
      instance_type = "m6g.large"
    }
  }
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|group| {
        let mut types = 0;
        let mut by_requirements = false;
        for choice in group.list("mixed_instances_policy.launch_template.override")? {
            types += usize::from(choice.has("instance_type")?);
            by_requirements |= choice.has("instance_requirements")?;
        }
        if types < 2 && !by_requirements {
            return fail(format!("its mixed instances policy names {types} instance type(s)"));
        }
        let zones = zones(group)?;
        pass_if(zones >= 2, format!("it is in {zones} zone(s)"))
    }),
};
