//! Reading a scan's findings back, one at a time, in the order people read them.

use plumb_model::check::{Check, Severity};
use plumb_model::outcome::{ControlRef, Finding, Fingerprint, Verdict};
use plumb_model::resource::{ResourceRef, ScanGap};
use plumb_model::scan::ScanId;
use redb::ReadTransaction;

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

/// A finding with its check, and the controls that it counts for.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundFinding {
    pub finding: Finding,
    pub check: Check,
    pub controls: Vec<ControlRef>,
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

    /// The finding of a scan with a fingerprint. What is no pass and not not-applicable is looked for first: a block of it is skipped
    /// by its fingerprints alone.
    pub fn finding(&self, id: &ScanId, fingerprint: &Fingerprint) -> Result<Option<FoundFinding>, StoreError> {
        self.read(|transaction| {
            let head = head(&SCANS.read(transaction)?, id)?;
            let expected = Expected::new(transaction, id, &head)?;
            let mut catalogue = catalogues::of_scan(transaction, &head)?;
            let found = find(transaction, id, &expected, &Positions::new(&catalogue.checks), fingerprint)?;
            Ok(found.and_then(|finding| {
                let check = catalogue.checks.remove(&finding.check_id)?;
                let controls = catalogue.controls.remove(&finding.check_id).unwrap_or_default();
                Some(FoundFinding { finding, check, controls })
            }))
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

fn find(
    transaction: &ReadTransaction,
    id: &ScanId,
    expected: &Expected,
    positions: &Positions<'_>,
    fingerprint: &Fingerprint,
) -> Result<Option<Finding>, StoreError> {
    enum Stop {
        Found(Box<Finding>),
        Store(StoreError),
    }
    impl From<StoreError> for Stop {
        fn from(error: StoreError) -> Stop {
            Stop::Store(error)
        }
    }
    for rank in 0..RANKS {
        if let Some(row) = blocks::outcome(transaction, id, rank, expected, fingerprint)? {
            return from_outcome(positions, row).map(Some);
        }
    }
    let walked = blocks::each_resource(transaction, id, expected, |_, row| {
        in_resource(positions, &row, fingerprint)?.map_or(Ok(()), |found| Err(Stop::Found(Box::new(found))))
    });
    match walked {
        Ok(()) => Ok(None),
        Err(Stop::Found(found)) => Ok(Some(*found)),
        Err(Stop::Store(error)) => Err(error),
    }
}

/// The finding among those that stand with a resource.
fn in_resource(
    positions: &Positions<'_>,
    row: &ResourceRow,
    fingerprint: &Fingerprint,
) -> Result<Option<Finding>, StoreError> {
    let passes = row.passes.iter().map(|check| (*check, Verdict::Pass, ""));
    let others = row.not_applicable.iter().map(|(check, reason)| (*check, Verdict::NotApplicable, reason.as_str()));
    for (check, verdict, message) in passes.chain(others) {
        // A position that stands for no check is told when it is read below.
        let is_it = positions
            .get(check)
            .map_or(true, |known| Fingerprint::new(&known.id, &row.resource.account, &row.resource.id) == *fingerprint);
        if is_it {
            return from_resource(positions, row, check, verdict, message).map(Some);
        }
    }
    Ok(None)
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
