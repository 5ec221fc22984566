//! Reading a scan's blocks in key order, and noticing where one has gone astray.

use plumb_model::outcome::Fingerprint;
use plumb_model::resource::ScanGap;
use plumb_model::scan::ScanId;
use redb::ReadTransaction;

use crate::batch::{Digest, OutcomeRow, ResourceRow};
use crate::error::StoreError;
use crate::key::scan_name;
use crate::records::outcomes::OutcomeFingerprints;
use crate::records::scan::ScanRecord;
use crate::records::task::{TaskRecord, TaskTotals};
use crate::tables::{GAPS, OUTCOMES, RESOURCES, WHOLE_SCAN};
use crate::tasks;

/// How many rows a scan has to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    pub(crate) totals: TaskTotals,
    /// A task that runs, or that a crash ended, has rows nobody has counted.
    open: bool,
}

impl Expected {
    pub(crate) fn new(transaction: &ReadTransaction, id: &ScanId, head: &ScanRecord) -> Result<Expected, StoreError> {
        let tasks = tasks::of_scan(transaction, id, head.tasks)?;
        let mut expected = Expected::default();
        expected.totals.gaps = u64::from(head.gaps);
        for task in &tasks {
            expected.add(task);
        }
        Ok(expected)
    }

    fn add(&mut self, task: &TaskRecord) {
        match &task.totals {
            Some(totals) => self.totals.add(totals),
            None => self.open |= task.attempt > 0,
        }
    }

    /// Whether the rows of every task were counted when it ended.
    pub(crate) fn is_counted(&self) -> bool {
        !self.open
    }

    /// An error unless a table had as many rows as the tasks left there.
    fn check(&self, table: &'static str, id: &ScanId, found: u64, expected: u64) -> Result<(), StoreError> {
        if found == expected || (self.open && found > expected) {
            return Ok(());
        }
        Err(StoreError::damaged(table, scan_name(id), format!("{found} rows where {expected} were written")))
    }
}

/// The blocks of a task are numbered from zero without a break.
#[derive(Debug, Default)]
struct Sequence {
    task: Option<u32>,
    next: u32,
}

impl Sequence {
    fn follows(&mut self, task: u32, number: u32) -> bool {
        if self.task != Some(task) {
            *self = Sequence { task: Some(task), next: 0 };
        }
        let follows = number == self.next;
        self.next = number.wrapping_add(1);
        follows
    }
}

/// Visits every resource of a scan, with the index of its task.
pub(crate) fn each_resource<E: From<StoreError>>(
    transaction: &ReadTransaction,
    id: &ScanId,
    expected: &Expected,
    mut visit: impl FnMut(u32, ResourceRow) -> Result<(), E>,
) -> Result<(), E> {
    let table = RESOURCES.read(transaction)?;
    let (mut sequence, mut found) = (Sequence::default(), TaskTotals::default());
    for entry in table.range((id, 0, 0)..=(id, u32::MAX, u32::MAX)).map_err(StoreError::from)? {
        let (key, value) = entry.map_err(StoreError::from)?;
        let key = key.value();
        if !sequence.follows(key.1, key.2) {
            return Err(RESOURCES.damaged(&key, "the block before it is missing").into());
        }
        let block = RESOURCES.decode(&key, value.value())?;
        for row in block.rows().map_err(|problem| RESOURCES.damaged(&key, problem))? {
            found.count_resource(&row);
            visit(key.1, row)?;
        }
    }
    let wanted = &expected.totals;
    let counts = [
        (found.resources, wanted.resources),
        (found.passes, wanted.passes),
        (found.not_applicable, wanted.not_applicable),
    ];
    counts.into_iter().try_for_each(|(found, wanted)| expected.check(RESOURCES.name, id, found, wanted))?;
    Ok(())
}

/// Visits the resources of one task, which has to have left as many as `totals` says; then gives its gaps.
pub(crate) fn of_task<E: From<StoreError>>(
    transaction: &ReadTransaction,
    id: &ScanId,
    index: u32,
    totals: &TaskTotals,
    mut visit: impl FnMut(ResourceRow) -> Result<(), E>,
) -> Result<Vec<ScanGap>, E> {
    let expected = Expected { totals: totals.clone(), open: false };
    let table = RESOURCES.read(transaction)?;
    let (mut sequence, mut found) = (Sequence::default(), 0);
    for entry in table.range((id, index, 0)..=(id, index, u32::MAX)).map_err(StoreError::from)? {
        let (key, value) = entry.map_err(StoreError::from)?;
        let key = key.value();
        if !sequence.follows(key.1, key.2) {
            return Err(RESOURCES.damaged(&key, "the block before it is missing").into());
        }
        let block = RESOURCES.decode(&key, value.value())?;
        for row in block.rows().map_err(|problem| RESOURCES.damaged(&key, problem))? {
            found += 1;
            visit(row)?;
        }
    }
    expected.check(RESOURCES.name, id, found, totals.resources)?;
    let mut gaps: Vec<ScanGap> = Vec::new();
    for entry in GAPS.read(transaction)?.range((id, index, 0)..=(id, index, u32::MAX)).map_err(StoreError::from)? {
        let (key, value) = entry.map_err(StoreError::from)?;
        gaps.extend(Vec::<ScanGap>::from(GAPS.decode(&key.value(), value.value())?));
    }
    expected.check(GAPS.name, id, gaps.len() as u64, totals.gaps)?;
    Ok(gaps)
}

