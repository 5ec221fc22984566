//! `plumb drift capture` and `plumb drift detect`: both scan first.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use plumb_engine::clock::{SystemClock, rfc3339};
use plumb_engine::drift::detect::{Defaults, Detected};
use plumb_engine::request::{Conditions, ScanRequest, Selection, TargetRequest};
use plumb_engine::scan::Engine;
use plumb_model::scan::{About, ScanId, ScanStatus, ScanType};
use plumb_model::target::{CredentialReference, Target};
use plumb_model::tenant;
use plumb_store::Ledger;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::form;
use crate::arguments::Common;
use crate::arguments::drift::{Capture, Detect, Output, Run};
use crate::egress::Source;
use crate::exit::{Exit, usage};
use crate::progress::Progress;
use crate::{context, print};

/// Unknown resources that the table names.
const UNKNOWN_SHOWN: usize = 20;

/// What was typed of a target.
struct Typed {
    provider: String,
    settings: serde_json::Value,
    /// What it is called if nobody gives it a name.
    name: String,
}

impl Typed {
    fn new(words: &[String], reference: Option<&str>) -> anyhow::Result<Typed> {
        let (provider, rest) = words.split_first().context("clap asks for at least one word")?;
        let Some(first) = rest.first() else {
            return Err(usage(format!("name what {provider} is to look at: plumb drift … {provider} PATH")));
        };
        if first.contains("://") || first.contains("::") || (first.contains('@') && first.contains(':')) {
            let repository = match reference {
                Some(reference) => json!({ "url": first, "ref": reference }),
                None => json!({ "url": first }),
            };
            let within = rest.get(1..).unwrap_or_default();
            let settings = json!({ "repository": repository, "paths": within });
            return Ok(Typed { provider: provider.clone(), settings, name: words.join(" ") });
        }
        if reference.is_some() {
            return Err(usage("--ref is for a repository: https://…"));
        }
        let whole = |path: &String| {
            let whole = std::fs::canonicalize(path).map_err(|error| usage(format!("{path}: {error}")))?;
            whole.into_os_string().into_string().map_err(|_| usage(format!("{path}: its name is not UTF-8; rename it")))
        };
        let paths: Vec<String> = rest.iter().map(whole).collect::<anyhow::Result<_>>()?;
        let name = format!("{provider} {}", paths.join(" "));
        Ok(Typed { provider: provider.clone(), settings: json!({ "paths": paths }), name })
    }
}

impl Typed {
    /// As a stored target under a name, in the place of one that is known.
    fn target(&self, name: String, known: Option<Target>) -> Target {
        let now = rfc3339(jiff::Timestamp::now());
        Target {
            id: known.as_ref().map_or_else(|| *uuid::Uuid::now_v7().as_bytes(), |known| known.id),
            tenant: tenant::DEFAULT,
            number: 0,
            name,
            provider: self.provider.clone(),
            settings: self.settings.to_string(),
            credentials: known.as_ref().and_then(|known| known.credentials.clone()),
            labels: known.map(|known| known.labels).unwrap_or_default(),
            created_at: now.clone(),
            updated_at: now,
        }
    }
}

/// A scan at work, with its progress and its way to be interrupted.
struct Scanner {
    engine: Engine,
    ledger: Arc<Ledger>,
    cancel: CancellationToken,
    hidden: bool,
}

