use std::io;

use plumb_model::check::Severity;
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::resource::{AttributeGap, ResourceRef};
use plumb_store::{Ledger, OutcomeRow, RecordBatch, ResourceRow, StoreError, TaskEnd, TaskState};
use proptest::prelude::*;

use super::fixture::{
    CHECKS, batch, completed, digest, document, findings, gap, id, outcome, planned, resources, violations,
};

#[test]
fn findings_come_in_the_order_people_read_them() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let mut rows = batch(1, 0, fence, 0..120);
    for number in 0..120 {
        rows.outcomes.push(outcome(number, number % 4, Verdict::Fail));
    }
    rows.finished = Some(TaskEnd::Done);
    ledger.record(rows).unwrap();
    let seen = findings(&ledger, 1).unwrap();
    let place = |finding: &plumb_model::outcome::Finding| {
        let verdict = Verdict::ALL.iter().position(|verdict| *verdict == finding.verdict).unwrap();
        let severity = Severity::WORST_FIRST.iter().position(|severity| *severity == finding.severity).unwrap();
        (verdict, if finding.verdict == Verdict::Fail { severity } else { 0 })
    };
    assert!(seen.iter().map(place).is_sorted());
    assert_eq!(seen.first().unwrap().severity, Severity::Critical);
    assert_eq!(seen.last().unwrap().verdict, Verdict::Pass);
    assert_eq!(seen.len(), 120 + 40 + 120 + 120 + 120 + 80);
}

#[test]
fn a_finding_has_everything_it_was_recorded_with() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 10);
    let seen = findings(&ledger, 1).unwrap();
    let muted = &seen[0];
    let recorded = outcome(0, 2, Verdict::Fail);
    assert_eq!(muted.check_id, "s3_bucket_public_access");
    assert_eq!(muted.muted.as_deref(), Some("accepted until spring"));
    assert_eq!((&muted.resource, &muted.message), (&recorded.resource, &recorded.message));
    assert_eq!((muted.fingerprint, muted.delta), (recorded.fingerprint, recorded.delta));
    assert_eq!(muted.resource_digest, Some(digest(&document(0))));
    let excused = seen.iter().find(|finding| finding.verdict == Verdict::NotApplicable).unwrap();
    assert_eq!((excused.check_id.as_str(), excused.message.as_str()), ("s3_bucket_logged", "logging is elsewhere"));
    let passed = seen.last().unwrap();
    assert_eq!((passed.severity, passed.message.as_str()), (Severity::Medium.max(passed.severity), ""));
    let own = Fingerprint::new(&passed.check_id, &passed.resource.account, &passed.resource.id);
    assert_eq!(passed.fingerprint, own);
}

#[test]
fn every_finding_is_found_by_its_fingerprint() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 250);
    let seen = findings(&ledger, 1).unwrap();
    for finding in &seen {
        let found = ledger.finding(&id(1), &finding.fingerprint).unwrap().unwrap();
        let same = |other: &&plumb_model::outcome::Finding| other.fingerprint == finding.fingerprint;
        assert!(seen.iter().filter(same).any(|same| *same == found.finding), "{finding:?}");
        assert_eq!(found.check.id, finding.check_id);
        assert_eq!(finding.fingerprint.to_string().parse(), Ok(finding.fingerprint));
    }
    assert_eq!(ledger.finding(&id(1), &Fingerprint([0xab; 16])).unwrap(), None);
}

#[test]
fn verdicts_about_an_account_keep_their_place_without_a_document() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let account = ResourceRef { id: "1111".into(), account: "1111".into(), ..ResourceRef::default() };
    let row = |check: u32, verdict| OutcomeRow {
        resource: account.clone(),
        digest: None,
        fingerprint: Fingerprint::new(CHECKS[check as usize].0, "1111", "1111"),
        delta: None,
        ..outcome(0, check, verdict)
    };
    let outcomes = [Verdict::Pass, Verdict::NotApplicable, Verdict::Fail].into_iter().zip(0..).map(|(v, c)| row(c, v));
    let batch = RecordBatch {
        scan: id(1),
        task: 0,
        fence,
        outcomes: outcomes.collect(),
        finished: Some(TaskEnd::Done),
        ..RecordBatch::default()
    };
    ledger.record(batch).unwrap();
    let seen = findings(&ledger, 1).unwrap();
    let verdicts: Vec<_> = seen.iter().map(|finding| (finding.verdict, finding.resource_digest)).collect();
    assert_eq!(verdicts, [(Verdict::Fail, None), (Verdict::NotApplicable, None), (Verdict::Pass, None)]);
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn violations_leave_out_what_somebody_accepted() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 1000);
    let seen = violations(&ledger, 1).unwrap();
    assert_eq!(seen.len(), 334 - 112);
    assert_eq!(seen[0].resource.id, "arn:aws:s3:::bucket-00003");
    assert_eq!((seen[0].check, seen[0].severity), (2, Severity::Critical));
}

