//! A scan of a target held against its baselines.

use std::collections::{BTreeSet, HashMap};

use plumb_model::check::Severity;
use plumb_model::drift::{Baseline, Drift, DriftKind, DriftType};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::ScanId;
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;
use plumb_store::{Digest, FoundDrift, Ledger, ResourceKey, resource_key};

use crate::drift::compare::{Comparison, without_secrets};
use crate::drift::compliance::{Broken, Suspect};
use crate::drift::document::Document;
use crate::drift::matching::{Lone, pair, plain_address};
use crate::drift::rules::Rules;
use crate::drift::seen::{Row, Seen, Side};
use crate::drift::summary::{main_difference, summarize};
use crate::drift::versions::{Versions, read_all};
use crate::error::EngineError;
use crate::scan::Engine;

/// Resources whose documents are held at the same time: each may have 4 MiB, most have some kilobytes.
const CHUNK: usize = 256;
/// Resources that are named as unknown; the others are counted.
const UNKNOWN_NAMED: usize = 1000;

/// How a target stands against its baselines. A resource of which only some attributes could be read may be changed and unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detected {
    /// Every drift the scan saw, the known ones too.
    pub drifts: Vec<Drift>,
    /// How many of them were not known.
    pub new: u64,
    /// How many that were open are over.
    pub resolved: u64,
    pub in_sync: u64,
    pub changed: u64,
    pub missing: u64,
    pub unmanaged: u64,
    /// Resources that no baseline knows and that the cloud makes by itself, such as a default network: no drift, unless asked for.
    pub defaults: u64,
    /// Resources of which it could not be said, or not of all attributes.
    pub unknown: u64,
    /// The first thousand of them.
    pub unknown_resources: Vec<Unknown>,
}

/// What becomes of resources that no baseline knows and that the cloud makes by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Defaults {
    #[default]
    Counted,
    /// They are unmanaged like any other.
    Reported,
}

/// A resource of which it cannot be said whether it is in sync. It may have drifted too, by what could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub resource: ResourceRef,
    pub reason: String,
}

impl Detected {
    fn note_unknown(&mut self, resource: &ResourceRef, reason: String) {
        self.unknown += 1;
        if self.unknown_resources.len() < UNKNOWN_NAMED {
            self.unknown_resources.push(Unknown { resource: resource.clone(), reason });
        }
    }
}

/// A baseline with the resource that it is held against.
struct Couple {
    key: ResourceKey,
    baseline: Digest,
    row: Row,
    /// As the baseline calls it.
    id: String,
}

impl Couple {
    /// What is told without a look at the documents: the same bytes differ in nothing, and what could not be read is the same too.
    fn untouched(&self, rules: &Rules) -> Option<Comparison> {
        let gaps = self.row.gaps.as_ref().filter(|_| self.baseline == self.row.digest)?;
        let node = rules.of(&self.row.resource.kind);
        let unread = gaps.iter().filter(|path| node.shows(path)).cloned().collect();
        Some(Comparison { unread, ..Comparison::default() })
    }
}

/// A resource that differs, before its checks are asked.
struct Changed {
    couple: Couple,
    comparison: Comparison,
}

