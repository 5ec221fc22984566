//! The tasks of a scan.

use plumb_model::resource::ScanGap;
use plumb_model::scan::{ScanId, ScanStatus};
use redb::{Durability, ReadTransaction, ReadableTable, WriteTransaction};

use crate::batch::{Digest, ResourceRow, TaskSource};
use crate::blocks;
use crate::error::StoreError;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::rank::RANKS;
use crate::recorder::Recorder;
use crate::records::task::TaskRecord;
use crate::scans::{head, running_head};
use crate::tables::{GAPS, OUTCOMES, RESOURCES, SCANS, TASKS, WHOLE_SCAN};

/// Where a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TaskState {
    #[default]
    Pending,
    Running,
    /// What it could look at is recorded.
    Done,
    /// What it found until it broke is recorded.
    Failed,
}

/// A task as the ledger has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskRow {
    /// Position in the plan.
    pub index: u32,
    /// Position of its target in the scan's request.
    pub part: u32,
    pub id: String,
    pub service: String,
    pub account: String,
    pub region: String,
    pub kinds: Vec<String>,
    /// The provider's own note to itself.
    pub payload: Vec<u8>,
    pub state: TaskState,
    /// How often it was started.
    pub attempt: u32,
    /// Grows with every start; what comes with an older one is refused.
    pub fence: u64,
    /// Recorded resources; zero until the task ends.
    pub resources: u64,
    pub error: Option<String>,
    /// Of a task that is done, where it is known.
    pub source: Option<TaskSource>,
}

impl Ledger {
    /// Writes down what a scan is going to do, in place of an earlier plan of which nothing was started.
    pub fn put_plan(&self, id: &ScanId, tasks: &[TaskRow]) -> Result<(), StoreError> {
        let misplaced = tasks.iter().enumerate().find(|(position, task)| task.index as usize != *position);
        if let Some((position, task)) = misplaced {
            return Err(StoreError::PlanOrder { scan: scan_name(id), position, found: task.index });
        }
        self.write(Durability::Immediate, |transaction| {
            let mut head = running_head(transaction, id)?;
            let mut table = TASKS.write(transaction)?;
            for entry in table.range((id, 0)..=(id, WHOLE_SCAN))? {
                let (key, value) = entry?;
                if TASKS.decode(&key.value(), value.value())?.attempt > 0 {
                    return Err(StoreError::PlanStarted(scan_name(id)));
                }
            }
            table.retain_in((id, 0)..=(id, WHOLE_SCAN), |_, _| false)?;
            for task in tasks {
                TASKS.put(&mut table, &(id, task.index), &TaskRecord::from(task))?;
            }
            head.tasks = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
            SCANS.put(&mut SCANS.write(transaction)?, &id, &head)
        })
    }

    /// The plan, and how far it is.
    pub fn tasks(&self, id: &ScanId) -> Result<Vec<TaskRow>, StoreError> {
        let records = self.read(|transaction| {
            let planned = head(&SCANS.read(transaction)?, id)?.tasks;
            of_scan(transaction, id, planned)
        })?;
        Ok((0..).zip(records).map(|(index, record)| record.row(index)).collect())
    }

    /// What a task that has ended left: its resources in the order it found them, and its gaps.
    pub fn task_rows<E: From<StoreError>>(
        &self,
        id: &ScanId,
        index: u32,
        visit: impl FnMut(ResourceRow) -> Result<(), E>,
    ) -> Result<Vec<ScanGap>, E> {
        self.read(|transaction| {
            let task = required(&TASKS.read(transaction)?, id, index)?;
            let totals = task.totals.ok_or_else(|| StoreError::TaskOpen { scan: scan_name(id), task: index })?;
            blocks::of_task(transaction, id, index, &totals, visit)
        })
    }

    /// Of each resource that a task left and that has a source, in the order of the rows: the source, and the number of the
    /// resource's block.
    pub fn task_sources(&self, id: &ScanId, index: u32) -> Result<Vec<(Digest, u32)>, StoreError> {
        self.read(|transaction| {
            let task = required(&TASKS.read(transaction)?, id, index)?;
            let totals = task.totals.ok_or_else(|| StoreError::TaskOpen { scan: scan_name(id), task: index })?;
            blocks::sources_of_task(transaction, id, index, &totals)
        })
    }

