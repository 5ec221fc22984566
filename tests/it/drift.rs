//! Baselines and drift.

use serde_json::{Value, json};

use crate::harness::{Plumb, Run, bucket, state};

fn group(port: u16) -> Value {
    json!({
        "id": "sg-1", "name": "g", "arn": "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1",
        "ingress": [{
            "from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8", "192.168.0.0/16"],
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false, "description": "",
        }],
        "egress": [], "tags": null,
    })
}

fn queue(name: &str) -> Value {
    json!({"id": name, "name": name, "arn": format!("arn:aws:sqs:eu-central-1:123456789012:{name}"), "delay_seconds": 0})
}

fn baseline() -> String {
    state(&[
        ("aws_s3_bucket", "logs", bucket("logs", true)),
        ("aws_security_group", "g", group(443)),
        ("aws_sqs_queue", "jobs", queue("jobs")),
    ])
}

/// `plumb drift detect terraform STATE --baseline production -o json`.
fn detect(plumb: &Plumb, name: &str, text: String) -> Run {
    let path = plumb.write(name, text);
    plumb.run(&["drift", "detect", "terraform", path.to_str().unwrap(), "--baseline", "production", "-o", "json"])
}

/// A ledger in which a state is the baseline `production`.
fn captured(text: String) -> Plumb {
    let plumb = Plumb::new();
    let path = plumb.write("baseline.tfstate", text);
    let arguments = ["drift", "capture", "terraform", path.to_str().unwrap(), "--name", "production", "-o", "json"];
    plumb.run(&arguments).expect(0);
    plumb
}

fn drifts(run: &Run) -> Vec<Value> {
    run.json()["drifts"].as_array().unwrap().clone()
}

#[test]
fn the_same_written_in_another_way_is_in_sync() {
    let plumb = captured(baseline());
    let mut turned = group(443);
    turned["ingress"][0]["cidr_blocks"] = json!(["192.168.0.0/16", "10.0.0.0/8"]);
    turned["ingress"][0]["security_groups"] = json!(null);
    turned["tags"] = json!({});
    turned["arn"] = json!("arn:aws:ec2:eu-central-1:123456789012:security-group/sg-2");
    let later = state(&[
        ("aws_sqs_queue", "jobs", queue("jobs")),
        ("aws_security_group", "g", turned),
        ("aws_s3_bucket", "logs", bucket("logs", true)),
    ]);
    let run = detect(&plumb, "later.tfstate", later).expect(0);
    assert_eq!(run.json()["in_sync"], 3);
    assert_eq!(run.json()["drifts"], json!([]));
}

#[test]
fn changed_missing_and_unmanaged_resources_are_told_apart() {
    let plumb = captured(baseline());
    let later = state(&[
        ("aws_s3_bucket", "logs", bucket("logs", true)),
        ("aws_security_group", "g", group(22)),
        ("aws_sqs_queue", "other", queue("other")),
    ]);
    let run = detect(&plumb, "later.tfstate", later).expect(3);
    let counts = ["in_sync", "changed", "missing", "unmanaged", "unknown", "new"].map(|name| run.json()[name].clone());
    assert_eq!(counts, [1, 1, 1, 1, 0, 3].map(Value::from));
    let of = |kind: &str| drifts(&run).into_iter().find(|drift| drift["kind"] == kind).unwrap();
    let changed = of("changed");
    assert_eq!(changed["address"], "aws_security_group.g");
    assert_eq!((&changed["drift_type"], &changed["severity"]), (&json!("security"), &json!("high")));
    assert_eq!((&changed["baseline_value"], &changed["current_value"]), (&json!(443), &json!(22)));
    assert_eq!(changed["summary"], "Security group ingress.from_port changed from 443 to 22, and 1 more");
    assert_eq!(of("missing")["address"], "aws_sqs_queue.jobs");
    assert_eq!(of("unmanaged")["address"], "aws_sqs_queue.other");
}

