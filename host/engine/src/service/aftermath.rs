//! What follows from a scan that has ended: what it means for drift, and the digests of what it proves.

use std::sync::Arc;

use plumb_model::scan::{ScanId, ScanStatus, ScanType};
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;

use super::Service;
use crate::drift::detect::Defaults;
use crate::drift::settings::RepositorySettings;
use crate::error::EngineError;

impl Service {
    /// Makes the digests of what a scan proves while nobody waits for them. What is damaged will be said to whoever asks.
    pub(super) async fn fix_evidence(&self, id: ScanId) {
        let ledger = Arc::clone(self.ledger());
        let fixed = tokio::task::spawn_blocking(move || match ledger.scan_head(&id) {
            Ok(Some(head)) if head.scan.status == ScanStatus::Completed => ledger.fix_evidence(&id),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        });
        if let Ok(Err(error)) = fixed.await {
            tracing::error!("the evidence of scan {}: {error}", uuid::Uuid::from_bytes(id));
        }
    }

    /// Looks for drift in what a completed scan saw of each target, and of the reality of code. What fails here takes nothing from the
    /// scan: its record is fixed. What the ledger does not take is done when the program begins anew: a target counts as held when its
    /// drifts are written, and code comes before the reality that it is held against.
    pub(super) async fn hold_against_baselines(&self, tenant: &TenantId, id: &ScanId) {
        let Ok(Some(head)) = self.ledger().scan_head(id) else { return };
        if head.scan.status != ScanStatus::Completed {
            return;
        }
        let about = &head.scan.about;
        let narrow = matches!(about.scan_type, ScanType::PolicySpecific | ScanType::ResourceSpecific);
        let whole = !narrow && about.frameworks.is_empty() && about.cloud_providers.is_empty();
        let targets = match self.ledger().uncompared_targets(id) {
            Ok(targets) if targets.is_empty() => return,
            Ok(targets) => targets,
            Err(error) => return tell(&Err(error.into())),
        };
        let (code, rest): (Vec<TargetId>, Vec<TargetId>) =
            targets.into_iter().partition(|target| self.has_reality(tenant, target));
        for target in &code {
            self.hold(tenant, target, id, whole).await;
        }
        match self.engine().code_of(tenant, id) {
            Ok(code) => {
                for target in &code {
                    let detected = self.engine().detect_drift(tenant, target, id, Defaults::Counted).await;
                    tell(&detected.map(|detected| detected.new));
                }
            }
            Err(error) => tell(&Err(error)),
        }
        for target in &rest {
            self.hold(tenant, target, id, whole).await;
        }
    }

    fn has_reality(&self, tenant: &TenantId, target: &TargetId) -> bool {
        let target = self.ledger().target(tenant, target).ok().flatten();
        target.is_some_and(|target| RepositorySettings::reality_of(&target.settings).is_some())
    }

    /// What cannot be done, whoever tries, is not tried again.
    async fn hold(&self, tenant: &TenantId, target: &TargetId, scan: &ScanId, whole: bool) {
        let held = self.engine().hold_target(tenant, target, scan, whole).await;
        tell(&held);
        if held.is_err_and(|error| !matches!(error, EngineError::Store(_)))
            && let Err(error) = self.ledger().pass_comparison(scan, target)
        {
            tracing::error!(%error, "a scan will be held against its target's baseline again");
        }
    }
}

/// Says in the log what came of holding a scan against a baseline.
fn tell(outcome: &Result<u64, EngineError>) {
    match outcome {
        Ok(new) => tracing::info!(new, "a scan was held against its target's baseline"),
        Err(error) => tracing::error!(%error, "a scan could not be held against its target's baseline"),
    }
}
