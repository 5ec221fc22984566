//! Removing the documents and cached verdicts that no scan names any more.
//!
//! What scans name is collected from a snapshot. Then the indexes are gone through, and after them the blocks that documents lie
//! in, some megabytes in each commit, between which others read and write. A document that a running scan names meanwhile is kept:
//! the recorder notes them. A prune that is cut off has done a part of its work and left nothing broken; the next one does the
//! rest.

use std::collections::HashSet;
use std::sync::PoisonError;

use redb::{Durability, ReadTransaction, ReadableTable, Table, WriteTransaction};

use crate::account_verdicts;
use crate::batch::Digest;
use crate::error::StoreError;
use crate::index::{Index, SweepCursor};
use crate::ledger::Ledger;
use crate::marks::{self, Marks};
use crate::records::documents::{DocumentBlock, DocumentPlace};
use crate::tables::{DOCUMENT_BLOCKS, INDEX_PAGES, INDEXES};

/// Blocks of documents in one commit: some eight megabytes before compression.
const STEP_BLOCKS: usize = 64;

/// What a prune removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub documents: u64,
    /// A plugin's verdicts on one document count as one, for every time they were handed over; so does what it said of an account in
    /// one call.
    pub verdicts: u64,
}

/// What is kept.
struct Kept {
    documents: Marks,
    plugins: HashSet<Digest>,
    scopes: HashSet<Digest>,
    /// Blocks from this one on are younger than the marks.
    next_block: u64,
}

impl Ledger {
    /// Removes documents that no scan names, cached verdicts on them or of plugins that no scan ran, and those on accounts in a scope
    /// of which there is no scan. The file does not get
    /// smaller by it, but has room for what comes; [`Ledger::compact`] gives it back.
    ///
    /// Reads all rows of all scans once, and takes some twenty bytes of memory for each document.
    pub fn prune(&self) -> Result<Pruned, StoreError> {
        let _alone = self.shared.pruning.lock().unwrap_or_else(PoisonError::into_inner);
        let pruned = self.mark().and_then(|kept| {
            let mut pruned = self.prune_indexes(&kept)?;
            pruned.verdicts += self.prune_account_verdicts(&kept)?;
            self.prune_blocks(kept.next_block)?;
            Ok(pruned)
        });
        self.recorder().note_named(false);
        pruned
    }

    /// Collects what is to be kept. What tasks have handed over is written first, so that all of it stands in the snapshot or is
    /// noted by the recorder.
    fn mark(&self) -> Result<Kept, StoreError> {
        let mut recorder = self.recorder();
        recorder.seal_all()?;
        let written = self.write(Durability::Immediate, |transaction| recorder.flush(transaction));
        if written.is_err() {
            let generation = recorder.generation();
            recorder.forget_all(generation);
        }
        written?;
        recorder.flushed();
        recorder.note_named(true);
        self.read(|transaction| {
            drop(recorder);
            Ok(Kept {
                documents: marks::documents(transaction)?,
                plugins: marks::plugins(transaction)?,
                scopes: marks::scopes(transaction)?,
                next_block: DOCUMENT_BLOCKS.read(transaction)?.last()?.map_or(0, |(last, _)| last.value() + 1),
            })
        })
    }

    fn prune_indexes(&self, kept: &Kept) -> Result<Pruned, StoreError> {
        let mut owners = Vec::new();
        self.read(|transaction| INDEXES.each_key(&INDEXES.read(transaction)?, |owner| owners.push(**owner)))?;
        let mut pruned = Pruned::default();
        for owner in owners {
            if owner == *Index::Documents.key() {
                // A place that cannot be read is left for the check to name.
                let young = |value: &[u8]| {
                    DocumentPlace::from_bytes(value).map_or(true, |place| place.block >= kept.next_block)
                };
                pruned.documents =
                    self.sweep(Index::Documents, |digest, value| kept.documents.contains(digest) || young(value))?;
            } else {
                let known = kept.plugins.contains(&owner);
                let index = Index::Verdicts(&owner);
                pruned.verdicts += self.sweep(index, |digest, _| known && kept.documents.contains(digest))?;
            }
        }
        Ok(pruned)
    }

