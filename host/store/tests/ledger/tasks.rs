use plumb_model::outcome::Verdict;
use plumb_model::scan::ScanStatus;
use plumb_store::{
    AccountPlace, CachedAccountVerdict, CachedAccountVerdicts, Ledger, RecordBatch, StoreError, TaskEnd, TaskRow,
    TaskSource, TaskState,
};

use super::fixture::{AT, batch, completed, coverage, findings, gap, id, planned, resources, summary, task};

fn finished(mut batch: RecordBatch, end: TaskEnd) -> RecordBatch {
    batch.finished = Some(end);
    batch
}

#[test]
fn a_plan_comes_back_as_it_was_written() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    assert_eq!(ledger.tasks(&id(1)).unwrap(), [task(0), task(1)]);
}

#[test]
fn a_plan_is_replaced_until_a_task_has_started() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    ledger.put_plan(&id(1), &[task(0)]).unwrap();
    assert_eq!(ledger.tasks(&id(1)).unwrap(), [task(0)]);
    assert!(matches!(ledger.put_plan(&id(1), &[task(1)]), Err(StoreError::PlanOrder { found: 1, .. })));
    ledger.start_task(&id(1), 0).unwrap();
    assert!(matches!(ledger.put_plan(&id(1), &[task(0)]), Err(StoreError::PlanStarted(_))));
}

#[test]
fn a_task_tells_where_it_stands() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let running = TaskRow { state: TaskState::Running, attempt: 1, fence, ..task(0) };
    assert_eq!(ledger.tasks(&id(1)).unwrap()[0], running);
    ledger.record(finished(batch(1, 0, fence, 0..7), TaskEnd::Failed("token expired".into()))).unwrap();
    let failed = TaskRow { state: TaskState::Failed, resources: 7, error: Some("token expired".into()), ..running };
    assert_eq!(ledger.tasks(&id(1)).unwrap()[0], failed);
    assert_eq!(resources(&ledger, 1).unwrap().len(), 7);
}

#[test]
fn a_restarted_task_drops_what_the_earlier_attempt_left() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let other = ledger.start_task(&id(1), 1).unwrap();
    ledger.record(finished(batch(1, 1, other, 500..700), TaskEnd::Done)).unwrap();
    let first = ledger.start_task(&id(1), 0).unwrap();
    let mut partial = batch(1, 0, first, 0..450);
    partial.gaps.push(gap("task-0"));
    ledger.record(finished(partial, TaskEnd::Failed("timeout".into()))).unwrap();
    let second = ledger.start_task(&id(1), 0).unwrap();
    assert!(second > first);
    ledger.record(finished(batch(1, 0, second, 0..5), TaskEnd::Done)).unwrap();
    assert_eq!(resources(&ledger, 1).unwrap().len(), 205);
    assert_eq!(ledger.gaps(&id(1)).unwrap(), []);
    let seen = findings(&ledger, 1).unwrap();
    assert_eq!(seen.iter().filter(|finding| finding.resource.id < "arn:aws:s3:::bucket-00500".into()).count(), 20);
}

#[test]
fn rows_waiting_in_memory_are_dropped_by_a_restart_too() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let first = ledger.start_task(&id(1), 0).unwrap();
    ledger.record(batch(1, 0, first, 0..250)).unwrap();
    let second = ledger.start_task(&id(1), 0).unwrap();
    ledger.record(finished(batch(1, 0, second, 0..5), TaskEnd::Done)).unwrap();
    assert_eq!(resources(&ledger, 1).unwrap().len(), 5);
}

