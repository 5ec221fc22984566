//! What fixes a scan's evidence at the moment the scan completes: one digest over everything the artifacts are made from, in
//! its stored form. Reading the stored form takes milliseconds where the artifacts themselves, in which every outcome stands ten
//! times on average, would take a tenth of a scan.
//!
//! A migration that writes these rows anew has to check the seals before and make new ones.

use std::ops::RangeBounds;

use plumb_model::scan::ScanId;
use redb::{Key, ReadTransaction, ReadableTable, WriteTransaction};

use crate::error::StoreError;
use crate::records::evidence::ScanEvidenceRecord;
use crate::records::scan::ScanRecord;
use crate::tables::{CATALOGUES, GAPS, OUTCOMES, RESOURCES, SUMMARIES};

/// Takes in what a scan's artifacts are made from, from tables that are open for reading or for writing.
macro_rules! seal {
    ($transaction:expr, $open:ident, $id:expr, $head:expr, $record:expr) => {{
        const LAST: u32 = u32::MAX;
        let id = $id;
        let mut seal = Seal::new(id, $head, $record);
        if let Some(digest) = $head.catalogue.map(|digest| digest.0) {
            seal.rows(CATALOGUES.name, &CATALOGUES.$open($transaction)?, &digest..=&digest)?;
        }
        seal.rows(SUMMARIES.name, &SUMMARIES.$open($transaction)?, id..=id)?;
        seal.rows(GAPS.name, &GAPS.$open($transaction)?, (id, 0, 0)..=(id, LAST, LAST))?;
        seal.rows(OUTCOMES.name, &OUTCOMES.$open($transaction)?, (id, 0, 0, 0)..=(id, u8::MAX, LAST, LAST))?;
        seal.rows(RESOURCES.name, &RESOURCES.$open($transaction)?, (id, 0, 0)..=(id, LAST, LAST))?;
        Ok(*seal.hasher.finalize().as_bytes())
    }};
}

/// The seal of a scan that is just being completed.
pub(crate) fn make(
    transaction: &WriteTransaction,
    id: &ScanId,
    head: &ScanRecord,
    record: &ScanEvidenceRecord,
) -> Result<[u8; 32], StoreError> {
    seal!(transaction, write, id, head, record)
}

/// The seal that a scan's rows have now.
pub(crate) fn now(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    record: &ScanEvidenceRecord,
) -> Result<[u8; 32], StoreError> {
    seal!(transaction, read, id, head, record)
}

/// Every part goes in with its length, so that no two run together.
struct Seal {
    hasher: blake3::Hasher,
}

impl Seal {
    /// Begins with what the artifacts say of the scan itself.
    fn new(id: &ScanId, head: &ScanRecord, record: &ScanEvidenceRecord) -> Seal {
        let mut seal = Seal { hasher: blake3::Hasher::new() };
        let scan = head.scan(id);
        seal.part(id);
        seal.part(&scan.tenant);
        seal.part(&scan.number.to_le_bytes());
        seal.part(&record.form.to_le_bytes());
        seal.part(&record.first_number.to_le_bytes());
        let times = [Some(&scan.created_at), scan.started_at.as_ref(), scan.completed_at.as_ref()];
        let texts = [Some(&record.tool), Some(&scan.target), Some(&scan.provider)];
        for text in texts.into_iter().chain(times) {
            seal.part(text.map(String::as_bytes).unwrap_or_default());
        }
        for (framework, control) in record.controls() {
            seal.part(framework.as_bytes());
            seal.part(control.as_bytes());
        }
        seal
    }

    fn part(&mut self, bytes: &[u8]) {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
    }

    fn rows<'k, K: Key + 'static>(
        &mut self,
        name: &str,
        table: &impl ReadableTable<K, &'static [u8]>,
        range: impl RangeBounds<K::SelfType<'k>> + 'k,
    ) -> Result<(), StoreError> {
        self.part(name.as_bytes());
        for entry in table.range::<K::SelfType<'k>>(range)? {
            let (key, value) = entry?;
            self.part(K::as_bytes(&key.value()).as_ref());
            self.part(value.value());
        }
        Ok(())
    }
}
