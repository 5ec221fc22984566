//! The dashboard in a real browser, against the real program. `tests/validators/dashboard.mjs` says what is done there.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Plumb, bucket, repository, state};
use crate::service::Service;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Resources of a scan that takes long enough to be watched.
const MANY: usize = 60_000;

/// Names that would do something if they were more than text.
const HOSTILE: [&str; 4] = [
    "<script>window.hostile=1</script>",
    "<img src=x onerror=window.hostile=2>",
    "=cmd|' /C calc'!A0",
    "\u{1b}[31m\u{202e}red</title><b>",
];

/// A service with a target, and a token that may do everything.
struct Case {
    plumb: Plumb,
    service: Service,
    token: String,
    target: String,
}

impl Case {
    fn new(text: &str) -> Case {
        let plumb = Plumb::new();
        let file = plumb.write("infra/terraform.tfstate", text);
        let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
        let service = Service::start(&plumb, &[]);
        let target = json!({
            "name": format!("infra {}", HOSTILE[0]),
            "provider": "terraform",
            "settings": {"paths": [file.parent().unwrap()]},
            "labels": {"environment": "production"},
        });
        let (status, target) = service.ask(&token, "POST", "/v1/targets", Some(&target));
        assert_eq!(status, 201, "{target}");
        Case { target: target["id"].as_str().unwrap().to_owned(), plumb, service, token }
    }

    fn make(&self, path: &str, body: &Value) -> Value {
        let (status, made) = self.service.ask(&self.token, "POST", path, Some(body));
        assert_eq!(status, 201, "{path}: {made}");
        made
    }

    /// A channel that is told of everything. Its mail goes nowhere.
    fn channel(enabled: bool) -> Value {
        json!({"name": HOSTILE[1], "type": "email", "to": ["ops@example.com"], "enabled": enabled,
            "rules": [{}, {"events": ["drift.detected"], "min_severity": "high", "score_fall": 2.5}]})
    }

    /// With a scan, and drifts that a second one found.
    fn scanned() -> Case {
        let case = Case::new(&buckets(true));
        case.scan();
        case.plumb.write("infra/terraform.tfstate", buckets(false));
        case.make("/v1/notifications/channels", &Case::channel(true));
        case.make(
            "/v1/mutes",
            &json!({"check": "s3_bucket_cors_*", "reason": HOSTILE[0], "owner": HOSTILE[1], "expires": "2099-01-01"}),
        );
        case.scan();
        let schedule = case.make("/v1/scans/schedules", &json!({
            "name": HOSTILE[2], "description": HOSTILE[0],
            "schedule": {"cron": "30 2 * * *", "timezone": "Europe/Berlin"},
            "triggers": [{"type": "resource_change"}, {"type": "webhook"}, {"type": "compliance_drift", "score_fall": 5}],
            "scan_config": {"scan_type": "full", "environment": "production", "cloud_providers": ["aws"]},
            "notifications": {"on_completion": true, "on_failure": true, "channels": ["slack"]},
        }));
        let ordered = case.make(&format!("/v1/scans/schedules/{}/run", schedule["id"].as_str().unwrap()), &json!({}));
        case.service.ended(&case.token, ordered["id"].as_str().unwrap());
        case
    }

    /// With a message that was given up although its channel is there.
    fn with_a_dead_letter() -> Case {
        let case = Case::scanned();
        let (_, known) = case.service.ask(&case.token, "GET", "/v1/notifications/channels", None);
        let channel = format!("/v1/notifications/channels/{}", known["channels"][0]["id"].as_str().unwrap());
        let set = |enabled| case.service.ask(&case.token, "PUT", &channel, Some(&Case::channel(enabled)));
        assert_eq!(set(false).0, 200);
        let begun = Instant::now();
        loop {
            let (_, dead) = case.service.ask(&case.token, "GET", "/v1/notifications/deliveries?status=dead", None);
            let dead = dead["deliveries"].as_array().unwrap();
            if dead.iter().any(|message| !message["channel_id"].is_null()) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{dead:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(set(true).0, 200);
        case
    }

    fn scan(&self) {
        let path = format!("/api/scans/trigger/{}", self.target);
        let (status, started) = self.service.ask(&self.token, "POST", &path, None);
        assert_eq!(status, 201, "{started}");
        let ended = self.service.ended(&self.token, started["data"]["_id"].as_str().unwrap());
        assert_eq!(ended["status"], "completed", "{ended}");
    }

    /// Does something in a browser. `make test` installs one where the system has packages; without any there is nothing to look with.
    fn look(self, case: &str) {
        let Some(chromium) = chromium() else {
            eprintln!(
                "skipped: there is no Chromium; install it (Debian: apt install chromium), or name it in PLUMB_CHROMIUM"
            );
            return;
        };
        let validators =
            std::env::var_os("PLUMB_VALIDATORS").map_or_else(|| repository().join("target/validators"), PathBuf::from);
        assert!(
            validators.join("node_modules/playwright-core").exists(),
            "the validators are not there; run tests/validators/setup.sh"
        );
        let looked = Command::new("node")
            .arg(repository().join("tests/validators/dashboard.mjs"))
            .arg(case)
            .env("PLUMB_VALIDATORS", std::fs::canonicalize(&validators).unwrap())
            .env("PLUMB_CHROMIUM", chromium)
            .env("PLUMB_URL", format!("http://{}", self.service.address))
            .env("PLUMB_TOKEN", &self.token)
            .output()
            .expect("node starts");
        let words = format!("{}{}", String::from_utf8_lossy(&looked.stdout), String::from_utf8_lossy(&looked.stderr));
        self.service.stop();
        assert!(looked.status.success(), "{case}: {words}");
    }
}

/// The browser: as it is named, else as systems call it.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PLUMB_CHROMIUM") {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.exists())
}

fn buckets(versioned: bool) -> String {
    let hostile: Vec<(&str, &str, Value)> =
        HOSTILE.iter().map(|name| ("aws_s3_bucket", *name, bucket(name, versioned))).collect();
    state(&hostile)
}

#[test]
fn somebody_signs_in_scans_mutes_moves_a_drift_and_signs_out() {
    Case::scanned().look("walk");
}

#[test]
fn somebody_makes_a_schedule_sends_a_message_again_and_unmutes() {
    Case::with_a_dead_letter().look("schedules");
}

#[test]
fn a_running_scan_is_watched_and_cancelled() {
    let many: Vec<String> = (0..MANY).map(|number| format!("lake{number}")).collect();
    let many: Vec<(&str, &str, Value)> =
        many.iter().map(|name| ("aws_s3_bucket", name.as_str(), bucket(name, false))).collect();
    Case::new(&state(&many)).look("progress");
}

#[test]
fn pages_work_without_scripts() {
    Case::scanned().look("plain");
}

#[test]
fn hostile_names_are_text_on_every_page() {
    Case::scanned().look("hostile");
}

#[test]
fn pages_have_nothing_that_axe_knows_to_be_wrong() {
    Case::scanned().look("accessible");
}

#[test]
fn keys_reach_everything() {
    Case::scanned().look("keys");
}