impl Engine {
    /// Holds what a scan saw against the baselines of a target, and writes down what differs. The scan is one of the target itself,
    /// or of what its settings call its reality.
    pub async fn detect_drift(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        scan: &ScanId,
        defaults: Defaults,
    ) -> Result<Detected, EngineError> {
        let ledger = self.ledger();
        let target = self.target_of(tenant, target)?;
        let stored = self.scan_of(tenant, scan)?;
        if ledger.baseline_head(tenant, &target.id)?.is_none() {
            return Err(EngineError::Target(format!(
                "{} has no baseline; capture one first: plumb drift capture",
                target.name
            )));
        }
        let mut seen = Seen::new(ledger, &target, &stored, Side::Reality)?;
        let provider = self.library().provider(&seen.part.request.provider)?;
        // Code held against reality: two providers that do not tell the same of a resource.
        let own = self.library().provider(&target.provider);
        let across = own.is_ok_and(|own| own.manifest().id != provider.manifest().id);
        let info = provider.provider_info().await.map_err(EngineError::Plan)?.unwrap_or_default();
        let rules = Rules::new(&info.attributes);
        let matched = couple(ledger, &rules, tenant, &target.id, seen.resources(ledger, scan)?)?;
        let mut detected = Detected::default();
        let mut settled = BTreeSet::new();
        let changed = compare_all(ledger, &rules, matched.couples, across, &mut detected, &mut settled)?;
        let mut found = self.found_changed(scan, &seen, changed).await?;
        for (key, baseline) in matched.missing {
            match seen.hidden(ledger, &baseline)? {
                Some(reason) => detected.note_unknown(&baseline.resource, reason),
                None => found.push(found_missing(&rules, key, &baseline)),
            }
        }
        let brought = |row: &Row| defaults == Defaults::Counted && rules.of(&row.resource.kind).noise;
        let (brought, unmanaged): (Vec<Row>, Vec<Row>) = matched.unmanaged.into_iter().partition(brought);
        detected.defaults = brought.len() as u64;
        for rows in unmanaged.chunks(CHUNK) {
            let digests: Vec<Digest> = rows.iter().map(|row| row.digest).collect();
            for (row, document) in rows.iter().zip(read_all(ledger, &digests)?) {
                found.push(found_unmanaged(&rules, resource_key(&target.id, &row.resource.id), row, &document));
            }
        }
        for drift in &found {
            match drift.kind {
                DriftKind::Changed => detected.changed += 1,
                DriftKind::Missing => detected.missing += 1,
                DriftKind::Unmanaged => detected.unmanaged += 1,
            }
        }
        let drifting: BTreeSet<ResourceKey> = found.iter().map(|drift| drift.key).collect();
        for (key, open) in ledger.open_drifts(tenant, &target.id)? {
            if drifting.contains(&key) || ledger.baseline(tenant, &target.id, &key)?.is_some() {
                continue;
            }
            // An unmanaged resource that is gone is no drift any more, nor is one that no baseline knows any more.
            let last = Baseline {
                resource: open.resource,
                digest: [0; 32],
                scan: open.scan.unwrap_or(*scan),
                captured_at: String::new(),
            };
            let gone = open.kind != DriftKind::Unmanaged || seen.hidden(ledger, &last)?.is_none();
            if gone {
                settled.insert(key);
            }
        }
        let recorded = ledger.record_drifts(tenant, &target.id, scan, &self.now(), &found, &settled)?;
        detected.drifts = recorded.drifts;
        (detected.new, detected.resolved) = (recorded.new, recorded.resolved);
        Ok(detected)
    }

    /// Asks which checks broke, and puts the drifts of changed resources together.
    async fn found_changed(
        &self,
        scan: &ScanId,
        seen: &Seen,
        changed: Vec<Changed>,
    ) -> Result<Vec<FoundDrift>, EngineError> {
        let suspect = |changed: &Changed| Suspect {
            id: seen.id_in_scan(&changed.couple.row.resource.id),
            digest: changed.couple.baseline,
        };
        let suspects: Vec<Suspect> = changed.iter().map(suspect).collect();
        let broken = self.broken_checks(scan, &suspects).await?;
        Ok(changed.into_iter().zip(broken).map(|(changed, broken)| found_changed(changed, &broken)).collect())
    }
}

/// Which resource is held against which baseline.
struct Matched {
    couples: Vec<Couple>,
    missing: Vec<(ResourceKey, Baseline)>,
    unmanaged: Vec<Row>,
}

