//! What happened that somebody may be waiting for. An event is written in the transaction that makes it happen, and taken out in the one
//! that writes down who is told, so that a crash loses none and tells none twice.

use plumb_model::check::Severity;
use plumb_model::drift::Drift;
use plumb_model::notification::{Delivery, EventKind};
use plumb_model::scan::{Scan, ScanId, ScanStatus, Trigger};
use plumb_model::schedule::ScheduleId;
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::deliveries;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::notification::EventRecord;
use crate::schedules;
use crate::tables::{CHANNELS, EVENTS, SCHEDULES};
use crate::targets::ALL_IDS;

/// Of one tenant. They wait only while no server runs, so this many are of scans that nobody asks after any more; the oldest go.
const MOST_EVENTS: u64 = 10_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub tenant: TenantId,
    pub sequence: u64,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    pub happened: Happened,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    ScanEnded {
        scan: ScanId,
        kind: EventKind,
    },
    /// Drifts that were not known, in the order of [`Severity::WORST_FIRST`].
    DriftDetected {
        scan: ScanId,
        target: TargetId,
        new: [u64; 5],
    },
}

impl Ledger {
    /// What nobody has looked at yet, of all tenants, the oldest of each first.
    pub fn events(&self, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.read(|transaction| {
            let mut events = Vec::new();
            let table = EVENTS.read(transaction)?;
            EVENTS.prove_count(&table)?;
            for entry in table.iter()?.take(limit) {
                let (key, value) = entry?;
                let key = key.value();
                events.push(EVENTS.decode(&key, value.value())?.event(key.0, key.1));
            }
            Ok(events)
        })
    }

    /// Takes an event out, puts the messages about it on their way, and has the schedules that it sets off wait for their turn.
    /// False if it has been dealt with already.
    pub fn settle_event(
        &self,
        tenant: &TenantId,
        sequence: u64,
        messages: &[Delivery],
        orders: &[(ScheduleId, Trigger)],
    ) -> Result<bool, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            if EVENTS.write(transaction)?.remove((tenant, sequence))?.is_none() {
                return Ok(false);
            }
            deliveries::send(transaction, messages)?;
            for (schedule, trigger) in orders {
                schedules::queue(transaction, tenant, schedule, *trigger)?;
            }
            Ok(true)
        })
    }
}

/// Notes that a scan has ended. One from the command line is its caller's own affair.
pub(crate) fn scan_ended(transaction: &WriteTransaction, scan: &Scan, at: &str) -> Result<(), StoreError> {
    let kind = match scan.status {
        ScanStatus::Completed => EventKind::ScanCompleted,
        ScanStatus::Failed => EventKind::ScanFailed,
        ScanStatus::Cancelled => EventKind::ScanCancelled,
        ScanStatus::Pending | ScanStatus::Running => return Ok(()),
    };
    let asked = scan.about.notifications.want(kind);
    if scan.about.targets.is_empty() || !(asked || somebody_waits(transaction, &scan.tenant)?) {
        return Ok(());
    }
    add(transaction, &scan.tenant, at, Happened::ScanEnded { scan: scan.id, kind })
}

/// Notes that a scan saw drifts that were not known.
pub(crate) fn drift_recorded<'d>(
    transaction: &WriteTransaction,
    (tenant, target, scan): (&TenantId, &TargetId, &ScanId),
    at: &str,
    drifts: impl Iterator<Item = &'d Drift>,
) -> Result<(), StoreError> {
    let mut new = [0; 5];
    for drift in drifts {
        for (count, severity) in new.iter_mut().zip(Severity::WORST_FIRST) {
            *count += u64::from(severity == drift.severity);
        }
    }
    if new == [0; 5] || !somebody_waits(transaction, tenant)? {
        return Ok(());
    }
    add(transaction, tenant, at, Happened::DriftDetected { scan: *scan, target: *target, new })
}

/// Whether the tenant has a channel or a schedule.
fn somebody_waits(transaction: &WriteTransaction, tenant: &TenantId) -> Result<bool, StoreError> {
    let all = || (tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1);
    let channels = CHANNELS.write(transaction)?.range(all())?.next().is_some();
    Ok(channels || SCHEDULES.write(transaction)?.range(all())?.next().is_some())
}

fn add(transaction: &WriteTransaction, tenant: &TenantId, at: &str, happened: Happened) -> Result<(), StoreError> {
    let mut table = EVENTS.write(transaction)?;
    let ends = {
        let mut range = table.range((tenant, 0)..=(tenant, u64::MAX))?;
        let first = range.next().transpose()?.map(|(key, _)| key.value().1);
        let last = range.next_back().transpose()?.map(|(key, _)| key.value().1);
        first.map(|first| (first, last.unwrap_or(first)))
    };
    if let Some((first, last)) = ends
        && last - first + 1 >= MOST_EVENTS
    {
        table.remove((tenant, first))?;
    }
    let next = ends.map_or(1, |(_, last)| last.saturating_add(1));
    EVENTS.put(&mut table, &(tenant, next), &EventRecord::new(at, happened))
}