impl Scanner {
    async fn new(common: &Common, run: &Run) -> anyhow::Result<Scanner> {
        let library = context::library(common).await?;
        let ledger = context::ledger(common)?;
        let engine = Engine::new(Arc::clone(&ledger), library, Arc::new(SystemClock)).with_egress(Source::new());
        let cancel = CancellationToken::new();
        let interrupt = cancel.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupt.cancel();
            }
        });
        Ok(Scanner { engine, ledger, cancel, hidden: run.no_progress })
    }

    /// Scans a stored target.
    async fn scan_target(&self, target: &Target) -> anyhow::Result<ScanId> {
        let (progress, watcher) = Progress::start(self.hidden, false);
        let scanned = self.engine.scan_code(target, &self.cancel, &watcher).await;
        progress.end();
        Ok(scanned?)
    }

    /// Scans files that are held against the baseline of a target, and are not that target.
    async fn scan_files(&self, typed: &Typed, target: &Target) -> anyhow::Result<ScanId> {
        let paths = typed.settings.get("paths").and_then(serde_json::Value::as_array).into_iter().flatten();
        let request = ScanRequest {
            about: About { scan_type: ScanType::Drift, targets: vec![target.id], ..About::default() },
            targets: vec![TargetRequest {
                name: typed.name.clone(),
                provider: typed.provider.clone(),
                paths: paths.filter_map(serde_json::Value::as_str).map(PathBuf::from).collect(),
                ..TargetRequest::default()
            }],
            ..ScanRequest::default()
        };
        let (progress, watcher) = Progress::start(self.hidden, false);
        let scanned = self.engine.scan(request, Conditions::default(), self.cancel.clone(), watcher).await;
        progress.end();
        Ok(scanned?)
    }

    /// The target of some code, with what its state says now as its baseline.
    async fn code(&self, typed: &Typed) -> anyhow::Result<Target> {
        let known = self.ledger.target_by_name(&tenant::DEFAULT, &typed.name)?;
        let target = typed.target(typed.name.clone(), known);
        let scan = self.scan_target(&target).await?;
        if self.unfinished(&scan)?.is_some() {
            return Err(anyhow::anyhow!(
                "not all of the code could be read, so it is no baseline; see plumb history {}",
                uuid::Uuid::from_bytes(scan)
            ));
        }
        let target = self.ledger.put_target(&target)?;
        self.engine.capture_baselines(&tenant::DEFAULT, &target.id, &scan)?;
        Ok(target)
    }

    /// Scans what there really is, to hold it against a target's code.
    async fn scan_reality(&self, target: &Target, provider: &str, arguments: &Detect) -> anyhow::Result<ScanId> {
        let selection = Selection { regions: arguments.region.clone(), ..Selection::default() };
        let request = ScanRequest {
            about: About { scan_type: ScanType::Drift, targets: vec![target.id], ..About::default() },
            targets: vec![TargetRequest {
                name: provider.to_owned(),
                provider: provider.to_owned(),
                credentials: arguments.profile.clone().map(CredentialReference::Profile),
                ..TargetRequest::default()
            }],
            selection,
            ..ScanRequest::default()
        };
        let (progress, watcher) = Progress::start(self.hidden, true);
        let scanned = self.engine.scan(request, Conditions::default(), self.cancel.clone(), watcher).await;
        progress.end();
        Ok(scanned?)
    }

    /// Holds what a scan saw against a target's baseline, and prints what differs.
    async fn hold(&self, target: &Target, scan: &ScanId, arguments: &Detect) -> anyhow::Result<Exit> {
        let defaults = if arguments.defaults { Defaults::Reported } else { Defaults::Counted };
        let detected = self.engine.detect_drift(&tenant::DEFAULT, &target.id, scan, defaults).await?;
        if arguments.run.output.output == Output::Json {
            print::json(&detected_json(target, scan, &detected))?;
        } else {
            show(&detected)?;
        }
        Ok(match self.unfinished(scan)? {
            Some(exit) => exit,
            None if detected.unknown > 0 => Exit::Incomplete,
            None if detected.drifts.is_empty() => Exit::Success,
            None => Exit::Findings,
        })
    }

    /// How a scan ended, if not well.
    fn unfinished(&self, scan: &ScanId) -> anyhow::Result<Option<Exit>> {
        let status = self.ledger.scan(scan)?.map(|stored| stored.scan.status);
        Ok(match status {
            Some(ScanStatus::Completed) if self.ledger.gaps(scan)?.is_empty() => None,
            Some(ScanStatus::Cancelled) => Some(Exit::Interrupted),
            _ => Some(Exit::Incomplete),
        })
    }
}

