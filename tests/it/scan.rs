//! Scanning states.

use serde_json::json;

use crate::harness::{Plumb, VERSIONING, bucket, state};

#[test]
fn a_violation_is_found_named_and_tells_by_the_exit_code() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "logs", bucket("logs", false))]));
    let run = plumb.scan(&path, &["-c", VERSIONING]).expect(3);
    let found = run.findings();
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!(finding["check_id"], VERSIONING);
    assert_eq!(finding["verdict"], "fail");
    assert_eq!(finding["resource"]["id"], "aws_s3_bucket.logs");
    assert_eq!(finding["resource"]["kind"], "aws_s3_bucket");
    let scan = &run.json()["scan"];
    assert_eq!(scan["status"], "completed");
    assert_eq!(scan["coverage"], 100.0);
}

#[test]
fn a_clean_target_exits_with_zero() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "logs", bucket("logs", true))]));
    let run = plumb.scan(&path, &["-c", VERSIONING]).expect(0);
    assert_eq!(run.findings()[0]["verdict"], "pass");
}

#[test]
fn fail_on_says_from_which_severity_on() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "logs", bucket("logs", false))]));
    plumb.scan(&path, &["-c", VERSIONING, "--fail-on", "critical"]).expect(0);
    plumb.scan(&path, &["-c", VERSIONING, "--fail-on", "none"]).expect(0);
    plumb.scan(&path, &["-c", VERSIONING, "--fail-on", "medium"]).expect(3);
}

#[test]
fn an_unchanged_target_is_not_evaluated_again() {
    let plumb = Plumb::new();
    let buckets: Vec<_> = (0..30).map(|n| (format!("b{n}"), n % 2 == 0)).collect();
    let resources: Vec<_> =
        buckets.iter().map(|(name, good)| ("aws_s3_bucket", name.as_str(), bucket(name, *good))).collect();
    let path = plumb.write("a.tfstate", state(&resources));
    let first = plumb.scan(&path, &[]).expect(3).json();
    let second = plumb.scan(&path, &[]).expect(3).json();
    assert!(first["summary"]["evaluated_now"].as_u64().unwrap() > 100, "{}", first["summary"]);
    // No plugin is asked again. That the target holds none of a check's kinds, the host says each time.
    let left = second["summary"]["evaluated_now"].as_u64().unwrap();
    let absent = |finding: &&serde_json::Value| {
        finding["message"].as_str().is_some_and(|message| message.starts_with("the target holds none of"))
    };
    assert_eq!(left, second["findings"].as_array().unwrap().iter().filter(absent).count() as u64);
    assert_eq!(
        left + second["summary"]["reused"].as_u64().unwrap(),
        first["summary"]["evaluated_now"].as_u64().unwrap() + first["summary"]["reused"].as_u64().unwrap()
    );
    let verdicts = |scan: &serde_json::Value| -> Vec<_> {
        scan["findings"].as_array().unwrap().iter().map(|f| (f["fingerprint"].clone(), f["verdict"].clone())).collect()
    };
    assert_eq!(verdicts(&first), verdicts(&second));
    assert_eq!(second["summary"]["delta"]["new"], 0);
    assert_eq!(second["summary"]["delta"]["resolved"], 0);
}

#[test]
fn one_changed_resource_is_the_only_one_evaluated() {
    let plumb = Plumb::new();
    let write = |changed: bool| {
        let resources: Vec<_> = (0..20).map(|n| (format!("b{n}"), changed && n == 7)).collect();
        let resources: Vec<_> =
            resources.iter().map(|(name, good)| ("aws_s3_bucket", name.as_str(), bucket(name, *good))).collect();
        plumb.write("a.tfstate", state(&resources))
    };
    plumb.scan(&write(false), &["-c", VERSIONING]).expect(3);
    let second = plumb.scan(&write(true), &["-c", VERSIONING]).expect(3).json();
    assert_eq!(second["summary"]["evaluated_now"], 1);
    assert_eq!(second["summary"]["reused"], 19);
    assert_eq!(second["summary"]["delta"]["resolved"], 1);
    assert_eq!(second["summary"]["delta"]["unchanged"], 19);
}

