//! What a plugin may reach: what its manifest asks for, where the operator allows it. Every load passes through [`decide`]; a
//! linker gets the interfaces of a [`Grant`] and no others, so there is no second place to forget.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::LoadError;
use crate::inspect::Inspected;
use crate::limits::{HTTP_HOST_BYTES, HTTP_HOSTS, WRITE_BYTES, WRITES};
use crate::manifest::Capability;

/// What the operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// For every plugin.
    pub everyone: BTreeSet<Capability>,
    /// For one plugin, by its id.
    pub plugins: BTreeMap<String, BTreeSet<Capability>>,
    /// For one component, by the BLAKE3 of its bytes: another one with the same id does not have it.
    pub components: BTreeMap<[u8; 32], BTreeSet<Capability>>,
    /// What the steps of a plugin's remediation plans may do, by its id. Nobody has any unless somebody names them, plugin by
    /// plugin and action by action.
    pub writes: BTreeMap<String, Writes>,
}

impl Default for Operator {
    /// What reaches nothing outside the scan: a plugin sees the target's own files and resources, and gives results.
    fn default() -> Operator {
        let harmless = [Capability::Log, Capability::Snapshot, Capability::Files, Capability::Inventory];
        Operator {
            everyone: harmless.into(),
            plugins: BTreeMap::new(),
            components: BTreeMap::new(),
            writes: BTreeMap::new(),
        }
    }
}

impl Operator {
    fn allows(&self, inspected: &Inspected, capability: Capability) -> bool {
        let own = self.plugins.get(&inspected.manifest.id).into_iter().chain(self.components.get(&inspected.digest));
        std::iter::once(&self.everyone).chain(own).any(|allowed| allowed.contains(&capability))
    }
}

/// What one plugin may reach. Made by [`decide`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    capabilities: BTreeSet<Capability>,
    hosts: Hosts,
    writes: Writes,
}

impl Grant {
    /// Whether the capability is granted.
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    pub fn capabilities(&self) -> impl Iterator<Item = Capability> {
        self.capabilities.iter().copied()
    }

    /// Where `http` may go.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// What steps of its plans may do. The plugin itself writes nothing, whatever stands here: `http` only reads.
    pub fn writes(&self) -> &Writes {
        &self.writes
    }
}

/// Actions that write, in the cloud's own words: `s3:PutBucketVersioning`. Whole names, so that one sees what one grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writes(BTreeSet<String>);

impl Writes {
    /// Refuses what is no name of an action.
    pub fn new(actions: impl IntoIterator<Item = String>) -> Result<Writes, String> {
        let actions: BTreeSet<String> = actions.into_iter().collect();
        if actions.len() > WRITES {
            return Err(format!("more than {WRITES} actions"));
        }
        match actions.iter().find(|action| !is_action(action)) {
            None => Ok(Writes(actions)),
            Some(wrong) => Err(format!("{wrong:?} is no action such as \"s3:PutBucketVersioning\"")),
        }
    }

    pub fn contain(&self, action: &str) -> bool {
        self.0.contains(action)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those that stand in both.
    #[must_use]
    pub fn and(&self, other: &Writes) -> Writes {
        Writes(self.0.intersection(&other.0).cloned().collect())
    }
}

fn is_action(action: &str) -> bool {
    let is_service = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    action.len() <= WRITE_BYTES
        && action.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty()
                && service.chars().all(is_service)
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

/// Names of hosts that a plugin may reach: whole names, or `*.` and a domain for all names below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(BTreeSet<String>);

impl Hosts {
    /// Patterns as a manifest has them; refuses one that is no name, or as wide as a top-level domain.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Result<Hosts, String> {
        let patterns: BTreeSet<String> = patterns.into_iter().collect();
        if patterns.len() > HTTP_HOSTS {
            return Err(format!("more than {HTTP_HOSTS} hosts"));
        }
        match patterns.iter().find(|pattern| !is_pattern(pattern)) {
            None => Ok(Hosts(patterns)),
            Some(wrong) => {
                Err(format!("{wrong:?} is no host such as \"api.example.com\" or \"*.example.com\", in lower case"))
            }
        }
    }

    /// Whether a host, in lower case and without its port, is one of them.
    pub fn contain(&self, host: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => pattern == host,
        })
    }

    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn is_pattern(pattern: &str) -> bool {
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    let is_label = |label: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty() && label.len() <= 63 && label.chars().all(inner)
    };
    // The last label of a name is never a number, that of an address is.
    let top = name.rsplit('.').next().unwrap_or_default();
    let is_named = top.starts_with(|c: char| c.is_ascii_lowercase());
    pattern.len() <= HTTP_HOST_BYTES && name.contains('.') && is_named && name.split('.').all(is_label)
}

/// Grants what the manifest asks for and the operator allows. Refuses a plugin that imports more than its manifest asks for, or
/// asks for more than it is granted: half a plugin would fail later, and less clearly.
pub fn decide(inspected: &Inspected, operator: &Operator) -> Result<Grant, LoadError> {
    let manifest = &inspected.manifest;
    if let Some(import) = inspected.imports.difference(&manifest.capabilities).next() {
        return Err(LoadError::NotAsked(import.to_string()));
    }
    for asked in &manifest.capabilities {
        if !operator.allows(inspected, *asked) {
            return Err(LoadError::NotGranted(asked.to_string(), manifest.id.clone()));
        }
    }
    // Half of the writes is no half plugin: a step of another action is shown and not sent.
    let writes = operator.writes.get(&manifest.id).map(|allowed| allowed.and(&manifest.writes)).unwrap_or_default();
    Ok(Grant { capabilities: manifest.capabilities.clone(), hosts: manifest.hosts.clone(), writes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_names_below_a_domain_and_nothing_that_looks_like_them() {
        let hosts = Hosts::new(["*.amazonaws.com".to_owned(), "api.example.org".to_owned()]).unwrap();
        for inside in ["ec2.eu-west-1.amazonaws.com", "iam.amazonaws.com", "api.example.org"] {
            assert!(hosts.contain(inside), "{inside}");
        }
        let outside =
            ["amazonaws.com", ".amazonaws.com", "evilamazonaws.com", "amazonaws.com.evil.org", "b.example.org", ""];
        for outside in outside {
            assert!(!hosts.contain(outside), "{outside}");
        }
    }

    #[test]
    fn an_action_is_named_whole() {
        let writes = Writes::new(["s3:PutBucketVersioning".to_owned(), "ec2:CreateTags".to_owned()]).unwrap();
        assert!(writes.contain("s3:PutBucketVersioning") && !writes.contain("s3:PutBucket"));
        let other = Writes::new(["s3:PutBucketVersioning".to_owned(), "s3:DeleteBucket".to_owned()]).unwrap();
        assert_eq!(writes.and(&other).actions().collect::<Vec<_>>(), ["s3:PutBucketVersioning"]);
        for wrong in ["", "*", "s3", "s3:", "s3:*", "S3:Put", "s3:put", "s3:Put*", ":Put", "s3:Put Bucket", "s3:Put:A"]
        {
            assert!(Writes::new([wrong.to_owned()]).unwrap_err().contains("is no action"), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for wrong in
            ["", "*", "*.com", "com", "169.254.169.254", "a..b.com", "*.*.com", "A.com", "a.com:80", "a_b.com", "[::1]"]
        {
            assert!(Hosts::new([wrong.to_owned()]).unwrap_err().contains("is no host"), "{wrong}");
        }
    }
}
