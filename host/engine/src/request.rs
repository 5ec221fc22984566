//! What somebody asked to be scanned, and the form in which a scan's record keeps it for running and resuming.

use std::path::PathBuf;
use std::time::Duration;

use plumb_model::check::Severity;
use plumb_model::mute::{Mute, glob};
use plumb_model::scan::{About, ScanId};
use plumb_model::target::{CredentialReference, TargetId};
use plumb_model::tenant::{self, TenantId};
use plumb_store::Fired;
use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::drift::settings::Repository;
use crate::error::EngineError;

/// What to scan, with what.
#[derive(Clone, Debug, Default)]
pub struct ScanRequest {
    pub tenant: TenantId,
    pub about: About,
    /// At least one.
    pub targets: Vec<TargetRequest>,
    pub selection: Selection,
    /// The scan is stopped after this, with what it has.
    pub timeout: Option<Duration>,
    /// Tasks run one after the other.
    pub serial: bool,
    /// The schedule that orders it.
    pub fired: Option<Fired>,
    /// The time (RFC 3339) that it is evaluated as of, where that is not its own: what was recorded is as old as its recording.
    pub as_of: Option<String>,
    /// The scan's id, a UUIDv7; one is made where none is given.
    pub id: Option<ScanId>,
}

/// One target of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetRequest {
    /// How people know it. Where a scan has several targets it stands in front of resource ids.
    pub name: String,
    /// None for files that are no stored target.
    pub id: Option<TargetId>,
    /// `terraform`, or a provider plugin's id.
    pub provider: String,
    /// Files and folders, as given; none for what is no file.
    pub paths: Vec<PathBuf>,
    /// What the provider wants to know beside them.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// None for what the program's own environment says.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "credentials")]
    pub credentials: Option<CredentialReference>,
}

impl TargetRequest {
    /// Where a scan looks: in the regions that it was asked for, else in those of the target's own setting `regions`. None for
    /// everywhere. What has another form there is for the provider to refuse.
    pub(crate) fn regions(&self, selection: &Selection) -> Vec<String> {
        if !selection.regions.is_empty() {
            return selection.regions.clone();
        }
        let own = self.settings.get("regions").and_then(serde_json::Value::as_array);
        own.into_iter().flatten().filter_map(serde_json::Value::as_str).map(str::to_owned).collect()
    }

    /// The repository that its files are in; none where they are on this machine.
    pub(crate) fn repository(&self) -> Result<Option<Repository>, EngineError> {
        let Some(repository) = self.settings.get("repository") else { return Ok(None) };
        let read = serde_json::from_value(repository.clone());
        read.map(Some).map_err(|error| EngineError::Target(format!("{}: its `repository`: {error}", self.name)))
    }

    /// What of its settings is for the provider: where code is, and what it is held against, is not.
    pub(crate) fn of_provider(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut settings = self.settings.clone();
        for own in ["repository", "reality"] {
            settings.remove(own);
        }
        settings
    }
}

/// A reference as the text that people write.
mod credentials {
    use plumb_model::target::CredentialReference;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    #[allow(clippy::ref_option, reason = "serde gives it so")]
    pub(super) fn serialize<S: Serializer>(
        reference: &Option<CredentialReference>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match reference {
            Some(reference) => serializer.collect_str(reference),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<CredentialReference>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

/// What can change between two runs of the same scan.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    pub mutes: Vec<Mute>,
    /// Instead of the request's own.
    pub timeout: Option<Duration>,
}

/// Which checks, frameworks and resources. Empty lists mean all; what is excluded wins over what is included.
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
    /// Families of resource kinds, for example `aws`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<String>,
    /// Globs over ids of checks, controls and frameworks, and over categories of checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_policies: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_policies: Vec<String>,
    /// Globs over resource ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_resources: Vec<String>,
}

impl Selection {
    /// The least severity asked for.
    pub fn least_severity(&self) -> Option<Severity> {
        self.severity.as_deref().and_then(|word| word.parse().ok())
    }

    /// Whether some resources are left out.
    pub fn narrows_resources(&self) -> bool {
        !self.include_resources.is_empty() || !self.exclude_resources.is_empty()
    }

    /// Whether anything but the frameworks leaves something out.
    pub fn is_narrowed(&self) -> bool {
        let Selection { checks, exclude, severity, regions, services, families, .. } = self;
        let lists = [checks, exclude, regions, services, families, &self.include_policies, &self.exclude_policies];
        severity.is_some() || lists.into_iter().any(|list| !list.is_empty()) || self.narrows_resources()
    }

    /// Whether a resource is looked at.
    pub fn covers_resource(&self, id: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|pattern| glob(pattern, id));
        (self.include_resources.is_empty() || any(&self.include_resources)) && !any(&self.exclude_resources)
    }
}

/// What a scan's record keeps of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredRequest {
    pub(crate) targets: Vec<TargetRequest>,
    /// Hexadecimal digests of the targets' provider plugins; empty until the scan has begun.
    pub(crate) providers: Vec<String>,
    pub(crate) selection: Selection,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) serial: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) as_of: Option<String>,
}

impl StoredRequest {
    pub(crate) fn new(request: &ScanRequest) -> StoredRequest {
        StoredRequest {
            targets: request.targets.clone(),
            providers: Vec::new(),
            selection: request.selection.clone(),
            timeout_seconds: request.timeout.map(|timeout| timeout.as_secs().max(1)),
            serial: request.serial,
            as_of: request.as_of.clone(),
        }
    }

    /// The day that a scan is evaluated as of, which began at this time. The error says that there is none.
    pub(crate) fn day(&self, started_at: &str) -> Result<Day, String> {
        let time = self.as_of.as_deref().unwrap_or(started_at);
        Day::of(time).ok_or_else(|| format!("'{time}' is no time"))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Paths that are not UTF-8 cannot be stored; `files::open` has refused them before.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<StoredRequest, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// What makes two scans comparable. For stored targets the policy: the same targets and frameworks, so that a scan of fewer
    /// checks finds its predecessor among those of all. For files the same provider, paths and selection.
    pub(crate) fn scope_key(&self, tenant: &TenantId) -> [u8; 32] {
        let mut parts: Vec<String> = Vec::new();
        if self.targets.iter().all(|target| target.id.is_some()) {
            let mut ids: Vec<TargetId> = self.targets.iter().filter_map(|target| target.id).collect();
            ids.sort_unstable();
            let mut frameworks = self.selection.frameworks.clone();
            frameworks.sort_unstable();
            parts.push("policy".to_owned());
            parts.extend(std::iter::once(tenant).chain(&ids).map(|id| uuid::Uuid::from_bytes(*id).to_string()));
            parts.extend(frameworks);
        } else {
            // Scans from before there were tenants are the default tenant's own.
            if *tenant != tenant::DEFAULT {
                parts.push(uuid::Uuid::from_bytes(*tenant).to_string());
            }
            for target in &self.targets {
                parts.push(target.provider.clone());
                parts.extend(target.paths.iter().map(|path| path.to_string_lossy().into_owned()));
                parts.extend(target.settings.iter().map(|(key, value)| format!("{key}={value}")));
                parts.extend(target.credentials.iter().map(ToString::to_string));
            }
            parts.push(serde_json::to_string(&self.selection).unwrap_or_default());
        }
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// Whether its violations are not all there are of its policy.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.targets.iter().all(|target| target.id.is_some()) && self.selection.is_narrowed()
    }
}
