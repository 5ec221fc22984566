//! What people upload.

use std::path::PathBuf;

use plumb_model::evidence::{Evidence, EvidenceKind};
use plumb_store::{BlobWriter, EvidenceFilter, Expired, Ledger, NewEvidence, Numbered, StoreError, UPLOAD_BYTES};
use proptest::prelude::*;

use super::evidence::content;
use super::fixture::{AT, Folder, completed, id};

const TENANT: [u8; 16] = plumb_model::tenant::DEFAULT;

/// A page of PDF, as far as anybody looks.
const PDF: &[u8] = b"%PDF-1.7\nthe signed policy";

fn writer(ledger: &Ledger, bytes: &[u8]) -> BlobWriter {
    let mut writer = ledger.begin_upload(UPLOAD_BYTES).unwrap();
    bytes.chunks(7).for_each(|chunk| writer.write(chunk).unwrap());
    writer
}

fn new(ledger: &Ledger, number: u8, bytes: &[u8]) -> NewEvidence {
    NewEvidence {
        id: id(number),
        tenant: TENANT,
        scan: None,
        framework: Some("cis".into()),
        control_id: Some("2.1".into()),
        description: "Signed by the board.".into(),
        created_at: AT.into(),
        created_by: "ann".into(),
        upload: writer(ledger, bytes).finish(None, "../policy.pdf").unwrap(),
    }
}

fn put(ledger: &Ledger, number: u8, bytes: &[u8]) -> Evidence {
    ledger.put_evidence(new(ledger, number, bytes)).unwrap()
}

/// Every file beneath the folder of uploaded bytes.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let shelves = std::fs::read_dir(folder.path().join("blobs")).unwrap();
    let mut files: Vec<PathBuf> = shelves
        .flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn an_upload_comes_back_byte_for_byte_with_what_was_said_of_it() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 1, 4);
    let kept = put(&ledger, 2, PDF);
    assert_eq!((kept.kind, kept.number, kept.size), (EvidenceKind::Manual, 2, PDF.len() as u64));
    assert_eq!((kept.media_type.as_str(), kept.file_name.as_str()), ("application/pdf", "policy.pdf"));
    drop(ledger);
    let ledger = Ledger::open(&folder.path()).unwrap();
    assert_eq!(ledger.evidence(&TENANT, &kept.id).unwrap().as_ref(), Some(&kept));
    assert_eq!(ledger.evidence_by_key(&TENANT, &kept.key).unwrap().as_ref(), Some(&kept));
    assert_eq!(ledger.by_number(&TENANT, Numbered::Evidence, 2).unwrap(), Some(kept.id));
    assert_eq!(content(&ledger, &kept).unwrap(), PDF);
    assert_eq!(ledger.evidence(&[1; 16], &kept.id).unwrap(), None);
    // Beside what the scan proves, the latest first.
    let filter = EvidenceFilter { control_id: Some("2.1".into()), ..EvidenceFilter::default() };
    let (rows, total) = ledger.list_evidence(&TENANT, &filter, 0, 10).unwrap();
    assert_eq!((rows[0].clone(), rows[1].kind, total), (kept, EvidenceKind::Auto, 2));
    assert!(ledger.check().unwrap().is_sound());
}

