//! EFS.

use plumbline::serde_json::Value as Json;
use plumbline::testing::json;

use super::{AT_REST, BACKUP, PUBLIC, ROOT_DIRECTORY, USER_IDENTITY};
use crate::cases::{fails, passes, unread};

const SYSTEM: &str = "aws_efs_file_system";
const POINT: &str = "aws_efs_access_point";

fn policy(principal: &str, condition: Json) -> Json {
    let mut statement = json!({
        "Sid": "mount", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "elasticfilesystem:ClientMount",
    });
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    json!({"policy": {"Version": "2012-10-17", "Statement": [statement]}})
}

#[test]
fn file_systems_are_encrypted_and_kept() {
    passes(&AT_REST, SYSTEM, json!({"encrypted": true}));
    fails(&AT_REST, SYSTEM, json!({}), "encrypted");
    passes(&BACKUP, SYSTEM, json!({"backup_policy": [{"status": "ENABLED"}]}));
    fails(&BACKUP, SYSTEM, json!({"backup_policy": [{"status": "DISABLED"}]}), "DISABLED");
    fails(&BACKUP, SYSTEM, json!({}), "DISABLED");
}

#[test]
fn policies_let_known_clients_in() {
    passes(&PUBLIC, SYSTEM, policy("arn:aws:iam::123456789012:role/app", Json::Null));
    let through_target = json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}});
    passes(&PUBLIC, SYSTEM, policy("*", through_target));
    fails(&PUBLIC, SYSTEM, policy("*", Json::Null), "statement 1 (mount)");
    fails(
        &PUBLIC,
        SYSTEM,
        policy("*", json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}})),
        "anyone",
    );
    fails(&PUBLIC, SYSTEM, json!({}), "no policy");
    unread(&PUBLIC, SYSTEM, json!({"policy": "{\"Statement\":"}), "JSON");
}

#[test]
fn access_points_confine_their_clients() {
    passes(&ROOT_DIRECTORY, POINT, json!({"root_directory": [{"path": "/app"}]}));
    fails(&ROOT_DIRECTORY, POINT, json!({"root_directory": [{"path": "/"}]}), "is /");
    fails(&ROOT_DIRECTORY, POINT, json!({}), "is /");
    passes(&USER_IDENTITY, POINT, json!({"posix_user": [{"uid": 0, "gid": 0}]}));
    fails(&USER_IDENTITY, POINT, json!({"posix_user": []}), "posix_user");
}
