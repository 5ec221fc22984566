//! Policies: sets of targets with sets of frameworks.

use plumb_model::target::{Policy, PolicyId};
use plumb_model::tenant::TenantId;
use redb::Durability;

use crate::batch::Digest;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Fixed;
use crate::records::target::{IdRecord, PolicyRecord};
use crate::tables::{POLICIES, POLICY_KEYS};
use crate::targets::ALL_IDS;

impl Ledger {
    /// Makes a policy, or finds the one with the same key. The key is a digest over the targets and frameworks: there is one policy
    /// for each such pair.
    pub fn put_policy(&self, key: &Digest, policy: &Policy) -> Result<Policy, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let tenant = &policy.tenant;
            let mut table = POLICIES.write(transaction)?;
            let mut keys = POLICY_KEYS.write(transaction)?;
            if let Some(known) = POLICY_KEYS.get(&keys, &(tenant, key))? {
                let id = known.id.0;
                let found = POLICIES.get(&table, &(tenant, &id))?;
                let found =
                    found.ok_or_else(|| POLICIES.damaged(&(tenant, &id), "its key is there, and it is missing"))?;
                return Ok(found.policy(tenant, &id));
            }
            let number = numbers::assign(transaction, tenant, Numbered::Policy, &policy.id)?;
            let stored = Policy { number, ..policy.clone() };
            POLICIES.put(&mut table, &(tenant, &policy.id), &PolicyRecord::from(&stored))?;
            POLICY_KEYS.put(&mut keys, &(tenant, key), &IdRecord { id: Fixed(policy.id) })?;
            Ok(stored)
        })
    }

    /// Gives a policy another name. None if there is no such policy.
    pub fn rename_policy(&self, tenant: &TenantId, id: &PolicyId, name: &str) -> Result<Option<Policy>, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = POLICIES.write(transaction)?;
            let Some(mut record) = POLICIES.get(&table, &(tenant, id))? else { return Ok(None) };
            name.clone_into(&mut record.name);
            POLICIES.put(&mut table, &(tenant, id), &record)?;
            Ok(Some(record.policy(tenant, id)))
        })
    }

    /// The policy with an id.
    pub fn policy(&self, tenant: &TenantId, id: &PolicyId) -> Result<Option<Policy>, StoreError> {
        self.read(|transaction| {
            let found = POLICIES.get(&POLICIES.read(transaction)?, &(tenant, id))?;
            Ok(found.map(|record| record.policy(tenant, id)))
        })
    }

    /// All policies of a tenant, in the order they were made in.
    pub fn policies(&self, tenant: &TenantId) -> Result<Vec<Policy>, StoreError> {
        self.read(|transaction| {
            let mut policies = Vec::new();
            let table = POLICIES.read(transaction)?;
            POLICIES.prove_range(&table, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                policies.push(POLICIES.decode(&key, value.value())?.policy(tenant, key.1));
            }
            Ok(policies)
        })
    }
}
