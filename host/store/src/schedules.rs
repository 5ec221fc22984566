//! Schedules: what is to be scanned again and again, and what became of it. A time that has fired is written in the transaction that
//! writes the scan, so that it fires once whatever happens in between.

use plumb_model::scan::{ScanId, Trigger};
use plumb_model::schedule::{Schedule, ScheduleId, ScheduleState};
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::error::StoreError;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Fixed;
use crate::records::schedule::ScheduleRecord;
use crate::tables::SCHEDULES;
use crate::targets::ALL_IDS;

/// A tenant's schedules: all of them are looked at whenever one is due.
const MOST_SCHEDULES: usize = 1_000;

/// Bytes kept of why an order was not taken.
const PROBLEM_BYTES: usize = 1_000;

/// What made a schedule order a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    pub schedule: ScheduleId,
    pub trigger: Trigger,
    /// The time of its timing, RFC 3339, UTC, milliseconds; none if something else than the clock made it.
    pub slot: Option<String>,
}

impl Ledger {
    /// Writes a schedule down, in place of the one with its id: that one's number, secret, making and state stay. One that is given
    /// another timing, or is enabled, begins anew at `updated_at`.
    pub fn put_schedule(&self, schedule: &Schedule) -> Result<Schedule, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let (tenant, id) = (&schedule.tenant, &schedule.id);
            let mut table = SCHEDULES.write(transaction)?;
            let mut record = ScheduleRecord::from(schedule);
            if let Some(known) = SCHEDULES.get(&table, &(tenant, id))? {
                let goes_on = known.same_timing(&record) && (known.enabled || !record.enabled);
                (record.number, record.created_at, record.secret_version, record.state) =
                    (known.number, known.created_at, known.secret_version, known.state);
                if goes_on {
                    record.armed_at = known.armed_at;
                } else {
                    // A time that a wrong clock made it fire at, far from now, must not hold it up any longer.
                    record.state.last_slot = None;
                    record.armed_at.clone_from(&schedule.updated_at);
                }
                if !record.enabled {
                    record.state.queued = None;
                }
            } else {
                if table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))?.count() >= MOST_SCHEDULES {
                    return Err(StoreError::TooMany { what: "schedules", limit: MOST_SCHEDULES });
                }
                record.number = numbers::assign(transaction, tenant, Numbered::Schedule, id)?;
            }
            SCHEDULES.put(&mut table, &(tenant, id), &record)?;
            Ok(record.schedule(tenant, id))
        })
    }

    /// Gives the inbound webhook of a schedule another secret. None if there is no such schedule.
    pub fn renew_schedule_secret(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
        at: &str,
    ) -> Result<Option<Schedule>, StoreError> {
        self.change_schedule(tenant, id, |schedule| {
            schedule.secret_version = schedule.secret_version.saturating_add(1);
            at.clone_into(&mut schedule.updated_at);
        })
    }

    /// Changes what is known of a schedule's past. None if there is no such schedule.
    pub fn note_schedule(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
        change: impl FnOnce(&mut ScheduleState),
    ) -> Result<Option<Schedule>, StoreError> {
        self.change_schedule(tenant, id, |schedule| change(&mut schedule.state))
    }

    fn change_schedule(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
        change: impl FnOnce(&mut Schedule),
    ) -> Result<Option<Schedule>, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = SCHEDULES.write(transaction)?;
            let Some(known) = SCHEDULES.get(&table, &(tenant, id))? else { return Ok(None) };
            let mut schedule = known.schedule(tenant, id);
            change(&mut schedule);
            if let Some(problem) = &mut schedule.state.last_problem {
                problem.truncate(problem.floor_char_boundary(PROBLEM_BYTES));
            }
            SCHEDULES.put(&mut table, &(tenant, id), &ScheduleRecord::from(&schedule))?;
            Ok(Some(schedule))
        })
    }

    pub fn schedule(&self, tenant: &TenantId, id: &ScheduleId) -> Result<Option<Schedule>, StoreError> {
        self.read(|transaction| {
            let found = SCHEDULES.get(&SCHEDULES.read(transaction)?, &(tenant, id))?;
            Ok(found.map(|record| record.schedule(tenant, id)))
        })
    }

    /// All schedules of a tenant, in the order they were made in.
    pub fn schedules(&self, tenant: &TenantId) -> Result<Vec<Schedule>, StoreError> {
        self.read(|transaction| {
            let mut schedules = Vec::new();
            let table = SCHEDULES.read(transaction)?;
            SCHEDULES.prove_range(&table, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                schedules.push(SCHEDULES.decode(&key, value.value())?.schedule(tenant, key.1));
            }
            Ok(schedules)
        })
    }

    /// All schedules of all tenants that can be read, and what is wrong with those that cannot.
    pub fn all_schedules(&self) -> Result<(Vec<Schedule>, Vec<StoreError>), StoreError> {
        self.read(|transaction| {
            let (mut schedules, mut damaged) = (Vec::new(), Vec::new());
            let table = SCHEDULES.read(transaction)?;
            damaged.extend(SCHEDULES.prove_count(&table).err());
            for entry in table.iter()? {
                let (key, value) = entry?;
                let key = key.value();
                match SCHEDULES.decode(&key, value.value()) {
                    Ok(record) => schedules.push(record.schedule(key.0, key.1)),
                    Err(error) => damaged.push(error),
                }
            }
            Ok((schedules, damaged))
        })
    }

    /// The schedule of any tenant: for who has its secret instead of a token.
    pub fn schedule_of_anyone(&self, id: &ScheduleId) -> Result<Option<Schedule>, StoreError> {
        for tenant in self.tenants()? {
            if let Some(schedule) = self.schedule(&tenant.id, id)? {
                return Ok(Some(schedule));
            }
        }
        Ok(None)
    }

    /// Takes a schedule out; its scans stay. False if there is none.
    pub fn delete_schedule(&self, tenant: &TenantId, id: &ScheduleId) -> Result<bool, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = SCHEDULES.write(transaction)?;
            let Some(known) = SCHEDULES.get(&table, &(tenant, id))? else { return Ok(false) };
            table.remove((tenant, id))?;
            numbers::release(transaction, tenant, Numbered::Schedule, known.number)?;
            Ok(true)
        })
    }
}

