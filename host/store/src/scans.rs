//! Scans: making, finding, listing, moving from state to state, deleting.

use std::ops::Bound;

use plumb_model::check::Severity;
use plumb_model::delta::{DeltaCounts, SignatureFigures};
use plumb_model::framework::ControlStatus;
use plumb_model::scan::{About, Scan, ScanId, ScanStatus, Summary};
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::key::{hex, scan_name};
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Bytes;
use crate::records::scan::ScanRecord;
use crate::records::settings::SettingsRecord;
use crate::schedules::{self, Fired};
use crate::tables::{COMPLETED, SCANS, SETTINGS, SUMMARIES};
use crate::{completion, events, tasks};

/// A scan before its first task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewScan {
    pub id: ScanId,
    pub tenant: TenantId,
    pub about: About,
    pub target: String,
    pub provider: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// What it was asked to do; the caller's own form, given back as it is.
    pub settings: Vec<u8>,
    /// The same for scans of the same target, frameworks and checks.
    pub scope_key: Digest,
    /// The scan to compare with.
    pub previous: Option<ScanId>,
    /// It looks at less than its scope key says, so later scans are not compared with it.
    pub narrowed: bool,
    /// The schedule that orders it; its id stands in `about` too.
    pub fired: Option<Fired>,
}

/// A scan with everything kept beside its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredScan {
    pub scan: Scan,
    pub settings: Vec<u8>,
    pub scope_key: Digest,
    /// Of a scan that has ended; one that failed before it ran has none.
    pub summary: Option<Summary>,
}

/// A scan as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredScanHead {
    pub scan: Scan,
    /// Of a scan that has ended; one that failed before it ran has none.
    pub figures: Option<Figures>,
}

impl StoredScanHead {
    /// Distinct pairs of check and account among its violations.
    pub fn violation_count(&self) -> Option<u64> {
        let figures = self.figures?;
        Some(figures.signatures.map_or_else(|| figures.violations.iter().sum(), |signatures| signatures.violations))
    }
}

/// The figures of an ended scan that a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    pub resources: u64,
    /// Not muted; in the order of [`Severity::WORST_FIRST`].
    pub violations: [u64; 5],
    pub muted: u64,
    pub score: Option<f64>,
    pub delta: Option<DeltaCounts>,
    /// Of all frameworks together.
    pub controls: u64,
    pub passed_controls: u64,
    pub failed_controls: u64,
    pub signatures: Option<SignatureFigures>,
    pub effort_minutes: u64,
}

impl From<&Summary> for Figures {
    fn from(summary: &Summary) -> Figures {
        let of = |severity| summary.violations_by_severity.get(&severity).copied().unwrap_or(0);
        Figures {
            resources: summary.resources,
            violations: Severity::WORST_FIRST.map(of),
            muted: summary.muted,
            score: summary.score(),
            delta: summary.delta,
            controls: summary.frameworks.iter().map(|framework| framework.controls.len() as u64).sum(),
            passed_controls: summary.controls(ControlStatus::Pass),
            failed_controls: summary.controls(ControlStatus::Fail),
            signatures: summary.signatures,
            effort_minutes: summary.effort_minutes,
        }
    }
}

