//! Infrastructure code against reality: the Terraform state in a repository is what ought to be, another target is what is.

use std::path::Path;

use plumb_model::scan::{About, ScanId, ScanType};
use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::TenantId;
use tokio_util::sync::CancellationToken;

use crate::drift::detect::Detected;
use crate::drift::git::Checkout;
use crate::drift::settings::RepositorySettings;
use crate::error::EngineError;
use crate::event::Watcher;
use crate::request::{Conditions, ScanRequest, TargetRequest};
use crate::scan::Engine;

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

    /// Scans a target for drift. Where its settings name a repository, that is fetched first.
    pub async fn scan_code(
        &self,
        target: &Target,
        cancel: &CancellationToken,
        watcher: &Watcher,
    ) -> Result<ScanId, EngineError> {
        let settings = RepositorySettings::parse(&target.settings)?;
        let (checkout, paths) = match &settings.repository {
            None => (None, settings.paths.clone()),
            Some(repository) => {
                // Names of files in ids begin at the one path; with several they would begin at a folder that changes each time.
                let within = match settings.paths.as_slice() {
                    [] => Path::new("."),
                    [only] => only,
                    _ => {
                        let problem = "a repository's `paths` has at most one; name the folder that holds them all";
                        return Err(EngineError::Target(format!("{}: {problem}", target.name)));
                    }
                };
                let (url, reference) = (repository.url.clone(), repository.reference.clone());
                let fetched = tokio::task::spawn_blocking(move || Checkout::fetch(&url, reference.as_deref())).await;
                let checkout = fetched.map_err(|error| EngineError::Stopped(error.to_string()))??;
                let path = checkout.path(within)?;
                (Some(checkout), vec![path])
            }
        };
        let request = ScanRequest {
            tenant: target.tenant,
            about: About { scan_type: ScanType::Drift, targets: vec![target.id], ..About::default() },
            targets: vec![TargetRequest {
                name: target.name.clone(),
                id: Some(target.id),
                provider: target.provider.clone(),
                paths,
                ..TargetRequest::default()
            }],
            ..ScanRequest::default()
        };
        let id = self.scan(request, Conditions::default(), cancel.clone(), watcher.clone()).await?;
        // The files were read; only now may they go.
        drop(checkout);
        Ok(id)
    }
}
