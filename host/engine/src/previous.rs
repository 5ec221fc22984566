//! What changed since the previous scan of the same policy.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use plumb_model::check::Severity;
use plumb_model::delta::{Delta, DeltaCounts, Sighting, Signature, SignatureFigures};
use plumb_model::outcome::Fingerprint;
use plumb_model::resource::ResourceRef;
use plumb_model::scan::{Catalogue, ScanId};
use plumb_store::{Ledger, ResolvedRow};

use crate::error::EngineError;

/// What a step of the scan saw of earlier violations.
pub(crate) type Sightings = Vec<(Fingerprint, Sighting)>;

/// The violations of the previous scan.
#[derive(Debug, Default)]
pub(crate) struct Previous {
    pub(crate) scan: Option<ScanId>,
    /// Of its catalogue, in order.
    checks: Vec<String>,
    violations: HashMap<Fingerprint, Violation>,
    /// The checks that a resource violated, by their positions in this scan's catalogue, by a hash of the resource: most pass most
    /// checks, and for these no fingerprint need be made.
    resources: HashMap<u64, Vec<u32>>,
}

#[derive(Debug)]
struct Violation {
    /// Position among the checks.
    check: u32,
    severity: Severity,
    resource: ResourceRef,
}

impl Previous {
    /// `checks` are those of this scan's catalogue, in order.
    pub(crate) fn load(ledger: &Ledger, scan: Option<ScanId>, checks: &[String]) -> Result<Previous, EngineError> {
        let mut previous = Previous { scan, ..Previous::default() };
        let Some(id) = scan else { return Ok(previous) };
        previous.checks = ledger.catalogue(&id)?.checks.into_keys().collect();
        let here = |check: &String| u32::try_from(checks.binary_search(check).ok()?).ok();
        let here: Vec<Option<u32>> = previous.checks.iter().map(here).collect();
        ledger.violations(&id, |found| {
            let check = usize::try_from(found.check).ok().and_then(|position| *here.get(position)?);
            previous.resources.entry(hash(&found.resource)).or_default().extend(check);
            let violation = Violation { check: found.check, severity: found.severity, resource: found.resource };
            previous.violations.insert(found.fingerprint, violation);
            Ok::<(), EngineError>(())
        })?;
        Ok(previous)
    }

    /// The checks that a resource seems to have violated, by their positions in this scan's catalogue: a fingerprint tells.
    pub(crate) fn violated(&self, resource: &ResourceRef) -> &[u32] {
        if self.resources.is_empty() {
            return &[];
        }
        self.resources.get(&hash(resource)).map(Vec::as_slice).unwrap_or_default()
    }

    fn check(&self, violation: &Violation) -> &str {
        let check = usize::try_from(violation.check).ok().and_then(|position| self.checks.get(position));
        check.map(String::as_str).unwrap_or_default()
    }

    pub(crate) fn contains(&self, fingerprint: &Fingerprint) -> bool {
        self.violations.contains_key(fingerprint)
    }

    /// Puts together what became of every earlier violation. `looked_at` says whether everything was looked at that could
    /// have held a resource of a kind, account and region.
    pub(crate) fn settle(
        &self,
        sightings: &HashMap<Fingerprint, Sighting>,
        violations: u64,
        catalogue: &Catalogue,
        looked_at: impl Fn(&ResourceRef) -> bool,
    ) -> Option<(DeltaCounts, Vec<ResolvedRow>)> {
        self.scan?;
        let mut counts = DeltaCounts::default();
        let mut resolved = Vec::new();
        let asked: Vec<bool> = self.checks.iter().map(|check| catalogue.checks.contains_key(check)).collect();
        for (fingerprint, violation) in &self.violations {
            let asked = usize::try_from(violation.check).ok().and_then(|position| asked.get(position)) == Some(&true);
            let sighting = sightings.get(fingerprint).copied().unwrap_or_else(|| match asked {
                false => Sighting::NotEvaluated,
                true if looked_at(&violation.resource) => Sighting::Absent,
                true => Sighting::OutOfSight,
            });
            let (delta, resolution) = sighting.delta();
            match delta {
                Delta::Unchanged => counts.unchanged += 1,
                Delta::Resolved => counts.resolved += 1,
                Delta::Incomparable | Delta::New => counts.incomparable += 1,
            }
            if let Some(resolution) = resolution {
                resolved.push(ResolvedRow {
                    check_id: self.check(violation).to_owned(),
                    resource: violation.resource.clone(),
                    fingerprint: *fingerprint,
                    severity: violation.severity,
                    resolution,
                });
            }
        }
        counts.new = violations.saturating_sub(counts.unchanged);
        resolved.sort_by(|a, b| (&a.check_id, &a.resource).cmp(&(&b.check_id, &b.resource)));
        Some((counts, resolved))
    }
}

impl Previous {
    /// The same for signatures. One of the earlier scan is resolved when all its violations are; `resolved` has those.
    pub(crate) fn settle_signatures(&self, now: &HashSet<Signature>, resolved: &[ResolvedRow]) -> SignatureFigures {
        let mut before: HashMap<(&str, &str), u64> = HashMap::new();
        for violation in self.violations.values() {
            *before.entry((self.check(violation), &violation.resource.account)).or_default() += 1;
        }
        let before = before.into_iter().map(|((check, account), count)| (Signature::new(check, account), count));
        let before: HashMap<Signature, u64> = before.collect();
        let mut gone: HashMap<Signature, u64> = HashMap::new();
        for row in resolved {
            *gone.entry(Signature::new(&row.check_id, &row.resource.account)).or_default() += 1;
        }
        let mut delta = DeltaCounts::default();
        for (signature, violations) in &before {
            if now.contains(signature) {
                delta.unchanged += 1;
            } else if gone.get(signature) == Some(violations) {
                delta.resolved += 1;
            } else {
                delta.incomparable += 1;
            }
        }
        let violations = now.len() as u64;
        delta.new = violations.saturating_sub(delta.unchanged);
        SignatureFigures { violations, delta }
    }
}

fn hash(resource: &ResourceRef) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&resource.account, &resource.id).hash(&mut hasher);
    hasher.finish()
}
