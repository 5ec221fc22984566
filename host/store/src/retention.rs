//! What is older than a tenant keeps: scans go with their evidence, never one without the other.

use plumb_model::scan::ScanStatus;
use plumb_model::tenant::TenantId;
use redb::ReadableTable;

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::tables::{SCANS, UPLOADS};

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    pub scans: u64,
    /// Uploads of no scan; those of a scan went with it.
    pub uploads: u64,
    /// Records of what was changed.
    pub remediations: u64,
}

impl Ledger {
    /// Removes a tenant's scans that ended and were created before a time (RFC 3339, UTC, milliseconds), each with all its evidence, and
    /// uploads of that age that belong to no scan; then what was changed before that time. Each is a commit of its own: cut off half-way, the rest goes the next time.
    pub fn expire(&self, tenant: &TenantId, before: &str) -> Result<Expired, StoreError> {
        let (scans, uploads) = self.read(|transaction| {
            let (mut scans, mut uploads) = (Vec::new(), Vec::new());
            for entry in SCANS.read(transaction)?.iter()? {
                let (id, value) = entry?;
                let scan = SCANS.decode(&id.value(), value.value())?.scan(id.value());
                let ended = !matches!(scan.status, ScanStatus::Pending | ScanStatus::Running);
                if ended && scan.tenant == *tenant && scan.created_at.as_str() < before {
                    scans.push(scan.id);
                }
            }
            for entry in UPLOADS.read(transaction)?.range((tenant, &[0; 16])..=(tenant, &[u8::MAX; 16]))? {
                let (key, value) = entry?;
                let record = UPLOADS.decode(&key.value(), value.value())?;
                if record.scan.is_none() && record.created_at.as_str() < before {
                    uploads.push(*key.value().1);
                }
            }
            Ok::<_, StoreError>((scans, uploads))
        })?;
        let mut deleted = 0;
        for scan in &scans {
            match self.delete_scan(scan) {
                Ok(()) => deleted += 1,
                // A running scan takes it over, or it runs again itself: it goes the next time.
                Err(StoreError::TakenOver { .. } | StoreError::WrongStatus { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        uploads.iter().try_for_each(|upload| self.delete_evidence(tenant, upload))?;
        let remediations = self.forget_remediations(tenant, before)?;
        Ok(Expired { scans: deleted, uploads: uploads.len() as u64, remediations })
    }
}
