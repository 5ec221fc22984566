//! The scans of each tenant as lists show them, kept in memory: a page of any filter and order costs no look at the disk. A head
//! takes some 600 bytes, so a hundred thousand scans take 60 MB. The ledger has the truth; whoever changes a scan there refreshes it
//! here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use plumb_model::scan::ScanId;
use plumb_model::tenant::TenantId;
use plumb_store::{Ledger, StoreError, StoredScanHead};

type Heads = BTreeMap<ScanId, Arc<StoredScanHead>>;

/// All scans there are.
#[derive(Debug, Default)]
pub(crate) struct Register {
    tenants: RwLock<HashMap<TenantId, Heads>>,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    CreatedAt,
    Score,
    ViolationCount,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub scans: Vec<Arc<StoredScanHead>>,
    /// All that the filter lets through.
    pub total: usize,
}

impl Register {
    /// A scan whose record is damaged is left out and named in the log: the others are served.
    pub(crate) fn load(ledger: &Ledger) -> Result<Register, StoreError> {
        let register = Register::default();
        let (heads, damaged) = ledger.all_scans()?;
        for head in heads {
            register.put(head);
        }
        for error in damaged {
            tracing::error!(%error, "a scan cannot be shown");
        }
        Ok(register)
    }

    pub(crate) fn put(&self, head: StoredScanHead) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(head.scan.tenant).or_default().insert(head.scan.id, Arc::new(head));
    }

    pub(crate) fn remove(&self, tenant: &TenantId, id: &ScanId) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(*tenant).or_default().remove(id);
    }

    pub(crate) fn get(&self, tenant: &TenantId, id: &ScanId) -> Option<Arc<StoredScanHead>> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant)?.get(id).cloned()
    }

    /// Every scan of every tenant that a filter lets through, the oldest first.
    pub(crate) fn all(&self, filter: impl Fn(&StoredScanHead) -> bool) -> Vec<Arc<StoredScanHead>> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<_> =
            tenants.values().flat_map(BTreeMap::values).filter(|head| filter(head)).cloned().collect();
        found.sort_by_key(|head| head.scan.id);
        found
    }

    /// The tenant's scans, the newest first: costs what lies before the page and the page, not the rest.
    pub(crate) fn all_of(&self, tenant: &TenantId, offset: usize, limit: usize) -> Page {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let Some(heads) = tenants.get(tenant) else { return Page::default() };
        let scans = heads.values().rev().skip(offset).take(limit).cloned().collect();
        Page { scans, total: heads.len() }
    }

    /// Those of a tenant that a filter passes, the newest first; how many more there are is not counted.
    pub(crate) fn newest(
        &self,
        tenant: &TenantId,
        filter: impl Fn(&StoredScanHead) -> bool,
        offset: usize,
        limit: usize,
    ) -> Vec<Arc<StoredScanHead>> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let heads = tenants.get(tenant).into_iter().flat_map(|heads| heads.values().rev());
        heads.filter(|head| filter(head)).skip(offset).take(limit).cloned().collect()
    }

    /// Scans of a tenant, by default the newest first. Scans of the same score or count lie newest first, those without a score
    /// after all others.
    pub(crate) fn page(
        &self,
        tenant: &TenantId,
        filter: impl Fn(&StoredScanHead) -> bool,
        sort: SortBy,
        ascending: bool,
        offset: usize,
        limit: usize,
    ) -> Page {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let Some(heads) = tenants.get(tenant) else { return Page::default() };
        let mut found: Vec<&Arc<StoredScanHead>> = heads.values().rev().filter(|head| filter(head)).collect();
        let total = found.len();
        match sort {
            SortBy::CreatedAt if ascending => found.reverse(),
            SortBy::CreatedAt => {}
            SortBy::Score => found.sort_by_key(|head| key(head.figures.and_then(|f| f.score).map(tenths), ascending)),
            SortBy::ViolationCount => found.sort_by_key(|head| key(head.violation_count(), ascending)),
        }
        let scans = found.into_iter().skip(offset).take(limit).cloned().collect();
        Page { scans, total }
    }
}

/// Sorts what is there before what is not, whichever way.
fn key(value: Option<u64>, ascending: bool) -> (bool, u64, Reverse<u64>) {
    let number = value.unwrap_or_default();
    if ascending { (value.is_none(), number, Reverse(0)) } else { (value.is_none(), 0, Reverse(number)) }
}

/// A score from 0 to 100 has one decimal.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn tenths(score: f64) -> u64 {
    (score * 10.0).round().max(0.0) as u64
}
