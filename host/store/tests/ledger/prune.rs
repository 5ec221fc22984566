use std::collections::{BTreeMap, BTreeSet};

use plumb_model::scan::ScanStatus;
use plumb_store::{AccountPlace, CachedAccountVerdicts, Ledger, NewScan, Pruned, RecordBatch, StoreError, TaskEnd};
use proptest::prelude::*;

use super::fixture::{AT, Folder, batch, completed, digest, document, id, new_scan, planned, resources, verdicts};

fn known(ledger: &Ledger, numbers: std::ops::Range<u32>) -> BTreeSet<u32> {
    numbers.filter(|number| ledger.document(&digest(&document(*number))).unwrap().is_some()).collect()
}

#[test]
fn what_no_scan_names_goes_and_the_rest_stays() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 5000);
    completed(&ledger, 2, 70);
    assert_eq!(ledger.prune().unwrap(), Pruned::default());
    ledger.delete_scan(&id(1)).unwrap();
    assert_eq!(ledger.prune().unwrap(), Pruned { documents: 4930, verdicts: 4930 });
    assert_eq!(known(&ledger, 0..5000), (0..70).collect());
    let found = ledger.verdicts(&[9; 32], &[digest(&document(69)), digest(&document(70))]).unwrap();
    assert_eq!(found, [Some(verdicts(69)), None]);
    assert_eq!(ledger.check().unwrap().problems, []);
    ledger.delete_scan(&id(2)).unwrap();
    assert_eq!(ledger.prune().unwrap().documents, 70);
    assert_eq!(ledger.prune().unwrap(), Pruned::default());
    assert_eq!(ledger.verdicts(&[9; 32], &[digest(&document(69))]).unwrap(), [None]);
    completed(&ledger, 3, 90);
    assert_eq!(known(&ledger, 0..100), (0..90).collect());
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn verdicts_on_accounts_stay_while_a_scan_of_their_scope_and_one_of_their_plugin_are_there() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    // As the fixture's scans have them.
    let own = AccountPlace { scope: [7; 32], plugin: [9; 32], call: [1; 32] };
    let (other_scope, other_plugin) = (AccountPlace { scope: [8; 32], ..own }, AccountPlace { plugin: [8; 32], ..own });
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let kept = CachedAccountVerdicts { view: [5; 32], outcomes: vec![] };
    let account_verdicts = [own, other_scope, other_plugin].map(|place| (place, kept.clone())).to_vec();
    let finished = Some(TaskEnd::Done);
    ledger.record(RecordBatch { account_verdicts, finished, ..batch(1, 0, fence, 0..3) }).unwrap();
    ledger.transition(&id(1), ScanStatus::Cancelled, AT, None).unwrap();
    assert_eq!(ledger.prune().unwrap(), Pruned { documents: 0, verdicts: 2 });
    let found = [own, other_scope, other_plugin].map(|place| ledger.account_verdicts(&place).unwrap());
    assert_eq!(found, [Some(kept), None, None]);
    ledger.delete_scan(&id(1)).unwrap();
    assert_eq!(ledger.prune().unwrap(), Pruned { documents: 3, verdicts: 4 });
    assert_eq!(ledger.account_verdicts(&own).unwrap(), None);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn what_a_running_scan_takes_over_cannot_be_taken_from_under_it() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 40);
    ledger.create_scan(&NewScan { previous: Some(id(1)), ..new_scan(2) }).unwrap();
    ledger.transition(&id(2), ScanStatus::Running, AT, None).unwrap();
    let refused = ledger.delete_scan(&id(1)).unwrap_err();
    assert!(matches!(refused, StoreError::TakenOver { .. }), "{refused}");
    let tenant = ledger.scan(&id(1)).unwrap().unwrap().scan.tenant;
    assert_eq!(ledger.expire(&tenant, "2999-01-01T00:00:00.000Z").unwrap().scans, 0);
    assert_eq!(ledger.prune().unwrap(), Pruned::default());
    ledger.transition(&id(2), ScanStatus::Cancelled, AT, None).unwrap();
    ledger.delete_scan(&id(1)).unwrap();
    assert_eq!(ledger.prune().unwrap().documents, 40);
}

