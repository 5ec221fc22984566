//! Which violations of a scan are to be mended, and the selection that looks at just these again.

use std::collections::BTreeSet;

use plumb_model::check::{Check, Scope, Severity};
use plumb_model::mute::glob;
use plumb_model::outcome::Finding;
use plumb_model::scan::{Catalogue, ScanId};
use plumb_store::{Ledger, StoreError};

use crate::request::Selection;

/// Violations that one run mends: people read what is to be done about each of them.
pub const MOST_VIOLATIONS: usize = 1_000;

/// Which violations. What is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Beginnings of fingerprints.
    pub findings: Vec<String>,
    /// Globs over check ids.
    pub checks: Vec<String>,
    /// Globs over resource ids.
    pub resources: Vec<String>,
    /// At least this.
    pub severity: Option<Severity>,
}

impl Wanted {
    fn covers(&self, finding: &Finding) -> bool {
        let any = |globs: &[String], text: &str| globs.is_empty() || globs.iter().any(|pattern| glob(pattern, text));
        let fingerprint = finding.fingerprint.to_string();
        (self.findings.is_empty() || self.findings.iter().any(|begins| fingerprint.starts_with(begins.as_str())))
            && any(&self.checks, &finding.check_id)
            && any(&self.resources, &finding.resource.id)
            && self.severity.is_none_or(|least| finding.severity >= least)
    }
}

/// The wanted violations of a scan, the worst first, and how many there are beyond the bound. Muted ones are none.
pub(super) fn violations(ledger: &Ledger, scan: &ScanId, wanted: &Wanted) -> Result<(Vec<Finding>, usize), StoreError> {
    let (mut found, mut more) = (Vec::new(), 0);
    ledger.findings(scan, |finding| {
        if finding.is_violation() && wanted.covers(&finding) {
            if found.len() < MOST_VIOLATIONS {
                found.push(finding);
            } else {
                more += 1;
            }
        }
        Ok::<(), StoreError>(())
    })?;
    Ok((found, more))
}

/// What looks at these violations again and at as little else as can be. A check of a whole account needs to see all of it.
pub(super) fn selection(original: &Selection, catalogue: &Catalogue, violations: &[Finding]) -> Selection {
    let checks: BTreeSet<&String> = violations.iter().map(|finding| &finding.check_id).collect();
    let of_accounts =
        checks.iter().any(|id| catalogue.checks.get(*id).is_none_or(|check: &Check| check.scope == Scope::Account));
    let resources: BTreeSet<&String> = violations.iter().map(|finding| &finding.resource.id).collect();
    Selection {
        checks: checks.into_iter().cloned().collect(),
        regions: original.regions.clone(),
        services: original.services.clone(),
        include_resources: if of_accounts { Vec::new() } else { resources.into_iter().cloned().collect() },
        ..Selection::default()
    }
}
