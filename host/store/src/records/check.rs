//! A rule, and the plugin it came from.

use plumb_model::check::{Check, PluginRef, Remediation, Scope, Severity};
use serde::{Deserialize, Serialize};

use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckRecord {
    pub(crate) id: String,
    title: String,
    description: String,
    risk: String,
    severity: SeverityRecord,
    scope: ScopeRecord,
    kinds: Vec<String>,
    /// Catalogues of before schema 7 have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    reads: Vec<String>,
    time_dependent: bool,
    categories: Vec<String>,
    references: Vec<String>,
    remediation: RemediationRecord,
    plugin: PluginRefRecord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SeverityRecord {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Serialize, Deserialize)]
enum ScopeRecord {
    Resource,
    Account,
}

#[derive(Debug, Serialize, Deserialize)]
struct RemediationRecord {
    text: String,
    url: String,
    command: String,
    terraform: String,
    effort_minutes: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct PluginRefRecord {
    id: String,
    version: String,
    digest: Fixed<32>,
}

impl From<&Check> for CheckRecord {
    fn from(check: &Check) -> CheckRecord {
        CheckRecord {
            id: check.id.clone(),
            title: check.title.clone(),
            description: check.description.clone(),
            risk: check.risk.clone(),
            severity: check.severity.into(),
            scope: match check.scope {
                Scope::Resource => ScopeRecord::Resource,
                Scope::Account => ScopeRecord::Account,
            },
            kinds: check.kinds.clone(),
            subjects: check.subjects.clone(),
            reads: check.reads.clone(),
            time_dependent: check.time_dependent,
            categories: check.categories.clone(),
            references: check.references.clone(),
            remediation: RemediationRecord {
                text: check.remediation.text.clone(),
                url: check.remediation.url.clone(),
                command: check.remediation.command.clone(),
                terraform: check.remediation.terraform.clone(),
                effort_minutes: check.remediation.effort_minutes,
            },
            plugin: PluginRefRecord {
                id: check.plugin.id.clone(),
                version: check.plugin.version.clone(),
                digest: Fixed(check.plugin.digest),
            },
        }
    }
}

impl From<CheckRecord> for Check {
    fn from(record: CheckRecord) -> Check {
        Check {
            id: record.id,
            title: record.title,
            description: record.description,
            risk: record.risk,
            severity: record.severity.into(),
            scope: match record.scope {
                ScopeRecord::Resource => Scope::Resource,
                ScopeRecord::Account => Scope::Account,
            },
            kinds: record.kinds,
            subjects: record.subjects,
            reads: record.reads,
            time_dependent: record.time_dependent,
            categories: record.categories,
            references: record.references,
            remediation: Remediation {
                text: record.remediation.text,
                url: record.remediation.url,
                command: record.remediation.command,
                terraform: record.remediation.terraform,
                effort_minutes: record.remediation.effort_minutes,
            },
            plugin: PluginRef { id: record.plugin.id, version: record.plugin.version, digest: record.plugin.digest.0 },
        }
    }
}

impl From<Severity> for SeverityRecord {
    fn from(severity: Severity) -> SeverityRecord {
        match severity {
            Severity::Informational => SeverityRecord::Informational,
            Severity::Low => SeverityRecord::Low,
            Severity::Medium => SeverityRecord::Medium,
            Severity::High => SeverityRecord::High,
            Severity::Critical => SeverityRecord::Critical,
        }
    }
}

impl From<SeverityRecord> for Severity {
    fn from(record: SeverityRecord) -> Severity {
        match record {
            SeverityRecord::Informational => Severity::Informational,
            SeverityRecord::Low => Severity::Low,
            SeverityRecord::Medium => Severity::Medium,
            SeverityRecord::High => Severity::High,
            SeverityRecord::Critical => Severity::Critical,
        }
    }
}
