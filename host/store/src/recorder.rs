//! What running tasks have handed over and no commit has yet: rows gather into blocks, blocks into commits.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;

use plumb_model::resource::ScanGap;
use plumb_model::scan::ScanId;
use redb::WriteTransaction;

use crate::account_verdicts::{AccountPlace, CachedAccountVerdicts};
use crate::batch::{Digest, OutcomeRow, ResourceRow, VerdictRow};
use crate::error::StoreError;
use crate::marks::Marks;
use crate::rank::{RANKS, rank};
use crate::records::gap::GapBlock;
use crate::records::outcomes::OutcomeBlock;
use crate::records::resources::ResourceBlock;
use crate::records::task::TaskTotals;
use crate::tables::{GAPS, OUTCOMES, RESOURCES};
use crate::verdicts::CachedVerdicts;
use crate::{account_verdicts, documents, verdicts};

/// Rows in a block: larger blocks are hardly smaller on disk per row, and a page of a list has to open one.
const BLOCK_ROWS: usize = 100;

/// A block of long texts closes early, so that opening one takes little memory.
const BLOCK_BYTES: usize = 256 << 10;

/// What is written goes into a commit at this size at the latest. It bounds memory, and it is large enough that an index gets
/// few runs.
const COMMIT_BYTES: usize = 16 << 20;

/// What a row costs beside its texts, about.
const ROW_BYTES: usize = 128;

/// Everything that waits.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    tasks: HashMap<(ScanId, u32), TaskBuffer>,
    /// Closed blocks in their stored form, in the order of their keys.
    resources: BTreeMap<(ScanId, u32, u32), Vec<u8>>,
    outcomes: BTreeMap<(ScanId, u8, u32, u32), Vec<u8>>,
    gaps: BTreeMap<(ScanId, u32, u32), Vec<u8>>,
    documents: Vec<(Digest, Vec<u8>)>,
    waiting_documents: HashSet<Digest>,
    /// In their stored form.
    account_verdicts: BTreeMap<AccountPlace, Vec<u8>>,
    verdicts: BTreeMap<(Digest, Digest), CachedVerdicts>,
    bytes: usize,
    generation: u64,
    /// While documents are pruned: those that rows have named since it began.
    named: Option<Marks>,
}

/// The open blocks of a running task.
#[derive(Debug, Default)]
struct TaskBuffer {
    fence: u64,
    resources: Open<ResourceRow>,
    outcomes: [Open<OutcomeRow>; RANKS as usize],
    next_gaps: u32,
    totals: TaskTotals,
}

/// A block that takes rows, and the number it will have.
#[derive(Debug)]
struct Open<T> {
    rows: Vec<T>,
    bytes: usize,
    next: u32,
}

impl<T> Default for Open<T> {
    fn default() -> Open<T> {
        Open { rows: Vec::new(), bytes: 0, next: 0 }
    }
}

impl<T> Open<T> {
    /// Whether the block is full now.
    fn push(&mut self, row: T, bytes: usize) -> bool {
        self.rows.push(row);
        self.bytes += bytes;
        self.rows.len() >= BLOCK_ROWS || self.bytes >= BLOCK_BYTES
    }

    /// Closes the block, unless it is empty: its number and its rows.
    fn close(&mut self) -> Option<(u32, Vec<T>)> {
        if self.rows.is_empty() {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.bytes = 0;
        Some((number, mem::take(&mut self.rows)))
    }
}

impl Recorder {
    pub(crate) fn begin_task(&mut self, id: &ScanId, index: u32, fence: u64) {
        self.tasks.insert((*id, index), TaskBuffer { fence, ..TaskBuffer::default() });
    }

    /// The fence of a task that runs here.
    pub(crate) fn fence(&self, id: &ScanId, index: u32) -> Option<u64> {
        self.tasks.get(&(*id, index)).map(|task| task.fence)
    }

    pub(crate) fn totals(&self, id: &ScanId, index: u32) -> Option<TaskTotals> {
        self.tasks.get(&(*id, index)).map(|task| task.totals.clone())
    }

