//! Every record of every table decodes, lies in order, and belongs to a scan that is there.

use std::collections::BTreeSet;

use plumb_model::scan::ScanId;
use redb::{Key, ReadTransaction, ReadableTable, ReadableTableMetadata};

use crate::error::StoreError;
use crate::integrity::CheckReport;
use crate::key::{KeyName, hex};
use crate::record::{Record, encode_named};
use crate::sealed_table::SealedTable;
use crate::tables::{CATALOGUES, COMPLETED, GAPS, OUTCOMES, RESOLVED, RESOURCES, SCANS, SETTINGS, SUMMARIES, TASKS};

/// Visits the records of a table. Broken ones become problems; where the table itself cannot be followed, the walk of it ends
/// with one.
pub(super) fn each<K: KeyName, R: Record>(
    table: &SealedTable<K, R>,
    transaction: &ReadTransaction,
    report: &mut CheckReport,
    mut visit: impl FnMut(&mut CheckReport, &K::SelfType<'_>, R),
) {
    let walked = each_value(table, transaction, report, |report, key, value| match table.decode(key, value) {
        Ok(record) => visit(report, key, record),
        Err(error) => report.error(error),
    });
    if let Err(error) = walked {
        report.error(error);
    }
}

/// Visits the stored bytes of a table.
pub(super) fn each_value<K: KeyName, R: Record>(
    table: &SealedTable<K, R>,
    transaction: &ReadTransaction,
    report: &mut CheckReport,
    mut visit: impl FnMut(&mut CheckReport, &K::SelfType<'_>, &[u8]),
) -> Result<(), StoreError> {
    let opened = table.read(transaction)?;
    let (mut last, mut count) = (None::<Vec<u8>>, 0);
    for entry in opened.iter()? {
        let (key, value) = entry?;
        let bytes = K::as_bytes(&key.value()).as_ref().to_vec();
        // Pages that point at each other in a circle would never end.
        if last.is_some_and(|last| <K as Key>::compare(&last, &bytes).is_ge()) {
            return Err(table.damaged(&key.value(), "it is out of order; what comes after it was not looked at"));
        }
        visit(report, &key.value(), value.value());
        (last, count) = (Some(bytes), count + 1);
    }
    report.records += count;
    let stated = opened.len()?;
    if stated == count { Ok(()) } else { Err(StoreError::damaged(table.name, "all", format!("{count} of {stated}"))) }
}

/// A key that says which scan its record belongs to.
trait OfScan: KeyName {
    fn scan(key: &Self::SelfType<'_>) -> ScanId;
}

impl OfScan for &'static [u8; 16] {
    fn scan(key: &Self::SelfType<'_>) -> ScanId {
        **key
    }
}

impl OfScan for (&'static [u8; 16], u32) {
    fn scan(key: &Self::SelfType<'_>) -> ScanId {
        *key.0
    }
}

impl OfScan for (&'static [u8; 16], u32, u32) {
    fn scan(key: &Self::SelfType<'_>) -> ScanId {
        *key.0
    }
}

impl OfScan for (&'static [u8; 16], u8, u32, u32) {
    fn scan(key: &Self::SelfType<'_>) -> ScanId {
        *key.0
    }
}

impl OfScan for (&'static [u8; 32], &'static [u8; 16]) {
    fn scan(key: &Self::SelfType<'_>) -> ScanId {
        *key.1
    }
}

/// Documents and verdicts, which hang together in ways of their own, are walked apart; tasks, resources, outcomes, gaps and
/// resolved violations once more with their scan, which counts them.
pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    let (mut scans, mut used) = (BTreeSet::new(), BTreeSet::new());
    each(&SCANS, transaction, report, |_, id, head| {
        scans.insert(**id);
        used.extend(head.catalogue.map(|digest| digest.0));
    });
    belong(&SETTINGS, transaction, report, &scans);
    belong(&SUMMARIES, transaction, report, &scans);
    belong(&COMPLETED, transaction, report, &scans);
    belong(&TASKS, transaction, report, &scans);
    belong(&RESOURCES, transaction, report, &scans);
    belong(&OUTCOMES, transaction, report, &scans);
    belong(&GAPS, transaction, report, &scans);
    belong(&RESOLVED, transaction, report, &scans);
    each(&CATALOGUES, transaction, report, |report, digest, record| {
        let own = encode_named(&record).map(|raw| *blake3::hash(&raw).as_bytes());
        if own.as_ref() != Ok(*digest) {
            report.problem(CATALOGUES.name, hex(*digest), "it has another digest");
        }
        if !used.contains(*digest) {
            report.problem(CATALOGUES.name, hex(*digest), "no scan ran with it");
        }
    });
}

fn belong<K: OfScan, R: Record>(
    table: &SealedTable<K, R>,
    transaction: &ReadTransaction,
    report: &mut CheckReport,
    scans: &BTreeSet<ScanId>,
) {
    each(table, transaction, report, |report, key, _| {
        if !scans.contains(&K::scan(key)) {
            report.problem(table.name, K::name(key), "the scan it belongs to is missing");
        }
    });
}
