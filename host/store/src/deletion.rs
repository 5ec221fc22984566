//! Taking a scan out of the ledger.

use plumb_model::scan::{ScanId, ScanStatus};
use redb::{ReadableTable, WriteTransaction};

use crate::batch::Digest;
use crate::drifts;
use crate::error::StoreError;
use crate::evidence::{automatic, uploads};
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::scans::head;
use crate::tables::{CATALOGUES, COMPLETED, GAPS, OUTCOMES, RESOLVED, RESOURCES, SCANS, SETTINGS, SUMMARIES, TASKS};

/// A key's numbers run up to these.
const LAST: u32 = u32::MAX;

impl Ledger {
    /// Removes a scan, all its rows, its evidence with what was uploaded for it, and the drifts that no other scan saw. Documents
    /// and verdicts stay: other scans may rest on them, and a later scan may save itself work by them. One that a running scan
    /// takes tasks over from is refused until that has ended.
    pub fn delete_scan(&self, id: &ScanId) -> Result<(), StoreError> {
        self.changing_blobs(|transaction| {
            let head = head(&SCANS.write(transaction)?, id)?;
            if head.status() == ScanStatus::Running {
                let refused = "a running scan is not deleted; cancel it first";
                return Err(StoreError::WrongStatus { scan: scan_name(id), status: head.status(), refused });
            }
            if let Some(by) = taken_over_by(transaction, id)? {
                return Err(StoreError::TakenOver { scan: scan_name(id), by: scan_name(&by) });
            }
            remove_rows(transaction, id)?;
            SCANS.write(transaction)?.remove(id)?;
            SETTINGS.write(transaction)?.remove(id)?;
            SUMMARIES.write(transaction)?.remove(id)?;
            COMPLETED.write(transaction)?.remove((&head.scope_key.0, id))?;
            let scan = head.scan(id);
            numbers::release(transaction, &scan.tenant, Numbered::Scan, scan.number)?;
            drifts::forget_scan(transaction, &scan.tenant, id)?;
            automatic::remove(transaction, id, &head)?;
            head.catalogue.map_or(Ok(()), |digest| drop_unused_catalogue(transaction, &digest.0))?;
            uploads::remove_of_scan(transaction, &scan.tenant, id)
        })
    }
}

/// A running scan that is compared with this one. It may be reading this one's rows, and the documents of rows that it has read
/// but not recorded would be nobody's.
fn taken_over_by(transaction: &WriteTransaction, id: &ScanId) -> Result<Option<ScanId>, StoreError> {
    for entry in SCANS.write(transaction)?.iter()? {
        let (other, value) = entry?;
        let head = SCANS.decode(&other.value(), value.value())?;
        if head.status() == ScanStatus::Running && head.previous.is_some_and(|previous| previous.0 == *id) {
            return Ok(Some(*other.value()));
        }
    }
    Ok(None)
}

fn remove_rows(transaction: &WriteTransaction, id: &ScanId) -> Result<(), StoreError> {
    TASKS.write(transaction)?.retain_in((id, 0)..=(id, LAST), |_, _| false)?;
    RESOURCES.write(transaction)?.retain_in((id, 0, 0)..=(id, LAST, LAST), |_, _| false)?;
    OUTCOMES.write(transaction)?.retain_in((id, 0, 0, 0)..=(id, u8::MAX, LAST, LAST), |_, _| false)?;
    GAPS.write(transaction)?.retain_in((id, 0, 0)..=(id, LAST, LAST), |_, _| false)?;
    RESOLVED.write(transaction)?.retain_in((id, 0)..=(id, LAST), |_, _| false)?;
    Ok(())
}

/// Scans share catalogues; the last one takes its catalogue along.
fn drop_unused_catalogue(transaction: &WriteTransaction, digest: &Digest) -> Result<(), StoreError> {
    for entry in SCANS.write(transaction)?.iter()? {
        let (id, value) = entry?;
        let head = SCANS.decode(&id.value(), value.value())?;
        if head.catalogue.is_some_and(|used| used.0 == *digest) {
            return Ok(());
        }
    }
    CATALOGUES.write(transaction)?.remove(digest)?;
    Ok(())
}
