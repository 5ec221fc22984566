//! Every document has its digest, and is where the index says.

use redb::ReadTransaction;

use crate::batch::Digest;
use crate::documents::{damaged, in_block};
use crate::index::Index;
use crate::integrity::records::each;
use crate::integrity::{CheckReport, indexes};
use crate::key::hex;
use crate::records::documents::DocumentPlace;
use crate::tables::{DOCUMENT_BLOCKS, INDEX_PAGES};
use crate::verdicts;

/// Walks documents and cached verdicts; gives the digests of the documents that are there, ascending. Places are sorted by
/// block, so that each block is opened once; that takes some eighty bytes of memory a document.
///
/// A block in which no document lies is none: a prune that was cut off leaves such blocks, and the next one takes them.
pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) -> Vec<Digest> {
    let mut places: Vec<(DocumentPlace, Digest)> = Vec::new();
    indexes::walk(transaction, report, |report, index, digest, value| {
        if index == Index::Documents.key() {
            match DocumentPlace::from_bytes(value) {
                Ok(place) => places.push((place, *digest)),
                Err(problem) => report.error(damaged(digest, problem)),
            }
        } else if let Err(problem) = verdicts::decode(index, digest, value) {
            let key = format!("verdicts of plugin {} on document {}", hex(index), hex(digest));
            report.problem(INDEX_PAGES.name, key, problem);
        }
    });
    places.sort_unstable_by_key(|(place, _)| (place.block, place.offset));
    report.documents = places.len() as u64;
    let mut rest = places.as_slice();
    each(&DOCUMENT_BLOCKS, transaction, report, |report, number, block| {
        let (before, from) = rest.split_at(rest.partition_point(|(place, _)| place.block < *number));
        let (inside, after) = from.split_at(from.partition_point(|(place, _)| place.block == *number));
        lost(report, before);
        for (place, digest) in inside {
            if let Err(error) = in_block(&block, digest, *place) {
                report.error(error);
            }
        }
        rest = after;
    });
    lost(report, rest);
    let mut digests: Vec<Digest> = places.into_iter().map(|(_, digest)| digest).collect();
    digests.sort_unstable();
    digests
}

fn lost(report: &mut CheckReport, places: &[(DocumentPlace, Digest)]) {
    for (place, digest) in places {
        report.error(damaged(digest, format!("block {} is missing or broken", place.block)));
    }
}