#[test]
fn settings_of_their_own_are_folded_into_their_bucket() {
    let plumb = Plumb::new();
    let path = plumb.write(
        "a.tfstate",
        state(&[
            ("aws_s3_bucket", "logs", json!({"id": "logs", "bucket": "logs", "arn": "arn:aws:s3:::logs"})),
            (
                "aws_s3_bucket_versioning",
                "logs",
                json!({"id": "logs", "bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]}),
            ),
        ]),
    );
    let run = plumb.scan(&path, &["-c", VERSIONING]).expect(0);
    assert_eq!(run.findings()[0]["verdict"], "pass");
}

#[test]
fn the_internet_is_the_internet_however_it_is_cut() {
    let plumb = Plumb::new();
    let group = |blocks: &[&str], v6: &[&str]| {
        json!({
            "id": "sg-1", "name": "g", "arn": "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1",
            "ingress": [{
                "from_port": 0, "to_port": 65535, "protocol": "tcp", "cidr_blocks": blocks, "ipv6_cidr_blocks": v6,
                "prefix_list_ids": [], "security_groups": [], "self": false, "description": "",
            }],
            "egress": [],
        })
    };
    let check = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22";
    for (name, blocks, v6, verdict) in [
        ("all", vec!["0.0.0.0/0"], vec![], "fail"),
        ("halves", vec!["0.0.0.0/1", "128.0.0.0/1"], vec![], "fail"),
        ("v6", vec![], vec!["::/0"], "fail"),
        ("inside", vec!["10.0.0.0/8"], vec![], "pass"),
    ] {
        let path = plumb.write(&format!("{name}.tfstate"), state(&[("aws_security_group", "g", group(&blocks, &v6))]));
        let run = plumb.scan(&path, &["-c", check]);
        assert_eq!(run.findings()[0]["verdict"], verdict, "{name}");
    }
}

#[test]
fn secrets_of_a_state_are_nowhere_in_reports_or_ledger() {
    let plumb = Plumb::new();
    let canary = "hunter2-canary-8d1f";
    let database = json!({"id": "db", "identifier": "db", "password": canary, "storage_encrypted": false,
        "arn": "arn:aws:rds:eu-central-1:123456789012:db:db"});
    let path = plumb.write("a.tfstate", state(&[("aws_db_instance", "db", database)]));
    for format in ["json", "table", "csv", "html", "markdown", "sarif", "ocsf", "junit"] {
        let run = plumb.run(&["scan", "terraform", path.to_str().unwrap(), "-o", format]).expect(3);
        assert!(!run.stdout.contains(canary) && !run.stderr.contains(canary), "{format}");
    }
    for entry in std::fs::read_dir(plumb.path("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()));
    }
}

#[test]
fn a_wrong_id_suggests_the_near_ones() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[]));
    let check = plumb.scan(&path, &["-c", "s3_bucket_object_versionning"]).expect(2);
    assert!(check.stderr.contains("s3_bucket_object_versioning"), "{}", check.stderr);
    let framework = plumb.scan(&path, &["-f", "cis_5_aws"]).expect(2);
    assert!(framework.stderr.contains("cis_5.0_aws"), "{}", framework.stderr);
    let provider = plumb.run(&["scan", "teraform", "x"]).expect(2);
    assert!(provider.stderr.contains("'terraform'"), "{}", provider.stderr);
}

#[test]
fn min_coverage_is_a_bound_on_what_was_evaluated() {
    let plumb = Plumb::new();
    let mut unread = bucket("logs", true);
    unread["acl"] = json!("private");
    let text = state(&[("aws_s3_bucket", "logs", unread)]).replace(
        "\"sensitive_attributes\":[]",
        "\"sensitive_attributes\":[[{\"type\":\"get_attr\",\"value\":\"versioning\"}]]",
    );
    let path = plumb.write("a.tfstate", text);
    let run = plumb.scan(&path, &["-c", VERSIONING]).expect(0);
    assert_eq!(run.findings()[0]["verdict"], "not-evaluated");
    plumb.scan(&path, &["-c", VERSIONING, "--min-coverage", "50"]).expect(4);
}
