//! A target in a folder, a schedule of it, and somebody who posts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use plumb_engine::clock::{Clock, rfc3339};
use plumb_engine::library::{Library, Source};
use plumb_engine::notify::secrets::{SecretSource, Secrets};
use plumb_engine::notify::signature::SigningKey;
use plumb_engine::notify::{Notifier, Post, Posted, Settings};
use plumb_engine::scan::Engine;
use plumb_engine::schedule::Scheduler;
use plumb_engine::service::Service;
use plumb_engine::service::queue::Bounds;
use plumb_engine::service::register::SortBy;
use plumb_model::notification::{Channel, Destination, Rule, UrlSource};
use plumb_model::schedule::{EventTrigger, Overlap, ScanConfig, Schedule, ScheduleState, Timing};
use plumb_model::target::Target;
use plumb_model::tenant::DEFAULT;
use plumb_runtime::{Runtime, Settings as RuntimeSettings};
use plumb_store::{Ledger, StoredScanHead};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) const START: &str = "2026-11-21T10:00:30Z";

#[derive(Debug)]
pub(super) struct Standing(Mutex<Timestamp>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// What was posted.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// Answers what a test says.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) asked: Mutex<Vec<Asked>>,
    pub(super) answer: Mutex<Result<Posted, String>>,
}

impl Post for Receiver {
    fn check(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(String, String)],
        body: Vec<u8>,
        _: Duration,
    ) -> BoxFuture<'a, Result<Posted, String>> {
        let headers = headers.iter().cloned().collect();
        self.asked.lock().unwrap().push(Asked { url: url.to_owned(), headers, body });
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move { answer })
    }
}

impl Receiver {
    pub(super) fn answer(&self, answer: Result<u16, &str>) {
        let answer = answer.map(|status| Posted { status, retry_after: None }).map_err(str::to_owned);
        *self.answer.lock().unwrap() = answer;
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// One ledger, and a program on it that can begin anew.
pub(super) struct Bench {
    pub(super) folder: TempDir,
    pub(super) clock: Arc<Standing>,
    library: Arc<Library>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) receiver: Arc<Receiver>,
    pub(super) settings: Settings,
    pub(super) service: Service,
    pub(super) scheduler: Scheduler,
}

async fn library() -> Arc<Library> {
    let runtime = Runtime::new(RuntimeSettings::default()).unwrap();
    let wanted = |plugin: &&plumb_bundle::BundledPlugin| {
        ["provider-terraform", "checks-aws", "framework-soc2"].contains(&plugin.id)
    };
    let source =
        |plugin: &plumb_bundle::BundledPlugin| Source { name: plugin.id.to_owned(), bytes: plugin.bytes.into() };
    let library = Library::load(&runtime, plumb_bundle::PLUGINS.iter().filter(wanted).map(source).collect()).await;
    assert_eq!(library.problems, []);
    Arc::new(library)
}

/// Scans run.
pub(super) fn running() -> Bounds {
    Bounds::default()
}

/// Scans wait for ever.
pub(super) fn waiting() -> Bounds {
    Bounds { running: 0, ..Bounds::default() }
}

impl Bench {
    /// With a target `infra` of the environment `production` that holds one bucket.
    pub(super) async fn new(bounds: Bounds) -> Bench {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(Standing(Mutex::new(START.parse().unwrap())));
        let ledger = Arc::new(Ledger::memory().unwrap());
        let receiver = Arc::new(Receiver {
            asked: Mutex::default(),
            answer: Mutex::new(Ok(Posted { status: 200, retry_after: None })),
        });
        std::fs::write(folder.path().join("slack.url"), "https://hooks.slack.test/services/T0/B0/topsecret\n").unwrap();
        let slack = SecretSource::File(folder.path().join("slack.url"));
        let settings = Settings {
            post: Some(Arc::<Receiver>::clone(&receiver)),
            smtp: None,
            secrets: [((DEFAULT, "slack".to_owned()), slack)].into_iter().collect::<Secrets>(),
            signing: SigningKey::derive(b"a key for tests"),
            public_url: Some("https://plumb.test".to_owned()),
        };
        let library = library().await;
        let (service, scheduler) = begin(&ledger, &library, &clock, &settings, bounds);
        let bench = Bench { folder, clock, library, ledger, receiver, settings, service, scheduler };
        bench.write(&["lake"]);
        bench.ledger.put_target(&bench.target(1, "infra", "production")).unwrap();
        bench
    }

    /// The program stops and begins anew on the same ledger.
    pub(super) async fn restart(&mut self, bounds: Bounds) {
        self.service.stop().await;
        (self.service, self.scheduler) = begin(&self.ledger, &self.library, &self.clock, &self.settings, bounds);
    }

