//! What was done, by whom: one log for each tenant, each entry bound to the one before it by its hash. Whoever may write the file
//! can write another log; what they cannot do is change an entry and keep the hash that somebody noted down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plumb_model::access::AuditEvent;
use plumb_model::tenant::TenantId;
use redb::{Durability, WriteTransaction};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::audit::{AuditHeadRecord, AuditRecord};
use crate::tables::{AUDIT, AUDIT_HEADS};

/// The result of an entry that was written down before what it speaks of.
const BEGUN: &str = "begun";

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

/// An entry that is committed with the change it speaks of, once: by the next transaction of a ledger that carries it
/// ([`Ledger::noting`]). Clones are the same entry.
#[derive(Clone, Debug)]
pub struct PendingEntry(Arc<Mutex<Option<AuditEvent>>>);

impl PendingEntry {
    pub fn new(event: AuditEvent) -> PendingEntry {
        PendingEntry(Arc::new(Mutex::new(Some(event))))
    }

    /// Names what is being made, which the request could not.
    pub fn set_object(&self, object: impl Into<String>) {
        if let Some(event) = self.event().as_mut() {
            event.object = object.into();
        }
    }

    /// Whether it stands in the log.
    pub fn is_written(&self) -> bool {
        self.event().is_none()
    }

    /// What is to be written; none once it stands in the log.
    fn event(&self) -> MutexGuard<'_, Option<AuditEvent>> {
        // A panic while it was held leaves an entry that is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits a transaction, and the entry with it if it is not in the log yet.
    pub(crate) fn commit_with(&self, transaction: WriteTransaction) -> Result<(), StoreError> {
        let mut event = self.event();
        if let Some(event) = event.as_ref() {
            append(&transaction, event)?;
        }
        transaction.commit()?;
        *event = None;
        Ok(())
    }
}

impl Ledger {
    /// Adds an entry to its tenant's log.
    pub fn append_audit(&self, event: &AuditEvent) -> Result<AuditHead, StoreError> {
        self.write(Durability::Immediate, |transaction| append(transaction, event))
    }

    /// Writes an entry down before what it speaks of is begun, where that is no single transaction.
    pub fn note_begun(&self, entry: &PendingEntry) -> Result<(), StoreError> {
        if let Some(event) = entry.event().as_mut() {
            BEGUN.clone_into(&mut event.result);
        }
        self.noting(entry.clone()).write(Durability::Immediate, |_| Ok(()))
    }

    /// Entries of a tenant's log, the latest first, from the one before `before` on. Costs as much as it gives.
    pub fn audit(&self, tenant: &TenantId, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(|transaction| {
            let table = AUDIT.read(transaction)?;
            let head = AUDIT_HEADS.get(&AUDIT_HEADS.read(transaction)?, &tenant)?;
            let length = head.map_or(0, |head| head.length);
            // Entries are numbered without a gap, so one that is missing is noticed.
            let mut expected = before.map_or(length, |before| length.min(before.saturating_sub(1)));
            let mut entries = Vec::new();
            for entry in table.range((tenant, 0)..(tenant, before.unwrap_or(u64::MAX)))?.rev().take(limit) {
                let (key, value) = entry?;
                if key.value().1 != expected {
                    break;
                }
                expected = expected.saturating_sub(1);
                let record = AUDIT.decode(&key.value(), value.value())?;
                let event = record.event(tenant).map_err(|problem| AUDIT.damaged(&key.value(), problem))?;
                entries.push(AuditEntry { sequence: key.value().1, event, hash: record.hash.0 });
            }
            if entries.len() < limit && expected > 0 {
                return Err(AUDIT.damaged(&(tenant, expected), "it is missing"));
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
