//! `plumb plugin new` makes a project that builds, passes its test and runs.

use std::process::Command;

use crate::harness::{Plumb, bucket, state};

#[test]
fn a_fresh_project_passes_its_test_builds_and_finds_something() {
    let plumb = Plumb::new();
    plumb.run(&["plugin", "new", "acme-checks"]).expect(0);
    plumb.run(&["plugin", "new", "acme-checks"]).expect(2);
    plumb.run(&["plugin", "new", "No Good"]).expect(2);
    let project = plumb.path("acme-checks");
    let tested = Command::new(env!("CARGO")).arg("test").current_dir(&project).output().unwrap();
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));
    let built = plumb.run(&["plugin", "build", project.to_str().unwrap()]).expect(0);
    assert!(built.stdout.contains("acme-checks 0.1.0"), "{}", built.stdout);
    let component = project.join("target/plugin/acme-checks.wasm");
    let inspected = plumb.run(&["plugin", "inspect", component.to_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!(inspected["exports"], serde_json::json!(["checks"]));

    let with = Plumb::with_plugins(&[("acme", std::fs::read(component).unwrap())]);
    let path = with.write("a.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", true))]));
    let run = with.scan(&path, &["-c", "s3_bucket_has_owner"]).expect(3);
    assert!(run.findings()[0]["message"].as_str().unwrap().contains("no tag `owner`"));
}
