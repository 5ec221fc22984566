//! The service against its own OpenAPI document, asked by a tool that others wrote, once for each of two tenants.

use std::process::Command;

use serde_json::json;

use crate::harness::{Plumb, repository};
use crate::service::Service;

/// Requests made up for each operation and way of making them up.
const EXAMPLES: &str = "12";

#[test]
fn schemathesis_finds_nothing_that_the_document_does_not_say() {
    let plumb = Plumb::new();
    let demo = std::fs::read(repository().join("tests/fixtures/demo/production.tfstate")).unwrap();
    let state = plumb.write("infra/terraform.tfstate", demo);
    let config = format!(
        "[rate]\ntriggers = 1000000\nfailures = 1000000\n[scans]\nmax_concurrent = 2\nqueue = 20\nallowed_paths = [{:?}]\n",
        state.parent().unwrap()
    );
    let config = plumb.write("plumb.toml", config);
    let first = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
    plumb.run(&["tenant", "create", "acme"]).expect(0);
    let second =
        plumb.run(&["token", "create", "--tenant", "acme", "--role", "member"]).expect(0).stdout.trim().to_owned();
    let service = Service::start(&plumb, &["--config", config.to_str().unwrap()]);
    let target =
        json!({"name": "org/infra", "provider": "terraform", "settings": {"paths": [state.parent().unwrap()]}});
    assert_eq!(service.ask(&first, "POST", "/v1/targets", Some(&target)).0, 201);
    let (status, begun) = service.ask(&first, "POST", "/api/scans/trigger", None);
    assert_eq!(status, 202, "{begun}");
    service.ended(&first, begun["scan_job_id"].as_str().unwrap());
    let validators =
        std::env::var_os("PLUMB_VALIDATORS").map_or_else(|| repository().join("target/validators"), Into::into);
    let python =
        [validators.join("bin/python"), validators.join("venv/bin/python")].into_iter().find(|path| path.exists());
    let python = python.expect("the validators are not there; run tests/validators/setup.sh");
    for token in [first, second] {
        let base = format!("http://{}", service.address);
        let ran = Command::new(&python)
            .args(["-m", "schemathesis.cli", "--config-file"])
            .arg(repository().join("tests/validators/schemathesis.toml"))
            .args(["run", &format!("{base}/openapi.json"), "--url", &base])
            .args(["-H", &format!("Authorization: Bearer {token}"), "--checks", "all", "--max-examples", EXAMPLES])
            .args(["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all"])
            .args(["--continue-on-failure", "--no-color", "--seed", "7", "--generation-database", "none"])
            .current_dir(plumb.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    }
    service.stop();
    plumb.run(&["db", "check"]).expect(0);
}
