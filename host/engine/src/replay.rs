//! Does again what a scan decided, from its record alone: the documents the checks saw, the plugins they came from by their
//! digests, the time they were given. Verdict and message have to come out the same, to the byte: that is what evidence is worth.
//!
//! `resources` replays checks of single resources, `accounts` those of whole accounts. What a plugin failed at in the scan was no
//! decision; it is counted and not replayed.

mod accounts;
mod resources;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plumb_model::check::{Check, PluginRef, Scope};
use plumb_model::outcome::Verdict;
use plumb_model::scan::{Catalogue, ScanId, ScanStatus};
use plumb_runtime::{Plugin, Runtime};
use plumb_store::{Ledger, StoreError};

use crate::day::{Day, NO_TIME};
use crate::error::EngineError;
use crate::library::{Source, by_digest};
use crate::request::StoredRequest;

/// Differences that are named; of a plugin that is not the same any more there are as many as findings.
const NAMED: usize = 100;

/// What came of a replay.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// Decisions that came out the same.
    pub reproduced: u64,
    /// Of the scan, where the plugin had failed: there is nothing to reproduce.
    pub undecided: u64,
    /// The first hundred, and how many more there are.
    pub differences: Vec<Difference>,
    pub more_differences: u64,
    /// Checks that could not be replayed, each with the reason.
    pub missing: BTreeMap<String, String>,
}

/// Something that did not come out the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub check_id: String,
    /// Or the account.
    pub resource_id: String,
    pub problem: String,
}

impl Replay {
    fn differs(&mut self, check: &Check, resource: &str, problem: String) {
        if self.differences.len() < NAMED {
            let (check_id, resource_id) = (check.id.clone(), resource.to_owned());
            self.differences.push(Difference { check_id, resource_id, problem });
        } else {
            self.more_differences += 1;
        }
    }

    /// Holds what came out against what was recorded.
    fn compare(&mut self, check: &Check, resource: &str, recorded: (Verdict, &str), replayed: (Verdict, &str)) {
        if recorded == replayed {
            self.reproduced += 1;
            return;
        }
        let shown = |(verdict, message): (Verdict, &str)| match message {
            "" => verdict.to_string(),
            _ => format!("{verdict} '{message}'"),
        };
        self.differs(check, resource, format!("recorded as {}, replayed as {}", shown(recorded), shown(replayed)));
    }
}

/// A scan that is replayed.
struct Subject {
    ledger: Arc<Ledger>,
    scan: ScanId,
    /// The time that checks were given which depend on it.
    day: Day,
    catalogue: Catalogue,
    request: Result<StoredRequest, String>,
    /// Check ids.
    wanted: BTreeSet<String>,
    plugins: BTreeMap<[u8; 32], Plugin>,
}

/// A wanted check, and its position in the catalogue.
type Wanted<'s> = (u32, &'s Check);

impl Subject {
    /// The wanted checks of one kind, by plugin, as far as their plugins are there.
    fn by_plugin(&self, scope: Scope) -> Vec<(&Plugin, Vec<Wanted<'_>>)> {
        let mut found: BTreeMap<&[u8; 32], Vec<Wanted<'_>>> = BTreeMap::new();
        for (position, check) in (0u32..).zip(self.catalogue.checks.values()) {
            if check.scope == scope && self.wanted.contains(&check.id) {
                found.entry(&check.plugin.digest).or_default().push((position, check));
            }
        }
        found.into_iter().filter_map(|(digest, checks)| Some((self.plugins.get(digest)?, checks))).collect()
    }

    /// The time a check was given.
    fn time(&self, check: &Check) -> &str {
        if check.time_dependent { &self.day.time } else { NO_TIME }
    }
}

/// Replays some checks of a completed scan. The plugins are looked for among `sources`, by their digests.
pub async fn replay(
    ledger: &Arc<Ledger>,
    runtime: &Runtime,
    sources: Vec<Source>,
    scan: &ScanId,
    checks: &BTreeSet<String>,
) -> Result<Replay, EngineError> {
    let text = uuid::Uuid::from_bytes(*scan).to_string();
    let Some(kept) = ledger.scan(scan)? else {
        return Err(EngineError::Store(StoreError::NoSuchScan(text)));
    };
    if kept.scan.status != ScanStatus::Completed {
        return Err(EngineError::Target(format!(
            "scan {text} is {}; only a completed one is evidence",
            kept.scan.status
        )));
    }
    let catalogue = ledger.catalogue(scan)?;
    let wanted: BTreeSet<String> = catalogue.checks.keys().filter(|id| checks.contains(*id)).cloned().collect();
    let request = StoredRequest::from_bytes(&kept.settings).map_err(|error| error.to_string());
    let mut digests: BTreeSet<[u8; 32]> =
        catalogue.checks.values().filter(|check| wanted.contains(&check.id)).map(|check| check.plugin.digest).collect();
    let providers = request.as_ref().map(providers).unwrap_or_default();
    digests.extend(&providers);
    let mut replay = Replay::default();
    let (mut plugins, mut broken) = (BTreeMap::new(), BTreeMap::new());
    for (digest, loaded) in by_digest(runtime, sources, &digests).await {
        match loaded {
            Ok(plugin) => drop(plugins.insert(digest, plugin)),
            Err(problem) => drop(broken.insert(digest, problem)),
        }
    }
    for check in catalogue.checks.values().filter(|check| wanted.contains(&check.id)) {
        if !plugins.contains_key(&check.plugin.digest) {
            let reason = broken.get(&check.plugin.digest).cloned().unwrap_or_else(|| not_there(&check.plugin));
            replay.missing.insert(check.id.clone(), reason);
        }
    }
    let started_at = kept.scan.started_at.unwrap_or_default();
    // A request that cannot be read is of a time when every scan was evaluated as of its own.
    let day = request.as_ref().map_or_else(
        |_| Day::of(&started_at).ok_or_else(|| format!("'{started_at}' is no time")),
        |request| request.day(&started_at),
    );
    let day = day.map_err(|problem| EngineError::BrokenRequest(text.clone(), problem))?;
    let subject = Subject { ledger: Arc::clone(ledger), scan: *scan, day, catalogue, request, wanted, plugins };
    resources::replay(&Arc::new(subject), &mut replay).await.map(|()| replay)
}

/// The digests of the provider plugins of a scan's targets.
fn providers(request: &StoredRequest) -> Vec<[u8; 32]> {
    request.providers.iter().filter_map(|digest| Some(*blake3::Hash::from_hex(digest).ok()?.as_bytes())).collect()
}

fn not_there(plugin: &PluginRef) -> String {
    let digest = blake3::Hash::from_bytes(plugin.digest).to_hex();
    let PluginRef { id, version, .. } = plugin;
    format!("plugin {id} {version} with digest blake3:{digest} is not there; name a folder that has it with --plugins")
}

/// Whether a message is the host's, about a plugin that failed ([`plumb_runtime::CallError`] in words).
fn is_failure(check: &Check, verdict: Verdict, message: &str) -> bool {
    let PluginRef { id, version, .. } = &check.plugin;
    verdict == Verdict::NotEvaluated && message.starts_with(&format!("plugin {id} {version}, checks."))
}
