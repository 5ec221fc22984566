use plumb_model::scan::ScanStatus;
use plumb_store::{Ending, Ledger, TaskEnd};

use super::fixture::{AT, batch, coverage, id, planned, summary};

/// A scan that ended before its second task, with a summary of so many buckets where forty were recorded.
fn cut_short(ledger: &Ledger, number: u8, status: ScanStatus, stated: u32) {
    planned(ledger, number);
    let fence = ledger.start_task(&id(number), 0).unwrap();
    ledger.record(batch(number, 0, fence, 0..40)).unwrap();
    let (coverage, summary) = (coverage(), summary(stated));
    let ending = Ending { status, at: AT, reason: Some("stopped"), coverage, summary: &summary, resolved: &[] };
    ledger.end_scan(&id(number), &ending).unwrap();
}

#[test]
fn the_figures_of_a_scan_that_was_cut_short_have_to_add_up_too() {
    for status in [ScanStatus::Cancelled, ScanStatus::Failed] {
        let ledger = Ledger::memory().unwrap();
        cut_short(&ledger, 1, status, 40);
        assert_eq!(ledger.check().unwrap().problems, []);
        cut_short(&ledger, 2, status, 41);
        let problems = ledger.check().unwrap().problems;
        assert!(problems.iter().any(|problem| problem.to_string().contains("41 resources, and there are 40")));
        assert!(problems.iter().all(|problem| problem.table == "summaries"), "{problems:?}");
    }
}

#[test]
fn a_scan_that_goes_on_has_no_figures_to_add_up() {
    let ledger = Ledger::memory().unwrap();
    cut_short(&ledger, 1, ScanStatus::Cancelled, 40);
    ledger.transition(&id(1), ScanStatus::Running, AT, None).unwrap();
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let mut last = batch(1, 0, fence, 0..7);
    last.finished = Some(TaskEnd::Done);
    ledger.record(last).unwrap();
    assert_eq!(ledger.check().unwrap().problems, []);
}
