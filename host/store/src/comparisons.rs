//! What a completed scan leaves to be done: being held against the baselines of its targets. That is written down with the scan's
//! completion, and taken out with what the comparison finds, so that a crash in between loses no drift and finds none twice.

use plumb_model::scan::ScanId;
use plumb_model::target::TargetId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::tables::{SCANS, SEEN_DRIFTS};
use crate::targets::ALL_IDS;

impl Ledger {
    /// The scans that were not held against the baselines of all their targets, the oldest first. A record that is damaged is passed
    /// over: whoever reads the scan is told.
    pub fn uncompared_scans(&self) -> Result<Vec<ScanId>, StoreError> {
        self.read(|transaction| {
            let mut found = Vec::new();
            for entry in SCANS.read(transaction)?.iter()? {
                let (id, value) = entry?;
                if SCANS.decode(&id.value(), value.value()).is_ok_and(|head| !head.uncompared.is_empty()) {
                    found.push(*id.value());
                }
            }
            Ok(found)
        })
    }

    /// The targets of a scan that it was not held against the baselines of.
    pub fn uncompared_targets(&self, scan: &ScanId) -> Result<Vec<TargetId>, StoreError> {
        self.read(|transaction| {
            let head = SCANS.get(&SCANS.read(transaction)?, &scan)?;
            Ok(head.map(|head| head.uncompared.iter().map(|target| target.0).collect()).unwrap_or_default())
        })
    }

    /// Notes that there is nothing to hold a scan against, or that it cannot be done.
    pub fn pass_comparison(&self, scan: &ScanId, target: &TargetId) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| settle(transaction, scan, target))
    }
}

/// Takes a comparison out that is done with the transaction. The caller has its drifts written.
pub(crate) fn settle(transaction: &WriteTransaction, scan: &ScanId, target: &TargetId) -> Result<(), StoreError> {
    let mut scans = SCANS.write(transaction)?;
    let Some(mut head) = SCANS.get(&scans, &scan)? else { return Ok(()) };
    head.uncompared.retain(|left| left.0 != *target);
    let seen = SEEN_DRIFTS.write(transaction)?.range((scan, &ALL_IDS.0)..=(scan, &ALL_IDS.1))?.count() as u64;
    head.drifts = Some(seen);
    SCANS.put(&mut scans, &scan, &head)
}
