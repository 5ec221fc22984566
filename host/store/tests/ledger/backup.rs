use plumb_store::{BackupProgress, Ledger, StoreError};

use super::fixture::{Folder, completed, digest, document, findings};

#[test]
fn a_backup_is_the_ledger_as_it_was_when_it_began_whatever_is_written_meanwhile() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 1, 900);
    completed(&ledger, 2, 40);
    let before = findings(&ledger, 1).unwrap();
    std::fs::create_dir_all(copy.path()).unwrap();
    let (mut steps, mut last) = (0u8, BackupProgress::default());
    let backup = ledger.backup(&copy.file(), |progress| {
        // Another thread writes while the copy is under way, and is through before the copy goes on.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                completed(&ledger, 10 + steps, 30);
                if steps == 0 {
                    completed(&ledger, 9, 1000);
                }
            });
        });
        assert!(progress.records > last.records);
        (steps, last) = (steps + 1, progress);
    });
    let backup = backup.unwrap();
    assert!(steps > 3);
    assert_eq!((last.records, last.records), (last.of_records, backup.records));
    assert_eq!(std::fs::metadata(copy.file()).unwrap().len(), backup.bytes);
    let copied = Ledger::open(&copy.path()).unwrap();
    let report = copied.check().unwrap();
    assert_eq!((report.scans, report.documents, report.problems), (2, 900, vec![]));
    assert_eq!(findings(&copied, 1).unwrap(), before);
    assert_eq!(copied.document(&digest(&document(899))).unwrap(), Some(document(899)));
    completed(&copied, 3, 10);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_half_done() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 1, 4);
    let to = folder.path().join("copy.redb");
    std::fs::write(&to, "precious").unwrap();
    let error = ledger.backup(&to, |_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Backup { .. }) && error.to_string().contains("copy.redb"), "{error}");
    assert_eq!(std::fs::read(&to).unwrap(), b"precious");
    let nowhere = folder.path().join("no such folder/copy.redb");
    assert!(matches!(ledger.backup(&nowhere, |_| ()), Err(StoreError::Backup { .. })));
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["copy.redb", "ledger.redb"]);
}

#[test]
fn a_damaged_ledger_is_not_copied() {
    let folder = Folder::new();
    completed(&Ledger::open(&folder.path()).unwrap(), 1, 300);
    let mut bytes = std::fs::read(folder.file()).unwrap();
    let reason = b"terraform infra/";
    let places: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place..].starts_with(reason)).collect();
    for place in places {
        bytes[place] ^= 1;
    }
    std::fs::write(folder.file(), bytes).unwrap();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let to = folder.path().join("copy.redb");
    assert!(matches!(ledger.backup(&to, |_| ()), Err(StoreError::Damaged { table: "scans", .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