#[test]
fn a_pruned_ledger_gives_its_room_back_when_it_is_compacted() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    completed(&ledger, 1, 20_000);
    completed(&ledger, 2, 10);
    ledger.delete_scan(&id(1)).unwrap();
    ledger.prune().unwrap();
    let compacted = ledger.compact().unwrap();
    assert!(compacted.bytes_after * 2 < compacted.bytes_before, "{compacted:?}");
    assert_eq!(std::fs::metadata(folder.file()).unwrap().len(), compacted.bytes_after);
    assert_eq!(resources(&ledger, 2).unwrap().len(), 10);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn scans_that_run_during_prunes_keep_their_documents() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 3000);
    completed(&ledger, 2, 5);
    ledger.delete_scan(&id(1)).unwrap();
    std::thread::scope(|scope| {
        let scans = scope.spawn(|| {
            for number in 3..9 {
                completed(&ledger, number, 400 * u32::from(number));
            }
        });
        while !scans.is_finished() {
            ledger.prune().unwrap();
        }
    });
    for number in 3..9 {
        assert_eq!(resources(&ledger, number).unwrap().len(), 400 * usize::from(number));
    }
    assert_eq!(ledger.check().unwrap().problems, []);
    assert_eq!(known(&ledger, 0..4000), (0..3200).collect());
}

/// What may happen to a ledger.
#[derive(Clone, Debug)]
enum Step {
    Completed {
        from: u32,
        count: u32,
    },
    /// A scan whose task stays open, so that its rows wait in memory.
    Begun {
        from: u32,
        count: u32,
    },
    /// The open scan hands over more.
    Recorded {
        from: u32,
        count: u32,
    },
    /// The open scan's task ends, or all of the scan.
    Finished,
    Cancelled,
    /// One of the scans that are there.
    Deleted(prop::sample::Index),
    Pruned,
}

fn step() -> impl Strategy<Value = Step> {
    let numbers = || (0u32..300, 0u32..150);
    prop_oneof![
        2 => numbers().prop_map(|(from, count)| Step::Completed { from, count }),
        2 => numbers().prop_map(|(from, count)| Step::Begun { from, count }),
        2 => numbers().prop_map(|(from, count)| Step::Recorded { from, count }),
        1 => Just(Step::Finished),
        1 => Just(Step::Cancelled),
        3 => any::<prop::sample::Index>().prop_map(Step::Deleted),
        3 => Just(Step::Pruned),
    ]
}

/// The ledger, and what it should have.
struct Model {
    ledger: Ledger,
    /// Buckets by scan.
    scans: BTreeMap<u8, BTreeSet<u32>>,
    /// Scan and fence of a running task.
    open: Option<(u8, u64)>,
    next: u8,
}

impl Model {
    fn begin(&mut self) {
        self.cancel();
        planned(&self.ledger, self.next);
        let fence = self.ledger.start_task(&id(self.next), 0).unwrap();
        self.scans.insert(self.next, BTreeSet::new());
        self.open = Some((self.next, fence));
        self.next += 1;
    }

    fn record(&mut self, from: u32, count: u32, finished: Option<TaskEnd>) {
        let Some((number, fence)) = self.open else { return };
        let ended = finished.is_some();
        let handed_over = RecordBatch { finished, ..batch(number, 0, fence, from..from + count) };
        self.ledger.record(handed_over).unwrap();
        self.scans.get_mut(&number).unwrap().extend(from..from + count);
        if ended {
            self.ledger.transition(&id(number), ScanStatus::Cancelled, AT, None).unwrap();
            self.open = None;
        }
    }

    fn cancel(&mut self) {
        if let Some((number, _)) = self.open.take() {
            self.ledger.transition(&id(number), ScanStatus::Cancelled, AT, None).unwrap();
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Completed { from, count } => {
                self.begin();
                self.record(*from, *count, Some(TaskEnd::Done));
            }
            Step::Begun { from, count } => {
                self.begin();
                self.record(*from, *count, None);
            }
            Step::Recorded { from, count } => self.record(*from, *count, None),
            Step::Finished => self.record(0, 1, Some(TaskEnd::Done)),
            Step::Cancelled => self.cancel(),
            Step::Deleted(which) => {
                let ended: Vec<u8> =
                    self.scans.keys().copied().filter(|scan| self.open.is_none_or(|(open, _)| open != *scan)).collect();
                if !ended.is_empty() {
                    let scan = *which.get(&ended);
                    self.ledger.delete_scan(&id(scan)).unwrap();
                    self.scans.remove(&scan);
                }
            }
            Step::Pruned => {
                self.ledger.prune().unwrap();
                assert_eq!(known(&self.ledger, 0..450), self.named());
            }
        }
    }

    fn named(&self) -> BTreeSet<u32> {
        self.scans.values().flatten().copied().collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn after_any_scans_deletions_and_prunes_every_named_document_is_there(
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let mut model = Model { ledger: Ledger::memory().unwrap(), scans: BTreeMap::new(), open: None, next: 1 };
        for step in &steps {
            model.take(step);
            prop_assert_eq!(model.ledger.check().unwrap().problems, vec![]);
        }
        model.cancel();
        prop_assert!(known(&model.ledger, 0..450).is_superset(&model.named()));
        model.take(&Step::Pruned);
        prop_assert_eq!(model.ledger.check().unwrap().problems, vec![]);
    }
}