#[cfg(unix)]
#[test]
fn uploaded_bytes_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    put(&ledger, 1, PDF);
    let mode = std::fs::metadata(&files(&folder)[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_same_bytes_are_there_once_and_go_with_the_last_upload_that_has_them() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let (first, second) = (put(&ledger, 1, PDF), put(&ledger, 2, PDF));
    assert_eq!(files(&folder).len(), 1);
    ledger.delete_evidence(&TENANT, &first.id).unwrap();
    assert_eq!(content(&ledger, &second).unwrap(), PDF);
    ledger.delete_evidence(&TENANT, &second.id).unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    assert!(matches!(content(&ledger, &second), Err(StoreError::NoSuchEvidence(_))));
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn an_upload_that_is_too_large_empty_or_of_a_foreign_scan_leaves_nothing() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let mut small = ledger.begin_upload(10).unwrap();
    small.write(b"0123456789").unwrap();
    assert!(matches!(small.write(b"0"), Err(StoreError::UploadTooLarge { limit: 10 })));
    drop(small);
    let refused = writer(&ledger, b"").finish(None, "a.txt").unwrap_err();
    assert!(refused.to_string().contains("empty"), "{refused}");
    let refused = writer(&ledger, b"<html>").finish(None, "a.txt").unwrap_err();
    assert!(matches!(refused, StoreError::NotAccepted(_)), "{refused}");
    completed(&ledger, 1, 4);
    let foreign = NewEvidence { tenant: [1; 16], scan: Some(id(1)), ..new(&ledger, 2, PDF) };
    assert!(matches!(ledger.put_evidence(foreign), Err(StoreError::NoSuchScan(_))));
    let long = NewEvidence { description: "x".repeat(1 << 20), ..new(&ledger, 2, PDF) };
    assert!(matches!(ledger.put_evidence(long), Err(StoreError::TooLarge { .. })));
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    assert_eq!(ledger.list_evidence(&[1; 16], &EvidenceFilter::default(), 0, 10).unwrap().1, 0);
}

#[test]
fn what_was_uploaded_for_a_scan_goes_with_it_and_so_does_what_is_too_old() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 1, 4);
    let of_scan = NewEvidence { scan: Some(id(1)), ..new(&ledger, 2, PDF) };
    ledger.put_evidence(of_scan).unwrap();
    let other = put(&ledger, 3, b"another file");
    ledger.delete_scan(&id(1)).unwrap();
    let (rows, _) = ledger.list_evidence(&TENANT, &EvidenceFilter::default(), 0, 10).unwrap();
    assert_eq!(rows, [other]);
    assert_eq!(files(&folder).len(), 1);
    let expired = ledger.expire(&TENANT, "2027-01-01T00:00:00.000Z").unwrap();
    assert_eq!((expired, files(&folder).len()), (Expired { scans: 0, uploads: 1, remediations: 0 }, 0));
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn what_a_crash_left_behind_is_collected_and_nothing_else() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let kept = put(&ledger, 1, PDF);
    let blobs = folder.path().join("blobs");
    std::fs::write(blobs.join("incoming/half"), b"half").unwrap();
    // A whole file whose row was never written, and one that has no business here.
    std::fs::create_dir_all(blobs.join("aa")).unwrap();
    std::fs::write(blobs.join("aa").join("b".repeat(62)), b"orphan").unwrap();
    std::fs::write(blobs.join("aa/readme"), b"?").unwrap();
    drop(ledger);
    let ledger = Ledger::open(&folder.path()).unwrap();
    assert_eq!(ledger.collect_blobs().unwrap(), 3);
    assert_eq!(ledger.collect_blobs().unwrap(), 0);
    assert_eq!(content(&ledger, &kept).unwrap(), PDF);
}

#[test]
fn a_backup_brings_the_uploads_along() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    let kept = put(&ledger, 1, PDF);
    let to = folder.path().join("copy.redb");
    ledger.backup(&to, |_| ()).unwrap();
    ledger.delete_evidence(&TENANT, &kept.id).unwrap();
    let restored = folder.path().join("restored");
    std::fs::create_dir(&restored).unwrap();
    std::fs::rename(&to, restored.join("ledger.redb")).unwrap();
    std::fs::rename(folder.path().join("copy.redb.blobs"), restored.join("blobs")).unwrap();
    let ledger = Ledger::open(&restored).unwrap();
    assert_eq!(content(&ledger, &kept).unwrap(), PDF);
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn a_ledger_in_memory_takes_no_uploads() {
    let ledger = Ledger::memory().unwrap();
    assert!(matches!(ledger.begin_upload(10), Err(StoreError::NoFolder)));
    assert_eq!(ledger.collect_blobs().unwrap(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_changed_a_missing_and_a_further_byte_are_found(text in "[ -;=-~]{1,300}", place in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let folder = Folder::new();
        let ledger = Ledger::open(&folder.path()).unwrap();
        let kept = put(&ledger, 1, text.as_bytes());
        let file = files(&folder).remove(0);
        let mut changed = text.clone().into_bytes();
        changed[place.index(text.len())] ^= flip;
        let shorter = text.as_bytes()[..text.len() - 1].to_vec();
        let longer = [text.as_bytes(), b"x"].concat();
        for broken in [changed, shorter, longer] {
            std::fs::write(&file, &broken).unwrap();
            let damaged = matches!(content(&ledger, &kept), Err(StoreError::Damaged { .. }));
            prop_assert!(damaged);
            prop_assert!(!ledger.check().unwrap().is_sound());
        }
        std::fs::remove_file(&file).unwrap();
        prop_assert!(!ledger.check().unwrap().is_sound());
        // The same bytes, uploaded again, mend it.
        put(&ledger, 2, text.as_bytes());
        prop_assert_eq!(content(&ledger, &kept).unwrap(), text.as_bytes());
        prop_assert!(ledger.check().unwrap().is_sound());
    }
}