impl Ledger {
    /// Writes down a scan that is about to begin, and that its schedule has fired. It is pending.
    pub fn create_scan(&self, scan: &NewScan) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut scans = SCANS.write(transaction)?;
            if scans.get(&scan.id)?.is_some() {
                return Err(StoreError::ScanExists(scan_name(&scan.id)));
            }
            if let Some(fired) = &scan.fired {
                schedules::note_fired(transaction, &scan.tenant, fired, &scan.id, &scan.created_at)?;
            }
            let number = numbers::assign(transaction, &scan.tenant, Numbered::Scan, &scan.id)?;
            SCANS.put(&mut scans, &&scan.id, &ScanRecord::new(scan, number))?;
            let settings = SettingsRecord { settings: Bytes(scan.settings.clone()) };
            SETTINGS.put(&mut SETTINGS.write(transaction)?, &&scan.id, &settings)
        })
    }

    /// Writes anew what a scan is asked to do, before it has a plan.
    pub fn put_settings(&self, id: &ScanId, settings: &[u8]) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let head = head(&SCANS.write(transaction)?, id)?;
            if head.tasks > 0 {
                let refused = "it has been planned by its settings";
                return Err(StoreError::WrongStatus { scan: scan_name(id), status: head.status(), refused });
            }
            let settings = SettingsRecord { settings: Bytes(settings.to_vec()) };
            SETTINGS.put(&mut SETTINGS.write(transaction)?, &id, &settings)
        })
    }

    /// The scan with an id.
    pub fn scan(&self, id: &ScanId) -> Result<Option<StoredScan>, StoreError> {
        self.read(|transaction| {
            let scans = SCANS.read(transaction)?;
            let Some(head) = SCANS.get(&scans, &id)? else {
                return absent(&scans, id).map(|()| None);
            };
            let settings = SETTINGS.get(&SETTINGS.read(transaction)?, &id)?;
            let settings = settings.ok_or_else(|| SETTINGS.damaged(&id, "it is missing"))?;
            let summary = SUMMARIES.get(&SUMMARIES.read(transaction)?, &id)?.map(Summary::from);
            let fits = match head.status() {
                ScanStatus::Completed => summary.is_some(),
                ScanStatus::Pending | ScanStatus::Running => summary.is_none(),
                ScanStatus::Failed | ScanStatus::Cancelled => true,
            };
            if !fits {
                return Err(SUMMARIES.damaged(&id, format!("it does not fit a scan that is {}", head.status())));
            }
            let (scan, scope_key) = (head.scan(id), head.scope_key.0);
            Ok(Some(StoredScan { scan, settings: settings.settings.0, scope_key, summary }))
        })
    }

    /// The head of the scan with an id.
    pub fn scan_head(&self, id: &ScanId) -> Result<Option<StoredScanHead>, StoreError> {
        self.read(|transaction| {
            let scans = SCANS.read(transaction)?;
            match SCANS.get(&scans, &id)? {
                Some(head) => Ok(Some(StoredScanHead { scan: head.scan(id), figures: head.figures.map(Into::into) })),
                None => absent(&scans, id).map(|()| None),
            }
        })
    }

    /// Scans, the latest first, from the one before `before` on. Costs as much as it gives.
    pub fn scans(&self, before: Option<ScanId>, limit: usize) -> Result<Vec<StoredScanHead>, StoreError> {
        self.read(|transaction| {
            let scans = SCANS.read(transaction)?;
            let end = before.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            if let Some(before) = &before {
                // The page begins where it should.
                SCANS.prove_place(&scans, &before)?;
            }
            let mut heads = Vec::new();
            for entry in scans.range::<&[u8; 16]>((Bound::Unbounded, end))?.rev().take(limit) {
                let (id, value) = entry?;
                let head = SCANS.decode(&id.value(), value.value())?;
                heads.push(StoredScanHead { scan: head.scan(id.value()), figures: head.figures.map(Into::into) });
            }
            Ok(heads)
        })
    }

    /// Every scan that can be read, the oldest first, and what is wrong with those that cannot.
    pub fn all_scans(&self) -> Result<(Vec<StoredScanHead>, Vec<StoreError>), StoreError> {
        self.read(|transaction| {
            let (mut heads, mut damaged) = (Vec::new(), Vec::new());
            let table = SCANS.read(transaction)?;
            damaged.extend(SCANS.prove_count(&table).err());
            for entry in table.iter()? {
                let (id, value) = entry?;
                match SCANS.decode(&id.value(), value.value()) {
                    Ok(head) => {
                        heads.push(StoredScanHead {
                            scan: head.scan(id.value()),
                            figures: head.figures.map(Into::into),
                        });
                    }
                    Err(error) => damaged.push(error),
                }
            }
            Ok((heads, damaged))
        })
    }

    /// The one scan whose id begins with some hexadecimal digits; dashes are passed over.
    pub fn find_scans(&self, prefix: &str) -> Result<Option<ScanId>, StoreError> {
        let digits: String = prefix.chars().filter(|digit| *digit != '-').collect::<String>().to_ascii_lowercase();
        let readable = (1..=32).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !readable {
            return Err(StoreError::BadPrefix(prefix.to_owned()));
        }
        self.read(|transaction| {
            let mut found = Vec::new();
            SCANS.each_key(&SCANS.read(transaction)?, |id| {
                if hex(*id).starts_with(&digits) {
                    found.push(**id);
                }
            })?;
            match found.as_slice() {
                [] => Ok(None),
                [only] => Ok(Some(*only)),
                many => {
                    // A handful shows how to go on.
                    let matches = many.iter().take(5).map(scan_name).collect();
                    Err(StoreError::AmbiguousPrefix { prefix: prefix.to_owned(), matches })
                }
            }
        })
    }

    /// The last completed scan of the same scope that was created before another.
    pub fn previous_completed(&self, scope_key: &Digest, before: &ScanId) -> Result<Option<ScanId>, StoreError> {
        self.read(|transaction| {
            let completed = COMPLETED.read(transaction)?;
            COMPLETED.prove_place(&completed, &(scope_key, before))?;
            let range = (scope_key, &[0; 16])..(scope_key, before);
            let previous = completed.range::<(&[u8; 32], &[u8; 16])>(range)?.next_back().transpose()?;
            if previous.is_none() {
                // To compare with nothing makes every violation a new one, so be sure.
                COMPLETED.each_key(&completed, |_| ())?;
            }
            Ok(previous.map(|(key, _)| *key.value().1))
        })
    }

    /// Moves a scan to another state, if [`ScanStatus::may_become`] allows it. What running tasks have handed over is written
    /// first, and tasks that a terminal state cuts off are marked as failed. A scan is completed by
    /// [`Ledger::complete`], which fixes its figures with it.
    pub fn transition(
        &self,
        id: &ScanId,
        next: ScanStatus,
        at: &str,
        reason: Option<&str>,
    ) -> Result<Scan, StoreError> {
        if next == ScanStatus::Completed {
            let status = self.read(|transaction| Ok::<_, StoreError>(head(&SCANS.read(transaction)?, id)?.status()))?;
            let refused = "it is completed by fixing its summary, not by a bare change of state";
            return Err(StoreError::WrongStatus { scan: scan_name(id), status, refused });
        }
        let mut recorder = self.recorder();
        let ended = matches!(next, ScanStatus::Failed | ScanStatus::Cancelled);
        if ended {
            recorder.seal_scan(id)?;
        }
        let scan = self.write(Durability::Immediate, |transaction| {
            let mut head = head(&SCANS.write(transaction)?, id)?;
            move_on(&mut head, id, next, at, reason)?;
            if next == ScanStatus::Running {
                completion::reopen(transaction, id, &mut head)?;
            }
            if ended {
                recorder.flush(transaction)?;
                tasks::cut_off(transaction, id, &recorder, next)?;
                events::scan_ended(transaction, &head.scan(id), at)?;
            }
            SCANS.put(&mut SCANS.write(transaction)?, &id, &head)?;
            Ok(head.scan(id))
        });
        if scan.is_ok() && ended {
            recorder.flushed();
            recorder.forget_scan(id);
        }
        scan
    }
}

