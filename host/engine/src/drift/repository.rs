//! Infrastructure code against reality: the Terraform state in a repository is what ought to be, another target is what is.

use plumb_model::scan::{About, ScanId, ScanType};
use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::TenantId;
use tokio_util::sync::CancellationToken;

use crate::drift::detect::Defaults;
use crate::drift::settings::RepositorySettings;
use crate::error::EngineError;
use crate::event::Watcher;
use crate::request::{Conditions, ScanRequest};
use crate::scan::Engine;
use crate::service::order::target_request;

impl Engine {
    /// What a completed scan means for the drift of one of its targets; how many drifts are new. Its first baseline is a scan of all
    /// there is (`whole`): what it left out would be strange to the baseline for ever. The state of code that names its reality is
    /// the baseline each time anew; that it is held against its reality is another step.
    pub(crate) async fn hold_target(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        scan: &ScanId,
        whole: bool,
    ) -> Result<u64, EngineError> {
        let has_baseline = self.ledger().baseline_head(tenant, target)?.is_some();
        let is_code = RepositorySettings::reality_of(&self.target_of(tenant, target)?.settings).is_some();
        if has_baseline && !is_code {
            return self.detect_drift(tenant, target, scan, Defaults::Counted).await.map(|detected| detected.new);
        }
        if has_baseline || whole {
            self.capture_baselines(tenant, target, scan)?;
        } else {
            self.ledger().pass_comparison(scan, target)?;
        }
        Ok(0)
    }

    /// The targets of code whose reality a scan looked at, and that have a baseline.
    pub(crate) fn code_of(&self, tenant: &TenantId, scan: &ScanId) -> Result<Vec<TargetId>, EngineError> {
        let looked_at = self.scan_of(tenant, scan)?.scan.about.targets;
        let targets = self.ledger().targets(tenant)?;
        let mut found = Vec::new();
        for target in &targets {
            let Some(name) = RepositorySettings::reality_of(&target.settings) else { continue };
            let reality = targets.iter().find(|other| other.name == name);
            if reality.is_some_and(|reality| looked_at.contains(&reality.id))
                && self.ledger().baseline_head(tenant, &target.id)?.is_some()
            {
                found.push(target.id);
            }
        }
        Ok(found)
    }

    /// Scans a target for drift.
    pub async fn scan_code(
        &self,
        target: &Target,
        cancel: &CancellationToken,
        watcher: &Watcher,
    ) -> Result<ScanId, EngineError> {
        let request = ScanRequest {
            tenant: target.tenant,
            about: About { scan_type: ScanType::Drift, targets: vec![target.id], ..About::default() },
            targets: vec![target_request(target)?],
            ..ScanRequest::default()
        };
        self.scan(request, Conditions::default(), cancel.clone(), watcher.clone()).await
    }
}
