//! The end of a scan that went through.

use plumb_model::check::Severity;
use plumb_model::delta::Resolution;
use plumb_model::outcome::Fingerprint;
use plumb_model::resource::ResourceRef;
use plumb_model::scan::{Coverage, Scan, ScanId, ScanStatus, Summary};
use redb::{Durability, ReadTransaction, ReadableTable, WriteTransaction};

use crate::error::StoreError;
use crate::events;
use crate::evidence::automatic;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::records::completed::CompletedRecord;
use crate::records::resolved::ResolvedBlock;
use crate::records::scan::ScanRecord;
use crate::records::summary::SummaryRecord;
use crate::scans::{Figures, head, move_on};
use crate::tables::{COMPLETED, RESOLVED, SCANS, SUMMARIES, TASKS, WHOLE_SCAN};
use crate::tasks::{self, TaskState};

/// Rows in a block of resolved violations.
const BLOCK_ROWS: usize = 100;

/// A violation of the previous scan that is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedRow {
    pub fingerprint: Fingerprint,
    pub check_id: String,
    pub severity: Severity,
    pub resource: ResourceRef,
    pub resolution: Resolution,
}

/// How a scan ended, and what it came to.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// A terminal one.
    pub status: ScanStatus,
    /// RFC 3339, UTC.
    pub at: &'a str,
    pub reason: Option<&'a str>,
    pub coverage: Coverage,
    pub summary: &'a Summary,
    pub resolved: &'a [ResolvedRow],
}

impl Ledger {
    /// Completes a scan whose tasks have all ended.
    pub fn complete(
        &self,
        id: &ScanId,
        at: &str,
        coverage: Coverage,
        summary: &Summary,
        resolved: &[ResolvedRow],
    ) -> Result<Scan, StoreError> {
        self.end_scan(id, &Ending { status: ScanStatus::Completed, at, reason: None, coverage, summary, resolved })
    }

    /// Ends a scan: state, coverage, summary, what is resolved and what it proves, in one commit. A scan is completed only when all its tasks have
    /// ended; one that failed or was cancelled keeps what its running tasks have handed over, and they are marked as failed.
    pub fn end_scan(&self, id: &ScanId, ending: &Ending<'_>) -> Result<Scan, StoreError> {
        let whole = ending.status == ScanStatus::Completed;
        let mut recorder = self.recorder();
        if !whole {
            recorder.seal_scan(id)?;
        }
        let scan = self.write(Durability::Immediate, |transaction| {
            let mut head = head(&SCANS.write(transaction)?, id)?;
            move_on(&mut head, id, ending.status, ending.at, ending.reason)?;
            if whole {
                check_tasks(transaction, id)?;
                if !head.narrowed {
                    let key = (&head.scope_key.0, id);
                    COMPLETED.put(&mut COMPLETED.write(transaction)?, &key, &CompletedRecord {})?;
                }
            } else {
                recorder.flush(transaction)?;
                tasks::cut_off(transaction, id, &recorder, ending.status)?;
            }
            head.coverage = ending.coverage.into();
            head.figures = Some(Figures::from(ending.summary).into());
            head.resolved = ending.resolved.len() as u64;
            SUMMARIES.put(&mut SUMMARIES.write(transaction)?, &id, &SummaryRecord::from(ending.summary))?;
            if whole {
                automatic::fix(transaction, id, &mut head, ending.summary)?;
                head.leave_comparisons();
            }
            SCANS.put(&mut SCANS.write(transaction)?, &id, &head)?;
            events::scan_ended(transaction, &head.scan(id), ending.at)?;
            let mut table = RESOLVED.write(transaction)?;
            for (number, rows) in (0u32..).zip(ending.resolved.chunks(BLOCK_ROWS)) {
                RESOLVED.put(&mut table, &(id, number), &ResolvedBlock::new(rows))?;
            }
            Ok(head.scan(id))
        });
        if scan.is_ok() && !whole {
            recorder.flushed();
            recorder.forget_scan(id);
        }
        scan
    }

    /// The violations of the previous scan that this one found resolved.
    pub fn removed(&self, id: &ScanId) -> Result<Vec<ResolvedRow>, StoreError> {
        self.read(|transaction| resolved(transaction, id, head(&SCANS.read(transaction)?, id)?.resolved))
    }
}

/// The resolved violations of a scan; an error unless there are as many as were written.
pub(crate) fn resolved(
    transaction: &ReadTransaction,
    id: &ScanId,
    expected: u64,
) -> Result<Vec<ResolvedRow>, StoreError> {
    let mut rows = Vec::new();
    for entry in RESOLVED.read(transaction)?.range((id, 0)..=(id, u32::MAX))? {
        let (key, value) = entry?;
        let block = RESOLVED.decode(&key.value(), value.value())?;
        rows.extend(block.rows().map_err(|problem| RESOLVED.damaged(&key.value(), problem))?);
    }
    if rows.len() as u64 == expected {
        return Ok(rows);
    }
    Err(StoreError::damaged(RESOLVED.name, scan_name(id), format!("{} rows of {expected}", rows.len())))
}

/// Takes back what ending a scan fixed: it goes on.
pub(crate) fn reopen(transaction: &WriteTransaction, id: &ScanId, head: &mut ScanRecord) -> Result<(), StoreError> {
    (head.figures, head.resolved, head.coverage) = (None, 0, Coverage::default().into());
    SUMMARIES.write(transaction)?.remove(id)?;
    RESOLVED.write(transaction)?.retain_in((id, 0)..=(id, u32::MAX), |_, _| false)?;
    Ok(())
}

/// A task that has not ended would leave the record open to rows after its figures are fixed.
fn check_tasks(transaction: &WriteTransaction, id: &ScanId) -> Result<(), StoreError> {
    for entry in TASKS.write(transaction)?.range((id, 0)..=(id, WHOLE_SCAN))? {
        let (key, value) = entry?;
        let task = TASKS.decode(&key.value(), value.value())?;
        if !matches!(task.state(), TaskState::Done | TaskState::Failed) {
            return Err(StoreError::TaskOpen { scan: scan_name(id), task: key.value().1 });
        }
    }
    Ok(())
}
