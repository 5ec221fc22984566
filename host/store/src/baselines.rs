//! Baselines: what the resources of a target ought to be.
//!
//! A baseline names a document and does not hold it. Whoever removes documents keeps those that [`kept_documents`] names.

use std::collections::BTreeSet;

use plumb_model::drift::{Baseline, DriftStatus};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::ScanId;
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadTransaction, ReadableTable, WriteTransaction};

use crate::batch::Digest;
use crate::comparisons;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::baseline::{BaselineHeadRecord, BaselineRecord};
use crate::records::bytes::Fixed;
use crate::tables::{BASELINE_HEADS, BASELINES, DRIFTS};
use crate::targets::ALL_IDS;

/// What stands for a resource of a target in keys and behind its number.
pub type ResourceKey = [u8; 16];

/// The key of a resource: the first half of BLAKE3 over the target and the resource's id.
pub fn resource_key(target: &TargetId, resource: &str) -> ResourceKey {
    let mut hasher = blake3::Hasher::new();
    hasher.update(target);
    hasher.update(resource.as_bytes());
    hasher.finalize().as_bytes().first_chunk().copied().unwrap_or_default()
}

/// The baselines of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineHead {
    pub count: u64,
    /// The scan that most of them are from.
    pub scan: ScanId,
    /// RFC 3339, UTC.
    pub captured_at: String,
}

impl From<BaselineHeadRecord> for BaselineHead {
    fn from(record: BaselineHeadRecord) -> BaselineHead {
        BaselineHead { count: record.count, scan: record.scan.0, captured_at: record.captured_at }
    }
}

impl Ledger {
    /// Makes these the baselines of a target. Of those it had, the ones that `keeps` says yes to stay beside them: what a scan
    /// could not look at it does not say to be gone.
    pub fn capture_baselines(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        scan: &ScanId,
        at: &str,
        resources: &[(ResourceRef, Digest)],
        keeps: impl Fn(&ResourceRef) -> bool,
    ) -> Result<BaselineHead, StoreError> {
        let mut rows: Vec<(ResourceKey, &(ResourceRef, Digest))> =
            resources.iter().map(|row| (resource_key(target, &row.0.id), row)).collect();
        // Neighbours in the table are then written together.
        rows.sort_unstable_by_key(|(key, _)| *key);
        self.write(Durability::Immediate, |transaction| {
            let mut table = BASELINES.write(transaction)?;
            let mut gone = Vec::new();
            for entry in table.range(range(tenant, target))? {
                let (key, value) = entry?;
                let baseline = Baseline::from(BASELINES.decode(&key.value(), value.value())?);
                if !keeps(&baseline.resource) {
                    gone.push(*key.value().2);
                }
            }
            for key in &gone {
                table.remove((tenant, target, key))?;
            }
            for (key, (resource, digest)) in rows {
                let baseline =
                    Baseline { resource: resource.clone(), digest: *digest, scan: *scan, captured_at: at.to_owned() };
                BASELINES.put(&mut table, &(tenant, target, &key), &BaselineRecord::from(&baseline))?;
            }
            let count = table.range(range(tenant, target))?.count() as u64;
            let head = BaselineHeadRecord { count, scan: Fixed(*scan), captured_at: at.to_owned() };
            BASELINE_HEADS.put(&mut BASELINE_HEADS.write(transaction)?, &(tenant, target), &head)?;
            comparisons::settle(transaction, scan, target)?;
            Ok(head.into())
        })
    }

    /// When and from what a target's baselines were captured; none if they never were.
    pub fn baseline_head(&self, tenant: &TenantId, target: &TargetId) -> Result<Option<BaselineHead>, StoreError> {
        self.read(|transaction| {
            let head = BASELINE_HEADS.get(&BASELINE_HEADS.read(transaction)?, &(tenant, target))?;
            Ok(head.map(BaselineHead::from))
        })
    }

