use plumb_store::{Ledger, StoreError};
use redb::{Database, TableDefinition};

use super::fixture::{Folder, completed, id};

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
    transaction.open_table(meta).unwrap().insert(b"schema".as_slice(), 3).unwrap();
    transaction.commit().unwrap();
    drop(database);
    for _ in 0..2 {
        let error = Ledger::open(&folder.path()).unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { found: 3, known: 2 }), "{error}");
    }
}

#[test]
fn a_ledger_of_schema_1_is_brought_up_to_date() {
    let folder = Folder::new();
    completed(&Ledger::open(&folder.path()).unwrap(), 1, 10);
    let database = Database::open(folder.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    let accounts: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("account_verdicts");
    assert!(transaction.delete_table(accounts).unwrap());
    let meta: TableDefinition<&[u8], u32> = TableDefinition::new("meta");
    transaction.open_table(meta).unwrap().insert(b"schema".as_slice(), 1).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let ledger = Ledger::open(&folder.path()).unwrap();
    assert_eq!(ledger.account_verdicts(&[1; 32]).unwrap(), None);
    assert!(ledger.check().unwrap().is_sound());
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