/// Notes that a schedule has ordered a scan. An error if it has for that time, or is gone: there must be no scan then.
pub(crate) fn note_fired(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    fired: &Fired,
    scan: &ScanId,
    at: &str,
) -> Result<(), StoreError> {
    let mut table = SCHEDULES.write(transaction)?;
    let (key, name) = ((tenant, &fired.schedule), scan_name(&fired.schedule));
    let Some(mut record) = SCHEDULES.get(&table, &key)? else { return Err(StoreError::NoSuchSchedule(name)) };
    let state = &mut record.state;
    if let Some(slot) = &fired.slot {
        // Times of one form order as texts.
        if state.last_slot.as_ref().is_some_and(|last| last >= slot) {
            return Err(StoreError::FiredAlready { schedule: name, slot: slot.clone() });
        }
        state.last_slot = Some(slot.clone());
    }
    state.last_fired_at = Some(at.to_owned());
    state.last_trigger = Some(fired.trigger.as_str().to_owned());
    state.last_scan = Some(Fixed(*scan));
    (state.last_problem, state.queued) = (None, None);
    SCHEDULES.put(&mut table, &key, &record)
}

/// Has a schedule order a scan when it is attended to next. One that is gone or disabled is passed over.
pub(crate) fn queue(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    id: &ScheduleId,
    trigger: Trigger,
) -> Result<(), StoreError> {
    let mut table = SCHEDULES.write(transaction)?;
    match SCHEDULES.get(&table, &(tenant, id))? {
        Some(mut record) if record.enabled => {
            record.state.queued = Some(trigger.as_str().to_owned());
            SCHEDULES.put(&mut table, &(tenant, id), &record)
        }
        _ => Ok(()),
    }
}