#[test]
fn a_stale_fence_is_refused() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let first = ledger.start_task(&id(1), 0).unwrap();
    let second = ledger.start_task(&id(1), 0).unwrap();
    let error = ledger.record(batch(1, 0, first, 0..1)).unwrap_err();
    assert!(matches!(error, StoreError::StaleFence { given, current, .. } if given == first && current == second));
    ledger.record(finished(batch(1, 0, second, 0..1), TaskEnd::Done)).unwrap();
    assert!(matches!(ledger.record(batch(1, 0, first, 1..2)), Err(StoreError::StaleFence { .. })));
    assert!(matches!(ledger.record(batch(1, 0, second, 1..2)), Err(StoreError::TaskNotRunning { .. })));
    assert!(matches!(ledger.record(batch(1, 9, 1, 1..2)), Err(StoreError::NoSuchTask { task: 9, .. })));
    assert_eq!(resources(&ledger, 1).unwrap().len(), 1);
}

#[test]
fn a_cancelled_scan_keeps_what_its_tasks_had_handed_over() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    ledger.record(batch(1, 0, fence, 0..130)).unwrap();
    ledger.transition(&id(1), ScanStatus::Cancelled, AT, Some("ctrl-c")).unwrap();
    assert_eq!(resources(&ledger, 1).unwrap().len(), 130);
    let tasks = ledger.tasks(&id(1)).unwrap();
    assert_eq!((tasks[0].state, tasks[0].resources), (TaskState::Failed, 130));
    assert!(tasks[0].error.as_ref().unwrap().contains("cancelled"));
    assert_eq!(tasks[1].state, TaskState::Pending);
    assert!(ledger.record(batch(1, 0, fence, 130..140)).is_err());
    assert!(ledger.start_task(&id(1), 0).is_err());
    assert_eq!(ledger.check().unwrap().problems, []);
    ledger.transition(&id(1), ScanStatus::Running, AT, None).unwrap();
    let again = ledger.start_task(&id(1), 0).unwrap();
    ledger.record(finished(batch(1, 0, again, 0..200), TaskEnd::Done)).unwrap();
    let last = ledger.start_task(&id(1), 1).unwrap();
    ledger.record(finished(batch(1, 1, last, 200..200), TaskEnd::Done)).unwrap();
    ledger.complete(&id(1), AT, coverage(), &summary(200), &[]).unwrap();
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn what_a_finished_task_left_survives_the_end_of_the_process() {
    let folder = super::fixture::Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    planned(&ledger, 1);
    let done = ledger.start_task(&id(1), 0).unwrap();
    // That a task has begun waits for no disk; it is there with the next commit that does.
    let open = ledger.start_task(&id(1), 1).unwrap();
    ledger.record(finished(batch(1, 0, done, 0..250), TaskEnd::Done)).unwrap();
    ledger.record(batch(1, 1, open, 250..400)).unwrap();
    // A copy of the file as it is now is what a killed process leaves behind.
    let copy = super::fixture::Folder::new();
    std::fs::create_dir_all(copy.path()).unwrap();
    std::fs::copy(folder.file(), copy.file()).unwrap();
    let after = Ledger::open(&copy.path()).unwrap();
    let states: Vec<_> = after.tasks(&id(1)).unwrap().iter().map(|task| task.state).collect();
    assert_eq!(states, [TaskState::Done, TaskState::Running]);
    assert_eq!(resources(&after, 1).unwrap().len(), 250);
    assert!(matches!(after.record(batch(1, 1, open, 0..1)), Err(StoreError::TaskNotRunning { .. })));
    after.transition(&id(1), ScanStatus::Failed, AT, Some("plumb was killed")).unwrap();
    assert_eq!(after.tasks(&id(1)).unwrap()[1].state, TaskState::Failed);
    assert_eq!(after.check().unwrap().problems, []);
}

