//! Services, task sets and clusters.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&SERVICE_PUBLIC_IP, &TASK_SET_PUBLIC_IP, &PLATFORM, &INSIGHTS];

fn no_public_ip(resource: &Resource<'_>) -> Outcome {
    let public = resource.flag("network_configuration.assign_public_ip")?;
    pass_if(!public, "network_configuration.assign_public_ip is true")
}

pub const SERVICE_PUBLIC_IP: Check = Check {
    id: "ecs_service_no_assign_public_ip",
    title: "ECS service gives its tasks no public addresses",
    description: "A service must not assign public addresses to its tasks.",
    risk: "Every task stands on the internet, past the load balancer and what protects it.",
    severity: Severity::High,
    kinds: &["aws_ecs_service"],
    reads: &["network_configuration"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Run the tasks in private subnets, with VPC endpoints or a NAT gateway for images and logs.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
        command: "aws ecs update-service --cluster CLUSTER --service SERVICE --network-configuration \
            'awsvpcConfiguration={subnets=[SUBNET],assignPublicIp=DISABLED}'",
        terraform: r"network_configuration {
  subnets          = aws_subnet.private[*].id
  assign_public_ip = false
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(no_public_ip),
};

pub const TASK_SET_PUBLIC_IP: Check = Check {
    id: "ecs_task_set_no_assign_public_ip",
    title: "ECS task set gives its tasks no public addresses",
    description: "A task set must not assign public addresses to its tasks.",
    risk: "Every task stands on the internet, past the load balancer and what protects it.",
    severity: Severity::High,
    kinds: &["aws_ecs_task_set"],
    reads: &["network_configuration"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a task set without public addresses in private subnets, and move the traffic to it.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
        command: "aws ecs create-task-set --cluster CLUSTER --service SERVICE --task-definition TASK \
            --network-configuration 'awsvpcConfiguration={subnets=[SUBNET],assignPublicIp=DISABLED}'",
        terraform: r"network_configuration {
  subnets          = aws_subnet.private[*].id
  assign_public_ip = false
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(no_public_ip),
};

/// The newest platform versions for Linux and for Windows, which `LATEST` stands for.
const NEWEST_PLATFORM: &[&str] = &["1.4.0", "1.0.0"];

pub const PLATFORM: Check = Check {
    id: "ecs_service_fargate_latest_platform_version",
    title: "ECS service on Fargate uses the newest platform version",
    description: "A service on Fargate must leave the platform version at `LATEST`, or name the newest: 1.4.0 for \
        Linux. As 1.0.0 is the newest for Windows and an old one for Linux, a person has to look at it.",
    risk: "Older platform versions no longer get fixes for the kernel and the container runtime beneath the tasks.",
    severity: Severity::Medium,
    kinds: &["aws_ecs_service"],
    reads: &["launch_type", "platform_version"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take the version away, or set it to LATEST, and deploy anew.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html",
        command: "aws ecs update-service --cluster CLUSTER --service SERVICE --platform-version LATEST \
            --force-new-deployment",
        terraform: "platform_version = \"LATEST\"",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|service| {
        let (version, launch_type) = (service.text("platform_version")?, service.text("launch_type")?);
        if version.is_none() && launch_type != Some("FARGATE") {
            return not_applicable("not on Fargate");
        }
        match version.unwrap_or("LATEST") {
            "LATEST" => pass(),
            version if Some(&version) == NEWEST_PLATFORM.first() => pass(),
            version if NEWEST_PLATFORM.contains(&version) => {
                manual(format!("platform_version is {version}: look whether its tasks run Windows"))
            }
            version => fail(format!("platform_version is {version}")),
        }
    }),
};

pub const INSIGHTS: Check = Check {
    id: "ecs_cluster_container_insights_enabled",
    title: "ECS cluster has Container Insights",
    description: "The cluster's setting `containerInsights` must be `enabled` or `enhanced`.",
    risk: "Failures and misuse of resources by containers are seen late or not at all.",
    severity: Severity::Medium,
    kinds: &["aws_ecs_cluster"],
    reads: &["setting"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch Container Insights on for the cluster, or for the account.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html",
        command: "aws ecs update-cluster-settings --cluster CLUSTER --settings name=containerInsights,value=enhanced",
        terraform: r#"setting {
  name  = "containerInsights"
  value = "enhanced"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|cluster| {
        for setting in cluster.list("setting")? {
            if setting.text("name")? == Some("containerInsights") {
                let value = setting.text("value")?.unwrap_or_default();
                return pass_if(matches!(value, "enabled" | "enhanced"), format!("containerInsights is {value}"));
            }
        }
        fail("containerInsights is not set")
    }),
};
