//! Baselines and drifts: the documents they rest on are there, and so are the scans and drifts that point at each other.

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadTransaction;

use crate::baselines::kept_documents;
use crate::batch::Digest;
use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::{KeyName, hex, scan_name};
use crate::tables::{BASELINE_HEADS, BASELINES, DRIFTS, LAST_DRIFTS, SCANS, SEEN_DRIFTS};

/// The digests of all documents are ascending.
pub(super) fn walk(transaction: &ReadTransaction, documents: &[Digest], report: &mut CheckReport) {
    let mut counts: BTreeMap<([u8; 16], [u8; 16]), u64> = BTreeMap::new();
    each(&BASELINES, transaction, report, |_, (tenant, target, _), _| {
        *counts.entry((**tenant, **target)).or_default() += 1;
    });
    each(&BASELINE_HEADS, transaction, report, |report, (tenant, target), head| {
        let count = counts.remove(&(**tenant, **target)).unwrap_or_default();
        if count != head.count {
            report.problem(BASELINES.name, scan_name(target), format!("{count} baselines of {}", head.count));
        }
    });
    for (_, target) in counts.keys() {
        report.problem(BASELINE_HEADS.name, scan_name(target), "it is missing");
    }
    let mut drifts = BTreeSet::new();
    each(&DRIFTS, transaction, report, |_, (_, id), _| {
        drifts.insert(**id);
    });
    // The last drift of a resource may have gone with its scan; its number stays the resource's own.
    each(&LAST_DRIFTS, transaction, report, |_, _, _| ());
    let mut scans = BTreeSet::new();
    let walked = SCANS.read(transaction).and_then(|table| SCANS.each_key(&table, |id| scans.extend([**id])));
    if let Err(error) = walked {
        report.error(error);
    }
    each(&SEEN_DRIFTS, transaction, report, |report, key, _| {
        if !scans.contains(key.0) || !drifts.contains(key.1) {
            let name = <(&[u8; 16], &[u8; 16])>::name(key);
            report.problem(SEEN_DRIFTS.name, name, "its scan or its drift is missing");
        }
    });
    match kept_documents(transaction) {
        Ok(kept) => {
            for digest in kept.iter().filter(|digest| documents.binary_search(digest).is_err()) {
                report.problem(BASELINES.name, hex(digest), "the document it rests on is missing");
            }
        }
        Err(error) => report.error(error),
    }
}