#[test]
fn tasks_that_run_side_by_side_do_not_mix() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fences = [ledger.start_task(&id(1), 0).unwrap(), ledger.start_task(&id(1), 1).unwrap()];
    std::thread::scope(|scope| {
        for index in [0u32, 1] {
            let (ledger, fence) = (&ledger, fences[index as usize]);
            scope.spawn(move || {
                for start in 0..10 {
                    let from = index * 1000 + start * 37;
                    ledger.record(batch(1, index, fence, from..from + 37)).unwrap();
                }
                ledger.record(finished(batch(1, index, fence, 0..0), TaskEnd::Done)).unwrap();
            });
        }
    });
    let ids: Vec<_> = resources(&ledger, 1).unwrap().into_iter().map(|row| row.resource.id).collect();
    assert_eq!(ids.len(), 740);
    assert!(ids.is_sorted());
    assert_eq!(ledger.check().unwrap().problems, []);
}

#[test]
fn a_huge_row_is_refused_before_anything_of_its_batch_is_taken() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let mut huge = batch(1, 0, fence, 0..3);
    huge.outcomes[1].message = "x".repeat(17 << 20);
    let error = ledger.record(huge).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }) && error.to_string().contains("bucket-"), "{error}");
    ledger.record(finished(batch(1, 0, fence, 0..3), TaskEnd::Done)).unwrap();
    assert_eq!(resources(&ledger, 1).unwrap().len(), 3);
    completed(&ledger, 2, 3);
}

#[test]
fn a_task_gives_back_its_own_rows_and_what_they_follow_from() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let other = ledger.start_task(&id(1), 1).unwrap();
    ledger.record(finished(batch(1, 1, other, 500..700), TaskEnd::Done)).unwrap();
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let visit = |rows: &mut Vec<_>| {
        ledger.task_rows(&id(1), 0, |row| {
            rows.push(row);
            Ok::<_, StoreError>(())
        })
    };
    assert!(matches!(visit(&mut Vec::new()), Err(StoreError::TaskOpen { task: 0, .. })));
    let source = TaskSource { files: vec!["main.tfstate".into()], size: Some(7), digest: [5; 32] };
    let mut rows = batch(1, 0, fence, 0..250);
    rows.gaps.push(gap("task-0"));
    rows.source = Some(source.clone());
    let written = rows.resources.clone();
    ledger.record(finished(rows, TaskEnd::Done)).unwrap();
    let mut read = Vec::new();
    assert_eq!(visit(&mut read).unwrap(), [gap("task-0")]);
    assert_eq!(read, written);
    assert_eq!(ledger.tasks(&id(1)).unwrap()[0].source, Some(source));
    ledger.start_task(&id(1), 0).unwrap();
    assert_eq!(ledger.tasks(&id(1)).unwrap()[0].source, None);
}

#[test]
fn verdicts_on_an_account_stand_until_others_take_their_place() {
    let ledger = Ledger::memory().unwrap();
    planned(&ledger, 1);
    let fence = ledger.start_task(&id(1), 0).unwrap();
    let place = |call: u8| AccountPlace { scope: [1; 32], plugin: [2; 32], call: [call; 32] };
    let kept = |view: u8, message: &str| CachedAccountVerdicts {
        view: [view; 32],
        outcomes: vec![
            CachedAccountVerdict {
                check: 3,
                resource_id: None,
                digest: None,
                verdict: Verdict::Fail,
                message: message.into(),
            },
            CachedAccountVerdict {
                check: 1,
                resource_id: Some("arn:aws:s3:::a".into()),
                digest: None,
                verdict: Verdict::Pass,
                message: String::new(),
            },
        ],
    };
    for (view, message) in [(1, "no trail"), (2, "no trail covers all regions")] {
        let account_verdicts = vec![(place(7), kept(view, message))];
        ledger.record(RecordBatch { account_verdicts, ..batch(1, 0, fence, 0..3) }).unwrap();
    }
    ledger.record(finished(batch(1, 0, fence, 3..5), TaskEnd::Done)).unwrap();
    assert_eq!(ledger.account_verdicts(&place(7)).unwrap(), Some(kept(2, "no trail covers all regions")));
    assert_eq!(ledger.account_verdicts(&place(8)).unwrap(), None);
}
