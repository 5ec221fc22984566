//! Reading drifts back: one, pages of them, those of a scan, how many there are.

use plumb_model::check::Severity;
use plumb_model::drift::{Drift, DriftId, DriftStatus, DriftType};
use plumb_model::scan::ScanId;
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;
use redb::ReadTransaction;

use crate::error::StoreError;
use crate::key::{hex, scan_name};
use crate::ledger::Ledger;
use crate::tables::{DRIFTS, SCANS, SEEN_DRIFTS};
use crate::targets::ALL_IDS;

/// Which drifts. What is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftFilter {
    pub target: Option<TargetId>,
    /// By its number.
    pub resource: Option<u64>,
    pub severity: Option<Severity>,
    pub drift_type: Option<DriftType>,
    pub status: Option<DriftStatus>,
}

impl DriftFilter {
    fn fits(&self, drift: &Drift) -> bool {
        fn says<T: PartialEq>(wanted: Option<&T>, own: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == own)
        }
        says(self.target.as_ref(), &drift.target)
            && says(self.resource.as_ref(), &drift.resource_number)
            && says(self.severity.as_ref(), &drift.severity)
            && says(self.drift_type.as_ref(), &drift.drift_type)
            && says(self.status.as_ref(), &drift.status)
    }
}

/// Some drifts of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftPage {
    pub drifts: Vec<Drift>,
    /// How many there are on all pages.
    pub total: u64,
}

/// How many drifts there are. Each of the lists adds up to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DriftCounts {
    pub total: u64,
    /// In the order of [`Severity::WORST_FIRST`].
    pub by_severity: [u64; 5],
    /// In the order of [`DriftStatus::ALL`].
    pub by_status: [u64; 3],
}

impl Ledger {
    /// The drift with an id.
    pub fn drift(&self, tenant: &TenantId, id: &DriftId) -> Result<Option<Drift>, StoreError> {
        self.read(|transaction| {
            let found = DRIFTS.get(&DRIFTS.read(transaction)?, &(tenant, id))?;
            Ok(found.map(|record| record.drift(tenant, id)))
        })
    }

    /// A tenant's drifts, the newest first, from position `offset` on. Takes as long as there are drifts.
    pub fn drifts(
        &self,
        tenant: &TenantId,
        filter: &DriftFilter,
        offset: u64,
        limit: usize,
    ) -> Result<DriftPage, StoreError> {
        let mut page = DriftPage::default();
        self.each_drift(tenant, |drift| {
            if filter.fits(&drift) {
                if page.total >= offset && page.drifts.len() < limit {
                    page.drifts.push(drift);
                }
                page.total += 1;
            }
        })?;
        Ok(page)
    }

    /// Counts a tenant's drifts.
    pub fn drift_counts(&self, tenant: &TenantId, filter: &DriftFilter) -> Result<DriftCounts, StoreError> {
        let mut counts = DriftCounts::default();
        self.each_drift(tenant, |drift| {
            if filter.fits(&drift) {
                counts.total += 1;
                let severities = counts.by_severity.iter_mut().zip(Severity::WORST_FIRST);
                severities.for_each(|(count, severity)| *count += u64::from(severity == drift.severity));
                let statuses = counts.by_status.iter_mut().zip(DriftStatus::ALL);
                statuses.for_each(|(count, status)| *count += u64::from(status == drift.status));
            }
        })?;
        Ok(counts)
    }

    /// The drifts that a scan saw, the oldest first. One that is open is seen by many scans.
    pub fn drifts_of_scan(&self, tenant: &TenantId, scan: &ScanId) -> Result<Vec<Drift>, StoreError> {
        self.read(|transaction| {
            let drifts = DRIFTS.read(transaction)?;
            let (mut found, mut count) = (Vec::new(), 0);
            for entry in SEEN_DRIFTS.read(transaction)?.range((scan, &ALL_IDS.0)..=(scan, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                SEEN_DRIFTS.decode(&key, value.value())?;
                // A scan of another tenant has none of this tenant's.
                found.extend(DRIFTS.get(&drifts, &(tenant, key.1))?.map(|record| record.drift(tenant, key.1)));
                count += 1;
            }
            as_many_as_seen(transaction, scan, count)?;
            Ok(found)
        })
    }

    /// How many drifts a scan saw. The caller knows that the scan is the tenant's.
    pub fn drift_count(&self, scan: &ScanId) -> Result<u64, StoreError> {
        self.read(|transaction| {
            let seen = SEEN_DRIFTS.read(transaction)?;
            let count = seen.range((scan, &ALL_IDS.0)..=(scan, &ALL_IDS.1))?.count() as u64;
            as_many_as_seen(transaction, scan, count)?;
            Ok(count)
        })
    }

    /// The one drift whose id begins with some hexadecimal digits; dashes are passed over.
    pub fn find_drift(&self, tenant: &TenantId, prefix: &str) -> Result<Option<DriftId>, StoreError> {
        let digits: String = prefix.chars().filter(|digit| *digit != '-').collect::<String>().to_ascii_lowercase();
        let mut found = Vec::new();
        self.each_drift(tenant, |drift| {
            if !digits.is_empty() && hex(&drift.id).starts_with(&digits) {
                found.push(drift.id);
            }
        })?;
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            many => {
                let matches = many.iter().take(5).map(crate::key::scan_name).collect();
                Err(StoreError::AmbiguousPrefix { prefix: prefix.to_owned(), matches })
            }
        }
    }

    /// Visits a tenant's drifts, the newest first.
    fn each_drift(&self, tenant: &TenantId, mut visit: impl FnMut(Drift)) -> Result<(), StoreError> {
        self.read(|transaction| {
            let table = DRIFTS.read(transaction)?;
            DRIFTS.prove_range(&table, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))?.rev() {
                let (key, value) = entry?;
                let key = key.value();
                visit(DRIFTS.decode(&key, value.value())?.drift(tenant, key.1));
            }
            Ok(())
        })
    }
}

/// An error if a scan saw another number of drifts than are to be found. A scan of an earlier program does not say.
fn as_many_as_seen(transaction: &ReadTransaction, scan: &ScanId, count: u64) -> Result<(), StoreError> {
    let head = SCANS.get(&SCANS.read(transaction)?, &scan)?;
    match head.and_then(|head| head.drifts) {
        Some(stated) if stated != count => {
            let problem = format!("{count} drifts of {stated} are to be found");
            Err(StoreError::damaged(SEEN_DRIFTS.name, scan_name(scan), problem))
        }
        _ => Ok(()),
    }
}
