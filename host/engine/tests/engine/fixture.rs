//! A target in a folder, and scans of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use plumb_engine::clock::Clock;
use plumb_engine::event::Watcher;
use plumb_engine::library::{Library, Source};
use plumb_engine::request::{Conditions, ScanRequest, Selection, TargetRequest};
use plumb_engine::scan::Engine;
use plumb_model::scan::{ScanId, Summary};
use plumb_runtime::{Runtime, Settings};
use plumb_store::{Ledger, StoreError};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A clock that stands.
#[derive(Debug)]
struct Standing(Mutex<Timestamp>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A target, its ledger and the plugins.
pub(super) struct Bench {
    folder: TempDir,
    clock: Arc<Standing>,
    library: Arc<Library>,
    ledger: Arc<Ledger>,
}

/// The bundled provider and checks; these bytes follow those of the checks.
async fn library(behind: &[u8]) -> Arc<Library> {
    let runtime = Runtime::new(Settings::default()).unwrap();
    let source = |plugin: &plumb_bundle::BundledPlugin| {
        let bytes = match plugin.id {
            "provider-terraform" => plugin.bytes.to_vec(),
            "checks-aws" => [plugin.bytes, behind].concat(),
            _ => return None,
        };
        Some(Source { name: plugin.id.to_owned(), bytes: bytes.into() })
    };
    let library = Library::load(&runtime, plumb_bundle::PLUGINS.iter().filter_map(source).collect()).await;
    assert_eq!(library.problems, []);
    Arc::new(library)
}

/// What a scan came to.
#[derive(Debug)]
pub(super) struct Seen {
    id: ScanId,
    /// Check, resource, message and, after a tab, verdict of every finding, sorted.
    pub(super) findings: Vec<String>,
    pub(super) evaluated: u64,
    pub(super) reused: u64,
    pub(super) summary: Summary,
    /// What each task follows from, where that is known.
    pub(super) sources: Vec<Option<[u8; 32]>>,
}

impl Seen {
    /// The verdict that all outcomes of a check share.
    pub(super) fn verdict_of(&self, check: &str) -> String {
        let found = self.findings.iter().filter(|finding| finding.split(' ').next() == Some(check));
        let mut verdicts: Vec<&str> = found.map(|finding| finding.rsplit('\t').next().unwrap()).collect();
        verdicts.dedup();
        assert_eq!(verdicts.len(), 1, "{:?}", self.findings);
        verdicts[0].to_owned()
    }
}

impl Bench {
    pub(super) async fn new() -> Bench {
        Bench {
            folder: TempDir::new().unwrap(),
            clock: Arc::new(Standing(Mutex::new("2026-11-21T10:00:00Z".parse().unwrap()))),
            library: library(&[]).await,
            ledger: Arc::new(Ledger::memory().unwrap()),
        }
    }

    pub(super) fn set_clock(&self, time: &str) {
        *self.clock.0.lock().unwrap() = time.parse().unwrap();
    }

    /// The checks in a component with other bytes, as an update brings them.
    pub(super) async fn update_checks(&mut self) {
        // A section that nobody reads: its id, its length, and its name with its own length.
        self.library = library(&[0, 2, 1, b'x']).await;
    }

    /// A state of these resources: kind, name and attributes.
    pub(super) fn write(&self, file: &str, resources: &[(&str, &str, Value)]) {
        let resources: Vec<Value> = resources
            .iter()
            .map(|(kind, name, attributes)| {
                json!({
                    "mode": "managed", "type": kind, "name": name,
                    "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                    "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
                })
            })
            .collect();
        let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "5a1e", "outputs": {},
            "resources": resources});
        self.write_text(file, &state.to_string());
    }

    pub(super) fn write_text(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Scans the folder, and once more with a ledger that knows nothing: the findings must be the same.
    pub(super) async fn scan(&self, checks: &[&str]) -> Seen {
        let path = self.folder.path().to_owned();
        let target = TargetRequest { provider: "terraform".to_owned(), paths: vec![path], ..TargetRequest::default() };
        self.scan_targets(&[target], checks).await
    }

    /// The same for some of its folders, each a target of its own that is kept under the folder's name.
    pub(super) async fn scan_folders(&self, folders: &[&str], checks: &[&str]) -> Seen {
        let target = |name: &&str| TargetRequest {
            name: (*name).to_owned(),
            id: Some([name.as_bytes()[0]; 16]),
            provider: "terraform".to_owned(),
            paths: vec![self.folder.path().join(name)],
            ..TargetRequest::default()
        };
        self.scan_targets(&folders.iter().map(target).collect::<Vec<_>>(), checks).await
    }

    /// The digests of what its resources were made from, where they were made from one thing alone.
    pub(super) fn made_from(&self, seen: &Seen) -> BTreeSet<[u8; 32]> {
        let tasks = self.ledger.tasks(&seen.id).unwrap();
        let sources = tasks.iter().flat_map(|task| self.ledger.task_sources(&seen.id, task.index).unwrap());
        sources.map(|(source, _)| source).collect()
    }

    /// Deletes a scan, and all that no other names.
    pub(super) fn forget(&self, seen: &Seen) {
        self.ledger.delete_scan(&seen.id).unwrap();
        self.ledger.prune().unwrap();
        assert!(self.ledger.check().unwrap().is_sound());
    }

    async fn scan_targets(&self, targets: &[TargetRequest], checks: &[&str]) -> Seen {
        let fresh = self.scan_into(&Arc::new(Ledger::memory().unwrap()), targets, checks).await;
        let seen = self.scan_into(&self.ledger, targets, checks).await;
        assert_eq!(seen.findings, fresh.findings);
        assert_eq!((seen.evaluated + seen.reused, 0), (fresh.evaluated, fresh.reused));
        assert!(self.ledger.check().unwrap().is_sound());
        seen
    }

    async fn scan_into(&self, ledger: &Arc<Ledger>, targets: &[TargetRequest], checks: &[&str]) -> Seen {
        let clock: Arc<dyn Clock> = Arc::<Standing>::clone(&self.clock);
        let engine = Engine::new(Arc::clone(ledger), Arc::clone(&self.library), clock);
        let checks = checks.iter().map(|check| (*check).to_owned()).collect();
        let selection = Selection { checks, ..Selection::default() };
        let request = ScanRequest { targets: targets.to_vec(), selection, ..ScanRequest::default() };
        let scanned = engine.scan(request, Conditions::default(), CancellationToken::new(), Watcher::none()).await;
        let id = scanned.unwrap();
        let mut findings = Vec::new();
        ledger
            .findings(&id, |finding| {
                let (check, resource) = (&finding.check_id, &finding.resource.id);
                findings.push(format!("{check} {resource} {}\t{}", finding.message, finding.verdict));
                Ok::<_, StoreError>(())
            })
            .unwrap();
        findings.sort();
        let summary = ledger.scan(&id).unwrap().unwrap().summary.unwrap();
        let sources = ledger.tasks(&id).unwrap().into_iter().map(|task| task.source.map(|source| source.digest));
        let (evaluated, reused, sources) = (summary.evaluated_now, summary.reused, sources.collect());
        Seen { id, findings, evaluated, reused, summary, sources }
    }
}

/// A bucket without notifications.
pub(super) fn bucket(name: &str, owner: &str) -> Value {
    json!({"id": name, "bucket": name, "arn": format!("arn:aws:s3:::{name}"), "tags": {"owner": owner},
        "versioning": [{"enabled": true, "mfa_delete": false}]})
}

pub(super) fn notification(bucket: &str) -> Value {
    json!({"id": bucket, "bucket": bucket, "eventbridge": true})
}

pub(super) fn function(name: &str) -> Value {
    json!({"id": name, "function_name": name, "arn": format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}"),
        "runtime": "ruby3.3", "package_type": "Zip", "handler": "main.handler", "memory_size": 128})
}
