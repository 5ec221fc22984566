//! Drifts: what was found to differ, and what people make of it.

mod lists;
mod moves;

use std::collections::BTreeSet;

use plumb_model::check::Severity;
use plumb_model::drift::{Difference, Drift, DriftId, DriftKind, DriftStatus, DriftType};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::ScanId;
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::baselines::{ResourceKey, range};
use crate::batch::Digest;
use crate::comparisons;
use crate::error::StoreError;
use crate::events;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Fixed;
use crate::records::drift::{DriftRecord, LastDriftRecord, SeenDriftRecord};
use crate::tables::{DRIFTS, LAST_DRIFTS, SEEN_DRIFTS, TARGETS};
use crate::targets::ALL_IDS;

pub use lists::{DriftCounts, DriftFilter, DriftPage};

/// A difference as a scan saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDrift {
    /// The id it gets if it is not known yet; a UUIDv7.
    pub id: DriftId,
    /// Of the baseline; of an unmanaged resource its own.
    pub key: ResourceKey,
    pub resource: ResourceRef,
    pub address: String,
    pub kind: DriftKind,
    pub drift_type: DriftType,
    pub severity: Severity,
    pub summary: String,
    pub path: String,
    pub baseline_value: String,
    pub current_value: String,
    pub patch: String,
    pub differences: Vec<Difference>,
    pub failing_check: Option<String>,
    /// Of the resource as it is now; none where it is missing.
    pub document: Option<Digest>,
}

/// What became of the drifts of a target by one scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedDrifts {
    /// Every drift the scan saw, in the order it was given in.
    pub drifts: Vec<Drift>,
    /// How many of them were not known.
    pub new: u64,
    /// How many that were open are over.
    pub resolved: u64,
}

impl Ledger {
    /// Writes down what a scan found to differ. A drift of a resource that is still open takes the new values and keeps its
    /// number, state and time; after a resolved one comes a new one that points to it. Open drifts of the resources in `settled` are
    /// resolved: their difference is gone. The scan is then held against the target's baselines.
    pub fn record_drifts(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        scan: &ScanId,
        at: &str,
        found: &[FoundDrift],
        settled: &BTreeSet<ResourceKey>,
    ) -> Result<RecordedDrifts, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let target_number =
                TARGETS.get(&TARGETS.write(transaction)?, &(tenant, target))?.map_or(0, |target| target.number);
            let (mut recorded, mut fresh) = (RecordedDrifts::default(), BTreeSet::new());
            for found in found {
                let place = Place { tenant, target, target_number, scan, at };
                let (drift, new) = place.record(transaction, found)?;
                recorded.new += u64::from(new);
                if new {
                    fresh.insert(drift.id);
                }
                recorded.drifts.push(drift);
            }
            for key in settled {
                let last = LAST_DRIFTS.get(&LAST_DRIFTS.write(transaction)?, &(tenant, target, key))?;
                let Some(id) = last.map(|last| last.drift.0) else { continue };
                let record = required(transaction, tenant, &id)?;
                if record.status() != DriftStatus::Resolved {
                    moves::resolve(transaction, tenant, &id, record, at)?;
                    recorded.resolved += 1;
                }
            }
            let fresh = recorded.drifts.iter().filter(|drift| fresh.contains(&drift.id));
            events::drift_recorded(transaction, (tenant, target, scan), at, fresh)?;
            comparisons::settle(transaction, scan, target)?;
            Ok(recorded)
        })
    }

    /// The resources of a target that have an open drift.
    pub fn open_drifts(&self, tenant: &TenantId, target: &TargetId) -> Result<Vec<(ResourceKey, Drift)>, StoreError> {
        self.read(|transaction| {
            let drifts = DRIFTS.read(transaction)?;
            let mut open = Vec::new();
            let last = LAST_DRIFTS.read(transaction)?;
            LAST_DRIFTS.prove_range(&last, &(tenant, target, &ALL_IDS.0), &(tenant, target, &ALL_IDS.1))?;
            for entry in last.range(range(tenant, target))? {
                let (key, value) = entry?;
                let key = key.value();
                let id = LAST_DRIFTS.decode(&key, value.value())?.drift.0;
                // A scan that is deleted takes its drifts along, the last of a resource too.
                let Some(record) = DRIFTS.get(&drifts, &(tenant, &id))? else { continue };
                if record.status() != DriftStatus::Resolved {
                    open.push((*key.2, record.drift(tenant, &id)));
                }
            }
            Ok(open)
        })
    }
}

/// Where drifts are being written down.
#[derive(Clone, Copy)]
struct Place<'a> {
    tenant: &'a TenantId,
    target: &'a TargetId,
    target_number: u64,
    scan: &'a ScanId,
    at: &'a str,
}

