//! Resource documents, by the digest of their bytes: a document that many scans saw is there once.

use std::collections::HashSet;
use std::num::TryFromIntError;
use std::ops::Deref;
use std::sync::Arc;

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
    pub fn documents(&self, digests: &[Digest]) -> Result<Vec<Option<StoredDocument>>, StoreError> {
        self.document_reader().documents(digests)
    }

    /// Reads documents piece by piece.
    pub fn document_reader(&self) -> DocumentReader<'_> {
        DocumentReader { ledger: self, last: None }
    }
}

/// The bytes of a document. They stay in the block that it shares with its neighbours: whoever keeps one keeps the block.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    block: Arc<DocumentBlock>,
    place: DocumentPlace,
}

impl Deref for StoredDocument {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // It was there when the digest was compared, and a block does not change.
        self.block.get(self.place).unwrap_or_default()
    }
}

/// Reads documents piece by piece. What is asked for in the order it was recorded in lies side by side, so the block where one piece
/// ends is kept for the next.
#[derive(Debug)]
pub struct DocumentReader<'l> {
    ledger: &'l Ledger,
    last: Option<(u64, Arc<DocumentBlock>)>,
}

impl DocumentReader<'_> {
    /// The documents with some digests, in their order.
    pub fn documents(&mut self, digests: &[Digest]) -> Result<Vec<Option<StoredDocument>>, StoreError> {
        let last = self.last.take();
        let found = self.ledger.read(|transaction| read_all(transaction, digests, last))?;
        let end = found.iter().rev().find_map(Option::as_ref);
        self.last = end.map(|document| (document.place.block, Arc::clone(&document.block)));
        Ok(found)
    }
}

fn read_all(
    transaction: &ReadTransaction,
    digests: &[Digest],
    mut open: Option<(u64, Arc<DocumentBlock>)>,
) -> Result<Vec<Option<StoredDocument>>, StoreError> {
    let record = Index::Documents.record(&INDEXES.read(transaction)?)?;
    let pages = INDEX_PAGES.read(transaction)?;
    let mut wanted: Vec<(Digest, usize)> = digests.iter().copied().zip(0..).collect();
    wanted.sort_unstable();
    let sorted: Vec<Digest> = wanted.iter().map(|(digest, _)| *digest).collect();
    let mut places = Vec::with_capacity(wanted.len());
    for ((digest, at), value) in wanted.iter().zip(Index::Documents.find(&record, &pages, &sorted)?) {
        match value {
            Some(value) => {
                let place = DocumentPlace::from_bytes(&value).map_err(|problem| damaged(digest, problem))?;
                places.push((place, digest, *at));
            }
            None => prove_absent(&record, &pages, digest)?,
        }
    }
    // From the block that is open on, then those before it.
    let first = open.as_ref().map_or(0, |(number, _)| *number);
    places.sort_unstable_by_key(|(place, ..)| (place.block < first, place.block, place.offset));
    let mut found = vec![None; digests.len()];
    for (place, digest, at) in places {
        let opened = match open.take() {
            Some((number, opened)) if number == place.block => opened,
            _ => Arc::new(block(transaction, place.block)?),
        };
        in_block(&opened, digest, place)?;
        if let Some(slot) = found.get_mut(at) {
            *slot = Some(StoredDocument { block: Arc::clone(&opened), place });
        }
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