    pub(super) fn target(&self, id: u8, name: &str, environment: &str) -> Target {
        let at = rfc3339(self.clock.now());
        Target {
            id: [id; 16],
            tenant: DEFAULT,
            number: 0,
            name: name.into(),
            provider: "terraform".into(),
            settings: json!({"paths": [self.file()]}).to_string(),
            credentials: None,
            labels: [("environment".to_owned(), environment.to_owned())].into(),
            created_at: at.clone(),
            updated_at: at,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("terraform.tfstate")
    }

    /// A state with these buckets.
    pub(super) fn write(&self, buckets: &[&str]) {
        let bucket = |name: &&str| {
            let attributes =
                json!({"id": name, "bucket": name, "arn": format!("arn:aws:s3:::{name}"), "acl": "private"});
            resource("aws_s3_bucket", name, &attributes)
        };
        self.write_state(&buckets.iter().map(bucket).collect::<Vec<_>>());
    }

    /// A state with a key that is replaced now and then, or is not.
    pub(super) fn write_key(&self, rotated: bool) {
        let attributes = json!({"id": "key", "key_id": "key", "arn": "arn:aws:kms:eu-west-1:123456789012:key/key",
            "enable_key_rotation": rotated, "is_enabled": true, "multi_region": false, "key_usage": "ENCRYPT_DECRYPT",
            "customer_master_key_spec": "SYMMETRIC_DEFAULT", "deletion_window_in_days": 30,
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
        self.write_state(&[resource("aws_kms_key", "key", &attributes)]);
    }

    fn write_state(&self, resources: &[Value]) {
        let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "5a1e", "outputs": {},
            "resources": resources});
        std::fs::write(self.file(), state.to_string()).unwrap();
    }

    pub(super) fn set_clock(&self, time: &str) {
        *self.clock.0.lock().unwrap() = time.parse().unwrap();
    }

    pub(super) fn pass(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }

    /// A schedule that is kept from now on.
    pub(super) fn keep(&self, schedule: impl std::borrow::Borrow<Schedule>) -> Schedule {
        self.ledger.put_schedule(schedule.borrow()).unwrap()
    }

    /// Every hour, of the environment `production`.
    pub(super) fn hourly(&self) -> Schedule {
        let at = rfc3339(self.clock.now());
        Schedule {
            id: [7; 16],
            tenant: DEFAULT,
            number: 0,
            name: "hourly".into(),
            description: String::new(),
            timing: Some(Timing { cron: "0 * * * *".into(), timezone: "UTC".into() }),
            triggers: Vec::new(),
            config: ScanConfig {
                environment: "production".into(),
                cloud_providers: vec!["aws".into()],
                ..ScanConfig::default()
            },
            overlap: Overlap::Skip,
            notifications: plumb_model::notification::ScanNotifications::default(),
            enabled: true,
            created_at: at.clone(),
            updated_at: at.clone(),
            armed_at: at,
            secret_version: 0,
            state: ScheduleState::default(),
        }
    }

    /// One that the clock never sets off.
    pub(super) fn triggered(&self, trigger: EventTrigger) -> Schedule {
        Schedule { timing: None, triggers: vec![trigger], ..self.hourly() }
    }

    pub(super) fn state(&self) -> ScheduleState {
        self.ledger.schedule(&DEFAULT, &[7; 16]).unwrap().unwrap().state
    }

    pub(super) async fn look(&self) {
        self.scheduler.look().await.unwrap();
    }

    /// All scans, the oldest first.
    pub(super) fn scans(&self) -> Vec<Arc<StoredScanHead>> {
        self.service.scans(&DEFAULT, |_| true, SortBy::CreatedAt, true, 0, 1_000).scans
    }

    /// Waits until every scan has ended.
    pub(super) async fn settle(&self) {
        let begun = std::time::Instant::now();
        while self.scans().iter().any(|head| !head.scan.status.is_terminal()) {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.scans());
            let ended = tokio::time::timeout(Duration::from_secs(1), self.service.happened()).await;
            // Whoever waits may have missed it: the loop looks again.
            drop(ended);
        }
    }

    pub(super) fn channel(&self, id: u8, name: &str, destination: Destination, rules: Vec<Rule>) -> Channel {
        let at = rfc3339(self.clock.now());
        let channel = Channel {
            id: [id; 16],
            tenant: DEFAULT,
            name: name.into(),
            destination,
            rules,
            enabled: true,
            secret_version: 0,
            created_at: at.clone(),
            updated_at: at,
        };
        self.ledger.put_channel(&channel).unwrap()
    }

    pub(super) fn webhook(&self, rules: Vec<Rule>) -> Channel {
        let url = UrlSource::Plain("https://hooks.test/plumb".into());
        self.channel(1, "hook", Destination::Webhook(url), rules)
    }
}

fn resource(kind: &str, name: &str, attributes: &Value) -> Value {
    json!({"mode": "managed", "type": kind, "name": name,
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}]})
}

fn begin(
    ledger: &Arc<Ledger>,
    library: &Arc<Library>,
    clock: &Arc<Standing>,
    settings: &Settings,
    bounds: Bounds,
) -> (Service, Scheduler) {
    let clock: Arc<dyn Clock> = Arc::<Standing>::clone(clock);
    let engine = Engine::new(Arc::clone(ledger), Arc::clone(library), Arc::clone(&clock));
    let service = Service::start(engine, bounds).unwrap();
    let notifier = Notifier::new(Arc::clone(ledger), clock, settings.clone());
    (service.clone(), Scheduler::new(service, notifier))
}