    /// One that a scan begun since then has left may go too: the next scan asks again.
    fn prune_account_verdicts(&self, kept: &Kept) -> Result<u64, StoreError> {
        let keep = |scope: &Digest, plugin: &Digest| kept.scopes.contains(scope) && kept.plugins.contains(plugin);
        self.write(Durability::Immediate, |transaction| account_verdicts::sweep(transaction, keep))
    }

    fn sweep(&self, index: Index<'_>, keep: impl Fn(&Digest, &[u8]) -> bool) -> Result<u64, StoreError> {
        let (mut removed, mut next) = (0, Some(SweepCursor::default()));
        while let Some(cursor) = next {
            let recorder = self.recorder();
            let swept = self.write(Durability::Immediate, |transaction| {
                index.sweep(transaction, cursor, |digest, value| keep(digest, value) || recorder.has_named(digest))
            })?;
            removed += swept.removed;
            next = swept.next;
        }
        Ok(removed)
    }

    /// Clears what the index names no document in, in the blocks before a number. No document is added to these any more, so that
    /// a snapshot of the index is enough.
    fn prune_blocks(&self, end: u64) -> Result<(), StoreError> {
        let places = self.read(places)?;
        let mut next = Some(0);
        while let Some(from) = next {
            next = self.write(Durability::Immediate, |transaction| clear_blocks(transaction, from..end, &places))?;
        }
        Ok(())
    }
}

/// Where all documents lie, in order.
fn places(transaction: &ReadTransaction) -> Result<Vec<DocumentPlace>, StoreError> {
    let number = Index::Documents.record(&INDEXES.read(transaction)?)?.number;
    let mut places = Vec::new();
    INDEX_PAGES.each_value(&INDEX_PAGES.read(transaction)?, |key, value| {
        if key.0 != number {
            return Ok(());
        }
        for entry in INDEX_PAGES.decode(key, value)?.entries.iter() {
            let place = entry.and_then(|(_, value)| DocumentPlace::from_bytes(value));
            places.push(place.map_err(|problem| INDEX_PAGES.damaged(key, problem))?);
        }
        Ok(())
    })?;
    places.sort_unstable_by_key(|place| (place.block, place.offset));
    Ok(places)
}

/// Clears some blocks; gives the number to go on from.
fn clear_blocks(
    transaction: &WriteTransaction,
    range: std::ops::Range<u64>,
    places: &[DocumentPlace],
) -> Result<Option<u64>, StoreError> {
    let mut blocks = DOCUMENT_BLOCKS.write(transaction)?;
    let last = blocks.last()?.map(|(last, _)| last.value());
    let (mut cleared, mut next) = (Vec::new(), None);
    for (count, entry) in blocks.range(range)?.enumerate() {
        let (number, value) = entry?;
        let number = number.value();
        if count == STEP_BLOCKS {
            next = Some(number);
            break;
        }
        let from = places.get(places.partition_point(|place| place.block < number)..).unwrap_or_default();
        let inside = from.get(..from.partition_point(|place| place.block == number)).unwrap_or_default();
        let block = DOCUMENT_BLOCKS.decode(&number, value.value())?;
        let only = block.only(inside).map_err(|problem| DOCUMENT_BLOCKS.damaged(&number, problem))?;
        // The last block stays even if it is empty: its number must not be given again.
        let gone = inside.is_empty() && Some(number) != last;
        if gone || only != block {
            cleared.push((number, (!gone).then_some(only)));
        }
    }
    cleared.into_iter().try_for_each(|(number, block)| replace(&mut blocks, number, block))?;
    Ok(next)
}

fn replace(
    blocks: &mut Table<'_, u64, &'static [u8]>,
    number: u64,
    block: Option<DocumentBlock>,
) -> Result<(), StoreError> {
    let Some(block) = block else {
        blocks.remove(number)?;
        return Ok(());
    };
    DOCUMENT_BLOCKS.put(blocks, &number, &block)
}
