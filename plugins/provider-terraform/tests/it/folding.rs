//! Settings that stand as resources of their own are told as attributes of what they set.

use plumbline::serde_json::{Value as Json, json};

use crate::files::{find, gaps, ids, read_all, reason, state};

/// The parent's attribute once the satellites are told.
fn folded(parent: (&str, Json), satellites: &[(&str, Json)], attribute: &str) -> Json {
    let id = parent.0;
    let mut resources = vec![parent];
    resources.extend(satellites.iter().cloned());
    let found = read_all(state(&resources));
    find(&found, id).config.get(attribute).cloned().unwrap_or(Json::Null)
}

fn bucket(satellite: &str, mut attributes: Json, attribute: &str) -> Json {
    attributes["bucket"] = json!("b");
    let parent =
        json!({"bucket": "b", "id": "b", "versioning": [{"enabled": false, "mfa_delete": false}], "logging": []});
    folded(("aws_s3_bucket.b", parent), &[(&format!("{satellite}.s"), attributes)], attribute)
}

#[test]
fn settings_of_buckets() {
    let value = json!({"versioning_configuration": [{"status": "Enabled", "mfa_delete": "Enabled"}]});
    assert_eq!(bucket("aws_s3_bucket_versioning", value, "versioning"), json!([{"enabled": true, "mfa_delete": true}]));
    let block = json!({"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
                       "restrict_public_buckets": false});
    assert_eq!(bucket("aws_s3_bucket_public_access_block", block.clone(), "public_access_block"), json!([block]));
    let rule = json!([{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}],
                       "bucket_key_enabled": true}]);
    let attribute = "server_side_encryption_configuration";
    let value = bucket("aws_s3_bucket_server_side_encryption_configuration", json!({"rule": rule}), attribute);
    assert_eq!(value, json!([{"rule": rule}]));
    let log = json!({"target_bucket": "logs", "target_prefix": "p/"});
    assert_eq!(bucket("aws_s3_bucket_logging", log.clone(), "logging"), json!([log]));
    let policy = json!({"policy": "{\"Statement\": []}"});
    assert_eq!(bucket("aws_s3_bucket_policy", policy, "policy"), json!({"Statement": []}));
    assert_eq!(bucket("aws_s3_bucket_acl", json!({"acl": "public-read"}), "acl"), json!("public-read"));
    let rule = json!([{"object_ownership": "BucketOwnerEnforced"}]);
    let value = bucket("aws_s3_bucket_ownership_controls", json!({"rule": rule}), "ownership_controls");
    assert_eq!(value, json!([{"rule": rule}]));
    let value = bucket("aws_s3_bucket_accelerate_configuration", json!({"status": "Enabled"}), "acceleration_status");
    assert_eq!(value, json!("Enabled"));
    let cors = json!([{"allowed_methods": ["GET"], "allowed_origins": ["*"]}]);
    assert_eq!(bucket("aws_s3_bucket_cors_configuration", json!({"cors_rule": cors}), "cors_rule"), cors);
    let value =
        json!({"object_lock_enabled": "Enabled", "rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 1}]}]});
    assert_eq!(
        bucket("aws_s3_bucket_object_lock_configuration", value.clone(), "object_lock_configuration"),
        json!([value])
    );
    let value = bucket(
        "aws_s3_bucket_replication_configuration",
        json!({"role": "r", "rule": [{"id": "a", "status": "Enabled"}]}),
        "replication_configuration",
    );
    assert_eq!(value, json!([{"role": "r", "rules": [{"id": "a", "status": "Enabled"}]}]));
    let topics = json!([{"topic_arn": "t", "events": ["s3:ObjectCreated:*"]}]);
    let value = bucket("aws_s3_bucket_notification", json!({"topic": topics, "eventbridge": false}), "notification");
    assert_eq!(value, json!([{"topic": topics, "eventbridge": false}]));
    let value = bucket(
        "aws_s3_bucket_website_configuration",
        json!({"index_document": [{"suffix": "i.html"}], "error_document": [{"key": "e.html"}],
               "redirect_all_requests_to": [{"host_name": "x", "protocol": "https"}]}),
        "website",
    );
    let expected =
        json!([{"index_document": "i.html", "error_document": "e.html", "redirect_all_requests_to": "https://x"}]);
    assert_eq!(value, expected);
}

#[test]
fn lifecycle_rules_take_the_older_form() {
    let rule = json!({
        "id": "a", "status": "Enabled", "filter": [{"prefix": "logs/", "tag": [{"key": "k", "value": "v"}]}],
        "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}], "expiration": [{"days": 30}],
        "noncurrent_version_expiration": [{"noncurrent_days": 90}],
    });
    let value = bucket("aws_s3_bucket_lifecycle_configuration", json!({"rule": [rule]}), "lifecycle_rule");
    let expected = json!([{
        "id": "a", "enabled": true, "filter": rule["filter"], "prefix": "logs/", "tags": {"k": "v"},
        "abort_incomplete_multipart_upload_days": 7, "expiration": [{"days": 30}],
        "noncurrent_version_expiration": [{"days": 90}],
    }]);
    assert_eq!(value, expected);
}

#[test]
fn rules_of_security_groups() {
    let group = || ("aws_security_group.g", json!({"id": "sg-1", "ingress": [], "egress": []}));
    let open = json!({"security_group_id": "sg-1", "type": "ingress", "from_port": 22, "to_port": 22, "protocol": "tcp",
                      "cidr_blocks": ["0.0.0.0/0"], "self": false, "description": "ssh"});
    let expected = json!([{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"],
        "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false, "description": "ssh"}]);
    assert_eq!(folded(group(), &[("aws_security_group_rule.r", open.clone())], "ingress"), expected);
    let default = ("aws_default_security_group.g", json!({"id": "sg-1", "ingress": expected}));
    assert_eq!(folded(default, &[("aws_security_group_rule.r", open)], "ingress"), expected);
    let all = json!({"security_group_id": "sg-1", "cidr_ipv6": "::/0", "ip_protocol": "-1", "from_port": null});
    let expected = json!([{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [], "ipv6_cidr_blocks": ["::/0"],
        "prefix_list_ids": [], "security_groups": [], "self": false, "description": ""}]);
    assert_eq!(folded(group(), &[("aws_vpc_security_group_egress_rule.r", all)], "egress"), expected);
    let own = json!({"security_group_id": "sg-1", "referenced_security_group_id": "sg-1", "ip_protocol": "6",
                     "from_port": 1, "to_port": 2});
    let value = folded(group(), &[("aws_vpc_security_group_ingress_rule.r", own)], "ingress");
    assert_eq!((&value[0]["self"], &value[0]["protocol"]), (&json!(true), &json!("tcp")));
}

#[test]
fn rules_of_access_lists_and_flow_logs() {
    let rule = json!({"network_acl_id": "acl-1", "rule_number": 100, "egress": false, "protocol": "tcp", "rule_action": "allow",
                      "cidr_block": "0.0.0.0/0", "from_port": 22, "to_port": 22});
    let list = ("aws_network_acl.l", json!({"id": "acl-1", "ingress": [{"rule_no": 100, "action": "deny"}]}));
    let value = folded(list, &[("aws_network_acl_rule.r", rule)], "ingress");
    let expected = json!([{"rule_no": 100, "action": "allow", "protocol": "tcp", "cidr_block": "0.0.0.0/0", "from_port": 22,
                           "to_port": 22}]);
    assert_eq!(value, expected);
    let log = json!({"id": "fl-1", "vpc_id": "vpc-1", "traffic_type": "REJECT"});
    let text = state(&[("aws_vpc.v", json!({"id": "vpc-1"})), ("aws_flow_log.f", log)]);
    let found = read_all(text);
    assert_eq!(find(&found, "aws_vpc.v").config["flow_log"], json!([{"id": "fl-1", "traffic_type": "REJECT"}]));
    assert!(ids(&found).contains(&"aws_flow_log.f"), "a flow log stays a resource of its own");
}

#[test]
fn policies_and_sign_in_of_roles_users_and_groups() {
    let found = read_all(state(&[
        ("aws_iam_role.r", json!({"name": "r", "managed_policy_arns": ["arn:1"]})),
        ("aws_iam_user.u", json!({"name": "u"})),
        ("aws_iam_group.g", json!({"name": "g"})),
        ("aws_iam_role_policy.i", json!({"role": "r", "name": "i", "policy": "{\"Statement\":[]}"})),
        ("aws_iam_role_policy_attachment.a", json!({"role": "r", "policy_arn": "arn:2"})),
        (
            "aws_iam_policy_attachment.all",
            json!({"policy_arn": "arn:3", "roles": ["r"], "users": ["u"], "groups": ["g"]}),
        ),
        ("aws_iam_group_policy.g", json!({"group": "g", "name": "x", "policy": "{}"})),
        ("aws_iam_user_group_membership.m", json!({"user": "u", "groups": ["g"]})),
        ("aws_iam_group_membership.m", json!({"name": "m", "group": "h", "users": ["u"]})),
        ("aws_iam_access_key.k", json!({"user": "u", "id": "AKIA", "status": "Active", "secret": "s3cret"})),
        ("aws_iam_user_login_profile.p", json!({"user": "u", "password_reset_required": true, "password": "s3cret"})),
    ]));
    let role = find(&found, "aws_iam_role.r");
    assert_eq!(role.config["attached_policy_arns"], json!(["arn:2", "arn:3", "arn:1"]));
    assert_eq!(role.config["inline_policy"], json!([{"name": "i", "policy": {"Statement": []}}]));
    let user = find(&found, "aws_iam_user.u");
    assert_eq!(user.config["groups"], json!(["g", "h"]));
    assert_eq!(user.config["attached_policy_arns"], json!(["arn:3"]));
    assert_eq!(user.config["access_key"], json!([{"id": "AKIA", "status": "Active"}]));
    assert_eq!(user.config["login_profile"], json!([{"password_reset_required": true}]));
    assert_eq!(find(&found, "aws_iam_group.g").config["inline_policy"], json!([{"name": "x", "policy": {}}]));
    let left = ["aws_iam_role.r", "aws_iam_user.u", "aws_iam_group.g", "aws_iam_access_key.k"];
    assert_eq!(ids(&found), left);
    assert_eq!(gaps(find(&found, "aws_iam_access_key.k")), ["secret"]);
}

#[test]
fn policies_and_settings_of_other_services() {
    let policy = "{\"Statement\":[]}";
    let structure = json!({"Statement": []});
    let cases = [
        ("aws_sns_topic", json!({"arn": "arn:t"}), "aws_sns_topic_policy", json!({"arn": "arn:t"}), "policy"),
        ("aws_sqs_queue", json!({"id": "url"}), "aws_sqs_queue_policy", json!({"queue_url": "url"}), "policy"),
        (
            "aws_secretsmanager_secret",
            json!({"arn": "s"}),
            "aws_secretsmanager_secret_policy",
            json!({"secret_arn": "s"}),
            "policy",
        ),
        ("aws_ecr_repository", json!({"name": "r"}), "aws_ecr_repository_policy", json!({"repository": "r"}), "policy"),
        (
            "aws_ecr_repository",
            json!({"name": "r"}),
            "aws_ecr_lifecycle_policy",
            json!({"repository": "r"}),
            "lifecycle_policy",
        ),
        ("aws_kms_key", json!({"key_id": "k"}), "aws_kms_key_policy", json!({"key_id": "k"}), "policy"),
        (
            "aws_efs_file_system",
            json!({"id": "fs"}),
            "aws_efs_file_system_policy",
            json!({"file_system_id": "fs"}),
            "policy",
        ),
    ];
    for (parent, identity, satellite, mut attributes, attribute) in cases {
        attributes["policy"] = policy.into();
        let satellites = [(&*format!("{satellite}.s"), attributes)];
        assert_eq!(folded((&format!("{parent}.p"), identity), &satellites, attribute), structure, "{satellite}");
    }
    for kind in ["elasticsearch", "opensearch"] {
        let satellite =
            (&*format!("aws_{kind}_domain_policy.s"), json!({"domain_name": "d", "access_policies": policy}));
        let parent = format!("aws_{kind}_domain.d");
        assert_eq!(folded((&parent, json!({"domain_name": "d"})), &[satellite], "access_policies"), structure);
    }
    let rotation =
        json!({"secret_id": "s", "rotation_enabled": true, "rotation_rules": [{"automatically_after_days": 30}]});
    let value = folded(
        ("aws_secretsmanager_secret.s", json!({"id": "s"})),
        &[("aws_secretsmanager_secret_rotation.r", rotation)],
        "rotation",
    );
    assert_eq!(value, json!([{"rotation_enabled": true, "rotation_rules": [{"automatically_after_days": 30}]}]));
    let backup = json!({"file_system_id": "fs", "backup_policy": [{"status": "ENABLED"}]});
    let value =
        folded(("aws_efs_file_system.f", json!({"id": "fs"})), &[("aws_efs_backup_policy.b", backup)], "backup_policy");
    assert_eq!(value, json!([{"status": "ENABLED"}]));
    let logging = json!({"cluster_identifier": "c", "bucket_name": "b"});
    let cluster = ("aws_redshift_cluster.c", json!({"cluster_identifier": "c"}));
    let value = folded(cluster, &[("aws_redshift_logging.l", logging)], "logging");
    assert_eq!(value, json!([{"enable": true, "bucket_name": "b"}]));
    let status = json!({"name": "default", "is_enabled": true});
    let recorder = ("aws_config_configuration_recorder.r", json!({"name": "default"}));
    assert_eq!(folded(recorder, &[("aws_config_configuration_recorder_status.s", status)], "is_enabled"), json!(true));
}

#[test]
fn permissions_and_addresses_of_functions() {
    let function = || ("aws_lambda_function.f", json!({"function_name": "f", "arn": "arn:aws:lambda:r:1:function:f"}));
    let permission = json!({"function_name": "arn:aws:lambda:r:1:function:f:live", "statement_id": "a",
        "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com", "source_arn": "arn:b", "source_account": "1"});
    let value = folded(function(), &[("aws_lambda_permission.p", permission)], "policy");
    let expected = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "a", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:r:1:function:f:live",
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:b"}, "StringEquals": {"AWS:SourceAccount": "1"}},
    }]});
    assert_eq!(value, expected);
    let anybody = json!({"function_name": "f", "statement_id": "b", "action": "*", "principal": "*"});
    let value = folded(function(), &[("aws_lambda_permission.p", anybody)], "policy");
    assert_eq!(value["Statement"][0]["Principal"], "*");
    let url = json!({"function_name": "f", "authorization_type": "NONE", "cors": []});
    let value = folded(function(), &[("aws_lambda_function_url.u", url)], "function_url");
    assert_eq!(value, json!([{"authorization_type": "NONE", "cors": []}]));
}

