//! What separates the containers of a task definition from their host.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;

use super::REFERENCES;
use super::containers::none_is;

pub const CHECKS: &[&Check] = &[&PRIVILEGED, &HOST_NETWORK, &HOST_PROCESSES];

const KINDS: &[&str] = &["aws_ecs_task_definition"];
const URL: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html";
const REGISTER: &str = "aws ecs register-task-definition --cli-input-json file://task-definition.json";

fn privileged(container: &Json) -> bool {
    container.get("privileged").and_then(Json::as_bool) == Some(true)
}

pub const PRIVILEGED: Check = Check {
    id: "ecs_task_definitions_no_privileged_containers",
    title: "ECS task definition has no privileged containers",
    description: "No container may set `privileged`.",
    risk: "A privileged container is root on its host: whoever takes it over has all other containers there and the \
        host's role.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["container_definitions"],
    categories: &["container-security"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take the setting away and add the few Linux capabilities that the program needs.",
        url: URL,
        command: REGISTER,
        terraform: r#"container_definitions = jsonencode([{
  name       = "app"
  image      = var.image
  privileged = false
}])"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|task| none_is(task, "privileged containers", privileged)),
};

pub const HOST_NETWORK: Check = Check {
    id: "ecs_task_definitions_host_networking_mode_users",
    title: "ECS containers on the host's network do not run as root",
    description: "In network mode `host`, each container that is not privileged must name a user other than root.",
    risk: "Root on the host's network reaches what listens on the host alone, the metadata service and its role \
        among it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["network_mode", "container_definitions"],
    categories: &["container-security"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Use the network mode `awsvpc`, or name a user without rights in each container.",
        url: URL,
        command: REGISTER,
        terraform: "network_mode = \"awsvpc\"",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|task| {
        task.get("container_definitions")?;
        if task.text("network_mode")? != Some("host") {
            return pass();
        }
        none_is(task, "containers on the host's network that run as root", |container| {
            let user = container.get("user").and_then(Json::as_str).unwrap_or_default();
            let name = user.split(':').next().unwrap_or_default();
            !privileged(container) && matches!(name, "" | "root" | "0")
        })
    }),
};

pub const HOST_PROCESSES: Check = Check {
    id: "ecs_task_definitions_host_namespace_not_shared",
    title: "ECS task definition does not share the host's processes",
    description: "The process namespace mode `pid_mode` must not be `host`.",
    risk: "Containers see the processes of the host and of all other containers, their environment and arguments, \
        and can stop them.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["pid_mode"],
    categories: &["container-security"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Remove the mode, or use `task` where the containers of one task must see each other.",
        url: URL,
        command: REGISTER,
        terraform: "pid_mode = \"task\"",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|task| pass_if(task.text("pid_mode")? != Some("host"), "pid_mode is host")),
};
