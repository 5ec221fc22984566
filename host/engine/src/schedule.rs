//! Schedules at work: orders are given when the clock says so, or when something has happened.
//!
//! [`orders`] (what a schedule orders), [`watch`] (what its triggers look at), [`events`] (what happened, and who waits for it).
//!
//! A time of a schedule becomes a scan in one transaction, and whatever else becomes of it is written down before the next is looked
//! for. So nothing fires twice, whichever way the clock is set and whenever the program stops; and of all the times that passed while
//! nobody looked, the last one fires.

mod events;
mod orders;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plumb_model::scan::{ScanId, Trigger};
use plumb_model::schedule::cron::Cron;
use plumb_model::schedule::{Overlap, Schedule, ScheduleId, ScheduleState};
use plumb_model::target::Target;
use plumb_model::tenant::TenantId;
use plumb_store::{Fired, Ledger, PendingEntry, StoreError};
use tokio_util::sync::CancellationToken;

use crate::clock::rfc3339;
use crate::error::EngineError;
use crate::notify::Notifier;
use crate::service::order::{Order, OrderProblem};
use crate::service::{OrderError, Ordered, Service};

/// The clock is looked at this often whatever it said before: it can be set, and a machine can sleep.
const LOOK: Duration = Duration::from_mins(1);

/// How long a failure of the ledger is waited out.
const RETRY: Duration = Duration::from_secs(5);

/// Gives the orders of all tenants' schedules. Cheap to clone. The second is an entry of the audit log that goes with the next change.
#[derive(Clone, Debug)]
pub struct Scheduler(Arc<Inner>, Option<PendingEntry>);

#[derive(Debug)]
struct Inner {
    service: Service,
    notifier: Notifier,
    wake: tokio::sync::Notify,
    /// Held while schedules are attended to: whether one has a scan that runs must not change between the look and the order.
    turn: tokio::sync::Mutex<()>,
}

/// What became of an order.
#[derive(Debug)]
enum Outcome {
    Ordered(Box<Ordered>),
    /// It is written down with the reason, or waits.
    Noted,
}

impl Scheduler {
    pub fn new(service: Service, notifier: Notifier) -> Scheduler {
        let wake = tokio::sync::Notify::new();
        Scheduler(Arc::new(Inner { service, notifier, wake, turn: tokio::sync::Mutex::default() }), None)
    }

    /// The same. What an order through it comes to is written down with the entry.
    #[must_use]
    pub fn noting(&self, entry: PendingEntry) -> Scheduler {
        Scheduler(Arc::clone(&self.0), Some(entry))
    }

    fn service(&self) -> Service {
        self.1.as_ref().map_or_else(|| self.0.service.clone(), |entry| self.0.service.noting(entry.clone()))
    }

    /// Who sends what people are told.
    pub fn notifier(&self) -> &Notifier {
        &self.0.notifier
    }

    /// Where schedules are written.
    pub fn ledger(&self) -> &Arc<Ledger> {
        self.0.service.ledger()
    }

