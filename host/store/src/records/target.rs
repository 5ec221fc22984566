//! Targets and policies.

use std::collections::{BTreeMap, BTreeSet};

use plumb_model::target::{CredentialReference, Policy, PolicyId, Target, TargetId};
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TargetRecord {
    pub(crate) number: u64,
    pub(crate) name: String,
    provider: String,
    settings: String,
    credentials: Option<CredentialsRecord>,
    labels: BTreeMap<String, String>,
    pub(crate) created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize, Deserialize)]
enum CredentialsRecord {
    Environment(String),
    File(String),
    Profile(String),
    WebIdentity(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PolicyRecord {
    pub(crate) number: u64,
    pub(crate) name: String,
    targets: Vec<Fixed<16>>,
    frameworks: BTreeSet<String>,
    labels: BTreeMap<String, String>,
    pub(crate) created_at: String,
}

/// The id under a name or a digest.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdRecord {
    pub(crate) id: Fixed<16>,
}

impl NamedRecord for TargetRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for PolicyRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for IdRecord {
    const VERSION: u8 = 1;
}

impl From<&Target> for TargetRecord {
    fn from(target: &Target) -> TargetRecord {
        TargetRecord {
            number: target.number,
            name: target.name.clone(),
            provider: target.provider.clone(),
            settings: target.settings.clone(),
            credentials: target.credentials.clone().map(Into::into),
            labels: target.labels.clone(),
            created_at: target.created_at.clone(),
            updated_at: target.updated_at.clone(),
        }
    }
}

impl TargetRecord {
    pub(crate) fn target(self, tenant: &TenantId, id: &TargetId) -> Target {
        Target {
            id: *id,
            tenant: *tenant,
            number: self.number,
            name: self.name,
            provider: self.provider,
            settings: self.settings,
            credentials: self.credentials.map(Into::into),
            labels: self.labels,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl From<CredentialReference> for CredentialsRecord {
    fn from(reference: CredentialReference) -> CredentialsRecord {
        match reference {
            CredentialReference::Environment(prefix) => CredentialsRecord::Environment(prefix),
            CredentialReference::File(path) => CredentialsRecord::File(path),
            CredentialReference::Profile(name) => CredentialsRecord::Profile(name),
            CredentialReference::WebIdentity(path) => CredentialsRecord::WebIdentity(path),
        }
    }
}

impl From<CredentialsRecord> for CredentialReference {
    fn from(record: CredentialsRecord) -> CredentialReference {
        match record {
            CredentialsRecord::Environment(prefix) => CredentialReference::Environment(prefix),
            CredentialsRecord::File(path) => CredentialReference::File(path),
            CredentialsRecord::Profile(name) => CredentialReference::Profile(name),
            CredentialsRecord::WebIdentity(path) => CredentialReference::WebIdentity(path),
        }
    }
}

impl From<&Policy> for PolicyRecord {
    fn from(policy: &Policy) -> PolicyRecord {
        PolicyRecord {
            number: policy.number,
            name: policy.name.clone(),
            targets: policy.targets.iter().copied().map(Fixed).collect(),
            frameworks: policy.frameworks.clone(),
            labels: policy.labels.clone(),
            created_at: policy.created_at.clone(),
        }
    }
}

impl PolicyRecord {
    pub(crate) fn policy(self, tenant: &TenantId, id: &PolicyId) -> Policy {
        Policy {
            id: *id,
            tenant: *tenant,
            number: self.number,
            name: self.name,
            targets: self.targets.iter().map(|id| id.0).collect(),
            frameworks: self.frameworks,
            labels: self.labels,
            created_at: self.created_at,
        }
    }
}
