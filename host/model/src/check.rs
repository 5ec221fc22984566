//! What a rule says of itself.

use std::fmt;
use std::str::FromStr;

/// How much a violation matters, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Worst first: the order people read in.
    pub const WORST_FIRST: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Informational];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Informational => "informational",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(word: &str) -> Result<Severity, String> {
        let known = Severity::WORST_FIRST.into_iter().find(|severity| severity.as_str() == word);
        known
            .or_else(|| (word == "info").then_some(Severity::Informational))
            .ok_or_else(|| format!("'{word}' is no severity; use critical, high, medium, low or informational"))
    }
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One resource at a time.
    Resource,
    /// A whole account.
    Account,
}

/// How to mend a violation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remediation {
    pub text: String,
    pub url: String,
    pub command: String,
    pub terraform: String,
    /// Minutes of a person's work.
    pub effort_minutes: u32,
}

/// The plugin a check or framework came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PluginRef {
    pub id: String,
    pub version: String,
    /// BLAKE3 of the component's bytes.
    pub digest: [u8; 32],
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub id: String,
    pub title: String,
    pub description: String,
    pub risk: String,
    pub severity: Severity,
    pub scope: Scope,
    /// Resource kinds it looks at.
    pub kinds: Vec<String>,
    /// Of a check of accounts, those of its kinds that it judges one by one: an outcome follows from its own resource and from those
    /// of the other kinds. Empty where outcomes follow from everything.
    pub subjects: Vec<String>,
    /// Attribute paths its verdict rests on.
    pub reads: Vec<String>,
    pub time_dependent: bool,
    pub categories: Vec<String>,
    pub references: Vec<String>,
    pub remediation: Remediation,
    pub plugin: PluginRef,
}

impl Check {
    /// The service a check belongs to: what its id begins with.
    pub fn service(&self) -> &str {
        self.id.split_once('_').map_or(self.id.as_str(), |(service, _)| service)
    }
}
