//! What is scanned again and again: targets, and the policies that bind them to frameworks.

use std::collections::{BTreeMap, BTreeSet};

use crate::tenant::TenantId;

/// UUIDv7.
pub type TargetId = [u8; 16];

/// UUIDv7.
pub type PolicyId = [u8; 16];

/// A cloud account or infrastructure code, as somebody described it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: TargetId,
    pub tenant: TenantId,
    /// Counts the tenant's targets; never given twice.
    pub number: u64,
    /// Unique within the tenant.
    pub name: String,
    /// `terraform`, or a provider plugin's id.
    pub provider: String,
    /// What the provider wants to know: a JSON object, as text.
    pub settings: String,
    pub credentials: Option<CredentialReference>,
    /// For example `environment` → `production`.
    pub labels: BTreeMap<String, String>,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    pub updated_at: String,
}

impl Target {
    /// The label that says what a target is for.
    pub fn environment(&self) -> Option<&str> {
        self.labels.get("environment").map(String::as_str)
    }
}

/// Where the host finds a target's credentials. Never the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialReference {
    /// Variables of the environment that begin with this, for example `AWS`.
    Environment(String),
    /// A file on the host.
    File(String),
    /// A profile of the cloud's own command line.
    Profile(String),
    /// A file with a token that the cloud exchanges for credentials.
    WebIdentity(String),
}

/// A set of targets and a set of frameworks. Scans of the same policy are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub id: PolicyId,
    pub tenant: TenantId,
    /// Counts the tenant's policies; never given twice.
    pub number: u64,
    pub name: String,
    pub targets: BTreeSet<TargetId>,
    /// Framework ids; empty for all that fit.
    pub frameworks: BTreeSet<String>,
    pub labels: BTreeMap<String, String>,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
}
