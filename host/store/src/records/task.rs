//! One task of a scan's plan, and what its rows must add up to.

use serde::{Deserialize, Serialize};

use crate::batch::{OutcomeRow, ResourceRow, TaskSource};
use crate::rank::{RANKS, rank};
use crate::record::NamedRecord;
use crate::records::bytes::{Bytes, Fixed};
use crate::tasks::{TaskRow, TaskState};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TaskRecord {
    id: String,
    service: String,
    account: String,
    region: String,
    kinds: Vec<String>,
    payload: Bytes,
    state: StateRecord,
    pub(crate) attempt: u32,
    pub(crate) fence: u64,
    pub(crate) error: Option<String>,
    /// Fixed when the task ends; none while it runs, and where a crash ended it.
    pub(crate) totals: Option<TaskTotals>,
    #[serde(default)]
    part: u32,
    /// Schema 1 did not have it.
    #[serde(default)]
    pub(crate) source: Option<SourceRecord>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SourceRecord {
    files: Vec<String>,
    #[serde(default)]
    size: Option<u64>,
    digest: Fixed<32>,
}

impl From<TaskSource> for SourceRecord {
    fn from(source: TaskSource) -> SourceRecord {
        SourceRecord { files: source.files, size: source.size, digest: Fixed(source.digest) }
    }
}

impl From<SourceRecord> for TaskSource {
    fn from(record: SourceRecord) -> TaskSource {
        TaskSource { files: record.files, size: record.size, digest: record.digest.0 }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum StateRecord {
    Pending,
    Running,
    Done,
    Failed,
}

/// What a task left behind. A block that has gone astray shows here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskTotals {
    pub(crate) resources: u64,
    pub(crate) passes: u64,
    pub(crate) not_applicable: u64,
    /// By rank.
    pub(crate) outcomes: [u64; RANKS as usize],
    pub(crate) gaps: u64,
}

impl TaskTotals {
    pub(crate) fn count_resource(&mut self, row: &ResourceRow) {
        self.resources += 1;
        self.passes += row.passes.len() as u64;
        self.not_applicable += row.not_applicable.len() as u64;
    }

    pub(crate) fn count_outcome(&mut self, row: &OutcomeRow) {
        if let Some(count) = self.outcomes.get_mut(usize::from(rank(row.verdict, row.severity))) {
            *count += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &TaskTotals) {
        self.resources += other.resources;
        self.passes += other.passes;
        self.not_applicable += other.not_applicable;
        self.gaps += other.gaps;
        for (sum, count) in self.outcomes.iter_mut().zip(other.outcomes) {
            *sum += count;
        }
    }
}

impl NamedRecord for TaskRecord {
    const VERSION: u8 = 1;
}

impl TaskRecord {
    pub(crate) fn state(&self) -> TaskState {
        match self.state {
            StateRecord::Pending => TaskState::Pending,
            StateRecord::Running => TaskState::Running,
            StateRecord::Done => TaskState::Done,
            StateRecord::Failed => TaskState::Failed,
        }
    }

    pub(crate) fn set_state(&mut self, state: TaskState) {
        self.state = match state {
            TaskState::Pending => StateRecord::Pending,
            TaskState::Running => StateRecord::Running,
            TaskState::Done => StateRecord::Done,
            TaskState::Failed => StateRecord::Failed,
        };
    }

    pub(crate) fn row(self, index: u32) -> TaskRow {
        TaskRow {
            index,
            part: self.part,
            state: self.state(),
            id: self.id,
            service: self.service,
            account: self.account,
            region: self.region,
            kinds: self.kinds,
            payload: self.payload.0,
            attempt: self.attempt,
            fence: self.fence,
            resources: self.totals.map_or(0, |totals| totals.resources),
            error: self.error,
            source: self.source.map(TaskSource::from),
        }
    }
}

impl From<&TaskRow> for TaskRecord {
    /// A planned task has not run, whatever the row says.
    fn from(row: &TaskRow) -> TaskRecord {
        TaskRecord {
            id: row.id.clone(),
            service: row.service.clone(),
            account: row.account.clone(),
            region: row.region.clone(),
            kinds: row.kinds.clone(),
            payload: Bytes(row.payload.clone()),
            state: StateRecord::Pending,
            attempt: 0,
            fence: 0,
            error: None,
            totals: None,
            part: row.part,
            source: None,
        }
    }
}
