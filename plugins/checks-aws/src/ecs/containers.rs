//! What the containers of a task definition carry, write and log.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;

use super::REFERENCES;
use crate::secrets::in_value;

pub const CHECKS: &[&Check] = &[&SECRETS, &READ_ONLY, &LOGGING, &LOG_MODE];

const KINDS: &[&str] = &["aws_ecs_task_definition"];
const URL: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html";
const REGISTER: &str = "aws ecs register-task-definition --cli-input-json file://task-definition.json";

/// The containers, with the names and nesting of the ECS API.
pub fn containers(task: &Resource<'_>) -> Result<Vec<Json>, Unread> {
    let unread = |reason: &str| Unread { path: "container_definitions".into(), reason: reason.into() };
    match task.get("container_definitions")?.document()? {
        Some(Json::Array(containers)) if !containers.is_empty() => Ok(containers),
        Some(Json::Array(_)) | None => Err(unread("there are none")),
        Some(_) => Err(unread("it is no list")),
    }
}

pub fn name(container: &Json) -> &str {
    container.get("name").and_then(Json::as_str).unwrap_or("without a name")
}

/// A failure that names the containers for which `bad` holds.
pub fn none_is(task: &Resource<'_>, what: &str, bad: impl Fn(&Json) -> bool) -> Outcome {
    let containers = containers(task)?;
    let names: Vec<&str> = containers.iter().filter(|container| bad(container)).map(name).collect();
    pass_if(names.is_empty(), format!("{what}: {}", names.join(", ")))
}

pub const SECRETS: Check = Check {
    id: "ecs_task_definitions_no_environment_secrets",
    title: "ECS task definition has no secrets in its environment",
    description: "The environment variables of the containers must not hold passwords, tokens or keys. Well-known \
        forms of credentials are looked for, and names such as `DB_PASSWORD` that are given a literal value.",
    risk: "Everyone who may describe the task definition, any of its revisions, can read the secret; so can the \
        console's viewers.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["container_definitions"],
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Rotate what was exposed, keep it in Secrets Manager or Parameter Store and name it under `secrets`.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
        command: REGISTER,
        terraform: r#"container_definitions = jsonencode([{
  name    = "app"
  image   = var.image
  secrets = [{ name = "DB_PASSWORD", valueFrom = aws_secretsmanager_secret.db.arn }]
}])"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|task| {
        for container in containers(task)? {
            let variables =
                container.get("environment").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            for variable in variables {
                let text = |key: &str| variable.get(key).and_then(Json::as_str).unwrap_or_default();
                if let Some(what) = in_value(text("name"), text("value")) {
                    return fail(format!("container {}: the variable {} holds {what}", name(&container), text("name")));
                }
            }
        }
        pass()
    }),
};

pub const READ_ONLY: Check = Check {
    id: "ecs_task_definitions_containers_readonly_access",
    title: "ECS containers have a read-only root file system",
    description: "Every container must set `readonlyRootFilesystem`. The default is that it can write.",
    risk: "Whoever takes over a container can put tools into it and change the program it runs.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["container_definitions"],
    categories: &["container-security"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set it, and mount volumes where the program must write.",
        url: URL,
        command: REGISTER,
        terraform: r#"container_definitions = jsonencode([{
  name                   = "app"
  image                  = var.image
  readonlyRootFilesystem = true
}])"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|task| {
        none_is(task, "containers that can write to their root file system", |container| {
            container.get("readonlyRootFilesystem").and_then(Json::as_bool) != Some(true)
        })
    }),
};

pub const LOGGING: Check = Check {
    id: "ecs_task_definitions_logging_enabled",
    title: "ECS containers send their logs somewhere",
    description: "Every container must have a log configuration with a driver.",
    risk: "What a container wrote is gone when it stops, and with it the traces of a failure or an attack.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["container_definitions"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a log configuration to every container, side cars included.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
        command: REGISTER,
        terraform: r#"container_definitions = jsonencode([{
  name  = "app"
  image = var.image
  logConfiguration = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.app.name
      awslogs-region        = var.region
      awslogs-stream-prefix = "app"
    }
  }
}])"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|task| {
        none_is(task, "containers without a log driver", |container| {
            let driver = container.pointer("/logConfiguration/logDriver").and_then(Json::as_str);
            driver.is_none_or(|driver| driver.is_empty() || driver == "none")
        })
    }),
};

pub const LOG_MODE: Check = Check {
    id: "ecs_task_definitions_logging_block_mode",
    title: "ECS containers do not wait for their logs",
    description: "A container with a log driver should set its `mode` to `non-blocking`.",
    risk: "When the log service is slow or away, the containers stop answering although nothing else is wrong.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["container_definitions"],
    categories: &["logging", "resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the mode and a buffer that holds a minute of logs; keep blocking mode where a lost line is worse \
            than a stop.",
        url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
        command: REGISTER,
        terraform: r#"logConfiguration = {
  logDriver = "awslogs"
  options   = { mode = "non-blocking", max-buffer-size = "25m" }
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|task| {
        let logged = |container: &Json| container.pointer("/logConfiguration/logDriver").is_some();
        if !containers(task)?.iter().any(logged) {
            return not_applicable("no container has a log driver");
        }
        none_is(task, "containers that wait for their logs", |container| {
            let mode = container.pointer("/logConfiguration/options/mode").and_then(Json::as_str);
            logged(container) && mode != Some("non-blocking")
        })
    }),
};