#[test]
fn a_check_that_passed_before_makes_it_a_drift_of_compliance() {
    let plumb = captured(baseline());
    let later = baseline().replace("\"enabled\":true", "\"enabled\":false");
    let run = detect(&plumb, "later.tfstate", later).expect(3);
    let drift = &drifts(&run)[0];
    assert_eq!(drift["drift_type"], "compliance");
    assert_eq!(drift["failing_check"], "s3_bucket_object_versioning");
    assert_eq!(drift["severity"], "medium");
    assert_eq!(drift["patch"], json!([{"op": "replace", "path": "/versioning/0/enabled", "value": false}]));
}

#[test]
fn a_drift_is_seen_once_resolved_and_comes_back_as_another() {
    let plumb = captured(baseline());
    let later = || baseline().replace("\"delay_seconds\":0", "\"delay_seconds\":9");
    let number = drifts(&detect(&plumb, "later.tfstate", later()).expect(3))[0]["number"].clone();
    let again = detect(&plumb, "later.tfstate", later()).expect(3);
    assert_eq!((&again.json()["new"], &drifts(&again)[0]["number"]), (&json!(0), &number));
    let shown = plumb.run(&["drift", "show", &number.to_string(), "-o", "json"]).expect(0).json();
    assert_eq!((&shown["status"], &shown["differences"][0]["path"]), (&json!("detected"), &json!("delay_seconds")));
    // Back to what it was: nobody has to say so.
    let mended = detect(&plumb, "later.tfstate", baseline()).expect(0).json();
    assert_eq!(mended["resolved"], 1);
    let back = detect(&plumb, "later.tfstate", later()).expect(3);
    assert_eq!((&back.json()["new"], &drifts(&back)[0]["previous"]), (&json!(1), &shown["id"]));
    let id = drifts(&back)[0]["id"].as_str().unwrap().to_owned();
    let resolved = plumb.run(&["drift", "resolve", &id, "--capture-baseline", "-o", "json"]).expect(0).json();
    assert_eq!(resolved["status"], "resolved");
    detect(&plumb, "later.tfstate", later()).expect(0);
    plumb.run(&["drift", "resolve", &id]).expect(2);
    let listed = plumb.run(&["drift", "list", "--status", "resolved", "-o", "json"]).expect(0).json();
    assert_eq!(listed["total"], 2);
    assert!(plumb.run(&["drift", "list"]).expect(0).stdout.contains("delay_seconds"));
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn what_could_not_be_read_is_unknown() {
    let plumb = Plumb::new();
    plumb.write("infra/a.tfstate", state(&[("aws_s3_bucket", "a", bucket("a", true))]));
    plumb.write("infra/b.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", true))]));
    plumb.run(&["drift", "capture", "terraform", "infra", "-o", "json"]).expect(0);
    plumb.run(&["drift", "detect", "terraform", "infra", "-o", "json"]).expect(0);
    plumb.write("infra/b.tfstate", "{\"version\": 4, \"resources\": [");
    let run = plumb.run(&["drift", "detect", "terraform", "infra", "-o", "json"]).expect(4).json();
    assert_eq!((&run["in_sync"], &run["missing"], &run["unknown"]), (&json!(1), &json!(0), &json!(1)));
    assert_eq!(run["unknown_resources"][0]["resource"], "b.tfstate#aws_s3_bucket.b");
    // What was out of sight keeps its baseline.
    plumb.run(&["drift", "capture", "terraform", "infra"]).expect(4);
    plumb.write("infra/b.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", true))]));
    plumb.run(&["drift", "detect", "terraform", "infra"]).expect(0);
}

