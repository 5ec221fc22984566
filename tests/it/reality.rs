//! Code against reality, live: Terraform applies to an emulator, somebody changes things behind its back, and exactly that is found.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::emulator::{self, Emulator};
use crate::harness::{Plumb, finished, repository};

/// A folder of provider plugins for `terraform init`, where the registry is not at hand.
const PLUGINS: &str = "PLUMB_TERRAFORM_PLUGINS";

/// Runs Terraform in a folder; whether it is there and did it.
fn terraform(plumb: &Plumb, arguments: &[&str]) -> bool {
    let ran = Command::new("terraform")
        .args(arguments)
        .current_dir(plumb.path("code"))
        .env("TF_IN_AUTOMATION", "1")
        .stdin(Stdio::null())
        .output();
    ran.is_ok_and(|ran| ran.status.success())
}

/// The drifts of resources that the code knows, as `kind address path`, and the names of those it does not know.
fn drifts(plumb: &Plumb, endpoint: &str) -> (Vec<String>, Vec<String>) {
    let state = plumb.path("code/terraform.tfstate");
    let arguments =
        ["drift", "detect", "terraform", state.to_str().unwrap(), "--against", "aws", "--region", "eu-west-1"];
    let mut command = plumb.command(&[&arguments[..], &["-o", "json", "--no-progress"]].concat());
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    // The emulator lacks some calls, so it is not all that could be read.
    let ran = finished(command.output().unwrap()).expect(4);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let (mut known, mut unmanaged) = (Vec::new(), Vec::new());
    for drift in found["drifts"].as_array().unwrap() {
        let text = |name: &str| drift[name].as_str().unwrap_or_default().to_owned();
        if drift["kind"] == "unmanaged" {
            unmanaged.push(drift.to_string());
            continue;
        }
        let paths = drift["differences"].as_array().into_iter().flatten().filter_map(|one| one["path"].as_str());
        let paths: Vec<&str> = paths.collect();
        known.push(format!("{} {} {}", text("kind"), text("address"), paths.join(",")));
    }
    known.sort();
    (known, unmanaged)
}

#[test]
fn what_was_changed_behind_the_codes_back_is_found_and_nothing_else() {
    let plumb = Plumb::new();
    let code = std::fs::read(repository().join("tests/cloud/code/main.tf")).unwrap();
    plumb.write("code/main.tf", code);
    let plugins = std::env::var(PLUGINS).map(|folder| format!("-plugin-dir={folder}"));
    let init: Vec<&str> = ["init", "-no-color"].into_iter().chain(plugins.as_deref().ok()).collect();
    if !terraform(&plumb, &init) {
        eprintln!("skipped: Terraform or its AWS provider is not at hand; {PLUGINS} can name a folder of its plugins");
        return;
    }
    let emulator = Emulator::empty();
    let endpoint = format!("endpoint={}", emulator.url);
    assert!(terraform(&plumb, &["apply", "-auto-approve", "-no-color", "-var", &endpoint]), "Terraform does not apply");
    let (before, _) = drifts(&plumb, &emulator.url);
    assert_eq!(before, Vec::<String>::new(), "what was just applied has not drifted");
    emulator::run("behind.py", &[&emulator.url]);
    let (after, unmanaged) = drifts(&plumb, &emulator.url);
    let expected = [
        "changed aws_s3_bucket.logs versioning.enabled",
        "changed aws_security_group.web ingress",
        "missing aws_sns_topic.t ",
    ];
    assert_eq!(after, expected);
    assert!(unmanaged.iter().any(|drift| drift.contains("by-hand")), "{unmanaged:?}");
}