/// Pairs resources with baselines: by their ids, and where those differ by what names them.
fn couple(
    ledger: &Ledger,
    rules: &Rules,
    tenant: &TenantId,
    target: &TargetId,
    rows: Vec<Row>,
) -> Result<Matched, EngineError> {
    let mut known: HashMap<ResourceKey, Digest> = HashMap::new();
    ledger.baselines(tenant, target, |key, baseline| {
        known.insert(key, baseline.digest);
        Ok::<(), EngineError>(())
    })?;
    let mut matched = Matched { couples: Vec::with_capacity(rows.len()), missing: Vec::new(), unmanaged: Vec::new() };
    for row in rows {
        let key = resource_key(target, &row.resource.id);
        match known.remove(&key) {
            Some(baseline) => matched.couples.push(Couple { key, baseline, id: row.resource.id.clone(), row }),
            None => matched.unmanaged.push(row),
        }
    }
    ledger.baselines(tenant, target, |key, baseline| {
        if known.contains_key(&key) {
            matched.missing.push((key, baseline));
        }
        Ok::<(), EngineError>(())
    })?;
    if matched.missing.is_empty() || matched.unmanaged.is_empty() {
        return Ok(matched);
    }
    let here: Vec<(&str, Digest)> =
        matched.missing.iter().map(|(_, baseline)| (baseline.resource.id.as_str(), baseline.digest)).collect();
    let there: Vec<(&str, Digest)> =
        matched.unmanaged.iter().map(|row| (row.resource.id.as_str(), row.digest)).collect();
    let pairs = pair(&lone(ledger, rules, &here)?, &lone(ledger, rules, &there)?);
    let by_baseline: HashMap<usize, usize> = pairs.iter().copied().collect();
    let taken: BTreeSet<usize> = pairs.iter().map(|(_, current)| *current).collect();
    let (missing, unmanaged) = (std::mem::take(&mut matched.missing), std::mem::take(&mut matched.unmanaged));
    for (at, (key, baseline)) in missing.into_iter().enumerate() {
        match by_baseline.get(&at).and_then(|current| unmanaged.get(*current)) {
            Some(row) => matched.couples.push(Couple {
                key,
                baseline: baseline.digest,
                row: row.clone(),
                id: baseline.resource.id,
            }),
            None => matched.missing.push((key, baseline)),
        }
    }
    let rest = unmanaged.into_iter().enumerate().filter(|(at, _)| !taken.contains(at));
    matched.unmanaged.extend(rest.map(|(_, row)| row));
    Ok(matched)
}

fn lone(ledger: &Ledger, rules: &Rules, rows: &[(&str, Digest)]) -> Result<Vec<Lone>, EngineError> {
    let mut found = Vec::with_capacity(rows.len());
    for rows in rows.chunks(CHUNK) {
        let digests: Vec<Digest> = rows.iter().map(|(_, digest)| *digest).collect();
        let documents = read_all(ledger, &digests)?;
        found.extend(rows.iter().zip(&documents).map(|((id, _), document)| Lone::new(rules, id, document)));
    }
    Ok(found)
}

/// Holds every resource against its baseline. What is the same is settled.
fn compare_all(
    ledger: &Ledger,
    rules: &Rules,
    couples: Vec<Couple>,
    across: bool,
    detected: &mut Detected,
    settled: &mut BTreeSet<ResourceKey>,
) -> Result<Vec<Changed>, EngineError> {
    let mut changed = Vec::new();
    let mut versions = Versions::new(ledger, rules, across);
    let mut couples = couples.into_iter();
    loop {
        let part: Vec<Couple> = couples.by_ref().take(CHUNK).collect();
        if part.is_empty() {
            return Ok(changed);
        }
        let untouched: Vec<Option<Comparison>> = part.iter().map(|couple| couple.untouched(rules)).collect();
        let open = part.iter().zip(&untouched).filter(|(_, untouched)| untouched.is_none());
        let open: Vec<(Digest, Digest)> = open.map(|(couple, _)| (couple.baseline, couple.row.digest)).collect();
        let mut compared = versions.compare(&open)?.into_iter();
        for (couple, untouched) in part.into_iter().zip(untouched) {
            let comparison = untouched.or_else(|| compared.next()).unwrap_or_default();
            let whole = comparison.unread.is_empty();
            if !whole {
                let paths: Vec<&str> = comparison.unread.iter().map(String::as_str).collect();
                let reason = match paths.as_slice() {
                    paths if paths.contains(&"") => "the resource could not be read".to_owned(),
                    paths => format!("{} could not be read", paths.join(", ")),
                };
                detected.note_unknown(&couple.row.resource, reason);
            }
            if !comparison.differences.is_empty() {
                changed.push(Changed { couple, comparison });
            } else if whole {
                detected.in_sync += 1;
                settled.insert(couple.key);
            }
        }
    }
}

