//! Resource documents, by the digest of their bytes: a document that many scans saw is there once.

use std::collections::{HashMap, HashSet};
use std::num::TryFromIntError;

use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::index::{Index, prove_absent};
use crate::key::hex;
use crate::ledger::Ledger;
use crate::records::documents::{DocumentBlock, DocumentPlace};
use crate::tables::{DOCUMENT_BLOCKS, INDEX_PAGES, INDEXES};

/// Documents are alike, so they compress well together; but one that is wanted needs its whole block opened, which at this size
/// takes some tenths of a millisecond.
const BLOCK_BYTES: usize = 128 << 10;

impl Ledger {
    /// The document with a digest. What is given back has that digest; damage is an error.
    pub fn document(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|transaction| {
            let record = Index::Documents.record(&INDEXES.read(transaction)?)?;
            let pages = INDEX_PAGES.read(transaction)?;
            let found = Index::Documents.find(&record, &pages, &[*digest])?;
            let Some(value) = found.into_iter().next().flatten() else {
                return prove_absent(&record, &pages, digest).map(|()| None);
            };
            let place = DocumentPlace::from_bytes(&value).map_err(|problem| damaged(digest, problem))?;
            let block = block(transaction, place.block)?;
            in_block(&block, digest, place).map(|document| Some(document.to_vec()))
        })
    }
}

impl Ledger {
    /// The documents with some digests, in their order. Each block is opened once, so neighbours cost little.
    pub fn documents(&self, digests: &[Digest]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut sorted: Vec<Digest> = digests.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let found = self.read(|transaction| read_all(transaction, &sorted))?;
        Ok(digests.iter().map(|digest| found.get(digest).cloned()).collect())
    }
}

/// Documents by digest; the digests are in order, each once.
fn read_all(transaction: &ReadTransaction, digests: &[Digest]) -> Result<HashMap<Digest, Vec<u8>>, StoreError> {
    let record = Index::Documents.record(&INDEXES.read(transaction)?)?;
    let pages = INDEX_PAGES.read(transaction)?;
    let mut places = Vec::with_capacity(digests.len());
    for (digest, value) in digests.iter().zip(Index::Documents.find(&record, &pages, digests)?) {
        match value {
            Some(value) => {
                let place = DocumentPlace::from_bytes(&value).map_err(|problem| damaged(digest, problem))?;
                places.push((place, digest));
            }
            None => prove_absent(&record, &pages, digest)?,
        }
    }
    places.sort_unstable_by_key(|(place, _)| (place.block, place.offset));
    let mut found = HashMap::with_capacity(places.len());
    let mut open: Option<(u64, DocumentBlock)> = None;
    for (place, digest) in places {
        let opened = match open.take() {
            Some((number, opened)) if number == place.block => opened,
            _ => block(transaction, place.block)?,
        };
        found.insert(*digest, in_block(&opened, digest, place)?.to_vec());
        open = Some((place.block, opened));
    }
    Ok(found)
}

/// Something is wrong with what the index says of a document.
pub(crate) fn damaged(digest: &Digest, problem: impl Into<String>) -> StoreError {
    StoreError::damaged(INDEX_PAGES.name, format!("document {}", hex(digest)), problem)
}

/// A block that a document is said to lie in.
fn block(transaction: &ReadTransaction, number: u64) -> Result<DocumentBlock, StoreError> {
    let found = DOCUMENT_BLOCKS.get(&DOCUMENT_BLOCKS.read(transaction)?, &number)?;
    found.ok_or_else(|| DOCUMENT_BLOCKS.damaged(&number, "documents are said to lie in it, and it is missing"))
}

/// The bytes at a place, if they have the digest.
pub(crate) fn in_block<'a>(
    block: &'a DocumentBlock,
    digest: &Digest,
    place: DocumentPlace,
) -> Result<&'a [u8], StoreError> {
    let bytes = block.get(place).ok_or_else(|| damaged(digest, "it ends outside its block"))?;
    if blake3::hash(bytes).as_bytes() == digest {
        Ok(bytes)
    } else {
        Err(damaged(digest, "the bytes at its place have another digest"))
    }
}

/// Writes the documents that the ledger does not have; none of those given is given twice.
pub(crate) fn write(transaction: &WriteTransaction, documents: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
    let unknown = unknown(transaction, documents)?;
    let mut blocks = DOCUMENT_BLOCKS.write(transaction)?;
    let mut number = blocks.last()?.map_or(0, |(last, _)| last.value() + 1);
    let mut open = DocumentBlock::default();
    let mut places = Vec::with_capacity(unknown.len());
    for (digest, document) in documents.iter().filter(|(digest, _)| unknown.contains(digest)) {
        if blake3::hash(document).as_bytes() != digest {
            return Err(StoreError::WrongDigest(hex(digest)));
        }
        let place = |length: usize| u32::try_from(length).map_err(too_long);
        let (offset, length) = (place(open.0.len())?, place(document.len())?);
        places.push((*digest, DocumentPlace { block: number, offset, length }));
        open.0.extend_from_slice(document);
        if open.0.len() >= BLOCK_BYTES {
            close(&mut blocks, number, &mut open)?;
            number += 1;
        }
    }
    // An empty document alone in its block needs one all the same.
    if places.last().is_some_and(|(_, place)| place.block == number) {
        close(&mut blocks, number, &mut open)?;
    }
    places.sort_unstable_by_key(|(digest, _)| *digest);
    Index::Documents.add(transaction, places.into_iter().map(|(digest, place)| (digest, place.to_bytes())))
}

fn unknown(transaction: &WriteTransaction, documents: &[(Digest, Vec<u8>)]) -> Result<HashSet<Digest>, StoreError> {
    let mut digests: Vec<Digest> = documents.iter().map(|(digest, _)| *digest).collect();
    digests.sort_unstable();
    let record = Index::Documents.record(&INDEXES.write(transaction)?)?;
    let found = Index::Documents.find(&record, &INDEX_PAGES.write(transaction)?, &digests)?;
    Ok(digests.into_iter().zip(found).filter(|(_, place)| place.is_none()).map(|(digest, _)| digest).collect())
}

fn close(blocks: &mut Table<'_, u64, &'static [u8]>, number: u64, open: &mut DocumentBlock) -> Result<(), StoreError> {
    DOCUMENT_BLOCKS.put(blocks, &number, open)?;
    open.0.clear();
    Ok(())
}

fn too_long(error: TryFromIntError) -> StoreError {
    StoreError::Encode { table: DOCUMENT_BLOCKS.name, problem: error.to_string() }
}
