use std::collections::BTreeMap;

use plumb_model::outcome::Verdict;
use plumb_store::{CachedVerdict, CachedVerdicts, Digest, Ledger, RecordBatch, TaskEnd, VerdictRow};
use proptest::prelude::*;

use super::fixture::{digest, id, planned};

/// One commit: documents and verdicts by number.
type Commit = Vec<(u16, u8)>;

fn content(number: u16) -> Vec<u8> {
    format!("document {number} ").repeat(usize::from(number % 7) * 9).into_bytes()
}

fn said(value: u8) -> CachedVerdicts {
    let message = Some("why ".repeat(usize::from(value)));
    CachedVerdicts(vec![CachedVerdict { check: value.into(), verdict: Verdict::Fail, message, day: None }])
}

fn commits() -> impl Strategy<Value = Vec<Commit>> {
    prop::collection::vec(prop::collection::vec((0u16..600, any::<u8>()), 0..90), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn however_entries_came_each_is_found_and_nothing_else(commits in commits()) {
        let ledger = Ledger::memory().unwrap();
        planned(&ledger, 1);
        let mut expected: BTreeMap<Digest, (Vec<u8>, u8)> = BTreeMap::new();
        for commit in commits {
            let fence = ledger.start_task(&id(1), 0).unwrap();
            let mut batch = RecordBatch { scan: id(1), fence, ..RecordBatch::default() };
            batch.finished = Some(TaskEnd::Done);
            for (number, value) in commit {
                let document = content(number);
                let digest = digest(&document);
                // What a plugin said of a document it says again.
                let value = expected.entry(digest).or_insert((document.clone(), value)).1;
                batch.documents.push((digest, document));
                batch.verdicts.push(VerdictRow { plugin: [4; 32], resource: digest, verdicts: said(value) });
            }
            ledger.record(batch).unwrap();
        }
        let wanted: Vec<Digest> = (0..700).rev().map(|number| digest(&content(number))).collect();
        let found = ledger.verdicts(&[4; 32], &wanted).unwrap();
        for (digest, found) in wanted.iter().zip(found) {
            prop_assert_eq!(found, expected.get(digest).map(|(_, value)| said(*value)));
            prop_assert_eq!(ledger.document(digest).unwrap(), expected.get(digest).map(|(document, _)| document.clone()));
        }
        let report = ledger.check().unwrap();
        prop_assert_eq!((report.documents, report.problems), (expected.len() as u64, vec![]));
    }
}