fn new_id() -> [u8; 16] {
    *uuid::Uuid::now_v7().as_bytes()
}

fn found_changed(changed: Changed, broken: &[Broken]) -> FoundDrift {
    let Changed { couple: Couple { key, row: Row { resource, digest, .. }, id, .. }, comparison } = changed;
    let Comparison { differences, patch, .. } = comparison;
    let security = differences.iter().filter_map(|difference| difference.security).max();
    let (drift_type, severity) = match (broken.first(), security) {
        (Some(worst), _) => (DriftType::Compliance, worst.severity),
        (None, Some(severity)) => (DriftType::Security, severity),
        (None, None) => (DriftType::Configuration, Severity::Low),
    };
    let main = main_difference(&differences).cloned();
    let (path, baseline_value, current_value) = match main {
        Some(main) => (main.path, main.baseline, main.current),
        None => Default::default(),
    };
    FoundDrift {
        id: new_id(),
        key,
        address: plain_address(&id).to_owned(),
        kind: DriftKind::Changed,
        drift_type,
        severity,
        summary: summarize(&resource, DriftKind::Changed, &differences),
        path,
        baseline_value,
        current_value,
        patch,
        differences,
        failing_check: broken.first().map(|worst| worst.check.clone()),
        document: Some(digest),
        resource,
    }
}

fn found_missing(rules: &Rules, key: ResourceKey, baseline: &Baseline) -> FoundDrift {
    let patch = serde_json::json!([{ "op": "remove", "path": "" }]).to_string();
    let resource = &baseline.resource;
    let id = serde_json::Value::from(resource.id.as_str()).to_string();
    FoundDrift { baseline_value: id, patch, ..found_whole(rules, key, resource, DriftKind::Missing) }
}

fn found_unmanaged(rules: &Rules, key: ResourceKey, row: &Row, document: &Document) -> FoundDrift {
    let Row { resource, digest, .. } = row;
    let value = without_secrets(&document.config, rules.of(&resource.kind));
    let patch = serde_json::json!([{ "op": "add", "path": "", "value": value }]).to_string();
    let id = serde_json::Value::from(resource.id.as_str()).to_string();
    let whole = found_whole(rules, key, resource, DriftKind::Unmanaged);
    FoundDrift { current_value: id, patch, document: Some(*digest), ..whole }
}

/// What came or went as a whole.
fn found_whole(rules: &Rules, key: ResourceKey, resource: &ResourceRef, kind: DriftKind) -> FoundDrift {
    let security = rules.of(&resource.kind).security;
    FoundDrift {
        id: new_id(),
        key,
        resource: resource.clone(),
        address: plain_address(&resource.id).to_owned(),
        kind,
        drift_type: if security.is_some() { DriftType::Security } else { DriftType::Configuration },
        severity: security.unwrap_or(Severity::Low),
        summary: summarize(resource, kind, &[]),
        path: String::new(),
        baseline_value: "null".to_owned(),
        current_value: "null".to_owned(),
        patch: String::new(),
        differences: Vec::new(),
        failing_check: None,
        document: None,
    }
}