    /// A block of the resources that a task left; none where its scan has been deleted.
    pub fn task_block(&self, id: &ScanId, index: u32, block: u32) -> Result<Option<Vec<ResourceRow>>, StoreError> {
        self.read(|transaction| {
            let key = (id, index, block);
            let found = RESOURCES.get(&RESOURCES.read(transaction)?, &key)?;
            found.map(|found| found.rows().map_err(|problem| RESOURCES.damaged(&key, problem))).transpose()
        })
    }

    /// Starts a task, again if need be: what an earlier attempt left is dropped, and what it may still send will be refused.
    /// Gives the fence that the attempt's batches have to bear.
    pub fn start_task(&self, id: &ScanId, index: u32) -> Result<u64, StoreError> {
        let mut recorder = self.recorder();
        recorder.forget_task(id, index);
        // A crash may take it: then the task was never started, and nothing of it is there.
        let fence = self.write_of(recorder.generation(), Durability::None, |transaction| {
            running_head(transaction, id)?;
            let mut table = TASKS.write(transaction)?;
            let mut task = required(&table, id, index)?;
            if task.attempt > 0 {
                drop_rows(transaction, id, index)?;
            }
            task.set_state(TaskState::Running);
            task.attempt = task.attempt.saturating_add(1);
            task.fence = task.fence.saturating_add(1);
            (task.error, task.totals, task.source) = (None, None, None);
            TASKS.put(&mut table, &(id, index), &task)?;
            Ok(task.fence)
        })?;
        recorder.begin_task(id, index, fence);
        Ok(fence)
    }
}

/// Every task of a scan, in order; an error unless there are as many as planned.
pub(crate) fn of_scan(transaction: &ReadTransaction, id: &ScanId, planned: u32) -> Result<Vec<TaskRecord>, StoreError> {
    let table = TASKS.read(transaction)?;
    let mut records = Vec::new();
    for (entry, expected) in table.range((id, 0)..=(id, WHOLE_SCAN))?.zip(0u32..) {
        let (key, value) = entry?;
        let record = TASKS.decode(&key.value(), value.value())?;
        if key.value().1 != expected {
            return Err(TASKS.damaged(&(id, expected), "it is missing"));
        }
        records.push(record);
    }
    if records.len() == planned as usize {
        return Ok(records);
    }
    Err(StoreError::damaged(TASKS.name, scan_name(id), format!("{} tasks of {planned}", records.len())))
}

/// A task that has to be there.
pub(crate) fn required(
    table: &impl ReadableTable<(&'static [u8; 16], u32), &'static [u8]>,
    id: &ScanId,
    index: u32,
) -> Result<TaskRecord, StoreError> {
    let task = TASKS.get(table, &(id, index))?;
    task.ok_or_else(|| StoreError::NoSuchTask { scan: scan_name(id), task: index })
}

/// Marks what is still running as failed, because its scan has ended.
pub(crate) fn cut_off(
    transaction: &WriteTransaction,
    id: &ScanId,
    recorder: &Recorder,
    status: ScanStatus,
) -> Result<(), StoreError> {
    let mut table = TASKS.write(transaction)?;
    let mut running = Vec::new();
    for entry in table.range((id, 0)..=(id, WHOLE_SCAN))? {
        let (key, value) = entry?;
        let task = TASKS.decode(&key.value(), value.value())?;
        if task.state() == TaskState::Running {
            running.push((key.value().1, task));
        }
    }
    for (index, mut task) in running {
        task.set_state(TaskState::Failed);
        task.error = Some(format!("the scan was {status} before this task ended"));
        // None after a crash: what the task had handed over then is not known.
        task.totals = recorder.totals(id, index);
        TASKS.put(&mut table, &(id, index), &task)?;
    }
    Ok(())
}

/// Removes every row of a task.
fn drop_rows(transaction: &WriteTransaction, id: &ScanId, index: u32) -> Result<(), StoreError> {
    const LAST: u32 = u32::MAX;
    RESOURCES.write(transaction)?.retain_in((id, index, 0)..=(id, index, LAST), |_, _| false)?;
    GAPS.write(transaction)?.retain_in((id, index, 0)..=(id, index, LAST), |_, _| false)?;
    let mut outcomes = OUTCOMES.write(transaction)?;
    for rank in 0..RANKS {
        outcomes.retain_in((id, rank, index, 0)..=(id, rank, index, LAST), |_, _| false)?;
    }
    Ok(())
}
