//! ECS.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::{containers, isolation, services, users};
use crate::cases::{fails, passes, skips, unread};

const TASK: &str = "aws_ecs_task_definition";

fn task(container: Json) -> Json {
    let mut container = container;
    container["name"] = json!("app");
    json!({"network_mode": "awsvpc", "container_definitions": [container]})
}

#[test]
fn secrets_stay_out_of_the_environment() {
    let variable = |name: &str, value: &str| task(json!({"environment": [{"name": name, "value": value}]}));
    passes(&containers::SECRETS, TASK, variable("LOG_LEVEL", "information"));
    passes(&containers::SECRETS, TASK, task(json!({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:x"}]})));
    fails(
        &containers::SECRETS,
        TASK,
        variable("DB_PASSWORD", "hunter2hunter2"),
        "container app: the variable DB_PASSWORD",
    );
    let text = r#"[{"name": "app", "environment": [{"name": "API_KEY", "value": "0123456789abcdef"}]}]"#;
    fails(&containers::SECRETS, TASK, json!({"container_definitions": text}), "API_KEY");
    unread(&containers::SECRETS, TASK, json!({}), "there are none");
    unread(&containers::SECRETS, TASK, json!({"container_definitions": "["}), "JSON");
}

#[test]
fn containers_are_read_only_and_logged() {
    passes(&containers::READ_ONLY, TASK, task(json!({"readonlyRootFilesystem": true})));
    fails(&containers::READ_ONLY, TASK, task(json!({})), "app");
    passes(&containers::LOGGING, TASK, task(json!({"logConfiguration": {"logDriver": "awslogs"}})));
    fails(&containers::LOGGING, TASK, task(json!({})), "app");
    let mode = |mode: &str| task(json!({"logConfiguration": {"logDriver": "awslogs", "options": {"mode": mode}}}));
    passes(&containers::LOG_MODE, TASK, mode("non-blocking"));
    fails(&containers::LOG_MODE, TASK, mode("blocking"), "app");
    skips(&containers::LOG_MODE, TASK, task(json!({})));
}

#[test]
fn containers_are_kept_apart_from_the_host() {
    passes(&isolation::PRIVILEGED, TASK, task(json!({"privileged": false})));
    fails(&isolation::PRIVILEGED, TASK, task(json!({"privileged": true})), "app");
    let host = |user: &str| json!({"network_mode": "host", "container_definitions": [{"name": "app", "user": user}]});
    passes(&isolation::HOST_NETWORK, TASK, task(json!({})));
    passes(&isolation::HOST_NETWORK, TASK, host("1000:1000"));
    for root in ["", "root", "0:0"] {
        fails(&isolation::HOST_NETWORK, TASK, host(root), "app");
    }
    passes(&isolation::HOST_PROCESSES, TASK, json!({"pid_mode": "task"}));
    fails(&isolation::HOST_PROCESSES, TASK, json!({"pid_mode": "host"}), "host");
}

#[test]
fn services_are_private_current_and_watched() {
    for (check, kind) in
        [(&services::SERVICE_PUBLIC_IP, "aws_ecs_service"), (&services::TASK_SET_PUBLIC_IP, "aws_ecs_task_set")]
    {
        passes(check, kind, json!({"network_configuration": [{"assign_public_ip": false}]}));
        passes(check, kind, json!({}));
        fails(check, kind, json!({"network_configuration": [{"assign_public_ip": true}]}), "assign_public_ip");
    }
    let platform = |version: &str| json!({"launch_type": "FARGATE", "platform_version": version});
    passes(&services::PLATFORM, "aws_ecs_service", platform("LATEST"));
    passes(&services::PLATFORM, "aws_ecs_service", json!({"launch_type": "FARGATE"}));
    fails(&services::PLATFORM, "aws_ecs_service", platform("1.3.0"), "1.3.0");
    skips(&services::PLATFORM, "aws_ecs_service", json!({"launch_type": "EC2"}));
    let windows = resource("aws_ecs_service", platform("1.0.0")).verdict(&services::PLATFORM);
    assert!(matches!(windows, Ok(Verdict::Manual(_))));
    let insights = |value: &str| json!({"setting": [{"name": "containerInsights", "value": value}]});
    passes(&services::INSIGHTS, "aws_ecs_cluster", insights("enhanced"));
    fails(&services::INSIGHTS, "aws_ecs_cluster", insights("disabled"), "disabled");
    fails(&services::INSIGHTS, "aws_ecs_cluster", json!({}), "not set");
}

#[test]
fn containers_run_as_somebody_harmless() {
    passes(&users::LINUX, TASK, task(json!({"user": "1000:1000"})));
    for root in ["", "root", "0:0"] {
        fails(&users::LINUX, TASK, task(json!({"user": root})), "app");
    }
    fails(&users::LINUX, TASK, task(json!({})), "name no user");
    let windows = |user: &str| {
        let mut task = task(json!({ "user": user }));
        task["runtime_platform"] = json!([{"operating_system_family": "WINDOWS_SERVER_2022_CORE"}]);
        task
    };
    passes(&users::WINDOWS, TASK, windows("ContainerUser"));
    for administrator in ["", "ContainerAdministrator", "User Manager\\ContainerAdministrator"] {
        fails(&users::WINDOWS, TASK, windows(administrator), "app");
    }
    skips(&users::WINDOWS, TASK, task(json!({"user": "1000"})));
    skips(&users::LINUX, TASK, windows("ContainerUser"));
}

#[test]
fn shared_files_are_reached_over_tls() {
    let volume = |efs: Json| json!({"volume": [{"name": "files", "efs_volume_configuration": efs}]});
    passes(&users::EFS_IN_TRANSIT, TASK, volume(json!([{"transit_encryption": "ENABLED"}])));
    fails(&users::EFS_IN_TRANSIT, TASK, volume(json!([{"transit_encryption": "DISABLED"}])), "files");
    fails(&users::EFS_IN_TRANSIT, TASK, volume(json!([{"file_system_id": "fs-1"}])), "files");
    skips(&users::EFS_IN_TRANSIT, TASK, volume(json!([])));
}
