//! Every document has its digest, and every block its documents.

use redb::ReadTransaction;

use crate::batch::Digest;
use crate::documents::in_block;
use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::hex;
use crate::records::documents::DocumentPlace;
use crate::tables::{DOCUMENT_BLOCKS, DOCUMENTS};

/// The index is sorted by block, so that each block is opened once; that takes some fifty bytes of memory a document.
pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    let mut places: Vec<(DocumentPlace, Digest)> = Vec::new();
    each(&DOCUMENTS, transaction, report, |_, digest, place| places.push((place, **digest)));
    places.sort_unstable_by_key(|(place, _)| (place.block, place.offset));
    report.documents = places.len() as u64;
    let mut rest = places.as_slice();
    each(&DOCUMENT_BLOCKS, transaction, report, |report, number, block| {
        let (before, from) = rest.split_at(rest.partition_point(|(place, _)| place.block < *number));
        let (inside, after) = from.split_at(from.partition_point(|(place, _)| place.block == *number));
        lost(report, before);
        if inside.is_empty() {
            report.problem(DOCUMENT_BLOCKS.name, number.to_string(), "no document lies in it");
        }
        for (place, digest) in inside {
            if let Err(error) = in_block(&block, digest, *place) {
                report.error(error);
            }
        }
        rest = after;
    });
    lost(report, rest);
}

fn lost(report: &mut CheckReport, places: &[(DocumentPlace, Digest)]) {
    for (place, digest) in places {
        report.problem(DOCUMENTS.name, hex(digest), format!("block {} is missing or broken", place.block));
    }
}