    pub(crate) fn add_resources(&mut self, id: &ScanId, index: u32, rows: Vec<ResourceRow>) -> Result<(), StoreError> {
        for row in rows {
            let Some(task) = self.tasks.get_mut(&(*id, index)) else { return Ok(()) };
            task.totals.count_resource(&row);
            if let Some(named) = &mut self.named {
                named.insert(&row.digest);
            }
            let bytes = resource_bytes(&row);
            if task.resources.push(row, bytes) {
                self.close_resources(id, index)?;
            }
        }
        Ok(())
    }

    pub(crate) fn add_outcomes(&mut self, id: &ScanId, index: u32, rows: Vec<OutcomeRow>) -> Result<(), StoreError> {
        for row in rows {
            let Some(task) = self.tasks.get_mut(&(*id, index)) else { return Ok(()) };
            task.totals.count_outcome(&row);
            if let Some((named, digest)) = self.named.as_mut().zip(row.digest.as_ref()) {
                named.insert(digest);
            }
            let (rank, bytes) = (rank(row.verdict, row.severity), outcome_bytes(&row));
            let full = task.outcomes.get_mut(usize::from(rank)).is_some_and(|open| open.push(row, bytes));
            if full {
                self.close_outcomes(id, index, rank)?;
            }
        }
        Ok(())
    }

    pub(crate) fn add_gaps(&mut self, id: &ScanId, index: u32, gaps: &[ScanGap]) -> Result<(), StoreError> {
        let Some(task) = self.tasks.get_mut(&(*id, index)).filter(|_| !gaps.is_empty()) else { return Ok(()) };
        task.totals.gaps += gaps.len() as u64;
        let number = task.next_gaps;
        task.next_gaps += 1;
        let block = GAPS.encode(&(id, index, number), &GapBlock::from(gaps))?;
        self.bytes += block.len();
        self.gaps.insert((*id, index, number), block);
        Ok(())
    }

    pub(crate) fn add_documents(&mut self, documents: Vec<(Digest, Vec<u8>)>) {
        for (digest, document) in documents {
            if self.waiting_documents.insert(digest) {
                self.bytes += document.len() + ROW_BYTES;
                self.documents.push((digest, document));
            }
        }
    }

    pub(crate) fn add_verdicts(&mut self, rows: Vec<VerdictRow>) {
        for row in rows {
            let texts = row.verdicts.0.iter().map(|verdict| verdict.message.as_ref().map_or(0, String::len));
            self.bytes += ROW_BYTES + texts.sum::<usize>() + 2 * row.verdicts.0.len();
            self.verdicts.insert((row.plugin, row.resource), row.verdicts);
        }
    }

    pub(crate) fn add_account_verdicts(
        &mut self,
        rows: Vec<(AccountPlace, CachedAccountVerdicts)>,
    ) -> Result<(), StoreError> {
        for (place, kept) in rows {
            let bytes = account_verdicts::encode(&place, &kept)?;
            self.bytes += bytes.len();
            self.account_verdicts.insert(place, bytes);
        }
        Ok(())
    }

    /// Whether it is time for a commit.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= COMMIT_BYTES
    }

    /// Closes the open blocks of a task.
    pub(crate) fn seal_task(&mut self, id: &ScanId, index: u32) -> Result<(), StoreError> {
        self.close_resources(id, index)?;
        (0..RANKS).try_for_each(|rank| self.close_outcomes(id, index, rank))
    }

    /// Closes the open blocks of every running task of a scan.
    pub(crate) fn seal_scan(&mut self, id: &ScanId) -> Result<(), StoreError> {
        let tasks: Vec<u32> = self.tasks.keys().filter(|(scan, _)| scan == id).map(|(_, index)| *index).collect();
        tasks.into_iter().try_for_each(|index| self.seal_task(id, index))
    }

    /// Closes the open blocks of every running task.
    pub(crate) fn seal_all(&mut self) -> Result<(), StoreError> {
        let tasks: Vec<(ScanId, u32)> = self.tasks.keys().copied().collect();
        tasks.into_iter().try_for_each(|(id, index)| self.seal_task(&id, index))
    }

    /// The task has ended; its closed blocks are kept.
    pub(crate) fn end_task(&mut self, id: &ScanId, index: u32) {
        self.tasks.remove(&(*id, index));
    }

