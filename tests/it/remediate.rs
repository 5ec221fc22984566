//! Plans to mend what a scan found.

use std::process::Command;

use serde_json::json;

use crate::harness::{Plumb, bucket, state};

/// Violations of two buckets, one with a name that a shell would obey.
fn scanned() -> Plumb {
    let plumb = Plumb::new();
    let hostile = "x'; touch owned; $(touch owned) `touch owned` \n touch owned";
    let text = state(&[
        ("aws_s3_bucket", "logs", bucket("logs", false)),
        ("aws_s3_bucket", "evil", bucket(hostile, false)),
        ("aws_s3_bucket", "option", bucket("--profile=evil", false)),
    ]);
    let path = plumb.write("terraform.tfstate", text);
    plumb.scan(&path, &[]).expect(3);
    plumb
}

#[test]
fn a_plan_is_written_down_once_and_says_what_needs_hands() {
    let plumb = scanned();
    let made = plumb.run(&["remediate", "plan", "latest", "--json"]).expect(0).json();
    let script = std::fs::read_to_string(plumb.path("remediation/remediate.sh")).unwrap();
    let terraform = std::fs::read_to_string(plumb.path("remediation/remediate.tf")).unwrap();
    let versioning = "aws s3api put-bucket-versioning --bucket logs --versioning-configuration Status=Enabled";
    assert!(script.lines().any(|line| line == versioning), "{script}");
    assert!(terraform.contains("resource \"aws_s3_bucket_versioning\" \"logs\""), "{terraform}");
    assert!(terraform.contains("bucket = aws_s3_bucket.logs.id"), "{terraform}");
    let count = |key: &str| made[key].as_u64().unwrap();
    assert_eq!(count("commands_ready") + count("manual_required"), count("violations"));
    assert_eq!(made["by_hand"].as_array().unwrap().len() as u64, count("manual_required"));
    assert!(count("effort_minutes") > 0 && count("resources") >= 3, "{made}");
    let again = plumb.run(&["remediate", "plan", "latest"]).expect(2);
    assert!(again.stderr.contains("remediate.sh is there already"), "{}", again.stderr);
    plumb.run(&["remediate", "plan", "latest", "--out", "severe", "--severity", "critical"]).expect(0);
}

#[test]
fn a_script_runs_only_when_somebody_says_it_was_read_and_obeys_no_name() {
    let plumb = scanned();
    plumb.run(&["remediate", "plan", "latest"]).expect(0);
    let script = plumb.path("remediation/remediate.sh");
    let run = |reviewed: &[(&str, &str)]| {
        let tools = plumb.path("tools");
        std::fs::create_dir_all(&tools).unwrap();
        // In the place of the cloud's own command: writes down what it is given, a word on each line.
        let aws = plumb.write("tools/aws", "#!/bin/sh\nprintf '%s\\n' \"$@\" >> \"$CALLS\"\n");
        Command::new("chmod").arg("+x").arg(&aws).status().unwrap();
        let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.arg(&script).current_dir(plumb.folder.path()).env("PATH", path).env("CALLS", plumb.path("calls"));
        command.env_remove("REVIEWED").envs(reviewed.iter().copied()).output().unwrap()
    };
    assert!(!run(&[]).status.success());
    assert!(!plumb.path("calls").exists(), "it ran before it was read");
    let ran = run(&[("REVIEWED", "yes")]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let calls = std::fs::read_to_string(plumb.path("calls")).unwrap();
    assert!(calls.lines().any(|word| word == "logs"), "{calls}");
    assert!(!plumb.path("owned").exists(), "a name was obeyed");
    assert!(!calls.contains("--profile=evil"), "{calls}");
    let words = json!(calls.lines().collect::<Vec<_>>());
    assert!(!words.to_string().contains("touch owned"), "a name with a line break was used: {words}");
}
