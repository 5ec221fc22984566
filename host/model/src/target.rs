//! What is scanned again and again: targets, and the policies that bind them to frameworks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

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

impl CredentialReference {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            CredentialReference::Environment(prefix) => ("environment", prefix),
            CredentialReference::File(path) => ("file", path),
            CredentialReference::Profile(name) => ("profile", name),
            CredentialReference::WebIdentity(path) => ("web-identity", path),
        }
    }
}

/// `profile:audit`
impl fmt::Display for CredentialReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, text) = self.parts();
        write!(f, "{kind}:{text}")
    }
}

impl FromStr for CredentialReference {
    type Err = String;

    fn from_str(text: &str) -> Result<CredentialReference, String> {
        let wrong = || format!("'{text}' is none of environment:PREFIX, file:PATH, profile:NAME and web-identity:PATH");
        match text.split_once(':').filter(|(_, rest)| !rest.is_empty()).ok_or_else(wrong)? {
            ("environment", prefix) => Ok(CredentialReference::Environment(prefix.to_owned())),
            ("file", path) => Ok(CredentialReference::File(path.to_owned())),
            ("profile", name) => Ok(CredentialReference::Profile(name.to_owned())),
            ("web-identity", path) => Ok(CredentialReference::WebIdentity(path.to_owned())),
            _ => Err(wrong()),
        }
    }
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
