//! As whom containers run, and how they reach the files they share.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;

use super::REFERENCES;
use super::containers::none_is;

pub const CHECKS: &[&Check] = &[&LINUX, &WINDOWS, &EFS_IN_TRANSIT];

const REGISTER: &str = "aws ecs register-task-definition --cli-input-json file://task-definition.json";

/// Whether tasks run on Windows; a definition that names no system is for Linux.
fn is_windows(task: &Resource<'_>) -> Result<bool, Unread> {
    let system = task.text("runtime_platform.operating_system_family")?;
    Ok(system.is_some_and(|system| system.to_ascii_uppercase().starts_with("WINDOWS")))
}

/// The user a container names, without a group; empty where it names none.
fn user(container: &Json) -> &str {
    let user = container.get("user").and_then(Json::as_str).unwrap_or_default();
    user.split(':').next().unwrap_or_default()
}

pub const LINUX: Check = Check {
    id: "ecs_task_definitions_linux_non_root_user",
    title: "ECS containers on Linux name a user other than root",
    description: "Every container of a task definition for Linux must name a user other than root. Without one the \
        image decides, which is root unless its maker chose another.",
    risk: "Whoever takes over the container is root in it, and a flaw in the runtime away from being root on the host.",
    severity: Severity::Medium,
    kinds: &["aws_ecs_task_definition"],
    reads: &["container_definitions", "runtime_platform"],
    categories: &["container-security"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name a user that the image's files belong to, side cars included.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html",
        command: REGISTER,
        terraform: r#"container_definitions = jsonencode([{
  name  = "app"
  image = var.image
  user  = "1000:1000"
}])"#,
        effort_minutes: 90,
    },
    rule: Rule::Resource(|task| {
        task.get("container_definitions")?;
        if is_windows(task)? {
            return not_applicable("it is for Windows");
        }
        none_is(task, "containers that run as root or name no user", |container| {
            matches!(user(container), "" | "root" | "0")
        })
    }),
};

pub const WINDOWS: Check = Check {
    id: "ecs_task_definitions_windows_non_administrator_user",
    title: "ECS containers on Windows name a user other than an administrator",
    description: "Every container of a task definition for Windows must name a user other than ContainerAdministrator. \
        Without one the image decides.",
    risk: "Whoever takes over the container may change everything in it, services and logs among them.",
    remediation: Remediation {
        text: "Name ContainerUser, or a user that the image makes.",
        terraform: r#"runtime_platform {
  operating_system_family = "WINDOWS_SERVER_2022_CORE"
}
container_definitions = jsonencode([{
  name  = "app"
  image = var.image
  user  = "ContainerUser"
}])"#,
        ..LINUX.remediation
    },
    rule: Rule::Resource(|task| {
        task.get("container_definitions")?;
        if !is_windows(task)? {
            return not_applicable("it is not for Windows");
        }
        none_is(task, "containers that run as an administrator or name no user", |container| {
            let user = user(container).to_ascii_lowercase();
            matches!(user.rsplit('\\').next(), Some("" | "containeradministrator" | "administrator"))
        })
    }),
    ..LINUX
};

pub const EFS_IN_TRANSIT: Check = Check {
    id: "ecs_task_definitions_efs_transit_encryption",
    title: "ECS task definition reaches EFS over TLS",
    description: "Every EFS volume of a task definition must have encryption in transit enabled. The default is that it \
        has not.",
    risk: "Files that the containers share can be read and changed between the host and EFS.",
    reads: &["volume"],
    categories: &["encryption"],
    remediation: Remediation {
        text: "Enable it; where an access point or IAM authorization is used it must be enabled anyway.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html",
        terraform: r#"volume {
  name = "files"
  efs_volume_configuration {
    file_system_id     = aws_efs_file_system.main.id
    transit_encryption = "ENABLED"
  }
}"#,
        effort_minutes: 30,
        ..LINUX.remediation
    },
    rule: Rule::Resource(|task| {
        let mut volumes = 0;
        for volume in task.list("volume")? {
            for efs in volume.list("efs_volume_configuration")? {
                volumes += 1;
                if efs.text("transit_encryption")? != Some("ENABLED") {
                    let name = volume.text("name")?.unwrap_or("without a name");
                    return fail(format!("the volume {name} has no encryption in transit"));
                }
            }
        }
        if volumes == 0 { not_applicable("it has no EFS volumes") } else { pass() }
    }),
    ..LINUX
};