/// The sources of one task's resources, which has to have left as many as `totals` says, each with its block.
pub(crate) fn sources_of_task(
    transaction: &ReadTransaction,
    id: &ScanId,
    index: u32,
    totals: &TaskTotals,
) -> Result<Vec<(Digest, u32)>, StoreError> {
    let expected = Expected { totals: totals.clone(), open: false };
    let (mut sequence, mut rows, mut found) = (Sequence::default(), 0, Vec::new());
    for entry in RESOURCES.read(transaction)?.range((id, index, 0)..=(id, index, u32::MAX))? {
        let (key, value) = entry?;
        let key = key.value();
        if !sequence.follows(key.1, key.2) {
            return Err(RESOURCES.damaged(&key, "the block before it is missing"));
        }
        let sources = RESOURCES.decode(&key, value.value())?.sources();
        let sources = sources.map_err(|problem| RESOURCES.damaged(&key, problem))?;
        rows += sources.len() as u64;
        found.extend(sources.into_iter().flatten().map(|source| (source, key.2)));
    }
    expected.check(RESOURCES.name, id, rows, totals.resources)?;
    Ok(found)
}

/// Visits every outcome of one rank.
pub(crate) fn each_outcome<E: From<StoreError>>(
    transaction: &ReadTransaction,
    id: &ScanId,
    rank: u8,
    expected: &Expected,
    mut visit: impl FnMut(OutcomeRow) -> Result<(), E>,
) -> Result<(), E> {
    let table = OUTCOMES.read(transaction)?;
    let (mut sequence, mut found) = (Sequence::default(), 0);
    for entry in table.range((id, rank, 0, 0)..=(id, rank, u32::MAX, u32::MAX)).map_err(StoreError::from)? {
        let (key, value) = entry.map_err(StoreError::from)?;
        let key = key.value();
        if !sequence.follows(key.2, key.3) {
            return Err(OUTCOMES.damaged(&key, "the block before it is missing").into());
        }
        let block = OUTCOMES.decode(&key, value.value())?;
        for row in block.rows().map_err(|problem| OUTCOMES.damaged(&key, problem))? {
            if crate::rank::rank(row.verdict, row.severity) != rank {
                return Err(OUTCOMES.damaged(&key, "a row in it belongs to another rank").into());
            }
            found += 1;
            visit(row)?;
        }
    }
    let wanted = expected.totals.outcomes.get(usize::from(rank)).copied().unwrap_or_default();
    Ok(expected.check(OUTCOMES.name, id, found, wanted)?)
}

/// The outcome of one rank that has a fingerprint.
pub(crate) fn outcome(
    transaction: &ReadTransaction,
    id: &ScanId,
    rank: u8,
    expected: &Expected,
    fingerprint: &Fingerprint,
) -> Result<Option<OutcomeRow>, StoreError> {
    let table = OUTCOMES.read(transaction)?;
    let (mut sequence, mut found) = (Sequence::default(), 0);
    for entry in table.range((id, rank, 0, 0)..=(id, rank, u32::MAX, u32::MAX))? {
        let (key, value) = entry?;
        let key = key.value();
        if !sequence.follows(key.2, key.3) {
            return Err(OUTCOMES.damaged(&key, "the block before it is missing"));
        }
        let block: OutcomeFingerprints = OUTCOMES.decode_part(&key, value.value())?;
        let own = block.values().map_err(|problem| OUTCOMES.damaged(&key, problem))?;
        if own.contains(&fingerprint.0) {
            let block = OUTCOMES.decode(&key, value.value())?;
            let rows = block.rows().map_err(|problem| OUTCOMES.damaged(&key, problem))?;
            return Ok(rows.into_iter().find(|row| row.fingerprint == *fingerprint));
        }
        found += own.len() as u64;
    }
    let wanted = expected.totals.outcomes.get(usize::from(rank)).copied().unwrap_or_default();
    expected.check(OUTCOMES.name, id, found, wanted).map(|()| None)
}

/// Everything a scan could not look at: the whole scan's last.
pub(crate) fn gaps(
    transaction: &ReadTransaction,
    id: &ScanId,
    expected: &Expected,
) -> Result<Vec<ScanGap>, StoreError> {
    let mut gaps = Vec::new();
    for entry in GAPS.read(transaction)?.range((id, 0, 0)..=(id, WHOLE_SCAN, u32::MAX))? {
        let (key, value) = entry?;
        gaps.extend(Vec::<ScanGap>::from(GAPS.decode(&key.value(), value.value())?));
    }
    expected.check(GAPS.name, id, gaps.len() as u64, expected.totals.gaps)?;
    Ok(gaps)
}