#[test]
fn a_satellite_whose_parent_is_elsewhere_stays_a_resource_and_touches_nothing() {
    let found = read_all(state(&[
        ("aws_s3_bucket.b", json!({"bucket": "b", "id": "b"})),
        ("aws_s3_bucket_policy.p", json!({"bucket": "other", "policy": "{}"})),
    ]));
    assert_eq!(ids(&found), ["aws_s3_bucket.b", "aws_s3_bucket_policy.p"]);
    assert!(gaps(&found[0]).is_empty() && !found[0].config.contains_key("policy"));
}

#[test]
fn two_parents_of_one_name_are_told_apart_by_their_provider_or_not_at_all() {
    let resource = |kind: &str, name: &str, provider: &str, attributes: Json| json!({"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": [{"attributes": attributes}]});
    let text = |provider: &str| {
        let resources = [
            resource("aws_iam_role", "a", "aws.one", json!({"name": "admin"})),
            resource("aws_iam_role", "b", "aws.two", json!({"name": "admin"})),
            resource("aws_iam_role_policy_attachment", "x", provider, json!({"role": "admin", "policy_arn": "arn:1"})),
        ];
        json!({"version": 4, "lineage": "x", "resources": resources}).to_string()
    };
    let found = read_all(text("aws.two"));
    assert!(!found[0].config.contains_key("attached_policy_arns") && found[0].gaps.is_empty());
    assert_eq!(found[1].config["attached_policy_arns"], json!(["arn:1"]));
    let found = read_all(text("aws.three"));
    for role in &found[..2] {
        assert!(reason(role, "attached_policy_arns").contains("aws_iam_role_policy_attachment.x may set it"));
    }
}

#[test]
fn a_secret_in_a_satellite_stays_a_gap_where_it_is_told() {
    let text = json!({"version": 4, "lineage": "x", "resources": [
        {"mode": "managed", "type": "aws_s3_bucket", "name": "b", "provider": "p", "instances": [{"attributes": {"bucket": "b"}}]},
        {"mode": "managed", "type": "aws_s3_bucket_policy", "name": "p", "provider": "p", "instances": [{
            "attributes": {"bucket": "b", "policy": "{}"},
            "sensitive_attributes": [[{"type": "get_attr", "value": "policy"}]]}]},
    ]});
    let found = read_all(text.to_string());
    assert_eq!(reason(&found[0], "policy"), "sensitive value, not kept");
    assert!(!found[0].config.contains_key("policy"));
}