#[test]
fn an_attribute_that_could_not_be_read_is_unknown_and_a_known_secret_is_not() {
    let secret = json!({"id": "db", "identifier": "db", "password": "hunter2-canary", "storage_encrypted": true,
        "arn": "arn:aws:rds:eu-central-1:123456789012:db:db"});
    let text = state(&[("aws_db_instance", "db", secret)]);
    let plumb = captured(text.clone());
    detect(&plumb, "later.tfstate", text.clone()).expect(0);
    let flagged = text.replace(
        "\"sensitive_attributes\":[]",
        "\"sensitive_attributes\":[[{\"type\":\"get_attr\",\"value\":\"storage_encrypted\"}]]",
    );
    let run = detect(&plumb, "later.tfstate", flagged).expect(4).json();
    assert_eq!((&run["changed"], &run["unknown"]), (&json!(0), &json!(1)));
    assert!(run["unknown_resources"][0]["reason"].as_str().unwrap().contains("storage_encrypted"));
}

#[test]
fn modules_moved_files_and_replaced_ids_keep_their_baseline() {
    let module = |name: &str, id: &str| {
        state(&[("aws_sqs_queue", "jobs", queue(id))])
            .replace("\"mode\":\"managed\"", &format!("\"mode\":\"managed\",\"module\":\"{name}\""))
    };
    let plumb = captured(module("module.a[0].module.b", "jobs"));
    // The address stays, the file has become one of a folder.
    plumb.write("folder/env/x.tfstate", module("module.a[0].module.b", "jobs"));
    let run =
        plumb.run(&["drift", "detect", "terraform", "folder", "--baseline", "production", "-o", "json"]).expect(0);
    assert_eq!(run.json()["in_sync"], 1);
    // The address has changed, the queue is the same.
    detect(&plumb, "later.tfstate", module("module.c", "jobs")).expect(0);
    let changed = module("module.c", "jobs").replace("\"delay_seconds\":0", "\"delay_seconds\":9");
    let drift = &drifts(&detect(&plumb, "later.tfstate", changed).expect(3))[0];
    assert_eq!(drift["address"], "module.a[0].module.b.aws_sqs_queue.jobs");
}

#[test]
fn secrets_of_a_drift_are_told_to_nobody() {
    let function = |secret: &str| {
        state(&[(
            "aws_lambda_function",
            "f",
            json!({
                "id": "f", "function_name": "f", "arn": "arn:aws:lambda:eu-central-1:123456789012:function:f",
                "environment": [{"variables": {"DB_PASSWORD": secret, "LEVEL": "info"}}],
            }),
        )])
    };
    let plumb = captured(function("canary-one"));
    let run = detect(&plumb, "later.tfstate", function("canary-two")).expect(3);
    let drift = drifts(&run)[0].clone();
    assert_eq!(drift["path"], "environment.variables.DB_PASSWORD");
    let shown = plumb.run(&["drift", "show", "1"]).expect(0).stdout + &plumb.run(&["drift", "list"]).expect(0).stdout;
    assert!(!run.stdout.contains("canary") && !shown.contains("canary"), "{shown}");
}

#[test]
fn what_cannot_be_captured_detected_or_fetched_says_why() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", baseline());
    let path = path.to_str().unwrap();
    let refused = |arguments: &[&str], code: i32, word: &str| {
        let run = plumb.run(arguments).expect(code);
        assert!(run.stderr.contains(word), "{}", run.stderr);
    };
    refused(&["drift", "detect", "terraform", path], 2, "capture one first");
    refused(&["drift", "capture", "terraform", "absent.tfstate"], 2, "absent.tfstate");
    refused(&["drift", "capture", "terraform"], 2, "PATH");
    refused(&["drift", "show", "7"], 2, "no drift '7'");
    refused(&["drift", "list", "--status", "open"], 2, "investigating");
    refused(&["drift", "capture", "terraform", path, "--ref", "main"], 2, "repository");
    for address in
        ["file:///etc", "ssh://host/a", "git@host:a/b.git", "ext::sh -c id", "http://host/a", "https://u:p@h/a"]
    {
        refused(&["drift", "capture", "terraform", address], 2, "cannot be fetched");
    }
    refused(&["drift", "capture", "terraform", "https://host.invalid/a", "--ref=-x"], 2, "no name of a branch");
    assert_eq!(plumb.run(&["drift", "list", "-o", "json"]).expect(0).json()["total"], 0);
}