/// Changes a scan's status: the only function that does.
pub(crate) fn move_on(
    head: &mut ScanRecord,
    id: &ScanId,
    next: ScanStatus,
    at: &str,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let from = head.status();
    if !from.may_become(next) {
        return Err(StoreError::IllegalTransition { scan: scan_name(id), from, to: next });
    }
    head.set_status(next);
    head.status_reason = reason.map(str::to_owned);
    if next == ScanStatus::Running {
        // A resumed scan keeps the time it began.
        head.started_at.get_or_insert_with(|| at.to_owned());
        head.completed_at = None;
    } else {
        head.completed_at = Some(at.to_owned());
    }
    Ok(())
}

/// The head of a scan that has to be there.
pub(crate) fn head(
    scans: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    id: &ScanId,
) -> Result<ScanRecord, StoreError> {
    match SCANS.get(scans, &id)? {
        Some(head) => Ok(head),
        None => absent(scans, id).and(Err(StoreError::NoSuchScan(scan_name(id)))),
    }
}

/// The head of a scan whose rows may be written.
pub(crate) fn running_head(transaction: &WriteTransaction, id: &ScanId) -> Result<ScanRecord, StoreError> {
    let head = head(&SCANS.write(transaction)?, id)?;
    match head.status() {
        ScanStatus::Running => Ok(head),
        status => {
            let refused = "only a running scan takes rows";
            Err(StoreError::WrongStatus { scan: scan_name(id), status, refused })
        }
    }
}

/// A look-up in a damaged table can miss a scan that is there. Scans are few, so before one is said to be missing all of them
/// are looked at.
fn absent(scans: &impl ReadableTable<&'static [u8; 16], &'static [u8]>, id: &ScanId) -> Result<(), StoreError> {
    let mut missed = false;
    SCANS.each_key(scans, |found| missed |= *found == id)?;
    if missed { Err(SCANS.damaged(&id, "a look-up does not find it, though it is there")) } else { Ok(()) }
}