    /// The task begins anew; its closed blocks are dropped as well.
    pub(crate) fn forget_task(&mut self, id: &ScanId, index: u32) {
        self.end_task(id, index);
        self.resources.retain(|(scan, task, _), _| scan != id || *task != index);
        self.outcomes.retain(|(scan, _, task, _), _| scan != id || *task != index);
        self.gaps.retain(|(scan, task, _), _| scan != id || *task != index);
    }

    pub(crate) fn forget_scan(&mut self, id: &ScanId) {
        self.tasks.retain(|(scan, _), _| scan != id);
    }

    /// A commit failed, so nobody knows what of this is written. Every running task has to start again, which drops its rows.
    pub(crate) fn forget_all(&mut self, generation: u64) {
        *self = Recorder { named: self.named.take(), generation, ..Recorder::default() };
    }

    /// The opening of the database that all of this was taken since.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Begins or ends to note which documents rows name.
    pub(crate) fn note_named(&mut self, noted: bool) {
        self.named = noted.then(Marks::default);
    }

    /// Whether a row has named a document since that was begun to be noted.
    pub(crate) fn has_named(&self, digest: &Digest) -> bool {
        self.named.as_ref().is_some_and(|named| named.contains(digest))
    }

    /// The commit of [`Recorder::flush`] stood.
    pub(crate) fn flushed(&mut self) {
        let (tasks, named, generation) = (mem::take(&mut self.tasks), self.named.take(), self.generation);
        *self = Recorder { tasks, generation, named, ..Recorder::default() };
    }

    /// Writes everything that is closed. It stays here until [`Recorder::flushed`] says that the commit stood.
    pub(crate) fn flush(&self, transaction: &WriteTransaction) -> Result<(), StoreError> {
        let mut table = RESOURCES.write(transaction)?;
        for ((scan, task, number), block) in &self.resources {
            table.insert((scan, *task, *number), block.as_slice())?;
        }
        let mut table = OUTCOMES.write(transaction)?;
        for ((scan, rank, task, number), block) in &self.outcomes {
            table.insert((scan, *rank, *task, *number), block.as_slice())?;
        }
        let mut table = GAPS.write(transaction)?;
        for ((scan, task, number), block) in &self.gaps {
            table.insert((scan, *task, *number), block.as_slice())?;
        }
        documents::write(transaction, &self.documents)?;
        account_verdicts::write(transaction, &self.account_verdicts)?;
        verdicts::write(transaction, &self.verdicts)
    }

    fn close_resources(&mut self, id: &ScanId, index: u32) -> Result<(), StoreError> {
        let closed = self.tasks.get_mut(&(*id, index)).and_then(|task| task.resources.close());
        let Some((number, rows)) = closed else { return Ok(()) };
        let block = RESOURCES.encode(&(id, index, number), &ResourceBlock::new(rows))?;
        self.bytes += block.len();
        self.resources.insert((*id, index, number), block);
        Ok(())
    }

    fn close_outcomes(&mut self, id: &ScanId, index: u32, rank: u8) -> Result<(), StoreError> {
        let task = self.tasks.get_mut(&(*id, index));
        let closed = task.and_then(|task| task.outcomes.get_mut(usize::from(rank))).and_then(Open::close);
        let Some((number, rows)) = closed else { return Ok(()) };
        let block = OUTCOMES.encode(&(id, rank, index, number), &OutcomeBlock::new(rows))?;
        self.bytes += block.len();
        self.outcomes.insert((*id, rank, index, number), block);
        Ok(())
    }
}

/// What a row takes in an open block, about; never less than its texts.
pub(crate) fn resource_bytes(row: &ResourceRow) -> usize {
    let reasons = row.not_applicable.iter().map(|(_, reason)| reason.len() + 8);
    let gaps =
        row.gaps.iter().map(|gap| gap.path.len() + gap.reason.len() + gap.permission.as_ref().map_or(8, String::len));
    let outcomes = 4 * row.passes.len() + reasons.sum::<usize>();
    ROW_BYTES + row.resource.id.len() + row.resource.name.len() + outcomes + gaps.sum::<usize>()
}

/// What a row takes in an open block, about; never less than its texts.
pub(crate) fn outcome_bytes(row: &OutcomeRow) -> usize {
    ROW_BYTES
        + row.resource.id.len()
        + row.resource.name.len()
        + row.message.len()
        + row.muted.as_ref().map_or(0, String::len)
}