pub(super) async fn capture(common: &Common, arguments: Capture) -> anyhow::Result<Exit> {
    let typed = Typed::new(&arguments.target, arguments.reference.as_deref())?;
    let scanner = Scanner::new(common, &arguments.run).await?;
    let name = arguments.name.unwrap_or_else(|| typed.name.clone());
    let known = scanner.ledger.target_by_name(&tenant::DEFAULT, &name)?;
    let target = typed.target(name, known);
    // Written down only when there is something to keep of it: a mistyped path leaves nothing.
    let scan = scanner.scan_target(&target).await?;
    let target = scanner.ledger.put_target(&target)?;
    let unfinished = scanner.unfinished(&scan)?;
    let head = scanner.engine.capture_baselines(&tenant::DEFAULT, &target.id, &scan)?;
    if arguments.run.output.output == Output::Json {
        print::json(&json!({
            "target": target_json(&target),
            "scan": uuid::Uuid::from_bytes(scan).to_string(),
            "captured_at": head.captured_at,
            "resources": head.count,
            "gaps": scanner.ledger.gaps(&scan)?.len(),
        }))?;
    } else {
        let text = format!("{}: the baseline has {} resources", target.name, head.count);
        print::out(&print::plain(&text))?;
    }
    if unfinished.is_some() {
        eprintln!("not everything could be read; what could not keeps the baseline it had, or has none");
    }
    Ok(unfinished.unwrap_or(Exit::Success))
}

pub(super) async fn detect(common: &Common, arguments: Detect) -> anyhow::Result<Exit> {
    let typed = Typed::new(&arguments.target, arguments.reference.as_deref())?;
    let scanner = Scanner::new(common, &arguments.run).await?;
    if let Some(provider) = &arguments.against {
        let target = scanner.code(&typed).await?;
        let scan = scanner.scan_reality(&target, provider, &arguments).await?;
        return scanner.hold(&target, &scan, &arguments).await;
    }
    let name = arguments.baseline.clone().unwrap_or_else(|| typed.name.clone());
    let target = scanner.ledger.target_by_name(&tenant::DEFAULT, &name)?;
    let target = target.ok_or_else(|| {
        usage(format!("there is no baseline '{}'; capture one first: plumb drift capture", print::plain(&name)))
    })?;
    let own = serde_json::from_str::<serde_json::Value>(&target.settings).is_ok_and(|own| own == typed.settings);
    let scan = if own && target.provider == typed.provider {
        scanner.scan_target(&target).await?
    } else {
        scanner.scan_files(&typed, &target).await?
    };
    scanner.hold(&target, &scan, &arguments).await
}

fn show(detected: &Detected) -> anyhow::Result<()> {
    if !detected.drifts.is_empty() {
        print::out(&form::table(&detected.drifts))?;
        print::out("")?;
    }
    for unknown in detected.unknown_resources.iter().take(UNKNOWN_SHOWN) {
        print::out(&print::plain(&format!("unknown: {}: {}", unknown.resource.id, unknown.reason)))?;
    }
    let more = detected.unknown.saturating_sub(UNKNOWN_SHOWN as u64);
    if more > 0 {
        print::out(&format!("unknown: {more} more; see -o json"))?;
    }
    Ok(print::out(&form::figures(detected))?)
}

fn target_json(target: &Target) -> serde_json::Value {
    let id = uuid::Uuid::from_bytes(target.id).to_string();
    json!({ "id": id, "number": target.number, "name": target.name, "provider": target.provider })
}

fn detected_json(target: &Target, scan: &ScanId, detected: &Detected) -> serde_json::Value {
    let drifts: Vec<serde_json::Value> = detected.drifts.iter().map(form::json).collect();
    let unknown = detected.unknown_resources.iter();
    let unknown: Vec<serde_json::Value> =
        unknown.map(|unknown| json!({ "resource": unknown.resource.id, "reason": unknown.reason })).collect();
    json!({
        "target": target_json(target),
        "scan": uuid::Uuid::from_bytes(*scan).to_string(),
        "in_sync": detected.in_sync,
        "changed": detected.changed,
        "missing": detected.missing,
        "unmanaged": detected.unmanaged,
        "defaults": detected.defaults,
        "unknown": detected.unknown,
        "new": detected.new,
        "resolved": detected.resolved,
        "drifts": drifts,
        "unknown_resources": unknown,
    })
}
