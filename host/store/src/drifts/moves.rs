//! Moving drifts from state to state.

use plumb_model::drift::{Baseline, Drift, DriftId, DriftStatus};
use plumb_model::tenant::TenantId;
use redb::{Durability, WriteTransaction};

use super::required;
use crate::baselines;
use crate::error::StoreError;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::records::drift::DriftRecord;
use crate::tables::{BASELINES, DRIFTS};

impl Ledger {
    /// Moves a drift to another state, if [`DriftStatus::may_become`] allows it.
    pub fn move_drift(
        &self,
        tenant: &TenantId,
        id: &DriftId,
        next: DriftStatus,
        at: &str,
    ) -> Result<Drift, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let record = required(transaction, tenant, id)?;
            let drift = move_on(record, tenant, id, next, at)?;
            write(transaction, &drift.0, &drift.1)
        })
    }

    /// Resolves a drift, whether somebody has begun to investigate it or not: then it goes through that state. With
    /// `capture_baseline` what the last scan saw of the resource becomes its baseline: for a missing one, that there is none.
    pub fn resolve_drift(
        &self,
        tenant: &TenantId,
        id: &DriftId,
        at: &str,
        capture_baseline: bool,
    ) -> Result<Drift, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let record = required(transaction, tenant, id)?;
            let key = record.resource_key.0;
            let drift = resolve(transaction, tenant, id, record, at)?;
            if capture_baseline {
                let baseline = match (drift.document, drift.scan) {
                    (Some(digest), Some(scan)) => {
                        // The code may know the resource by another name than the cloud.
                        let known = BASELINES.get(&BASELINES.write(transaction)?, &(tenant, &drift.target, &key))?;
                        let known = known.map(|known| Baseline::from(known).resource);
                        let resource = known.unwrap_or_else(|| drift.resource.clone());
                        Some(Baseline { resource, digest, scan, captured_at: at.to_owned() })
                    }
                    // The scan was deleted, so nobody knows what the resource is like now.
                    (Some(_), None) => return Err(StoreError::NoCurrentDocument(scan_name(id))),
                    (None, _) => None,
                };
                baselines::set(transaction, tenant, &drift.target, &key, baseline.as_ref())?;
            }
            Ok(drift)
        })
    }
}

/// Resolves a drift, through investigation if need be.
pub(super) fn resolve(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    id: &DriftId,
    record: DriftRecord,
    at: &str,
) -> Result<Drift, StoreError> {
    let (mut drift, mut kept) = (record.clone().drift(tenant, id), record);
    if drift.status == DriftStatus::Detected {
        (drift, kept) = move_on(kept, tenant, id, DriftStatus::Investigating, at)?;
    }
    drop(drift);
    let (drift, kept) = move_on(kept, tenant, id, DriftStatus::Resolved, at)?;
    write(transaction, &drift, &kept)
}

/// Changes a drift's status: the only function that does.
fn move_on(
    record: DriftRecord,
    tenant: &TenantId,
    id: &DriftId,
    next: DriftStatus,
    at: &str,
) -> Result<(Drift, DriftRecord), StoreError> {
    let (key, scans) = (record.resource_key.0, record.scans);
    let mut drift = record.drift(tenant, id);
    if !drift.status.may_become(next) {
        let (from, to) = (drift.status, next);
        return Err(StoreError::IllegalDriftMove { drift: scan_name(id), from, to });
    }
    drift.status = next;
    at.clone_into(&mut drift.updated_at);
    if next == DriftStatus::Resolved {
        drift.resolved_at = Some(at.to_owned());
    }
    let record = DriftRecord::new(&drift, key, scans);
    Ok((drift, record))
}

fn write(transaction: &WriteTransaction, drift: &Drift, record: &DriftRecord) -> Result<Drift, StoreError> {
    DRIFTS.put(&mut DRIFTS.write(transaction)?, &(&drift.tenant, &drift.id), record)?;
    Ok(drift.clone())
}
