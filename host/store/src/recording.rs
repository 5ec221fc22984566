//! Taking a running task's batches.

use plumb_model::resource::ScanGap;
use plumb_model::scan::ScanId;
use redb::{Durability, WriteTransaction};

use crate::batch::{RecordBatch, TaskEnd, TaskSource};
use crate::error::StoreError;
use crate::key::{hex, scan_name};
use crate::ledger::Ledger;
use crate::recorder::{Recorder, outcome_bytes, resource_bytes};
use crate::records::gap::GapBlock;
use crate::scans::running_head;
use crate::tables::{GAPS, SCANS, TASKS, WHOLE_SCAN};
use crate::tasks::{self, TaskState};

/// The largest row and the largest document. A block closes as soon as it is full, so that one row more keeps it far below what
/// the ledger is willing to decompress.
const MAX_ROW_BYTES: usize = 16 << 20;

/// Something that is recorded and may not be on the disk: which opening of the database it went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it is on the disk for certain only after a sync"]
pub struct Unsynced(u64);

impl Ledger {
    /// Takes a batch of a running task. Rows gather into blocks and blocks into commits: they are sure to be on disk when the
    /// batch that ends the task has been taken. After an error of the database every running task has to be started again.
    pub fn record(&self, batch: RecordBatch) -> Result<(), StoreError> {
        self.record_with(batch, Durability::Immediate).map(drop)
    }

    /// The same, but the end of a task does not wait for the disk: several tasks that end together need to wait only once, with
    /// [`Ledger::sync`].
    pub fn record_unsynced(&self, batch: RecordBatch) -> Result<Unsynced, StoreError> {
        self.record_with(batch, Durability::None)
    }

    /// Waits until everything that was recorded so far is on the disk. An error means that it may not be.
    pub fn sync(&self, recorded: Unsynced) -> Result<(), StoreError> {
        self.write_of(recorded.0, Durability::Immediate, |_| Ok(()))
    }

    fn record_with(&self, batch: RecordBatch, end: Durability) -> Result<Unsynced, StoreError> {
        check_sizes(&batch)?;
        let mut recorder = self.recorder();
        self.check_fence(&recorder, &batch)?;
        let generation = recorder.generation();
        let taken = self.take(&mut recorder, batch, end);
        if taken.is_err() {
            recorder.forget_all(generation);
        }
        taken.map(|()| Unsynced(generation))
    }

    /// Writes down what could not be looked at for the scan as a whole, in place of what was written before.
    pub fn put_gaps(&self, id: &ScanId, gaps: &[ScanGap]) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut head = running_head(transaction, id)?;
            head.gaps = u32::try_from(gaps.len()).unwrap_or(u32::MAX);
            SCANS.put(&mut SCANS.write(transaction)?, &id, &head)?;
            let mut table = GAPS.write(transaction)?;
            if gaps.is_empty() {
                table.remove((id, WHOLE_SCAN, 0))?;
                return Ok(());
            }
            GAPS.put(&mut table, &(id, WHOLE_SCAN, 0), &GapBlock::from(gaps))
        })
    }

    fn check_fence(&self, recorder: &Recorder, batch: &RecordBatch) -> Result<(), StoreError> {
        let (id, index) = (&batch.scan, batch.task);
        let current = match recorder.fence(id, index) {
            Some(current) => current,
            None => self.read(|transaction| tasks::required(&TASKS.read(transaction)?, id, index))?.fence,
        };
        if current != batch.fence {
            let (scan, task, given) = (scan_name(id), index, batch.fence);
            return Err(StoreError::StaleFence { scan, task, given, current });
        }
        if recorder.fence(id, index).is_none() {
            return Err(StoreError::TaskNotRunning { scan: scan_name(id), task: index });
        }
        Ok(())
    }

    fn take(&self, recorder: &mut Recorder, batch: RecordBatch, durability: Durability) -> Result<(), StoreError> {
        let (id, index) = (batch.scan, batch.task);
        recorder.add_resources(&id, index, batch.resources)?;
        recorder.add_outcomes(&id, index, batch.outcomes)?;
        recorder.add_gaps(&id, index, &batch.gaps)?;
        recorder.add_documents(batch.documents);
        recorder.add_verdicts(batch.verdicts);
        recorder.add_account_verdicts(batch.account_verdicts)?;
        if let Some(end) = batch.finished {
            recorder.seal_task(&id, index)?;
            self.write_of(recorder.generation(), durability, |transaction| {
                recorder.flush(transaction)?;
                finish(transaction, recorder, &id, index, end, batch.source)
            })?;
            recorder.end_task(&id, index);
            recorder.flushed();
        } else if recorder.is_full() {
            // The rows of an unfinished task are dropped when it starts again, so a crash may take them: no wait for the disk.
            let generation = recorder.generation();
            self.write_of(generation, Durability::None, |transaction| recorder.flush(transaction))?;
            recorder.flushed();
        }
        Ok(())
    }
}

fn finish(
    transaction: &WriteTransaction,
    recorder: &Recorder,
    id: &ScanId,
    index: u32,
    end: TaskEnd,
    source: Option<TaskSource>,
) -> Result<(), StoreError> {
    let mut table = TASKS.write(transaction)?;
    let mut task = tasks::required(&table, id, index)?;
    task.totals = recorder.totals(id, index);
    task.source = source.map(Into::into);
    let (state, error) = match end {
        TaskEnd::Done => (TaskState::Done, None),
        TaskEnd::Failed(error) => (TaskState::Failed, Some(error)),
    };
    task.set_state(state);
    task.error = error;
    TASKS.put(&mut table, &(id, index), &task)
}

/// Everything in a batch is looked at before any of it is taken.
fn check_sizes(batch: &RecordBatch) -> Result<(), StoreError> {
    for row in &batch.resources {
        within_bound(resource_bytes(row), || format!("resource {}", row.resource.id))?;
    }
    for row in &batch.outcomes {
        within_bound(outcome_bytes(row), || format!("an outcome of {}", row.resource.id))?;
    }
    for (digest, document) in &batch.documents {
        within_bound(document.len(), || format!("document {}", hex(digest)))?;
    }
    Ok(())
}

fn within_bound(size: usize, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    if size <= MAX_ROW_BYTES {
        return Ok(());
    }
    // An id may itself be what is too large.
    let what = what().chars().take(200).collect();
    Err(StoreError::TooLarge { what, size, limit: MAX_ROW_BYTES })
}
