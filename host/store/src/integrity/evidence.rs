//! Every scan's evidence can be made and is what it was, and every upload has its bytes.

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadTransaction;

use crate::batch::Digest;
use crate::blobs::Blobs;
use crate::error::StoreError;
use crate::evidence::automatic;
use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::{KeyName, hex, scan_name};
use crate::records::evidence::BlobRecord;
use crate::scans::head;
use crate::tables::{BLOBS, EVIDENCE_DIGESTS, SCAN_EVIDENCE, SCANS, UPLOADS};

pub(super) fn walk(transaction: &ReadTransaction, blobs: Option<&Blobs>, report: &mut CheckReport) {
    scans(transaction, report);
    uploads(transaction, blobs, report);
}

/// Scans that have evidence have what it is made from, and it is made anew.
fn scans(transaction: &ReadTransaction, report: &mut CheckReport) {
    let (mut claimed, mut heads) = (BTreeMap::new(), 0);
    each(&SCANS, transaction, report, |_, id, head| {
        heads += 1;
        if head.evidence > 0 {
            claimed.insert(**id, head.evidence);
        }
    });
    // The walk of the records has counted these.
    report.records = report.records.saturating_sub(heads);
    let mut fixed = BTreeMap::new();
    each(&EVIDENCE_DIGESTS, transaction, report, |_, id, digests| {
        fixed.insert(**id, digests);
    });
    each(&SCAN_EVIDENCE, transaction, report, |report, id, record| {
        if claimed.remove(*id) != Some(record.count() as u64) {
            report.problem(SCAN_EVIDENCE.name, scan_name(id), "its scan has another number of controls");
        }
        let head = SCANS.read(transaction).and_then(|scans| head(&scans, id));
        match head.and_then(|head| automatic::derive(transaction, id, &head)) {
            Err(error) => report.error(error),
            Ok(derived) => {
                if fixed.remove(*id).is_some_and(|fixed| fixed != derived) {
                    let problem = "the scan's rows give other artifacts than those that were fixed";
                    report.problem(EVIDENCE_DIGESTS.name, scan_name(id), problem);
                }
            }
        }
    });
    for id in claimed.keys() {
        report.problem(SCAN_EVIDENCE.name, scan_name(id), "the scan has evidence, and this is missing");
    }
    for id in fixed.keys() {
        report.problem(EVIDENCE_DIGESTS.name, scan_name(id), "what it belongs to is missing or broken");
    }
}

/// Every upload has its bytes, and every file of bytes as many uploads as it says.
fn uploads(transaction: &ReadTransaction, blobs: Option<&Blobs>, report: &mut CheckReport) {
    let mut scans = BTreeSet::new();
    let walked = SCANS.read(transaction).and_then(|table| {
        SCANS.each_key(&table, |id| {
            scans.insert(**id);
        })
    });
    if let Err(error) = walked {
        report.error(error);
    }
    let mut wanted: BTreeMap<Digest, BlobRecord> = BTreeMap::new();
    each(&UPLOADS, transaction, report, |report, key, upload| {
        if upload.scan.is_some_and(|scan| !scans.contains(&scan.0)) {
            let name = <(&'static [u8; 16], &'static [u8; 16])>::name(key);
            report.problem(UPLOADS.name, name, "the scan it belongs to is missing");
        }
        let own = BlobRecord { size: upload.size, references: 0 };
        wanted.entry(upload.digest.0).or_insert(own).references += 1;
    });
    each(&BLOBS, transaction, report, |report, digest, blob| {
        if wanted.remove(*digest) != Some(blob) {
            report.problem(BLOBS.name, hex(*digest), "other uploads have these bytes than it says");
        }
        let read = blobs.map(|blobs| blobs.read(digest, blob.size, &mut |_| Ok::<_, StoreError>(())));
        if let Some(Err(error)) = read {
            report.error(error);
        }
    });
    for digest in wanted.keys() {
        report.problem(BLOBS.name, hex(digest), "an upload has these bytes, and this is missing");
    }
}
