//! Catalogues: the checks a scan ran with, stored once however many scans had them.

use std::collections::BTreeMap;

use plumb_model::check::Check;
use plumb_model::scan::{Catalogue, ScanId, ScanStatus};
use redb::{Durability, ReadTransaction, ReadableTable};

use crate::error::StoreError;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::record::encode_named;
use crate::records::bytes::Fixed;
use crate::records::catalogue::CatalogueRecord;
use crate::records::scan::ScanRecord;
use crate::scans::head;
use crate::tables::{CATALOGUES, SCANS};

impl Ledger {
    /// Fixes the checks a scan runs with, before its first row: rows name checks by their position here.
    pub fn put_catalogue(&self, id: &ScanId, catalogue: &Catalogue) -> Result<(), StoreError> {
        let record = CatalogueRecord::from(catalogue);
        let raw = encode_named(&record).map_err(|problem| StoreError::Encode { table: CATALOGUES.name, problem })?;
        let digest = *blake3::hash(&raw).as_bytes();
        self.write(Durability::Immediate, |transaction| {
            let mut scans = SCANS.write(transaction)?;
            let mut head = head(&scans, id)?;
            let replaced = head.catalogue.is_some_and(|known| known.0 != digest);
            if replaced || !matches!(head.status(), ScanStatus::Pending | ScanStatus::Running) {
                let refused = "its catalogue is fixed";
                return Err(StoreError::WrongStatus { scan: scan_name(id), status: head.status(), refused });
            }
            head.catalogue = Some(Fixed(digest));
            SCANS.put(&mut scans, &id, &head)?;
            let mut catalogues = CATALOGUES.write(transaction)?;
            if catalogues.get(&digest)?.is_none() {
                CATALOGUES.put(&mut catalogues, &&digest, &record)?;
            }
            Ok(())
        })
    }

    /// The checks a scan ran with; empty if it ended before they were fixed.
    pub fn catalogue(&self, id: &ScanId) -> Result<Catalogue, StoreError> {
        self.read(|transaction| of_scan(transaction, &head(&SCANS.read(transaction)?, id)?))
    }
}

/// The catalogue that a scan's head names.
pub(crate) fn of_scan(transaction: &ReadTransaction, head: &ScanRecord) -> Result<Catalogue, StoreError> {
    let Some(digest) = head.catalogue.map(|digest| digest.0) else {
        return Ok(Catalogue::default());
    };
    let found = CATALOGUES.get(&CATALOGUES.read(transaction)?, &&digest)?;
    let record = found.ok_or_else(|| CATALOGUES.damaged(&&digest, "a scan names it, and it is missing"))?;
    Ok(record.into())
}

/// Checks by the position that rows name them by.
#[derive(Debug)]
pub(crate) struct Positions<'a>(Vec<&'a Check>);

impl<'a> Positions<'a> {
    pub(crate) fn new(checks: &'a BTreeMap<String, Check>) -> Positions<'a> {
        Positions(checks.values().collect())
    }

    pub(crate) fn get(&self, position: u32) -> Result<&'a Check, String> {
        let found = self.0.get(position as usize).copied();
        found.ok_or_else(|| format!("it names check {position} of a catalogue of {}", self.0.len()))
    }
}
