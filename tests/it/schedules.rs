//! Schedules and channels of a running server, with the example requests of the document.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Plumb;
use crate::service::Service;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

const BUCKET: &str = r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"l","outputs":{},"resources":[
    {"mode":"managed","type":"aws_s3_bucket","name":"lake","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
        {"schema_version":0,"attributes":{"id":"lake","bucket":"lake","arn":"arn:aws:s3:::lake","acl":"private","region":"eu-west-1"}}]}]}"#;

pub(crate) struct Case {
    plumb: Plumb,
    pub(crate) service: Service,
    token: String,
}

impl Case {
    fn new(further: &[&str]) -> Case {
        Case::with(Plumb::new(), |plumb| Service::start(plumb, further))
    }

    /// With a target of the environment `production`.
    pub(crate) fn with(plumb: Plumb, start: impl FnOnce(&Plumb) -> Service) -> Case {
        let state = plumb.write("infra/terraform.tfstate", BUCKET);
        let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
        let service = start(&plumb);
        let case = Case { plumb, service, token };
        case.post(
            "/v1/targets",
            &json!({
                "name": "org/terraform-infra", "provider": "terraform",
                "settings": {"paths": [state.parent().unwrap()]}, "labels": {"environment": "production"},
            }),
            201,
        );
        case
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, answer) = self.service.ask(&self.token, "GET", path, None);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) fn post(&self, path: &str, body: &Value, expected: u16) -> Value {
        let (status, answer) = self.service.ask(&self.token, "POST", path, Some(body).filter(|body| !body.is_null()));
        assert_eq!(status, expected, "{path}: {answer}");
        answer
    }

    /// Asks until the answer is what a test waits for.
    pub(crate) fn until(&self, path: &str, done: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.get(path);
            if done(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "{path}: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn example() -> Value {
    json!({
        "name": "Weekly Production Compliance Scan",
        "description": "Comprehensive compliance assessment every Sunday",
        "schedule": {"cron": "0 6 * * 0", "timezone": "UTC"},
        "scan_config": {
            "scan_type": "full",
            "environment": "production",
            "cloud_providers": ["aws", "azure", "gcp"],
            "frameworks": ["soc2", "hipaa", "iso27001"],
        },
        "notifications": {"on_completion": true, "on_failure": true, "channels": ["email", "slack"]},
        "enabled": true,
    })
}

#[test]
fn a_schedule_as_in_the_document_is_made_run_and_listed_by_the_command_line_too() {
    let case = Case::new(&[]);
    let made = case.post("/v1/scans/schedules", &example(), 201);
    let path = format!("/v1/scans/schedules/{}", made["id"].as_str().unwrap());
    let ordered = case.post(&format!("{path}/run"), &Value::Null, 201);
    assert!(ordered["monitoring"]["progress_url"].as_str().unwrap().contains("/v1/scans/"));
    let scan = case.service.ended(&case.token, ordered["id"].as_str().unwrap());
    assert_eq!((&scan["status"], &scan["schedule_id"]), (&json!("completed"), &made["id"]));
    assert_eq!((&scan["name"], &scan["triggered_by"]), (&made["name"], &json!("manual")));
    assert_eq!(case.get(&path)["last_run"]["scan_id"], ordered["id"]);
    // It asked for mail and Slack, and nobody has set up either: that can be seen.
    let dead = case.until("/v1/notifications/deliveries", |found| found["pagination"]["total"] == 2);
    assert!(dead["deliveries"].as_array().unwrap().iter().all(|delivery| delivery["status"] == "dead"), "{dead}");
    let listed = case.plumb.run(&["schedule", "list", "--json"]).expect(0);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed[0]["id"], made["id"]);
    let create = ["schedule", "create", "nightly", "--cron", "30 2 * * *", "--environment", "production"];
    let create = [&create[..], &["--timezone", "Europe/Berlin", "--provider", "aws"]].concat();
    let id = case.plumb.run(&create).expect(0).stdout.trim().to_owned();
    assert_eq!(case.get(&format!("/v1/scans/schedules/{id}"))["schedule"]["timezone"], "Europe/Berlin");
    case.plumb.run(&["schedule", "disable", "2"]).expect(0);
    assert_eq!(case.get(&format!("/v1/scans/schedules/{id}"))["enabled"], false);
    // A server that runs is asked by the schedule's name.
    let run = case.plumb.run(&["schedule", "run", "nightly"]).expect(0).stdout.trim().to_owned();
    let scan = case.service.ended(&case.token, &run);
    assert_eq!((&scan["schedule_id"], &scan["triggered_by"]), (&json!(id), &json!("manual")));
    let unknown = case.plumb.run(&["schedule", "run", "weekly"]).expect(1);
    assert!(unknown.stderr.contains("plumb schedule list"), "{}", unknown.stderr);
    case.plumb.run(&["schedule", "delete", &id]).expect(0);
    let refused = case.plumb.run(&["schedule", "next", "0 0 31 2 *"]).expect(2);
    assert!(refused.stderr.contains("never fires"), "{}", refused.stderr);
    // Without a server the scan is made by the command itself.
    case.service.stop();
    let here = case.plumb.run(&["schedule", "run", "1"]).expect(0);
    assert!(here.stderr.contains("completed: score"), "{}", here.stderr);
    let listed = case.plumb.run(&["schedule", "list", "--json"]).expect(0).json();
    assert_eq!(listed[0]["last_run"]["scan_id"], here.stdout.trim());
}

