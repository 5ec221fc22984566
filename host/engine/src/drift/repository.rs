//! Infrastructure code against reality: the Terraform state in a repository is what ought to be, another target is what is.

use plumb_model::scan::{About, ScanId, ScanType};
use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::TenantId;
use tokio_util::sync::CancellationToken;

use crate::drift::detect::Detected;
use crate::drift::settings::RepositorySettings;
use crate::error::EngineError;
use crate::event::Watcher;
use crate::request::{Conditions, ScanRequest};
use crate::scan::Engine;
use crate::service::order::target_request;

/// A check of code against reality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDrift {
    /// Of the code.
    pub code: ScanId,
    /// Of the target that stands for reality.
    pub reality: ScanId,
    pub detected: Detected,
}

impl Engine {
    /// Reads the state of a target's code anew, makes it the baseline, scans what its settings call its reality, and holds that
    /// against it.
    pub async fn detect_code_drift(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        cancel: &CancellationToken,
        watcher: &Watcher,
    ) -> Result<CodeDrift, EngineError> {
        let target = self.target_of(tenant, target)?;
        let Some(name) = RepositorySettings::parse(&target.settings)?.reality else {
            let problem = "its settings name no `reality` to hold its code against";
            return Err(EngineError::Target(format!("{}: {problem}", target.name)));
        };
        let real = self.ledger().target_by_name(tenant, &name)?;
        let real =
            real.ok_or_else(|| EngineError::Target(format!("{}: its reality {name} is no target", target.name)))?;
        let code = self.scan_code(&target, cancel, watcher).await?;
        self.capture_baselines(tenant, &target.id, &code)?;
        let reality = self.scan_code(&real, cancel, watcher).await?;
        let detected = self.detect_drift(tenant, &target.id, &reality).await?;
        Ok(CodeDrift { code, reality, detected })
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
