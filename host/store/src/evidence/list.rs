//! A tenant's evidence, the latest first.

use plumb_model::evidence::{Evidence, EvidenceId, EvidenceKind};
use plumb_model::scan::{Scan, ScanId};
use plumb_model::tenant::TenantId;
use redb::{ReadTransaction, ReadableTable};

use crate::error::StoreError;
use crate::evidence::automatic;
use crate::ledger::Ledger;
use crate::records::evidence::{EvidenceRecord, ScanEvidenceRecord};
use crate::tables::{SCANS, UPLOADS};

/// Which evidence. What is none is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceFilter {
    pub kind: Option<EvidenceKind>,
    pub scan: Option<ScanId>,
    pub framework: Option<String>,
    pub control_id: Option<String>,
}

impl EvidenceFilter {
    fn fits(&self, kind: EvidenceKind, scan: Option<&ScanId>) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind) && self.scan.as_ref().is_none_or(|wanted| Some(wanted) == scan)
    }

    fn fits_control(&self, framework: Option<&str>, control: Option<&str>) -> bool {
        let fits = |wanted: &Option<String>, own| wanted.as_deref().is_none_or(|wanted| Some(wanted) == own);
        fits(&self.framework, framework) && fits(&self.control_id, control)
    }

    fn names_control(&self) -> bool {
        self.framework.is_some() || self.control_id.is_some()
    }
}

/// One upload, or the evidence of one scan.
enum Source {
    Upload(EvidenceId, Box<EvidenceRecord>),
    Scan(Box<Scan>, u64),
}

impl Source {
    /// Both are UUIDv7s: the later is the greater.
    fn id(&self) -> &[u8; 16] {
        match self {
            Source::Upload(id, _) => id,
            Source::Scan(scan, _) => &scan.id,
        }
    }
}

/// What a page shows of one source.
enum Pick {
    Upload(Box<Evidence>),
    /// Positions among the scan's controls.
    Scan(Box<Scan>, ScanEvidenceRecord, Vec<usize>),
}

impl Ledger {
    /// A page of a tenant's evidence, the latest first and that of one scan in the order of its controls, and how much there is in
    /// all. The first look at a scan's evidence takes as long as writing it all out.
    pub fn list_evidence(
        &self,
        tenant: &TenantId,
        filter: &EvidenceFilter,
        offset: u64,
        limit: usize,
    ) -> Result<(Vec<Evidence>, u64), StoreError> {
        let (picks, total) = self.read(|transaction| pick(transaction, tenant, filter, offset, limit))?;
        let mut rows = Vec::new();
        for pick in picks {
            match pick {
                Pick::Upload(evidence) => rows.push(*evidence),
                Pick::Scan(scan, record, positions) => {
                    let digests = self.digests(&scan.id)?;
                    for position in positions {
                        rows.push(automatic::evidence(&scan, &record, &digests, position)?);
                    }
                }
            }
        }
        Ok((rows, total))
    }
}

fn pick(
    transaction: &ReadTransaction,
    tenant: &TenantId,
    filter: &EvidenceFilter,
    offset: u64,
    limit: usize,
) -> Result<(Vec<Pick>, u64), StoreError> {
    let (mut picks, mut total, mut left) = (Vec::new(), 0u64, limit);
    for source in sources(transaction, tenant, filter)? {
        // Of the rows of this source, those of the page.
        let skipped = usize::try_from(offset.saturating_sub(total)).unwrap_or(usize::MAX);
        match source {
            Source::Upload(id, record) => {
                total += 1;
                if skipped == 0 && left > 0 {
                    left -= 1;
                    picks.push(Pick::Upload(Box::new(record.evidence(*tenant, id))));
                }
            }
            // The names of a scan's controls are looked at only if they matter.
            Source::Scan(scan, count) => {
                let beyond = left == 0 || skipped as u64 >= count;
                if beyond && !filter.names_control() {
                    total += count;
                    continue;
                }
                let record = automatic::record(transaction, &scan.id)?;
                let fitting: Vec<usize> = record
                    .controls()
                    .enumerate()
                    .filter(|(_, (framework, control))| filter.fits_control(Some(framework), Some(control)))
                    .map(|(position, _)| position)
                    .collect();
                total += fitting.len() as u64;
                let shown: Vec<usize> = fitting.into_iter().skip(skipped).take(left).collect();
                left -= shown.len();
                if !shown.is_empty() {
                    picks.push(Pick::Scan(scan, record, shown));
                }
            }
        }
    }
    Ok((picks, total))
}

/// Everything that may have evidence of the kind wanted, the latest first.
fn sources(
    transaction: &ReadTransaction,
    tenant: &TenantId,
    filter: &EvidenceFilter,
) -> Result<Vec<Source>, StoreError> {
    let mut sources = Vec::new();
    let uploads = UPLOADS.read(transaction)?;
    for entry in uploads.range((tenant, &[0; 16])..=(tenant, &[u8::MAX; 16]))? {
        let (key, value) = entry?;
        let (key, record) = (*key.value().1, UPLOADS.decode(&key.value(), value.value())?);
        let scan = record.scan.as_ref().map(|scan| &scan.0);
        let control = (record.framework.as_deref(), record.control_id.as_deref());
        if filter.fits(EvidenceKind::Manual, scan) && filter.fits_control(control.0, control.1) {
            sources.push(Source::Upload(key, Box::new(record)));
        }
    }
    for entry in SCANS.read(transaction)?.iter()? {
        let (id, value) = entry?;
        let head = SCANS.decode(&id.value(), value.value())?;
        let scan = head.scan(id.value());
        if head.evidence > 0 && scan.tenant == *tenant && filter.fits(EvidenceKind::Auto, Some(&scan.id)) {
            sources.push(Source::Scan(Box::new(scan), head.evidence));
        }
    }
    sources.sort_by(|a, b| b.id().cmp(a.id()));
    Ok(sources)
}
