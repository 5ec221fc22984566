//! What a scan runs with, looked at before anything begins: plugins, files, and who sends requests.

use std::sync::Arc;

use plumb_runtime::egress::Egress;
use plumb_runtime::manifest::Capability;
use plumb_runtime::{Plugin, Sources, Target};

use super::{Engine, Part};
use crate::choice::Chosen;
use crate::day::Day;
use crate::error::EngineError;
use crate::files::LocalFiles;
use crate::request::{StoredRequest, TargetRequest};

impl Engine {
    fn egress(&self, target: &TargetRequest) -> Result<Arc<dyn Egress>, EngineError> {
        let wrong = |problem: String| EngineError::Target(format!("{}: {problem}", target.name));
        let source = self.egress.as_ref();
        let source = source.ok_or_else(|| wrong("this program sends no requests for providers".to_owned()))?;
        source.open(target).map_err(wrong)
    }

    /// The plugins and files that a request names, as they are now.
    pub(crate) fn prepare(&self, stored: &StoredRequest, targets: &[TargetRequest]) -> Result<Prepared, EngineError> {
        if stored.targets.is_empty() {
            return Err(EngineError::Target("name at least one target to scan".to_owned()));
        }
        let chosen = Chosen::new(&self.library, &stored.selection)?;
        let several = stored.targets.len() > 1;
        let open = |target: &TargetRequest| {
            let provider = self.library.provider(&target.provider)?.clone();
            let unfetched =
                target.settings.contains_key("repository") && target.paths.iter().all(|path| path.is_relative());
            let files = if provider.grant().has(Capability::Files) && !unfetched {
                LocalFiles::open(&target.paths, several.then_some(target.name.as_str()))?
            } else {
                LocalFiles::none()
            };
            let egress = if provider.grant().has(Capability::Http) { Some(self.egress(target)?) } else { None };
            let (name, regions) = (target.name.clone(), target.regions(&stored.selection));
            Ok(Source { provider, name, regions, settings: target.of_provider(), files, egress })
        };
        let sources: Result<Vec<Source>, EngineError> = targets.iter().map(open).collect();
        Ok(Prepared { chosen, sources: sources? })
    }
}

/// What a scan runs with.
pub(crate) struct Prepared {
    pub(crate) chosen: Chosen,
    pub(crate) sources: Vec<Source>,
}

/// A target that is ready to be read.
pub(crate) struct Source {
    provider: Plugin,
    name: String,
    regions: Vec<String>,
    settings: serde_json::Map<String, serde_json::Value>,
    files: LocalFiles,
    egress: Option<Arc<dyn Egress>>,
}

impl Source {
    /// Hexadecimal.
    pub(super) fn digest(&self) -> String {
        blake3::Hash::from_bytes(self.provider.reference().digest).to_hex().to_string()
    }

    pub(crate) async fn part(self, stored: &StoredRequest, chosen: &Chosen, day: &Day) -> Result<Part, EngineError> {
        let mut settings = self.settings;
        if self.provider.grant().has(Capability::Files) {
            settings.insert("qualify".to_owned(), (!self.files.single).into());
            settings.insert("explicit".to_owned(), self.files.explicit.clone().into());
        }
        let target = Target {
            name: self.name,
            settings: settings.into(),
            regions: self.regions,
            services: stored.selection.services.clone(),
            kinds: chosen.kinds(),
            scan_time: day.time.clone(),
        };
        let info = self.provider.provider_info().await.map_err(EngineError::Plan)?.unwrap_or_default();
        let sources = Sources { files: Arc::new(self.files), egress: self.egress, memory: None };
        Ok(Part { provider: self.provider, info, target, sources })
    }
}

/// Paths that mean the same wherever the scan is resumed from.
pub(super) fn absolute(paths: &[std::path::PathBuf], wanted: bool) -> Result<Vec<std::path::PathBuf>, EngineError> {
    if !wanted && let Some(path) = paths.first() {
        let problem = format!("{}: this provider reads no files", path.display());
        return Err(EngineError::Target(problem));
    }
    if wanted && paths.is_empty() {
        return Err(EngineError::Target("name at least one file or folder to scan".to_owned()));
    }
    let absolute =
        |path: &std::path::PathBuf| std::fs::canonicalize(path).map_err(|error| EngineError::File(path.clone(), error));
    paths.iter().map(absolute).collect()
}
