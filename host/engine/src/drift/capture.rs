//! Making what a scan saw the baseline.

use plumb_model::drift::{Baseline, Drift, DriftId};
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::TenantId;
use plumb_store::{BaselineHead, StoredScan};

use crate::drift::seen::{Seen, Side};
use crate::error::EngineError;
use crate::scan::Engine;

impl Engine {
    /// Makes the resources that a completed scan reports of a target its baselines. What the scan could not look at keeps the
    /// baseline it had.
    pub fn capture_baselines(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        scan: &ScanId,
    ) -> Result<BaselineHead, EngineError> {
        let ledger = self.ledger();
        let target = self.target_of(tenant, target)?;
        let stored = self.scan_of(tenant, scan)?;
        if stored.scan.status != ScanStatus::Completed {
            let id = uuid::Uuid::from_bytes(*scan);
            let reason = stored.scan.status_reason.unwrap_or_default();
            let status = stored.scan.status;
            return Err(EngineError::Target(format!(
                "scan {id} is {status} and is no baseline: {reason}; scan {} whole first",
                target.name
            )));
        }
        let mut seen = Seen::new(ledger, &target, &stored, Side::Own)?;
        let rows = seen.resources(ledger, scan)?;
        let resources: Vec<_> = rows.into_iter().map(|row| (row.resource, row.digest)).collect();
        let mut hidden = std::collections::BTreeSet::new();
        ledger.baselines(tenant, &target.id, |_, baseline: Baseline| {
            if seen.hidden(ledger, &baseline)?.is_some() {
                hidden.insert(baseline.resource.id);
            }
            Ok::<(), EngineError>(())
        })?;
        let keeps = |resource: &plumb_model::resource::ResourceRef| hidden.contains(&resource.id);
        Ok(ledger.capture_baselines(tenant, &target.id, scan, &self.now(), &resources, keeps)?)
    }

    /// Resolves a drift. With `capture_baseline` what the last scan saw of the resource becomes its baseline.
    pub fn resolve_drift(
        &self,
        tenant: &TenantId,
        drift: &DriftId,
        capture_baseline: bool,
    ) -> Result<Drift, EngineError> {
        Ok(self.ledger().resolve_drift(tenant, drift, &self.now(), capture_baseline)?)
    }

    /// A target that has to be there.
    pub(crate) fn target_of(&self, tenant: &TenantId, target: &TargetId) -> Result<Target, EngineError> {
        let found = self.ledger().target(tenant, target)?;
        found.ok_or_else(|| EngineError::Target(format!("there is no target {}", uuid::Uuid::from_bytes(*target))))
    }

    /// A scan of the tenant that has to be there; another tenant's is not.
    pub(crate) fn scan_of(&self, tenant: &TenantId, scan: &ScanId) -> Result<StoredScan, EngineError> {
        let found = self.ledger().scan(scan)?.filter(|stored| stored.scan.tenant == *tenant);
        found.ok_or_else(|| {
            EngineError::Target(format!(
                "there is no scan {}; `plumb history` lists them",
                uuid::Uuid::from_bytes(*scan)
            ))
        })
    }
}
