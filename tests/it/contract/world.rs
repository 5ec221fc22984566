//! A server that has something for every example: three scans of a repository, of which the last found drift, evidence, a schedule,
//! scans that are still at work, and a token that may do nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::harness::Plumb;
use crate::service::Service;

/// Resources of a scan that is met while it runs.
const MANY: u32 = 20_000;

const BUCKET: &str = r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"l","outputs":{},"resources":[
    {"mode":"managed","type":"aws_s3_bucket","name":"lake","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
        {"schema_version":0,"attributes":{"id":"lake","bucket":"lake","arn":"arn:aws:s3:::lake","acl":"private","region":"eu-west-1"}}]},
    {"mode":"managed","type":"aws_s3_bucket_public_access_block","name":"lake","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
        {"schema_version":0,"attributes":{"id":"lake","bucket":"lake","block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}}]}]}"#;

pub(super) struct World {
    plumb: Plumb,
    service: Service,
    admin: String,
    pub(super) powerless: String,
    /// What stands for `{name}` in requests.
    values: Mutex<BTreeMap<&'static str, String>>,
}

impl World {
    pub(super) fn new() -> World {
        let world = World::with("[rate]\ntriggers = 1000\n[scans]\nmax_concurrent = 4\n");
        let detect = || {
            let (status, job) = world.send("POST /api/v1/drifts/detect", "");
            assert_eq!(status, 202, "{job}");
            world.ended(job["scan_id"].as_str().unwrap());
        };
        // What a target's first whole scan sees is its baseline.
        detect();
        let full = r#"{"name": "Production Full Compliance Scan", "scan_type": "full", "environment": "production",
            "cloud_providers": ["aws", "azure"], "frameworks": ["soc2"], "audit_name": "Q1 2024 Compliance Audit"}"#;
        let scan = || {
            let (status, scan) = world.send("POST /v1/scans", full);
            assert_eq!(status, 201, "{scan}");
            let ended = world.ended(scan["id"].as_str().unwrap());
            assert_eq!(ended["status"], "completed", "{ended}");
            ended
        };
        scan();
        world.plumb.write(
            "infra/terraform.tfstate",
            BUCKET.replace(r#""block_public_acls":true"#, r#""block_public_acls":false"#),
        );
        let last = scan();
        world.keep("scan", last["id"].as_str().unwrap());
        world.keep("policy", last["policy_id"].as_str().unwrap());
        let drift = world.get("/api/v1/drifts")["data"][0].clone();
        world.keep("drift", &drift["id"].to_string());
        let results = world.get(&format!("/api/scans/{}/results", last["id"].as_str().unwrap()));
        let control = results[0]["control_id"].as_str().unwrap();
        world.keep("control", control);
        let evidence = world.get(&format!("/api/evidence?control_id={control}"));
        world.keep("evidence", evidence["evidence"][0]["id"].as_str().unwrap());
        world.add_large();
        world
    }

    /// With one target, and nothing scanned.
    pub(super) fn with(config: &str) -> World {
        let plumb = Plumb::new();
        plumb.write("infra/terraform.tfstate", BUCKET);
        let config = plumb.write("plumb.toml", config);
        let token = |role: &[&str]| {
            let arguments = [&["token", "create"], role].concat();
            plumb.run(&arguments).expect(0).stdout.trim().to_owned()
        };
        let (admin, powerless) = (token(&["--role", "admin"]), token(&["--scope", "plugins:read"]));
        let service = Service::start(&plumb, &["--config", config.to_str().unwrap()]);
        let world = World { plumb, service, admin, powerless, values: Mutex::default() };
        world.add("target", "org/terraform-infra", "production", "infra");
        world
    }

    /// A target whose scans take long enough to be met at work.
    pub(super) fn add_large(&self) {
        self.plumb.write("large/terraform.tfstate", many());
        self.add("large", "org/large", "staging", "large");
    }

    fn add(&self, label: &'static str, name: &str, environment: &str, folder: &str) {
        let target = json!({
            "name": name, "provider": "terraform", "settings": {"paths": [self.plumb.path(folder)]},
            "credentials": {"environment": "AWS"}, "labels": {"environment": environment},
        });
        let (status, made) = self.send("POST /v1/targets", &target.to_string());
        assert_eq!(status, 201, "{made}");
        self.keep(label, made["id"].as_str().unwrap());
    }

    fn keep(&self, name: &'static str, value: &str) {
        self.values.lock().unwrap().insert(name, value.to_owned());
    }

    pub(super) fn value(&self, name: &str) -> String {
        self.values.lock().unwrap().get(name).unwrap_or_else(|| panic!("nobody knows {name}")).clone()
    }

    /// A scan that is at work.
    fn running(&self) -> String {
        let (status, begun) = self.send(
            "POST /v1/scans",
            r#"{"name": "large", "scan_type": "full", "environment": "staging", "cloud_providers": ["aws"]}"#,
        );
        assert_eq!(status, 201, "{begun}");
        let id = begun["id"].as_str().unwrap().to_owned();
        loop {
            let details = self.get(&format!("/v1/scans/{id}"));
            if details["progress"]["scanned_resources"].as_u64() > Some(0) {
                return id;
            }
            assert!(["pending", "running"].contains(&details["status"].as_str().unwrap()), "{details}");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// A completed scan of its own.
    fn completed(&self) -> String {
        let (status, begun) = self.send("POST /api/scans/trigger/{target}", "");
        assert_eq!(status, 201, "{begun}");
        let id = begun["data"]["_id"].as_str().unwrap().to_owned();
        self.ended(&id);
        id
    }

    pub(super) fn ended(&self, scan: &str) -> Value {
        self.service.ended(&self.admin, scan)
    }

    fn get(&self, path: &str) -> Value {
        let (status, answer) = self.service.ask(&self.admin, "GET", path, None);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Method and path, with values in the place of names, and a body.
    pub(super) fn send(&self, request: &str, body: &str) -> (u16, Value) {
        self.send_as(&self.admin, request, body)
    }

    pub(super) fn send_as(&self, token: &str, request: &str, body: &str) -> (u16, Value) {
        let mut request = request.to_owned();
        while let Some((before, rest)) = request.split_once('{') {
            let (name, after) = rest.split_once('}').unwrap();
            let value = match name {
                "running" => self.running(),
                "completed" => self.completed(),
                name => self.value(name),
            };
            request = format!("{before}{value}{after}");
        }
        let (method, path) = request.split_once(' ').unwrap();
        let kind = match body.as_bytes().first() {
            None => "",
            Some(b'-') => "content-type: multipart/form-data; boundary=b\r\n",
            Some(_) => "content-type: application/json\r\n",
        };
        self.service.send(token, method, path, kind, body.as_bytes())
    }

    pub(super) fn end(self) {
        self.service.stop();
        self.plumb.run(&["db", "check"]).expect(0);
    }
}

fn many() -> String {
    let bucket = |number: u32| {
        let name = format!("lake{number}");
        json!({
            "mode": "managed", "type": "aws_s3_bucket", "name": name,
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 0, "attributes": {"id": name, "bucket": name}}],
        })
    };
    let resources: Vec<Value> = (0..MANY).map(bucket).collect();
    json!({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {}, "resources": resources}).to_string()
}
