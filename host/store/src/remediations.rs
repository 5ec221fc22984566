//! Remediations: what was changed in a cloud. One is on the disk before the first of its requests is sent, and its entry in the
//! audit log with it, so that after a crash somebody knows what may have taken effect.

use plumb_model::access::AuditEvent;
use plumb_model::remediation::{Remediation, RemediationId, RemediationStatus};
use plumb_model::scan::ScanId;
use plumb_model::tenant::TenantId;
use redb::Durability;

use crate::audit;
use crate::error::StoreError;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::records::remediation::RemediationRecord;
use crate::tables::REMEDIATIONS;
use crate::targets::ALL_IDS;

impl Ledger {
    /// Writes down what is about to be sent. When this returns, it is on the disk.
    pub fn begin_remediation(&self, remediation: &Remediation, event: &AuditEvent) -> Result<(), StoreError> {
        let Remediation { tenant, scan, id, .. } = remediation;
        self.write(Durability::Immediate, |transaction| {
            let mut table = REMEDIATIONS.write(transaction)?;
            REMEDIATIONS.put(&mut table, &(tenant, scan, id), &RemediationRecord::from(remediation))?;
            audit::append(transaction, event).map(drop)
        })
    }

    /// Writes down what is known of it by now, with an entry in the audit log where there is one. Its status may only become what
    /// follows the one it has.
    pub fn note_remediation(&self, remediation: &Remediation, event: Option<&AuditEvent>) -> Result<(), StoreError> {
        let Remediation { tenant, scan, id, status, .. } = remediation;
        self.write(Durability::Immediate, |transaction| {
            let mut table = REMEDIATIONS.write(transaction)?;
            let known = REMEDIATIONS.get(&table, &(tenant, scan, id))?;
            let was = known.map(|record| record.status());
            if was.is_none_or(|was| was != *status && !was.may_become(*status)) {
                let was = was.map_or("gone", RemediationStatus::as_str);
                return Err(StoreError::RemediationStatus { id: scan_name(id), was, refused: status.as_str() });
            }
            REMEDIATIONS.put(&mut table, &(tenant, scan, id), &RemediationRecord::from(remediation))?;
            event.map_or(Ok(()), |event| audit::append(transaction, event).map(drop))
        })
    }

    /// A tenant's remediations, the latest first. Takes the memory of all of them.
    pub fn remediations(&self, tenant: &TenantId) -> Result<Vec<Remediation>, StoreError> {
        let (first, last) = &ALL_IDS;
        let mut found = self.remediations_in((tenant, first, first), (tenant, last, last))?;
        found.sort_unstable_by_key(|remediation| std::cmp::Reverse(remediation.id));
        Ok(found)
    }

    /// How many violations that a scan found are mended.
    pub fn fixed_violations(&self, tenant: &TenantId, scan: &ScanId) -> Result<u64, StoreError> {
        let (first, last) = &ALL_IDS;
        let found = self.remediations_in((tenant, scan, first), (tenant, scan, last))?;
        let fixed = found.iter().filter(|remediation| remediation.status == RemediationStatus::Fixed);
        let mut violations: Vec<_> = fixed.map(|remediation| remediation.fingerprint).collect();
        violations.sort_unstable();
        violations.dedup();
        Ok(violations.len() as u64)
    }

    fn remediations_in(
        &self,
        first: (&TenantId, &ScanId, &RemediationId),
        last: (&TenantId, &ScanId, &RemediationId),
    ) -> Result<Vec<Remediation>, StoreError> {
        self.read(|transaction| {
            let mut found = Vec::new();
            for entry in REMEDIATIONS.read(transaction)?.range(first..=last)? {
                let (key, value) = entry?;
                let (tenant, scan, id) = key.value();
                found.push(REMEDIATIONS.decode(&key.value(), value.value())?.remediation(tenant, scan, id));
            }
            Ok(found)
        })
    }

    /// Removes what a tenant changed before a time (RFC 3339, UTC, milliseconds); the audit log keeps its entries.
    pub(crate) fn forget_remediations(&self, tenant: &TenantId, before: &str) -> Result<u64, StoreError> {
        let old: Vec<_> =
            self.remediations(tenant)?.into_iter().filter(|one| one.started_at.as_str() < before).collect();
        if old.is_empty() {
            return Ok(0);
        }
        self.write(Durability::Immediate, |transaction| {
            let mut table = REMEDIATIONS.write(transaction)?;
            for Remediation { scan, id, .. } in &old {
                table.remove((tenant, scan, id))?;
            }
            Ok(old.len() as u64)
        })
    }
}
