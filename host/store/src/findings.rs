//! Reading a scan's findings back, one at a time, in the order people read them.

use plumb_model::check::Severity;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_model::resource::{ResourceRef, ScanGap};
use plumb_model::scan::ScanId;

use crate::batch::{OutcomeRow, ResourceRow};
use crate::blocks::{self, Expected};
use crate::catalogues::{self, Positions};
use crate::contain::visiting;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::rank::{FAIL_RANKS, NOT_APPLICABLE, PASS, RANKS};
use crate::scans::head;
use crate::tables::{OUTCOMES, RESOURCES, SCANS};

/// A failure nobody has accepted, as far as comparing needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub fingerprint: Fingerprint,
    /// Position in the scan's catalogue.
    pub check: u32,
    pub severity: Severity,
    pub resource: ResourceRef,
}

impl Ledger {
    /// Visits every finding: failures from the worst severity down, not-evaluated, manual, not-applicable, pass. Takes the
    /// memory of one block, however many there are; an error of the visitor ends it.
    pub fn findings<E: From<StoreError>>(
        &self,
        id: &ScanId,
        mut visit: impl FnMut(Finding) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|transaction| {
            let head = head(&SCANS.read(transaction)?, id)?;
            let expected = Expected::new(transaction, id, &head)?;
            let catalogue = catalogues::of_scan(transaction, &head)?;
            let positions = Positions::new(&catalogue.checks);
            for rank in 0..RANKS {
                blocks::each_outcome(transaction, id, rank, &expected, |row| {
                    let finding = from_outcome(&positions, row)?;
                    visiting(|| visit(finding))
                })?;
                if rank == NOT_APPLICABLE {
                    blocks::each_resource(transaction, id, &expected, |_, row| {
                        for (check, reason) in &row.not_applicable {
                            let finding = from_resource(&positions, &row, *check, Verdict::NotApplicable, reason)?;
                            visiting(|| visit(finding))?;
                        }
                        Ok::<_, E>(())
                    })?;
                }
                if rank == PASS {
                    blocks::each_resource(transaction, id, &expected, |_, row| {
                        for check in &row.passes {
                            let finding = from_resource(&positions, &row, *check, Verdict::Pass, "")?;
                            visiting(|| visit(finding))?;
                        }
                        Ok::<_, E>(())
                    })?;
                }
            }
            Ok(())
        })
    }

    /// Visits every violation, from the worst severity down. Muted failures are none.
    pub fn violations<E: From<StoreError>>(
        &self,
        id: &ScanId,
        mut visit: impl FnMut(Violation) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|transaction| {
            let expected = Expected::new(transaction, id, &head(&SCANS.read(transaction)?, id)?)?;
            for rank in 0..FAIL_RANKS {
                blocks::each_outcome(transaction, id, rank, &expected, |row| {
                    let OutcomeRow { fingerprint, check, severity, resource, muted, .. } = row;
                    if muted.is_some() {
                        return Ok(());
                    }
                    visiting(|| visit(Violation { fingerprint, check, severity, resource }))
                })?;
            }
            Ok(())
        })
    }

    /// Visits every resource that was looked at, in the order of tasks.
    pub fn resources<E: From<StoreError>>(
        &self,
        id: &ScanId,
        mut visit: impl FnMut(ResourceRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.task_resources(id, |_, row| visit(row))
    }

    /// The same with the index of each one's task.
    pub fn task_resources<E: From<StoreError>>(
        &self,
        id: &ScanId,
        mut visit: impl FnMut(u32, ResourceRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|transaction| {
            let expected = Expected::new(transaction, id, &head(&SCANS.read(transaction)?, id)?)?;
            blocks::each_resource(transaction, id, &expected, |task, row| visiting(|| visit(task, row)))
        })
    }

    /// The same, each with the index of its task.
    pub fn resources_by_task<E: From<StoreError>>(
        &self,
        id: &ScanId,
        mut visit: impl FnMut(u32, ResourceRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|transaction| {
            let expected = Expected::new(transaction, id, &head(&SCANS.read(transaction)?, id)?)?;
            blocks::each_resource(transaction, id, &expected, |task, row| visiting(|| visit(task, row)))
        })
    }

    /// Visits every outcome that stands in full: all that are neither a pass nor not-applicable, and those two where they are about
    /// an account.
    pub fn outcomes<E: From<StoreError>>(
        &self,
        id: &ScanId,
        mut visit: impl FnMut(OutcomeRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|transaction| {
            let expected = Expected::new(transaction, id, &head(&SCANS.read(transaction)?, id)?)?;
            (0..RANKS).try_for_each(|rank| {
                blocks::each_outcome(transaction, id, rank, &expected, |row| visiting(|| visit(row)))
            })
        })
    }

    /// What the scan could not look at: that of its tasks in their order, then that of the whole scan.
    pub fn gaps(&self, id: &ScanId) -> Result<Vec<ScanGap>, StoreError> {
        self.read(|transaction| {
            let expected = Expected::new(transaction, id, &head(&SCANS.read(transaction)?, id)?)?;
            blocks::gaps(transaction, id, &expected)
        })
    }
}

fn from_outcome(positions: &Positions<'_>, row: OutcomeRow) -> Result<Finding, StoreError> {
    let check = positions.get(row.check);
    let check = check.map_err(|problem| StoreError::damaged(OUTCOMES.name, row.resource.id.clone(), problem))?;
    Ok(Finding {
        check_id: check.id.clone(),
        severity: row.severity,
        verdict: row.verdict,
        resource: row.resource,
        message: row.message,
        fingerprint: row.fingerprint,
        delta: row.delta,
        muted: row.muted,
        resource_digest: row.digest,
    })
}

fn from_resource(
    positions: &Positions<'_>,
    row: &ResourceRow,
    check: u32,
    verdict: Verdict,
    message: &str,
) -> Result<Finding, StoreError> {
    let check = positions.get(check);
    let check = check.map_err(|problem| StoreError::damaged(RESOURCES.name, row.resource.id.clone(), problem))?;
    Ok(Finding {
        check_id: check.id.clone(),
        severity: check.severity,
        verdict,
        resource: row.resource.clone(),
        message: message.to_owned(),
        fingerprint: Fingerprint::new(&check.id, &row.resource.account, &row.resource.id),
        delta: None,
        muted: None,
        resource_digest: Some(row.digest),
    })
}
