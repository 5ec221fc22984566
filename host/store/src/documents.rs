//! Resource documents, by the digest of their bytes: a document that many scans saw is there once.

use std::num::TryFromIntError;

use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::key::hex;
use crate::ledger::Ledger;
use crate::records::documents::{DocumentBlock, DocumentPlace};
use crate::tables::{DOCUMENT_BLOCKS, DOCUMENTS};

/// Documents are alike, so they compress well together; but one that is wanted needs its whole block opened, which at this size
/// takes some tenths of a millisecond.
const BLOCK_BYTES: usize = 128 << 10;

impl Ledger {
    /// The document with a digest. What is given back has that digest; damage is an error.
    pub fn document(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|transaction| {
            let Some(place) = DOCUMENTS.get(&DOCUMENTS.read(transaction)?, &digest)? else { return Ok(None) };
            let block = block(transaction, place.block)?;
            in_block(&block, digest, place).map(|document| Some(document.to_vec()))
        })
    }
}

impl Ledger {
    /// The documents with these digests, in their order. Each block that holds some of them is opened once.
    pub fn documents(&self, digests: &[Digest]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut found = vec![None; digests.len()];
        self.read(|transaction| {
            let index = DOCUMENTS.read(transaction)?;
            let mut places = Vec::with_capacity(digests.len());
            for (digest, found) in digests.iter().zip(&mut found) {
                if let Some(place) = DOCUMENTS.get(&index, &digest)? {
                    places.push((place, digest, found));
                }
            }
            places.sort_unstable_by_key(|(place, ..)| (place.block, place.offset));
            let mut open: Option<(u64, DocumentBlock)> = None;
            for (place, digest, found) in places {
                let kept = open.take().filter(|(number, _)| *number == place.block);
                let (_, block) = open.insert(match kept {
                    Some(kept) => kept,
                    None => (place.block, block(transaction, place.block)?),
                });
                *found = Some(in_block(block, digest, place)?.to_vec());
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(found)
    }
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
    let bytes = block.get(place).ok_or_else(|| DOCUMENTS.damaged(&digest, "it ends outside its block"))?;
    if blake3::hash(bytes).as_bytes() == digest {
        Ok(bytes)
    } else {
        Err(DOCUMENTS.damaged(&digest, "the bytes at its place have another digest"))
    }
}

/// Writes the documents that the ledger does not have.
pub(crate) fn write(transaction: &WriteTransaction, documents: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
    let mut index = DOCUMENTS.write(transaction)?;
    let mut blocks = DOCUMENT_BLOCKS.write(transaction)?;
    let mut number = blocks.last()?.map_or(0, |(last, _)| last.value() + 1);
    let mut open = DocumentBlock::default();
    let mut places = Vec::new();
    for (digest, document) in documents {
        if index.get(digest)?.is_some() {
            continue;
        }
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
    if !open.0.is_empty() || places.last().is_some_and(|(_, place)| place.block == number) {
        close(&mut blocks, number, &mut open)?;
    }
    // Neighbours in the index are then written together.
    places.sort_unstable_by_key(|(digest, _)| *digest);
    places.iter().try_for_each(|(digest, place)| DOCUMENTS.put(&mut index, &digest, place))
}

fn close(blocks: &mut Table<'_, u64, &'static [u8]>, number: u64, open: &mut DocumentBlock) -> Result<(), StoreError> {
    DOCUMENT_BLOCKS.put(blocks, &number, open)?;
    open.0.clear();
    Ok(())
}

fn too_long(error: TryFromIntError) -> StoreError {
    StoreError::Encode { table: DOCUMENTS.name, problem: error.to_string() }
}