    /// Has the schedules looked at now: one was changed.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Attends to the schedules until it is stopped.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let wait = match self.look().await {
                Ok(next) => {
                    let now = self.0.service.engine().clock().now();
                    // Rounded up: to look just before the time would be to look twice.
                    let until = Duration::try_from(next.duration_since(now)).unwrap_or_default();
                    (until + Duration::from_millis(1)).min(LOOK)
                }
                Err(error) => {
                    tracing::error!(%error, "the schedules cannot be attended to");
                    RETRY
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.0.wake.notified() => {}
                () = self.0.service.happened() => {}
            }
        }
    }

    /// Gives every order that is due, and says when the next one is, or a minute from now if none is sooner.
    pub async fn look(&self) -> Result<Timestamp, StoreError> {
        let _turn = self.0.turn.lock().await;
        self.settle_events().await?;
        let (schedules, damaged) = self.read(Ledger::all_schedules).await?;
        for error in damaged {
            tracing::error!(%error, "a schedule cannot be attended to");
        }
        let now = self.now();
        let mut next = now.checked_add(SignedDuration::try_from(LOOK).unwrap_or_default()).unwrap_or(now);
        for schedule in schedules.into_iter().filter(|schedule| schedule.enabled) {
            let cron = cron_of(&schedule);
            if let Some(soon) = cron.as_ref().and_then(|cron| cron.next(now)) {
                next = next.min(soon);
            }
            self.attend(schedule, cron.as_ref(), now).await?;
        }
        Ok(next)
    }

    async fn attend(&self, schedule: Schedule, cron: Option<&Cron>, now: Timestamp) -> Result<(), StoreError> {
        let schedule = self.watch(schedule).await?;
        if let Some(slot) = cron.and_then(|cron| due(&schedule, cron, now)) {
            self.order(&schedule, Trigger::Schedule, Some(slot)).await?;
        } else if let Some(trigger) = schedule.state.queued {
            self.order(&schedule, trigger, None).await?;
        }
        Ok(())
    }

    /// Orders a scan of a schedule for whoever asks, whatever the schedule's overlap rule says: they see what runs. None if there is
    /// no such schedule.
    pub async fn run_now(&self, tenant: &TenantId, id: &ScheduleId) -> Result<Option<Ordered>, OrderError> {
        let _turn = self.0.turn.lock().await;
        let Some(schedule) = self.0.service.ledger().schedule(tenant, id)? else { return Ok(None) };
        let fired = Fired { schedule: *id, trigger: Trigger::Manual, slot: None };
        self.service().order(orders::order(&schedule, fired)).await.map(Some)
    }

    /// The targets that a schedule scans as things are now, or why there is none.
    pub async fn targets_of(&self, schedule: &Schedule) -> Result<Result<Vec<Target>, OrderProblem>, StoreError> {
        let tenant = schedule.tenant;
        let all = self.read(move |ledger| ledger.targets(&tenant)).await?;
        Ok(Order::from(schedule.config.clone()).pick(self.0.service.engine().library(), all).await)
    }

    /// Orders a scan because the schedule's webhook was called. None if it was left out or waits, as the overlap rule says; then the
    /// schedule's state says why.
    pub async fn called(&self, schedule: &Schedule) -> Result<Option<Ordered>, OrderError> {
        let _turn = self.0.turn.lock().await;
        match self.order(schedule, Trigger::Webhook, None).await? {
            Outcome::Ordered(ordered) => Ok(Some(*ordered)),
            Outcome::Noted => Ok(None),
        }
    }

    /// Gives one order, or writes down why not. An error means that nothing was written: the order is still due.
    async fn order(&self, schedule: &Schedule, trigger: Trigger, slot: Option<String>) -> Result<Outcome, StoreError> {
        let service = self.service();
        let open = service.open_scans_of(&schedule.id);
        if let Some(last) = open.last() {
            let name = uuid::Uuid::from_bytes(*last);
            match schedule.overlap {
                Overlap::Skip => {
                    return self.note(schedule, slot, format!("left out: scan {name} had not ended"), None).await;
                }
                Overlap::Queue => {
                    return self.note(schedule, slot, format!("waits for scan {name}"), Some(trigger)).await;
                }
                Overlap::Cancel => self.cancel(&schedule.tenant, &open).await,
            }
        }
        let fired = Fired { schedule: schedule.id, trigger, slot: slot.clone() };
        match service.order(orders::order(schedule, fired)).await {
            Ok(ordered) => Ok(Outcome::Ordered(Box::new(ordered))),
            // It has fired, is gone, or fires when the program begins anew.
            Err(
                OrderError::Stopping
                | OrderError::Engine(EngineError::Store(StoreError::FiredAlready { .. } | StoreError::NoSuchSchedule(_))),
            ) => Ok(Outcome::Noted),
            // The ledger takes nothing now; this would be lost as well.
            Err(OrderError::Engine(EngineError::Store(error))) => Err(error),
            Err(error) => {
                tracing::warn!(schedule = %uuid::Uuid::from_bytes(schedule.id), %error, "a schedule's order was not taken");
                self.note(schedule, slot, error.to_string(), None).await
            }
        }
    }

    async fn cancel(&self, tenant: &TenantId, scans: &[ScanId]) {
        for scan in scans {
            if let Err(error) = self.0.service.cancel(tenant, scan).await {
                // Most often it has ended meanwhile; else the next order is given all the same.
                tracing::info!(%error, "a scan could not be cancelled for the next of its schedule");
            }
        }
    }

    async fn note(
        &self,
        schedule: &Schedule,
        slot: Option<String>,
        problem: String,
        queued: Option<Trigger>,
    ) -> Result<Outcome, StoreError> {
        self.change(schedule, move |state| {
            if slot.is_some() {
                state.last_slot = slot;
            }
            (state.last_problem, state.queued) = (Some(problem), queued);
        })
        .await?;
        Ok(Outcome::Noted)
    }

    async fn change(
        &self,
        schedule: &Schedule,
        change: impl FnOnce(&mut ScheduleState) + Send + 'static,
    ) -> Result<Option<Schedule>, StoreError> {
        let (tenant, id) = (schedule.tenant, schedule.id);
        self.read(move |ledger| ledger.note_schedule(&tenant, &id, change)).await
    }

    /// Works on the ledger where it may wait for the disk.
    async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ledger = self.service().changing_ledger();
        match tokio::task::spawn_blocking(move || body(&ledger)).await {
            Ok(done) => done,
            Err(error) => Err(StoreError::BrokeOff(error.to_string())),
        }
    }

    fn now(&self) -> Timestamp {
        self.0.service.engine().clock().now()
    }
}

/// The times of a schedule. One that cannot be read any more, because the zone has left the database, is told and passed over.
fn cron_of(schedule: &Schedule) -> Option<Cron> {
    let timing = schedule.timing.as_ref()?;
    let cron = Cron::known(&timing.cron, &timing.timezone);
    cron.inspect_err(|error| tracing::error!(%error, "a schedule has no times")).ok()
}

/// The last time that has come and was not dealt with. Times of one form order as texts.
fn due(schedule: &Schedule, cron: &Cron, now: Timestamp) -> Option<String> {
    let slot = rfc3339(cron.last(now)?);
    let dealt_with = schedule.state.last_slot.as_ref().is_some_and(|last| *last >= slot);
    (slot > schedule.armed_at && !dealt_with).then_some(slot)
}
