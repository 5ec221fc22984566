use plumb_store::{AccountPlace, Ledger, StoreError};
use redb::{Database, TableDefinition};

use super::fixture::{Folder, completed, digest, document, id};

#[test]
fn what_was_recorded_is_there_after_opening_again() {
    let folder = Folder::new();
    completed(&Ledger::open(&folder.path()).unwrap(), 1, 10);
    let ledger = Ledger::open(&folder.path()).unwrap();
    assert!(ledger.scan(&id(1)).unwrap().is_some());
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn a_ledger_that_is_in_use_is_refused_by_name() {
    let folder = Folder::new();
    let _held = Ledger::open(&folder.path()).unwrap();
    let error = Ledger::open(&folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert!(error.to_string().contains("ledger.redb") && error.to_string().contains("another plumb"));
}

#[cfg(unix)]
#[test]
fn folder_and_file_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let _ledger = Ledger::open(&folder.path()).unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.path()), mode(folder.file())), (0o700, 0o600));
}

#[test]
fn a_ledger_from_the_future_is_refused_and_left_alone() {
    let folder = Folder::new();
    drop(Ledger::open(&folder.path()).unwrap());
    let meta: TableDefinition<&[u8], u32> = TableDefinition::new("meta");
    let database = Database::open(folder.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(meta).unwrap().insert(b"schema".as_slice(), 7).unwrap();
    transaction.commit().unwrap();
    drop(database);
    for _ in 0..2 {
        let error = Ledger::open(&folder.path()).unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { found: 7, known: 6 }), "{error}");
    }
}

#[test]
fn a_file_that_is_no_ledger_is_refused_by_name() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(folder.file(), "[default]\nregion = eu-central-1\n".repeat(400)).unwrap();
    let error = Ledger::open(&folder.path()).unwrap_err();
    assert!(error.to_string().contains("ledger.redb"), "{error}");
    assert!(matches!(error, StoreError::NotALedger { .. }), "{error:?}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    std::fs::write(folder.path(), "a file where the folder should be").unwrap();
    let error = Ledger::open(&folder.path()).unwrap_err();
    assert!(error.to_string().contains("data"), "{error}");
}

/// The file in `schema-1.redb.zst` was written by the last program that knew schema 1 alone: two completed scans of the fixture's
/// estate, of 300 and 120 buckets.
#[test]
fn a_ledger_of_the_first_schema_is_brought_up_to_date_with_all_it_has() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path()).unwrap();
    let packed = include_bytes!("schema-1.redb.zst");
    std::fs::write(folder.file(), zstd::bulk::decompress(packed, 16 << 20).unwrap()).unwrap();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let report = ledger.check().unwrap();
    assert_eq!((report.scans, report.documents, report.problems), (2, 300, vec![]));
    let own = Ledger::memory().unwrap();
    completed(&own, 1, 300);
    completed(&own, 2, 120);
    let digests: Vec<_> = (0..301).map(|number| digest(&document(number))).collect();
    assert_eq!(ledger.verdicts(&[9; 32], &digests).unwrap(), own.verdicts(&[9; 32], &digests).unwrap());
    for (number, digest) in (0..).zip(&digests) {
        assert_eq!(ledger.document(digest).unwrap(), (number < 300).then(|| document(number)));
    }
    assert_eq!(ledger.account_verdicts(&AccountPlace::default()).unwrap(), None);
    completed(&ledger, 3, 310);
    assert_eq!(ledger.check().unwrap().problems, []);
}
