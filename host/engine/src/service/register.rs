//! The scans of each tenant as lists show them, kept in memory: a page of any filter and order costs no look at the disk. A head
//! takes some 600 bytes, so a hundred thousand scans take 60 MB. The ledger has the truth; whoever changes a scan there refreshes it
//! here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use plumb_model::scan::{ScanId, ScanStatus};
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

    /// Takes a scan in.
    pub(crate) fn put(&self, head: StoredScanHead) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(head.scan.tenant).or_default().insert(head.scan.id, Arc::new(head));
    }

    /// Takes over how a scan stood when somebody looked at the ledger. Lookers are not in order: one that saw it run may come after
    /// the one that saw it end, or after it was deleted. So no scan goes back in its life here.
    pub(crate) fn update(&self, head: StoredScanHead) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let Some(shown) = tenants.get_mut(&head.scan.tenant).and_then(|heads| heads.get_mut(&head.scan.id)) else {
            return;
        };
        if stage(head.scan.status) >= stage(shown.scan.status) {
            *shown = Arc::new(head);
        }
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

/// How far a scan is in its life.
fn stage(status: ScanStatus) -> u8 {
    match status {
        ScanStatus::Pending => 0,
        ScanStatus::Running => 1,
        ScanStatus::Completed | ScanStatus::Failed | ScanStatus::Cancelled => 2,
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

#[cfg(test)]
mod tests {
    use plumb_model::scan::{About, Coverage, Scan};
    use plumb_model::tenant::DEFAULT;

    use super::*;

    fn at(status: ScanStatus) -> StoredScanHead {
        let scan = Scan {
            id: [7; 16],
            tenant: DEFAULT,
            number: 1,
            about: About::default(),
            status,
            target: String::new(),
            provider: String::new(),
            created_at: String::new(),
            started_at: None,
            completed_at: None,
            status_reason: None,
            previous: None,
            coverage: Coverage::default(),
        };
        StoredScanHead { scan, figures: None }
    }

    /// Somebody who looked at the ledger while a scan ran may tell of it after its end was told.
    #[test]
    fn a_late_look_at_the_ledger_takes_no_scan_back() {
        use ScanStatus::{Cancelled, Completed, Failed, Pending, Running};
        for seen in [[Pending, Completed, Running], [Running, Failed, Pending], [Cancelled, Running, Pending]] {
            let register = Register::default();
            register.put(at(Pending));
            let mut furthest = Pending;
            for status in seen {
                register.update(at(status));
                furthest = if stage(status) >= stage(furthest) { status } else { furthest };
                let head = at(furthest);
                assert_eq!(register.get(&DEFAULT, &head.scan.id).unwrap().scan.status, furthest, "{seen:?}");
            }
        }
        let register = Register::default();
        register.update(at(Completed));
        assert_eq!(register.all_of(&DEFAULT, 0, 10).total, 0, "a scan that was deleted does not come back");
    }
}
