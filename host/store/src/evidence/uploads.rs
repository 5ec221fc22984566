//! Evidence that people upload: a row, and its bytes in a file ([`crate::blobs`]).

use plumb_model::evidence::{Evidence, EvidenceId};
use plumb_model::scan::ScanId;
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::batch::Digest;
use crate::blobs::Upload;
use crate::error::StoreError;
use crate::evidence::{Place, place};
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Fixed;
use crate::records::evidence::{BlobRecord, EvidenceRecord};
use crate::scans::head;
use crate::tables::{BLOBS, SCANS, UPLOADS};

/// The longest framework, control and person: as long as ids may be.
const NAME_BYTES: usize = 200;

/// The longest description: some pages of text; more belongs into the file.
const DESCRIPTION_BYTES: usize = 16 << 10;

/// An upload with what its uploader says of it.
#[derive(Debug)]
pub struct NewEvidence {
    /// UUIDv7, made by the caller.
    pub id: EvidenceId,
    pub tenant: TenantId,
    /// A scan of the tenant that it belongs to, and goes with.
    pub scan: Option<ScanId>,
    pub framework: Option<String>,
    pub control_id: Option<String>,
    pub description: String,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    pub created_by: String,
    pub upload: Upload,
}

impl Ledger {
    /// Keeps an upload. When this returns, bytes and row are on the disk; after a crash before that, at most the bytes are, and
    /// [`Ledger::collect_blobs`] removes them.
    pub fn put_evidence(&self, new: NewEvidence) -> Result<Evidence, StoreError> {
        check_sizes(&new)?;
        let blobs = self.blobs()?;
        let changing = blobs.change();
        let NewEvidence { id, tenant, scan, framework, control_id, description, created_at, created_by, upload } = new;
        let (digest, size) = (upload.digest, upload.size);
        let mut record = EvidenceRecord {
            number: 0,
            scan: scan.map(Fixed),
            framework,
            control_id,
            digest: Fixed(digest),
            size,
            media_type: upload.media_type.to_owned(),
            file_name: upload.file_name.clone(),
            description,
            created_at,
            created_by,
        };
        changing.keep(upload)?;
        let kept = self.write(Durability::Immediate, |transaction| {
            let mut uploads = UPLOADS.write(transaction)?;
            if uploads.get((&tenant, &id))?.is_some() {
                return Err(StoreError::EvidenceExists(scan_name(&id)));
            }
            if let Some(scan) = &scan
                && head(&SCANS.write(transaction)?, scan)?.scan(scan).tenant != tenant
            {
                return Err(StoreError::NoSuchScan(scan_name(scan)));
            }
            record.number = numbers::assign(transaction, &tenant, Numbered::Evidence, &id)?;
            UPLOADS.put(&mut uploads, &(&tenant, &id), &record)?;
            let mut table = BLOBS.write(transaction)?;
            let known = BLOBS.get(&table, &&digest)?.map_or(0, |blob| blob.references);
            BLOBS.put(&mut table, &&digest, &BlobRecord { size, references: known + 1 })?;
            Ok(record.evidence(tenant, id))
        });
        if kept.is_err() && self.blob(&digest)?.is_none() {
            changing.remove(&digest)?;
        }
        kept
    }

    /// Removes an upload; its bytes too, if no other upload has the same. What a scan proved is not removed alone.
    pub fn delete_evidence(&self, tenant: &TenantId, id: &EvidenceId) -> Result<(), StoreError> {
        match self.read(|transaction| place(transaction, tenant, id))? {
            None => return Err(StoreError::NoSuchEvidence(scan_name(id))),
            Some(Place::Scan(..)) => return Err(StoreError::AutomaticEvidence(scan_name(id))),
            Some(Place::Upload) => {}
        }
        self.changing_blobs(|transaction| remove(transaction, tenant, id).map(|digest| digest.into_iter().collect()))
    }

    pub(crate) fn upload(&self, tenant: &TenantId, id: &EvidenceId) -> Result<Option<Evidence>, StoreError> {
        let found = self.read(|transaction| UPLOADS.get(&UPLOADS.read(transaction)?, &(tenant, id)))?;
        Ok(found.map(|record| record.evidence(*tenant, *id)))
    }

    pub(crate) fn upload_content<E: From<StoreError>>(
        &self,
        evidence: &Evidence,
        visit: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.blobs()?.read(&evidence.digest, evidence.size, visit)
    }
}

/// Takes the row of an upload away. Gives the digest of its bytes if nobody needs them any more: their file is to be removed when
/// this is committed.
pub(crate) fn remove(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    id: &EvidenceId,
) -> Result<Option<Digest>, StoreError> {
    let mut uploads = UPLOADS.write(transaction)?;
    let Some(record) = UPLOADS.get(&uploads, &(tenant, id))? else {
        return Err(StoreError::NoSuchEvidence(scan_name(id)));
    };
    uploads.remove((tenant, id))?;
    numbers::release(transaction, tenant, Numbered::Evidence, record.number)?;
    let digest = record.digest.0;
    let mut table = BLOBS.write(transaction)?;
    let blob = BLOBS.get(&table, &&digest)?;
    let mut blob = blob.ok_or_else(|| BLOBS.damaged(&&digest, "an upload has these bytes, and this is missing"))?;
    blob.references = blob.references.saturating_sub(1);
    if blob.references > 0 {
        BLOBS.put(&mut table, &&digest, &blob)?;
        return Ok(None);
    }
    table.remove(&digest)?;
    Ok(Some(digest))
}

/// Takes the rows of all uploads away that belong to a scan; gives the digests of bytes that nobody needs any more.
pub(crate) fn remove_of_scan(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    scan: &ScanId,
) -> Result<Vec<Digest>, StoreError> {
    let mut found = Vec::new();
    for entry in UPLOADS.write(transaction)?.range((tenant, &[0; 16])..=(tenant, &[u8::MAX; 16]))? {
        let (key, value) = entry?;
        let record = UPLOADS.decode(&key.value(), value.value())?;
        if record.scan == Some(Fixed(*scan)) {
            found.push(*key.value().1);
        }
    }
    let removed = found.iter().map(|id| remove(transaction, tenant, id));
    removed.filter_map(Result::transpose).collect()
}

fn check_sizes(new: &NewEvidence) -> Result<(), StoreError> {
    let names = [
        ("the framework", new.framework.as_deref().unwrap_or_default(), NAME_BYTES),
        ("the control", new.control_id.as_deref().unwrap_or_default(), NAME_BYTES),
        ("the uploader's name", &new.created_by, NAME_BYTES),
        ("the description", &new.description, DESCRIPTION_BYTES),
    ];
    match names.into_iter().find(|(_, text, limit)| text.len() > *limit) {
        Some((what, text, limit)) => Err(StoreError::TooLarge { what: what.to_owned(), size: text.len(), limit }),
        None => Ok(()),
    }
}
