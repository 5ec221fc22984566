use plumb_model::scan::ScanStatus;
use plumb_store::{CachedVerdicts, Ledger, RecordBatch, StoreError, TaskEnd, VerdictRow};

use super::fixture::{AT, batch, completed, digest, document, id, planned, verdicts};

fn rows(ledger: &Ledger, table: &str) -> u64 {
    ledger.stats().unwrap().tables.iter().find(|stats| stats.table == table).unwrap().rows
}

#[test]
fn a_document_comes_back_by_its_digest() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 6000);
    for number in [0, 1, 2999, 5999] {
        assert_eq!(ledger.document(&digest(&document(number))).unwrap(), Some(document(number)));
    }
    assert_eq!(ledger.document(&[0; 32]).unwrap(), None);
    assert!(rows(&ledger, "document_blocks") > 2);
}

#[test]
fn a_second_scan_of_the_same_estate_adds_no_document() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 400);
    let before = (ledger.check().unwrap().documents, rows(&ledger, "document_blocks"));
    completed(&ledger, 2, 400);
    let report = ledger.check().unwrap();
    assert_eq!((report.documents, rows(&ledger, "document_blocks")), before);
    assert_eq!((before.0, report.problems), (400, vec![]));
}

#[test]
fn an_empty_document_is_a_document() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let documents = vec![(digest(b""), vec![]), (digest(b""), vec![])];
    let finished = Some(TaskEnd::Done);
    ledger.record(RecordBatch { scan: id(1), fence, documents, finished, ..RecordBatch::default() }).unwrap();
    assert_eq!(ledger.document(&digest(b"")).unwrap(), Some(vec![]));
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn a_document_under_a_false_digest_is_refused() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let mut wrong = batch(1, 0, fence, 0..1);
    wrong.documents[0].1.push(b' ');
    wrong.finished = Some(TaskEnd::Done);
    assert!(matches!(ledger.record(wrong), Err(StoreError::WrongDigest(_))));
    let again = ledger.start_task(&id(1), 0).unwrap();
    ledger.record(RecordBatch { finished: Some(TaskEnd::Done), ..batch(1, 0, again, 0..1) }).unwrap();
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn cached_verdicts_belong_to_their_plugin() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 20);
    let wanted = [3, 99, 1].map(|number| digest(&document(number)));
    let found = ledger.verdicts(&[9; 32], &wanted).unwrap();
    assert_eq!(found, [Some(verdicts(3)), None, Some(verdicts(1))]);
    assert_eq!(ledger.verdicts(&[8; 32], &wanted).unwrap(), [None, None, None]);
    let fence = {
        planned(&ledger, 2);
        ledger.start_task(&id(2), 0).unwrap()
    };
    let row = VerdictRow { plugin: [8; 32], resource: wanted[0], verdicts: CachedVerdicts::default() };
    let finished = Some(TaskEnd::Done);
    ledger.record(RecordBatch { scan: id(2), fence, verdicts: vec![row], finished, ..RecordBatch::default() }).unwrap();
    ledger.transition(&id(2), ScanStatus::Cancelled, AT, None).unwrap();
    assert_eq!(ledger.verdicts(&[8; 32], &wanted).unwrap(), [Some(CachedVerdicts::default()), None, None]);
    assert_eq!(ledger.verdicts(&[9; 32], &wanted).unwrap(), found);
}
