//! What a plugin may reach: what its manifest asks for, where the operator allows it. Every load passes through [`decide`]; a
//! linker gets the interfaces of a [`Grant`] and no others, so there is no second place to forget.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::LoadError;
use crate::inspect::Inspected;
use crate::manifest::Capability;

/// What this host can offer at all.
const OFFERED: [Capability; 4] = [Capability::Log, Capability::Snapshot, Capability::Files, Capability::Inventory];

/// What the operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// For every plugin.
    pub everyone: BTreeSet<Capability>,
    /// For one plugin, by its id.
    pub plugins: BTreeMap<String, BTreeSet<Capability>>,
}

impl Default for Operator {
    /// What reaches nothing outside the scan: a plugin sees the target's own files and resources, and gives results.
    fn default() -> Operator {
        let harmless = [Capability::Log, Capability::Snapshot, Capability::Files, Capability::Inventory];
        Operator { everyone: harmless.into(), plugins: BTreeMap::new() }
    }
}

impl Operator {
    fn allows(&self, plugin: &str, capability: Capability) -> bool {
        self.everyone.contains(&capability) || self.plugins.get(plugin).is_some_and(|own| own.contains(&capability))
    }
}

/// What one plugin may reach. Made by [`decide`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant(BTreeSet<Capability>);

impl Grant {
    /// Whether the capability is granted.
    pub fn has(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }

    pub fn capabilities(&self) -> impl Iterator<Item = Capability> {
        self.0.iter().copied()
    }
}

/// Grants what the manifest asks for and the operator allows. Refuses a plugin that imports more than its manifest asks for, or
/// asks for more than it is granted: half a plugin would fail later, and less clearly.
pub fn decide(inspected: &Inspected, operator: &Operator) -> Result<Grant, LoadError> {
    let manifest = &inspected.manifest;
    if let Some(import) = inspected.imports.difference(&manifest.capabilities).next() {
        return Err(LoadError::NotAsked(import.to_string()));
    }
    for asked in &manifest.capabilities {
        if !OFFERED.contains(asked) {
            return Err(LoadError::NotOffered(asked.to_string()));
        }
        if !operator.allows(&manifest.id, *asked) {
            return Err(LoadError::NotGranted(asked.to_string(), manifest.id.clone()));
        }
    }
    Ok(Grant(manifest.capabilities.clone()))
}
