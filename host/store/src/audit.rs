//! What was done, by whom: one log for each tenant, each entry bound to the one before it by its hash. Whoever may write the file
//! can write another log; what they cannot do is change an entry and keep the hash that somebody noted down.

use plumb_model::access::AuditEvent;
use plumb_model::tenant::TenantId;
use redb::{Durability, WriteTransaction};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::audit::{AuditHeadRecord, AuditRecord};
use crate::tables::{AUDIT, AUDIT_HEADS};

/// An entry with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counts the tenant's entries from 1.
    pub sequence: u64,
    pub event: AuditEvent,
    /// BLAKE3 of the previous entry's hash and this entry.
    pub hash: Digest,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    pub length: u64,
    pub hash: Digest,
}

impl Ledger {
    /// Adds an entry to its tenant's log.
    pub fn append_audit(&self, event: &AuditEvent) -> Result<AuditHead, StoreError> {
        self.write(Durability::Immediate, |transaction| append(transaction, event))
    }

    /// Entries of a tenant's log, the latest first, from the one before `before` on. Costs as much as it gives.
    pub fn audit(&self, tenant: &TenantId, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(|transaction| {
            let table = AUDIT.read(transaction)?;
            let mut entries = Vec::new();
            for entry in table.range((tenant, 0)..(tenant, before.unwrap_or(u64::MAX)))?.rev().take(limit) {
                let (key, value) = entry?;
                let record = AUDIT.decode(&key.value(), value.value())?;
                let event = record.event(tenant).map_err(|problem| AUDIT.damaged(&key.value(), problem))?;
                entries.push(AuditEntry { sequence: key.value().1, event, hash: record.hash.0 });
            }
            Ok(entries)
        })
    }

    /// Where a tenant's log ends.
    pub fn audit_head(&self, tenant: &TenantId) -> Result<AuditHead, StoreError> {
        self.read(|transaction| {
            let head = AUDIT_HEADS.get(&AUDIT_HEADS.read(transaction)?, &tenant)?;
            let head = head.unwrap_or_else(|| AuditHeadRecord::empty(tenant));
            Ok(AuditHead { length: head.length, hash: head.hash.0 })
        })
    }
}

/// Adds an entry together with what it tells of.
pub(crate) fn append(transaction: &WriteTransaction, event: &AuditEvent) -> Result<AuditHead, StoreError> {
    let mut heads = AUDIT_HEADS.write(transaction)?;
    let tenant = &event.tenant;
    let head = AUDIT_HEADS.get(&heads, &tenant)?.unwrap_or_else(|| AuditHeadRecord::empty(tenant));
    let record = AuditRecord::new(&head, event).map_err(|problem| StoreError::Encode { table: AUDIT.name, problem })?;
    let head = head.followed_by(&record);
    AUDIT.put(&mut AUDIT.write(transaction)?, &(tenant, head.length), &record)?;
    AUDIT_HEADS.put(&mut heads, &tenant, &head)?;
    Ok(AuditHead { length: head.length, hash: head.hash.0 })
}