#[test]
fn gaps_of_tasks_come_before_those_of_the_whole_scan() {
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 2);
    assert_eq!(ledger.gaps(&id(1)).unwrap(), [gap("task-0"), gap("task-1"), gap("")]);
}

#[test]
fn the_visitor_ends_the_walk_with_an_error_of_its_own() {
    #[derive(Debug)]
    enum Stop {
        Store(StoreError),
        Output(io::Error),
    }
    impl From<StoreError> for Stop {
        fn from(error: StoreError) -> Stop {
            Stop::Store(error)
        }
    }
    let ledger = Ledger::memory().unwrap();
    completed(&ledger, 1, 50);
    let mut seen = 0;
    let stopped = ledger.findings(&id(1), |_| {
        seen += 1;
        if seen == 3 { Err(Stop::Output(io::ErrorKind::BrokenPipe.into())) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe));
    assert_eq!(seen, 3);
    assert!(matches!(ledger.findings(&id(7), |_| Ok(())), Err(Stop::Store(StoreError::NoSuchScan(_)))));
}

#[test]
fn a_row_that_names_no_check_of_the_catalogue_is_damage() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let mut rows = batch(1, 0, fence, 0..1);
    rows.resources[0].passes.push(4);
    rows.finished = Some(TaskEnd::Done);
    ledger.record(rows).unwrap();
    let error = findings(&ledger, 1).unwrap_err().to_string();
    assert!(error.contains("resource_blocks") && error.contains("check 4"), "{error}");
    assert!(!ledger.check().unwrap().is_sound());
}

#[test]
fn tasks_that_ended_together_are_on_the_disk_after_one_wait_for_it() {
    let folder = super::fixture::Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    planned(&ledger, 1);
    let ended = [0, 1].map(|index| {
        let fence = ledger.start_task(&id(1), index).unwrap();
        let end = RecordBatch { finished: Some(TaskEnd::Done), ..batch(1, index, fence, index * 10..index * 10 + 10) };
        ledger.record_unsynced(end).unwrap()
    });
    // What a crash would leave: the file as it is, without a proper end.
    let left = |name: &str| {
        let copy = folder.path().join(name);
        std::fs::create_dir(&copy).unwrap();
        std::fs::copy(folder.file(), copy.join("ledger.redb")).unwrap();
        let tasks = Ledger::open(&copy).unwrap().tasks(&id(1)).unwrap();
        tasks.iter().map(|task| task.state).collect::<Vec<_>>()
    };
    assert_eq!(left("before"), [TaskState::Pending, TaskState::Pending]);
    ledger.sync(ended[1]).unwrap();
    assert_eq!(left("after"), [TaskState::Done, TaskState::Done]);
}

#[test]
fn a_check_notices_figures_that_do_not_add_up() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    for index in [0, 1] {
        let fence = ledger.start_task(&id(1), index).unwrap();
        let end = RecordBatch { finished: Some(TaskEnd::Done), ..batch(1, index, fence, index * 10..index * 10 + 10) };
        ledger.record(end).unwrap();
    }
    ledger.complete(&id(1), "later", super::fixture::coverage(), &super::fixture::summary(19), &[]).unwrap();
    let problems = ledger.check().unwrap().problems;
    assert!(
        problems.iter().any(|problem| problem.problem == "it states 19 resources, and there are 20"),
        "{problems:?}"
    );
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z/:.-]{1,12}", any::<String>()]
}

fn any_resource() -> impl Strategy<Value = ResourceRef> {
    (text(), text(), text(), text(), text()).prop_map(|(id, kind, name, account, region)| ResourceRef {
        id,
        kind,
        name,
        account,
        region,
    })
}

fn any_gap() -> impl Strategy<Value = AttributeGap> {
    let permission = proptest::option::of(text());
    (text(), text(), permission).prop_map(|(path, reason, permission)| AttributeGap { path, reason, permission })
}

prop_compose! {
    fn any_resource_row()(
        resource in any_resource(),
        digest in any::<[u8; 32]>(),
        passes in proptest::collection::vec(any::<u32>(), 0..6),
        not_applicable in proptest::collection::vec((any::<u32>(), text()), 0..4),
        gaps in proptest::collection::vec(any_gap(), 0..3),
        source in any::<Option<[u8; 32]>>(),
    ) -> ResourceRow {
        ResourceRow { resource, digest, passes, not_applicable, gaps, source }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_resources_come_back_as_they_were(rows in proptest::collection::vec(any_resource_row(), 0..230)) {
        let ledger = Ledger::memory().unwrap();
        planned(&ledger, 1);
        let fence = ledger.start_task(&id(1), 0).unwrap();
        let finished = Some(TaskEnd::Done);
        let batch = RecordBatch { scan: id(1), fence, resources: rows.clone(), finished, ..RecordBatch::default() };
        ledger.record(batch).unwrap();
        prop_assert_eq!(resources(&ledger, 1).unwrap(), rows);
    }
}
