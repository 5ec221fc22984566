//! Evidence: finding it, listing it, reading it. What a completed scan proves is fixed when it completes and costs the scan next
//! to nothing: a [`seal`] over its rows, from which [`artifact`] makes each control's document when somebody asks
//! ([`automatic`]). What people upload ([`uploads`]) lies in files of its own.

pub(crate) mod artifact;
pub(crate) mod automatic;
mod list;
pub(crate) mod seal;
pub(crate) mod uploads;

use std::ops::ControlFlow;

use plumb_model::evidence::{Evidence, EvidenceId};
use plumb_model::scan::ScanId;
use plumb_model::tenant::TenantId;
use redb::ReadTransaction;

use crate::error::StoreError;
use crate::key::{parse_name, scan_name};
use crate::ledger::Ledger;
use crate::tables::{SCAN_EVIDENCE, SCANS, UPLOADS};

pub use list::EvidenceFilter;
pub use uploads::NewEvidence;

/// What the key of automatic evidence begins with; scan, framework and control follow.
const AUTOMATIC: &str = "scans/";

/// What the key of an upload begins with; its id follows.
const MANUAL: &str = "uploads/";

/// Bytes that a piece of content has when it is handed on: few calls, little memory.
const CHUNK_BYTES: usize = 64 << 10;

/// The key of the evidence that a completed scan is for a control. It takes no look into the ledger.
pub fn evidence_key(scan: &ScanId, framework: &str, control: &str) -> String {
    format!("{AUTOMATIC}{}/{framework}/{control}", scan_name(scan))
}

/// The key of an upload.
pub(crate) fn manual_key(id: &EvidenceId) -> String {
    format!("{MANUAL}{}", scan_name(id))
}

/// Where a piece of evidence lies.
pub(crate) enum Place {
    Upload,
    /// The scan, and the control's position among its controls.
    Scan(ScanId, usize),
}

impl Ledger {
    /// A tenant's piece of evidence, by its id.
    pub fn evidence(&self, tenant: &TenantId, id: &EvidenceId) -> Result<Option<Evidence>, StoreError> {
        match self.read(|transaction| place(transaction, tenant, id))? {
            None => Ok(None),
            Some(Place::Upload) => self.upload(tenant, id),
            Some(Place::Scan(scan, position)) => self.automatic(&scan, position).map(Some),
        }
    }

    /// A tenant's piece of evidence, by its key.
    pub fn evidence_by_key(&self, tenant: &TenantId, key: &str) -> Result<Option<Evidence>, StoreError> {
        if let Some(id) = key.strip_prefix(MANUAL).and_then(parse_name) {
            return self.upload(tenant, &id);
        }
        let mut words = key.strip_prefix(AUTOMATIC).unwrap_or_default().splitn(3, '/');
        let (scan, framework, control) = (words.next().and_then(parse_name), words.next(), words.next());
        match (scan, framework, control) {
            (Some(scan), Some(framework), Some(control)) => {
                self.evidence(tenant, &automatic::id(&scan, framework, control))
            }
            _ => Ok(None),
        }
    }

    /// Hands the content of a piece of evidence on, some bytes at a time; takes little memory however large it is. What was handed
    /// on is right only if the end is reached without an error: its digest is compared last. `visit` holds up a snapshot of the
    /// ledger, so it should not wait for somebody for long.
    pub fn evidence_content<E: From<StoreError>>(
        &self,
        evidence: &Evidence,
        mut visit: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.read(|transaction| place(transaction, &evidence.tenant, &evidence.id))? {
            None => Err(StoreError::NoSuchEvidence(scan_name(&evidence.id)).into()),
            Some(Place::Upload) => self.upload_content(evidence, &mut visit),
            Some(Place::Scan(scan, position)) => self.artifact(&scan, position, evidence, &mut visit),
        }
    }
}

/// Where a tenant's piece of evidence lies. The id of automatic evidence begins with the milliseconds of its scan's, and there
/// are few scans of one millisecond.
pub(crate) fn place(
    transaction: &ReadTransaction,
    tenant: &TenantId,
    id: &EvidenceId,
) -> Result<Option<Place>, StoreError> {
    if UPLOADS.get(&UPLOADS.read(transaction)?, &(tenant, id))?.is_some() {
        return Ok(Some(Place::Upload));
    }
    let (mut first, mut last) = (*id, *id);
    first.iter_mut().skip(automatic::TIME_BYTES).for_each(|byte| *byte = 0);
    last.iter_mut().skip(automatic::TIME_BYTES).for_each(|byte| *byte = u8::MAX);
    for entry in SCANS.read(transaction)?.range::<&[u8; 16]>(&first..=&last)? {
        let (scan, value) = entry?;
        let scan = *scan.value();
        let head = SCANS.decode(&&scan, value.value())?;
        if head.evidence == 0 || head.scan(&scan).tenant != *tenant {
            continue;
        }
        let record = automatic::record(transaction, &scan)?;
        let found = record.controls().enumerate().try_for_each(|(position, (framework, control))| {
            if automatic::id(&scan, framework, control) == *id {
                ControlFlow::Break(position)
            } else {
                ControlFlow::Continue(())
            }
        });
        if let ControlFlow::Break(position) = found {
            return Ok(Some(Place::Scan(scan, position)));
        }
    }
    Ok(None)
}

/// The id of the evidence at a position among those of a scan.
pub(crate) fn numbered(
    transaction: &ReadTransaction,
    scan: &ScanId,
    position: u64,
) -> Result<Option<EvidenceId>, StoreError> {
    let record = SCAN_EVIDENCE.get(&SCAN_EVIDENCE.read(transaction)?, &scan)?;
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    let id = |(framework, control): (&str, &str)| automatic::id(scan, framework, control);
    Ok(record.and_then(|record| record.controls().nth(position).map(id)))
}
