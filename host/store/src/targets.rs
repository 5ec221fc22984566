//! Targets: what a tenant scans again and again.

use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::baselines;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Fixed;
use crate::records::target::{IdRecord, TargetRecord};
use crate::tables::{TARGET_NAMES, TARGETS};

/// A tenant's targets: every trigger and list may look at all of them.
const MOST_TARGETS: usize = 10_000;

/// The first and the last id there could be.
pub(crate) const ALL_IDS: ([u8; 16], [u8; 16]) = ([0; 16], [u8::MAX; 16]);

impl Ledger {
    /// Writes a target down, in place of the one with its id. Gives it its number, or keeps the one it has; when it was made is
    /// kept too. The name must not be another target's.
    pub fn put_target(&self, target: &Target) -> Result<Target, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let (tenant, id) = (&target.tenant, &target.id);
            let mut table = TARGETS.write(transaction)?;
            let known = TARGETS.get(&table, &(tenant, id))?;
            let mut stored = target.clone();
            if let Some(known) = known {
                (stored.number, stored.created_at) = (known.number, known.created_at);
                if known.name != target.name {
                    TARGET_NAMES.write(transaction)?.remove((tenant, &name_key(&known.name)))?;
                }
            } else {
                if table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))?.count() >= MOST_TARGETS {
                    return Err(StoreError::TooMany { what: "targets", limit: MOST_TARGETS });
                }
                stored.number = numbers::assign(transaction, tenant, Numbered::Target, id)?;
            }
            claim(transaction, &stored)?;
            TARGETS.put(&mut table, &(tenant, id), &TargetRecord::from(&stored))?;
            Ok(stored)
        })
    }

    /// The target with an id.
    pub fn target(&self, tenant: &TenantId, id: &TargetId) -> Result<Option<Target>, StoreError> {
        self.read(|transaction| {
            let found = TARGETS.get(&TARGETS.read(transaction)?, &(tenant, id))?;
            Ok(found.map(|record| record.target(tenant, id)))
        })
    }

    /// The target with a name.
    pub fn target_by_name(&self, tenant: &TenantId, name: &str) -> Result<Option<Target>, StoreError> {
        let id = self.read(|transaction| {
            let found = TARGET_NAMES.get(&TARGET_NAMES.read(transaction)?, &(tenant, &name_key(name)))?;
            Ok::<_, StoreError>(found.map(|record| record.id.0))
        })?;
        id.map_or(Ok(None), |id| self.target(tenant, &id))
    }

    /// All targets of a tenant, in the order they were made in.
    pub fn targets(&self, tenant: &TenantId) -> Result<Vec<Target>, StoreError> {
        self.read(|transaction| {
            let table = TARGETS.read(transaction)?;
            TARGETS.prove_range(&table, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
            let mut targets = Vec::new();
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                targets.push(TARGETS.decode(&key, value.value())?.target(tenant, key.1));
            }
            Ok(targets)
        })
    }

    /// Takes a target out, with its baselines; what was found about it stays. False if there is none.
    pub fn delete_target(&self, tenant: &TenantId, id: &TargetId) -> Result<bool, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = TARGETS.write(transaction)?;
            let Some(known) = TARGETS.get(&table, &(tenant, id))? else { return Ok(false) };
            table.remove((tenant, id))?;
            TARGET_NAMES.write(transaction)?.remove((tenant, &name_key(&known.name)))?;
            numbers::release(transaction, tenant, Numbered::Target, known.number)?;
            baselines::forget(transaction, tenant, id)?;
            Ok(true)
        })
    }
}

/// Takes a target's name for it.
fn claim(transaction: &WriteTransaction, target: &Target) -> Result<(), StoreError> {
    let mut names = TARGET_NAMES.write(transaction)?;
    let digest = name_key(&target.name);
    let key = (&target.tenant, &digest);
    match TARGET_NAMES.get(&names, &key)? {
        Some(owner) if owner.id.0 != target.id => Err(StoreError::NameTaken(target.name.clone())),
        _ => TARGET_NAMES.put(&mut names, &key, &IdRecord { id: Fixed(target.id) }),
    }
}

/// Names are looked up by a digest: a key of text that a damaged page makes invalid UTF-8 would stop the database.
pub(crate) fn name_key(name: &str) -> [u8; 32] {
    *blake3::hash(name.as_bytes()).as_bytes()
}
