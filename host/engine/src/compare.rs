//! Two recorded scans, held against each other.

use std::collections::HashMap;

use plumb_model::check::Severity;
use plumb_model::delta::{Delta, DeltaCounts, Resolution, Sighting};
use plumb_model::outcome::{Finding, Fingerprint};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_store::{Ledger, TaskState};

use crate::completion::hides;
use crate::error::EngineError;

/// What became of one violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub delta: Delta,
    /// For resolved ones.
    pub resolution: Option<Resolution>,
    pub check_id: String,
    pub severity: Severity,
    pub resource: ResourceRef,
    pub message: String,
    pub fingerprint: Fingerprint,
}

/// Everything that became of the violations of two scans, new ones first, each group worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub counts: DeltaCounts,
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Holds a later scan against an earlier one. A violation that the later one did not look at is incomparable, not resolved.
    pub fn new(ledger: &Ledger, earlier: &ScanId, later: &ScanId) -> Result<Comparison, EngineError> {
        let mut before: HashMap<Fingerprint, Finding> = HashMap::new();
        ledger.findings(earlier, |finding| {
            if finding.is_violation() {
                before.insert(finding.fingerprint, finding);
            }
            Ok::<(), EngineError>(())
        })?;
        let (mut seen, mut new) = (HashMap::new(), Vec::new());
        ledger.findings(later, |finding| {
            let known = before.contains_key(&finding.fingerprint);
            if known {
                seen.insert(finding.fingerprint, Sighting::of(&finding));
            } else if finding.is_violation() {
                new.push(change(finding, Delta::New, None));
            }
            Ok::<(), EngineError>(())
        })?;
        let looked_at = Looked::new(ledger, later)?;
        let mut comparison = Comparison { changes: new, ..Comparison::default() };
        for (fingerprint, finding) in before {
            let sighting = seen.get(&fingerprint).copied().unwrap_or_else(|| looked_at.at(&finding));
            let (delta, resolution) = sighting.delta();
            comparison.changes.push(change(finding, delta, resolution));
        }
        comparison.sort_and_count();
        Ok(comparison)
    }

    fn sort_and_count(&mut self) {
        let rank = |delta: Delta| match delta {
            Delta::New => 0,
            Delta::Resolved => 1,
            Delta::Incomparable => 2,
            Delta::Unchanged => 3,
        };
        self.changes.sort_by(|a, b| {
            let worst_first = b.severity.cmp(&a.severity);
            let names = (&a.check_id, &a.resource).cmp(&(&b.check_id, &b.resource));
            rank(a.delta).cmp(&rank(b.delta)).then(worst_first).then(names)
        });
        for change in &self.changes {
            match change.delta {
                Delta::New => self.counts.new += 1,
                Delta::Resolved => self.counts.resolved += 1,
                Delta::Incomparable => self.counts.incomparable += 1,
                Delta::Unchanged => self.counts.unchanged += 1,
            }
        }
    }
}

fn change(finding: Finding, delta: Delta, resolution: Option<Resolution>) -> Change {
    Change {
        delta,
        resolution,
        check_id: finding.check_id,
        severity: finding.severity,
        resource: finding.resource,
        message: finding.message,
        fingerprint: finding.fingerprint,
    }
}

/// What the later scan looked at.
struct Looked {
    whole: bool,
    checks: std::collections::BTreeSet<String>,
    gaps: Vec<plumb_model::resource::ScanGap>,
}

impl Looked {
    fn new(ledger: &Ledger, scan: &ScanId) -> Result<Looked, EngineError> {
        let status = ledger.scan(scan)?.map(|stored| stored.scan.status);
        let done = ledger.tasks(scan)?.iter().all(|row| row.state == TaskState::Done);
        let catalogue = ledger.catalogue(scan)?;
        Ok(Looked {
            whole: status == Some(ScanStatus::Completed) && done,
            checks: catalogue.checks.into_keys().collect(),
            gaps: ledger.gaps(scan)?,
        })
    }

    /// Of a violation that the later scan says nothing about.
    fn at(&self, finding: &Finding) -> Sighting {
        if !self.checks.contains(&finding.check_id) {
            Sighting::NotEvaluated
        } else if self.whole && !self.gaps.iter().any(|gap| hides(gap, &finding.resource)) {
            Sighting::Absent
        } else {
            Sighting::OutOfSight
        }
    }
}