#[test]
fn a_changed_file_sets_a_schedule_off_and_a_message_never_goes_to_a_private_address() {
    let case = Case::new(&[]);
    let mut body = example();
    body["schedule"] = Value::Null;
    body["triggers"] = json!([{"type": "resource_change"}]);
    body["notifications"] = json!({"on_completion": true, "channels": ["webhook"]});
    let made = case.post("/v1/scans/schedules", &body, 201);
    for url in ["https://127.0.0.1/hook", "https://[::1]/hook", "http://hooks.example.com/", "https://0x7f.1/"] {
        let hook = json!({"name": "hook", "type": "webhook", "url": url});
        case.post("/v1/notifications/channels", &hook, 400);
    }
    let hook = json!({"name": "hook", "type": "webhook", "url": "https://localhost:1/hook"});
    case.post("/v1/notifications/channels", &hook, 201);
    case.post(&format!("/v1/scans/schedules/{}/run", made["id"].as_str().unwrap()), &Value::Null, 201);
    let tried =
        case.until("/v1/notifications/deliveries", |found| found["deliveries"][0]["attempts"].as_u64() > Some(0));
    let error = tried["deliveries"][0]["last_error"].as_str().unwrap();
    assert!(error.starts_with("refused:"), "{tried}");
    case.service.stop();
}

#[test]
fn a_webhook_of_the_operators_own_network_is_reached_where_the_operator_names_it() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let text = format!("[notifications]\nallowed_endpoints = [\"http://127.0.0.1:{}\"]\n", address.port());
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("plumb.toml");
    std::fs::write(&config, text).unwrap();
    let case = Case::new(&["--config", config.to_str().unwrap()]);
    let hook = json!({"name": "hook", "type": "webhook", "url": format!("http://{address}/hook"), "rules": [{}]});
    case.post("/v1/notifications/channels", &hook, 201);
    let body = json!({"name": "Audit", "scan_type": "full", "environment": "production", "cloud_providers": ["aws"]});
    let scan = case.post("/v1/scans", &body, 201);
    let (mut stream, _) = listener.accept().unwrap();
    let mut asked = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&asked).contains(scan["id"].as_str().unwrap()) {
        let count = std::io::Read::read(&mut stream, &mut buffer).unwrap();
        assert!(count > 0, "the request ends early");
        asked.extend_from_slice(&buffer[..count]);
    }
    std::io::Write::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").unwrap();
    let text = String::from_utf8_lossy(&asked).to_lowercase();
    assert!(text.starts_with("post /hook ") && text.contains("webhook-signature: v1,"), "{text}");
    case.until("/v1/notifications/deliveries?status=delivered", |found| found["pagination"]["total"] == 1);
    case.service.stop();
}
