//! What a service is given that it should not be: repositories that lead inwards, states of tomorrow, resources that turn into others,
//! and clients who change their minds at the last moment.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::harness::{Plumb, bucket, state};
use crate::service::Service;

struct Case {
    plumb: Plumb,
    service: Service,
    token: String,
}

impl Case {
    fn new(config: &str) -> Case {
        let plumb = Plumb::new();
        let config = plumb.write("plumb.toml", format!("[rate]\ntriggers = 100000\n{config}"));
        let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
        let service = Service::start(&plumb, &["--config", config.to_str().unwrap()]);
        Case { plumb, service, token }
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.service.ask(&self.token, method, path, body.as_ref())
    }

    fn target(&self, name: &str, settings: &Value) -> String {
        let target = json!({"name": name, "provider": "terraform", "settings": settings});
        let (status, made) = self.ask("POST", "/v1/targets", Some(target));
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    fn trigger(&self, target: &str) -> String {
        let (status, begun) = self.ask("POST", &format!("/api/scans/trigger/{target}"), None);
        assert_eq!(status, 201, "{begun}");
        begun["data"]["_id"].as_str().unwrap().to_owned()
    }

    /// Scans to the end.
    fn scan(&self, target: &str) -> Value {
        let id = self.trigger(target);
        self.service.ended(&self.token, &id)
    }
}

#[test]
fn a_repository_at_an_inner_address_is_refused_and_nobody_is_asked() {
    let inner = TcpListener::bind("127.0.0.1:0").unwrap();
    inner.set_nonblocking(true).unwrap();
    let port = inner.local_addr().unwrap().port();
    let case = Case::new("");
    for (name, url, words) in [
        ("name", format!("https://localhost:{port}/infra.git"), "which is"),
        ("address", format!("https://127.0.0.1:{port}/infra.git"), "is an address"),
        ("six", format!("https://[::1]:{port}/infra.git"), "is an address"),
        ("cloud", "https://169.254.169.254/latest".to_owned(), "is an address"),
        ("nobody", "https://repository.invalid/infra.git".to_owned(), "has no address"),
    ] {
        let target = case.target(name, &json!({"repository": {"url": url}}));
        let ended = case.scan(&target);
        let reason = ended["status_reason"].as_str().unwrap_or_default();
        assert_eq!(ended["status"], "failed", "{ended}");
        assert!(reason.contains(words) && reason.contains("allowed_repositories"), "{reason}");
    }
    assert_eq!(inner.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "somebody came");
    for url in [
        "file:///etc",
        "ssh://host/a",
        "git@host:a.git",
        "ext::sh -c id",
        "http://host/a",
        "https://u:p@h/a",
        "--upload-pack=x",
    ] {
        let target = json!({"name": "x", "provider": "terraform", "settings": {"repository": {"url": url}}});
        assert_eq!(case.ask("POST", "/v1/targets", Some(target)).0, 400, "{url}");
    }
    case.service.stop();
    // The operator's own host is asked.
    let case = Case::new(&format!("[scans]\nallowed_repositories = [\"https://localhost:{port}\"]\n"));
    let target = case.target("own", &json!({"repository": {"url": format!("https://localhost:{port}/infra.git")}}));
    let id = case.trigger(&target);
    inner.set_nonblocking(false).unwrap();
    drop(inner.accept().unwrap());
    drop(inner);
    assert_eq!(case.service.ended(&case.token, &id)["status"], "failed");
    case.service.stop();
}

#[test]
fn a_state_of_a_newer_terraform_fails_by_name_and_is_no_pass() {
    let case = Case::new("");
    let newer = state(&[("aws_s3_bucket", "logs", bucket("logs", true))]).replace("\"version\":4", "\"version\":99");
    let path = case.plumb.write("infra/terraform.tfstate", newer);
    let target = case.target("newer", &json!({"paths": [path.parent().unwrap()]}));
    let ended = case.scan(&target);
    assert_eq!((&ended["status"], &ended["results"]["compliance_score"]), (&json!("failed"), &Value::Null), "{ended}");
    let id = ended["id"].as_str().unwrap();
    let (status, results) = case.ask("GET", &format!("/api/scans/{id}/results?status=pass"), None);
    assert_eq!((status, results), (200, json!([])));
    case.service.stop();
}

#[test]
fn a_resource_that_vanished_or_became_another_kind_is_told_and_can_be_accepted() {
    let case = Case::new("");
    let write = |resources: &[(&str, &str, Value)]| case.plumb.write("infra/terraform.tfstate", state(resources));
    let queue = json!({"id": "https://sqs.eu-west-1.amazonaws.com/1/lake", "name": "lake", "arn": "arn:aws:sqs:eu-west-1:1:lake"});
    let path =
        write(&[("aws_s3_bucket", "lake", bucket("lake", true)), ("aws_s3_bucket", "pond", bucket("pond", true))]);
    let target = case.target("infra", &json!({"paths": [path.parent().unwrap()]}));
    case.scan(&target);
    // One is a queue of the same name now, the other is gone.
    write(&[("aws_sqs_queue", "lake", queue)]);
    case.scan(&target);
    let (_, list) = case.ask("GET", "/api/v1/drifts", None);
    let mut kinds: Vec<(&str, &str)> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|drift| (drift["kind"].as_str().unwrap(), drift["resource_type"].as_str().unwrap()))
        .collect();
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [("missing", "aws_s3_bucket"), ("missing", "aws_s3_bucket"), ("unmanaged", "aws_sqs_queue")],
        "{list}"
    );
    for drift in list["data"].as_array().unwrap() {
        let path = format!("/api/v1/drifts/{}/resolve", drift["id"]);
        let (status, resolved) = case.ask("POST", &path, Some(json!({"capture_baseline": true})));
        assert_eq!((status, &resolved["status"]), (200, &json!("resolved")), "{resolved}");
    }
    case.scan(&target);
    let (_, open) = case.ask("GET", "/api/v1/drifts?status=detected", None);
    assert_eq!(open["meta"]["total"], 0, "what was accepted is the baseline now: {open}");
    case.service.stop();
    case.plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn a_scan_that_is_cancelled_while_it_ends_has_one_end_and_everybody_is_told_the_same() {
    let case = Case::new("[scans]\nmax_concurrent = 2\n");
    let path = case.plumb.write("infra/terraform.tfstate", state(&[("aws_s3_bucket", "logs", bucket("logs", true))]));
    let target = case.target("infra", &json!({"paths": [path.parent().unwrap()]}));
    let (mut cancelled, mut completed) = (0, 0);
    for round in 0..24_u64 {
        let id = case.trigger(&target);
        // Later each time, so that some cancels come before the end and some after it.
        std::thread::sleep(std::time::Duration::from_millis(round * 8));
        let ask = |method: &str, path: String| case.ask(method, &path, None);
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| ask("DELETE", format!("/v1/scans/{id}")));
            let other = scope.spawn(|| ask("POST", format!("/api/scans/{id}/cancel")));
            (one.join().unwrap(), other.join().unwrap())
        });
        assert!([200, 409].contains(&one.0) && [200, 409].contains(&other.0), "{one:?} {other:?}");
        let end = case.service.ended(&case.token, &id);
        if one.0 == 200 || other.0 == 200 {
            assert_eq!(end["status"], "cancelled", "{one:?} {other:?} {end}");
            cancelled += 1;
        } else {
            assert_eq!(end["status"], "completed", "{one:?} {other:?} {end}");
            completed += 1;
        }
        assert_eq!(case.ask("GET", &format!("/api/scans/{id}"), None).1["data"]["status"], end["status"]);
    }
    assert_eq!(cancelled + completed, 24);
    case.service.stop();
    case.plumb.run(&["db", "check"]).expect(0);
}
