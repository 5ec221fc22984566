//! Flipped bytes: what comes out of a damaged file is an error or the truth.

mod estate;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use plumb_model::tenant::DEFAULT;
use plumb_store::{EvidenceFilter, Ledger, NewScan, StoreError};

use super::evidence::content;
use super::fixture::{Folder, completed, digest, document, findings, id, new_scan, resources, violations};

const PAGE: usize = 4096;

/// Where in a page a byte is flipped, and how: its head, the first offsets and checksums, and what lies further in.
const FLIPS: [(usize, u8); 7] = [(0, 0xff), (2, 0x01), (5, 0xff), (13, 0x55), (40, 0x04), (1111, 0xff), (4090, 0x40)];

/// What was asked, and the answer.
type Answers = Vec<(&'static str, Result<String, StoreError>)>;
type Ask = fn(&Ledger) -> Answers;

fn told<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> Result<String, StoreError> {
    answer.map(|answer| format!("{answer:?}"))
}

/// Everything one can ask about scans.
fn ask(ledger: &Ledger) -> Answers {
    vec![
        ("scan", told(ledger.scan(&id(1)))),
        ("another scan", told(ledger.scan(&id(2)))),
        ("a scan that is not there", told(ledger.scan(&id(255)))),
        ("scans", told(ledger.scans(None, 100))),
        ("prefix", told(ledger.find_scans("019aa100-1102"))),
        ("previous", told(ledger.previous_completed(&[7; 32], &id(2)))),
        ("no previous", told(ledger.previous_completed(&[7; 32], &id(1)))),
        ("tasks", told(ledger.tasks(&id(1)))),
        ("catalogue", told(ledger.catalogue(&id(1)))),
        ("findings", told(findings(ledger, 1))),
        ("other findings", told(findings(ledger, 2))),
        ("violations", told(violations(ledger, 1))),
        ("resources", told(resources(ledger, 1))),
        ("gaps", told(ledger.gaps(&id(1)))),
        ("resolved", told(ledger.removed(&id(1)))),
        ("document", told(ledger.document(&digest(&document(5))))),
        ("a document that is not there", told(ledger.document(&digest(&document(9999))))),
        ("evidence", told(ledger.list_evidence(&DEFAULT, &EvidenceFilter::default(), 0, 100))),
        ("artifact", told(artifact(ledger))),
    ]
}

fn artifact(ledger: &Ledger) -> Result<Vec<u8>, StoreError> {
    let filter = EvidenceFilter { scan: Some(id(1)), ..EvidenceFilter::default() };
    let (rows, _) = ledger.list_evidence(&DEFAULT, &filter, 0, 1)?;
    content(ledger, rows.first().ok_or(StoreError::NoSuchEvidence("of the first scan".into()))?)
}

/// A ledger with branch pages in its table of scans.
fn fill(ledger: &Ledger) {
    completed(ledger, 1, 230);
    completed(ledger, 2, 20);
    for number in 3..40 {
        let target = format!("terraform {}", "infra/".repeat(30));
        ledger.create_scan(&NewScan { target, ..new_scan(number) }).unwrap();
    }
}

/// What the damaged file says that is not so.
fn lies(folder: &Folder, ask: Ask, truth: &[(&'static str, String)]) -> Vec<String> {
    let Ok(ledger) = Ledger::open(&folder.path()) else { return Vec::new() };
    let (mut lies, mut errors) = (Vec::new(), Vec::new());
    for ((name, answer), (_, truth)) in ask(&ledger).into_iter().zip(truth) {
        match answer {
            Ok(answer) if answer == *truth => {}
            Ok(answer) => lies.push(format!("{name} is {answer:.300}")),
            Err(error) => errors.push(error.to_string()),
        }
    }
    let report = ledger.check().unwrap();
    if report.is_sound() && !errors.is_empty() {
        lies.push(format!("the check finds nothing, but: {}", errors.join("; ")));
    }
    lies
}

thread_local! {
    /// The database's panics are expected on this thread, hundreds of them.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                hook(info);
            }
        }));
    });
    EXPECTED.set(true);
}

/// Flips bytes in every page of a ledger, one after the other, and asks everything each time.
fn flip_every_page(fill: impl Fn(&Ledger), ask: Ask) {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    fill(&ledger);
    let truth: Vec<_> = ask(&ledger).into_iter().map(|(name, answer)| (name, answer.unwrap())).collect();
    drop(ledger);
    let sound = std::fs::read(folder.file()).unwrap();
    assert_eq!(lies(&folder, ask, &truth), Vec::<String>::new());
    let pages = sound.chunks(PAGE).enumerate().filter(|(_, page)| page.iter().any(|byte| *byte != 0));
    keep_quiet();
    let mut failures = Vec::new();
    for (page, _) in pages {
        for (step, flip) in FLIPS {
            let mut broken = sound.clone();
            broken[page * PAGE + step] ^= flip;
            std::fs::write(folder.file(), &broken).unwrap();
            let lies = catch_unwind(AssertUnwindSafe(|| lies(&folder, ask, &truth))).unwrap_or(vec!["panic".into()]);
            failures.extend(lies.into_iter().map(|lie| format!("page {page}, byte {step} ^ {flip:#x}: {lie}")));
        }
    }
    EXPECTED.set(false);
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_flipped_byte_gives_an_error_or_the_truth() {
    flip_every_page(fill, ask);
}

#[test]
fn a_flipped_byte_in_what_the_service_keeps_gives_an_error_or_the_truth() {
    flip_every_page(estate::fill, estate::ask);
}