impl Place<'_> {
    /// The drift, and whether it is a new one.
    fn record(self, transaction: &WriteTransaction, found: &FoundDrift) -> Result<(Drift, bool), StoreError> {
        let Place { tenant, target, scan, at, .. } = self;
        let mut index = LAST_DRIFTS.write(transaction)?;
        let last = LAST_DRIFTS.get(&index, &(tenant, target, &found.key))?;
        let known = match &last {
            Some(last) => DRIFTS.get(&DRIFTS.write(transaction)?, &(tenant, &last.drift.0))?,
            None => None,
        };
        let id = last.as_ref().map(|last| last.drift.0);
        let open = known.as_ref().filter(|known| known.status() != DriftStatus::Resolved).cloned();
        let (drift, scans, new) = if let (Some(id), Some(open)) = (id, open) {
            let scans = open.scans;
            (self.again(open.drift(tenant, &id), found), scans, false)
        } else {
            let number = numbers::assign(transaction, tenant, Numbered::Drift, &found.id)?;
            let resource_number = match &last {
                Some(last) => last.resource_number,
                None => numbers::assign(transaction, tenant, Numbered::Resource, &found.key)?,
            };
            let last = LastDriftRecord { drift: Fixed(found.id), resource_number };
            LAST_DRIFTS.put(&mut index, &(tenant, target, &found.key), &last)?;
            (self.first(found, number, resource_number, known.and(id)), 0, true)
        };
        let mut seen = SEEN_DRIFTS.write(transaction)?;
        let again = SEEN_DRIFTS.get(&seen, &(scan, &drift.id))?.is_some();
        SEEN_DRIFTS.put(&mut seen, &(scan, &drift.id), &SeenDriftRecord {})?;
        let scans = if again { scans } else { scans.saturating_add(1) };
        let record = DriftRecord::new(&Drift { scan: Some(*scan), ..drift.clone() }, found.key, scans);
        DRIFTS.put(&mut DRIFTS.write(transaction)?, &(tenant, &drift.id), &record)?;
        Ok((Drift { scan: Some(*scan), updated_at: at.to_owned(), ..drift }, new))
    }

    fn first(self, found: &FoundDrift, number: u64, resource_number: u64, previous: Option<DriftId>) -> Drift {
        let found = found.clone();
        Drift {
            id: found.id,
            tenant: *self.tenant,
            number,
            target: *self.target,
            target_number: self.target_number,
            resource_number,
            resource: found.resource,
            address: found.address,
            kind: found.kind,
            drift_type: found.drift_type,
            severity: found.severity,
            status: DriftStatus::Detected,
            summary: found.summary,
            path: found.path,
            baseline_value: found.baseline_value,
            current_value: found.current_value,
            patch: found.patch,
            differences: found.differences,
            failing_check: found.failing_check,
            document: found.document,
            scan: Some(*self.scan),
            previous,
            detected_at: self.at.to_owned(),
            updated_at: self.at.to_owned(),
            resolved_at: None,
        }
    }

    /// What is known of it stays, what was seen now replaces what was seen before.
    fn again(self, known: Drift, found: &FoundDrift) -> Drift {
        let (number, resource_number) = (known.number, known.resource_number);
        Drift {
            id: known.id,
            status: known.status,
            detected_at: known.detected_at,
            previous: known.previous,
            ..self.first(found, number, resource_number, None)
        }
    }
}

/// A drift that has to be there.
fn required(transaction: &WriteTransaction, tenant: &TenantId, id: &DriftId) -> Result<DriftRecord, StoreError> {
    let found = DRIFTS.get(&DRIFTS.write(transaction)?, &(tenant, id))?;
    found.ok_or_else(|| StoreError::NoSuchDrift(scan_name(id)))
}

/// Takes away the drifts that a scan saw and no other did.
pub(crate) fn forget_scan(transaction: &WriteTransaction, tenant: &TenantId, scan: &ScanId) -> Result<(), StoreError> {
    let mut seen = SEEN_DRIFTS.write(transaction)?;
    let mut ids = Vec::new();
    for entry in seen.range((scan, &[0; 16])..=(scan, &[u8::MAX; 16]))? {
        ids.push(*entry?.0.value().1);
    }
    let mut drifts = DRIFTS.write(transaction)?;
    for id in &ids {
        seen.remove((scan, id))?;
        let Some(mut record) = DRIFTS.get(&drifts, &(tenant, id))? else { continue };
        record.scans = record.scans.saturating_sub(1);
        if record.scans > 0 {
            record.scan = record.scan.filter(|last| last.0 != *scan);
            DRIFTS.put(&mut drifts, &(tenant, id), &record)?;
            continue;
        }
        drifts.remove((tenant, id))?;
        numbers::release(transaction, tenant, Numbered::Drift, record.number)?;
    }
    Ok(())
}
