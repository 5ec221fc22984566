//! The states of scans against a small model: whatever is tried in whatever order, and however often the program ends in between.

use std::collections::BTreeMap;

use plumb_model::scan::{Coverage, ScanStatus, Summary};
use plumb_store::*;
use proptest::prelude::*;

use super::fixture::{AT, Folder, catalogue, id, new_scan};

/// Scans at the same time.
const SCANS: u8 = 4;

#[derive(Clone, Copy, Debug)]
enum Step {
    Create(u8),
    Move(u8, ScanStatus),
    /// As the engine does it: with the figures.
    End(u8, ScanStatus),
    Delete(u8),
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let statuses =
        [ScanStatus::Pending, ScanStatus::Running, ScanStatus::Completed, ScanStatus::Failed, ScanStatus::Cancelled];
    let ends = [ScanStatus::Completed, ScanStatus::Failed, ScanStatus::Cancelled];
    let scan = || 1..=SCANS;
    let step = prop_oneof![
        3 => scan().prop_map(Step::Create),
        6 => (scan(), proptest::sample::select(statuses.to_vec())).prop_map(|(scan, status)| Step::Move(scan, status)),
        4 => (scan(), proptest::sample::select(ends.to_vec())).prop_map(|(scan, status)| Step::End(scan, status)),
        1 => scan().prop_map(Step::Delete),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..60)
}

/// The moves there are, written down once more.
fn allowed(from: ScanStatus, to: ScanStatus) -> bool {
    use ScanStatus::{Cancelled, Completed, Failed, Pending, Running};
    match from {
        Pending => matches!(to, Running | Cancelled | Failed),
        Running => matches!(to, Completed | Failed | Cancelled),
        Failed | Cancelled => to == Running,
        Completed => false,
    }
}

/// What the model expects, and what the ledger did.
fn take(ledger: &Ledger, model: &mut BTreeMap<u8, ScanStatus>, step: Step) -> (bool, bool) {
    match step {
        Step::Create(scan) => {
            let free = !model.contains_key(&scan);
            if free {
                model.insert(scan, ScanStatus::Pending);
            }
            (free, ledger.create_scan(&new_scan(scan)).is_ok())
        }
        Step::Move(scan, to) => {
            // Completed is reached with figures alone.
            let may = model.get(&scan).is_some_and(|from| allowed(*from, to)) && to != ScanStatus::Completed;
            let done = ledger.transition(&id(scan), to, AT, None).is_ok();
            if may {
                model.insert(scan, to);
            }
            if done && to == ScanStatus::Running {
                ledger.put_catalogue(&id(scan), &catalogue()).unwrap();
            }
            (may, done)
        }
        Step::End(scan, to) => {
            let may = model.get(&scan).is_some_and(|from| allowed(*from, to));
            if may {
                model.insert(scan, to);
            }
            let ending = Ending {
                status: to,
                at: AT,
                reason: None,
                coverage: Coverage::default(),
                summary: &Summary::default(),
                resolved: &[],
            };
            (may, ledger.end_scan(&id(scan), &ending).is_ok())
        }
        Step::Delete(scan) => {
            let may = model.get(&scan).is_some_and(|status| *status != ScanStatus::Running);
            if may {
                model.remove(&scan);
            }
            (may, ledger.delete_scan(&id(scan)).is_ok())
        }
        Step::Crash => (true, true),
    }
}

fn holds(ledger: &Ledger, model: &BTreeMap<u8, ScanStatus>, step: Step) -> Result<(), TestCaseError> {
    for scan in 1..=SCANS {
        let found = ledger.scan(&id(scan)).unwrap();
        let status = found.as_ref().map(|found| found.scan.status);
        prop_assert_eq!(status, model.get(&scan).copied(), "scan {} after {:?}", scan, step);
        let Some(found) = found else { continue };
        let ended = found.scan.status.is_terminal();
        prop_assert_eq!(found.scan.completed_at.is_some(), ended, "an end has a time, and nothing else has");
        prop_assert!(ended || found.summary.is_none(), "what goes on has no figures");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// A refused move changes nothing, an accepted one is there after a crash, and a scan that has completed stays so.
    #[test]
    fn no_order_of_events_leads_a_scan_where_it_may_not_go(steps in steps()) {
        let folder = Folder::new();
        let mut ledger = Ledger::open(&folder.path()).unwrap();
        let (mut model, mut completed) = (BTreeMap::new(), BTreeMap::<u8, u32>::new());
        for step in steps {
            let before = model.clone();
            let (expected, done) = take(&ledger, &mut model, step);
            prop_assert_eq!(expected, done, "{:?} in {:?}", step, before);
            if let Step::End(scan, ScanStatus::Completed) = step && done {
                *completed.entry(scan).or_default() += 1;
                prop_assert_eq!(completed[&scan], 1, "a scan completes once");
            }
            if let Step::Delete(scan) = step && done {
                completed.remove(&scan);
            }
            if matches!(step, Step::Crash) {
                drop(ledger);
                ledger = Ledger::open(&folder.path()).unwrap();
            }
            holds(&ledger, &model, step)?;
        }
        prop_assert_eq!(ledger.check().unwrap().problems, []);
    }
}
