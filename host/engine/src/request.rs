//! What somebody asked to be scanned, and the form in which a scan's record keeps it for resuming.

use std::path::PathBuf;
use std::time::Duration;

use plumb_model::check::Severity;
use plumb_model::mute::Mute;
use serde::{Deserialize, Serialize};

/// What to scan, with what.
#[derive(Clone, Debug, Default)]
pub struct ScanRequest {
    /// `terraform`, or a provider plugin's id.
    pub provider: String,
    /// Files and folders, as given.
    pub paths: Vec<PathBuf>,
    pub selection: Selection,
    pub mutes: Vec<Mute>,
    /// The scan is stopped after this, with what it has.
    pub timeout: Option<Duration>,
}

/// Which checks and frameworks. Empty lists mean all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    pub frameworks: Vec<String>,
    pub checks: Vec<String>,
    pub exclude: Vec<String>,
    /// Checks of at least this severity, by its word.
    pub severity: Option<String>,
    pub regions: Vec<String>,
    pub services: Vec<String>,
}

impl Selection {
    /// The least severity asked for.
    pub fn least_severity(&self) -> Option<Severity> {
        self.severity.as_deref().and_then(|word| word.parse().ok())
    }
}

/// What a scan's record keeps of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredRequest {
    pub(crate) provider: String,
    pub(crate) provider_digest: String,
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) selection: Selection,
}

impl StoredRequest {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Paths that are not UTF-8 cannot be stored; `files::open` has refused them before.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<StoredRequest, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// What makes two scans comparable: the same provider, target and selection.
    pub(crate) fn scope_key(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let mut part = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        part(&self.provider);
        for path in &self.paths {
            part(&path.to_string_lossy());
        }
        let selection = serde_json::to_string(&self.selection).unwrap_or_default();
        part(&selection);
        *hasher.finalize().as_bytes()
    }
}