    /// Visits the baselines of a target, in the order of their keys.
    pub fn baselines<E: From<StoreError>>(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        mut visit: impl FnMut(ResourceKey, Baseline) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|transaction| {
            let head = BASELINE_HEADS.get(&BASELINE_HEADS.read(transaction)?, &(tenant, target))?;
            let stated = head.map_or(0, |head| head.count);
            let (mut count, mut last) = (0, None::<ResourceKey>);
            for entry in BASELINES.read(transaction)?.range(range(tenant, target)).map_err(StoreError::from)? {
                let (key, value) = entry.map_err(StoreError::from)?;
                let key = key.value();
                if last.is_some_and(|last| last >= *key.2) {
                    return Err(BASELINES.damaged(&key, "it is out of order").into());
                }
                let baseline = BASELINES.decode(&key, value.value())?.into();
                crate::contain::visiting(|| visit(*key.2, baseline))?;
                (count, last) = (count + 1, Some(*key.2));
            }
            if count == stated {
                return Ok(());
            }
            // One that is lost would make its resource an unmanaged one.
            let key = crate::key::scan_name(target);
            Err(StoreError::damaged(BASELINES.name, key, format!("{count} baselines of {stated}")).into())
        })
    }

    /// One baseline.
    pub fn baseline(
        &self,
        tenant: &TenantId,
        target: &TargetId,
        key: &ResourceKey,
    ) -> Result<Option<Baseline>, StoreError> {
        self.read(|transaction| {
            let found = BASELINES.get(&BASELINES.read(transaction)?, &(tenant, target, key))?;
            Ok(found.map(Baseline::from))
        })
    }
}

type Key<'a> = (&'a [u8; 16], &'a [u8; 16], &'a [u8; 16]);

/// The keys of all resources of a target.
pub(crate) fn range<'a>(tenant: &'a TenantId, target: &'a TargetId) -> std::ops::RangeInclusive<Key<'a>> {
    (tenant, target, &ALL_IDS.0)..=(tenant, target, &ALL_IDS.1)
}

/// Sets one baseline, or takes it away.
pub(crate) fn set(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    target: &TargetId,
    key: &ResourceKey,
    baseline: Option<&Baseline>,
) -> Result<(), StoreError> {
    let mut heads = BASELINE_HEADS.write(transaction)?;
    let Some(mut head) = BASELINE_HEADS.get(&heads, &(tenant, target))? else { return Ok(()) };
    let mut table = BASELINES.write(transaction)?;
    let was = BASELINES.get(&table, &(tenant, target, key))?.is_some();
    match baseline {
        Some(baseline) => BASELINES.put(&mut table, &(tenant, target, key), &BaselineRecord::from(baseline))?,
        None => drop(table.remove((tenant, target, key))?),
    }
    head.count = head.count + u64::from(baseline.is_some()) - u64::from(was);
    BASELINE_HEADS.put(&mut heads, &(tenant, target), &head)
}

/// Takes away the baselines of a target that is deleted.
pub(crate) fn forget(transaction: &WriteTransaction, tenant: &TenantId, target: &TargetId) -> Result<(), StoreError> {
    BASELINES.write(transaction)?.retain_in(range(tenant, target), |_, _| false)?;
    BASELINE_HEADS.write(transaction)?.remove((tenant, target))?;
    Ok(())
}

/// The documents that baselines rest on, and those that an open drift may make a baseline: nobody may remove them, whether or
/// not a scan still refers to them.
pub(crate) fn kept_documents(transaction: &ReadTransaction) -> Result<BTreeSet<Digest>, StoreError> {
    let mut kept = BTreeSet::new();
    for entry in BASELINES.read(transaction)?.iter()? {
        let (key, value) = entry?;
        kept.insert(BASELINES.decode(&key.value(), value.value())?.digest.0);
    }
    for entry in DRIFTS.read(transaction)?.iter()? {
        let (key, value) = entry?;
        let drift = DRIFTS.decode(&key.value(), value.value())?;
        if drift.status() != DriftStatus::Resolved {
            kept.extend(drift.document.map(|digest| digest.0));
        }
    }
    Ok(kept)
}
