//! Scans as a service: they are ordered, wait, run, are cancelled and deleted, and go on after a crash.
//!
//! [`order`] (what a client wants), [`queue`] (who runs and who waits), [`register`] (what lists show), [`log`] (what happens in a scan),
//! [`estimate`] (how long it will take), `lists` (what people look at), `expiry` (what is kept no longer). A scan's status changes only in the ledger; everything here follows it.

mod aftermath;
pub mod estimate;
mod expiry;
mod lists;
pub mod log;
pub mod order;
pub mod queue;
pub mod register;
mod running;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plumb_model::scan::{About, ScanId, ScanStatus};
use plumb_model::target::{Policy, Target};
use plumb_model::tenant::TenantId;
use plumb_store::{Ledger, PendingEntry, StoreError, StoredScanHead};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::error::EngineError;
use crate::request::{ScanRequest, Selection, StoredRequest};
use crate::scan::Engine;
use estimate::Durations;
use log::{Happening, Logs, Standing};
use order::{Order, OrderProblem, target_request};
use queue::{Bounds, Full, Queue};
use register::Register;

/// How long a cancelled scan may take to end before the answer no longer waits for it. Guests stop within a tick of 10 ms; the rest
/// is a commit.
const CANCEL: Duration = Duration::from_secs(5);

/// How long whoever deletes a scan that has ended waits for what follows from its end to be written down.
const AFTERMATH: Duration = Duration::from_secs(30);

/// How often the end of a scan that could not be written down is tried again: a full disk is emptied by people.
const RETRY: Duration = Duration::from_secs(2);

/// Runs scans for tenants. Cheap to clone. The second is an entry of the audit log that goes with the next change.
#[derive(Clone, Debug)]
pub struct Service(Arc<Inner>, Option<PendingEntry>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    queue: Mutex<Queue>,
    active: Mutex<HashMap<ScanId, Active>>,
    register: Register,
    logs: Logs,
    durations: Durations,
    /// Told whenever a scan has ended.
    happened: Notify,
    stop: CancellationToken,
}

/// A scan that runs in this process.
#[derive(Debug)]
struct Active {
    cancel: CancellationToken,
    standing: Arc<Mutex<Standing>>,
    ended: watch::Receiver<bool>,
    worker: JoinHandle<()>,
}

/// A scan that was ordered.
#[derive(Clone, Debug)]
pub struct Ordered {
    pub head: Arc<StoredScanHead>,
    /// Scans of the tenant that wait, this one included; 0 if it has begun.
    pub position: usize,
    pub estimated_duration: Duration,
    pub estimated_resources: u64,
    /// Until it begins.
    pub estimated_wait: Duration,
}

/// Why an order was not taken.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error("the order cannot be carried out: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<OrderProblem>),
    #[error("no place is left: {} of {} scans run", .full.running, .full.max_running)]
    Full { full: Full, wait: Duration },
    #[error("the server is stopping")]
    Stopping,
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for OrderError {
    fn from(error: StoreError) -> OrderError {
        OrderError::Engine(error.into())
    }
}

/// Why a scan was not cancelled or deleted.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no such scan")]
    NoSuchScan,
    #[error("the scan is {0}")]
    WrongStatus(ScanStatus),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a part of the engine stopped: {0}")]
    Stopped(String),
}

impl Service {
    /// Begins where an earlier process ended: what waited waits in the same order, what ran is taken up again from its finished tasks.
    pub fn start(engine: Engine, bounds: Bounds) -> Result<Service, StoreError> {
        let register = Register::load(engine.ledger())?;
        let inner = Inner {
            engine,
            queue: Mutex::new(Queue::new(bounds)),
            active: Mutex::default(),
            register,
            logs: Logs::default(),
            durations: Durations::default(),
            happened: Notify::new(),
            stop: CancellationToken::new(),
        };
        let service = Service(Arc::new(inner), None);
        // Scans from the command line are taken up by whoever began them.
        let open =
            service.0.register.all(|head| !head.scan.about.targets.is_empty() && !head.scan.status.is_terminal());
        let (running, waiting): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|head| head.scan.status == ScanStatus::Running);
        let ended = service.reopen_uncompared()?;
        for head in ended.iter().chain(&running).chain(&waiting) {
            service.give_share(&head.scan.tenant)?;
            service.queue().restore(&head.scan.tenant, head.scan.id);
        }
        for head in service.0.register.all(|head| head.scan.status == ScanStatus::Completed) {
            service.0.durations.add(duration(&head).unwrap_or_default());
        }
        service.fill();
        Ok(service)
    }

    /// The scans whose end was written down and what follows from it was not. They are shown as they were shown before: as running.
    fn reopen_uncompared(&self) -> Result<Vec<Arc<StoredScanHead>>, StoreError> {
        let mut found = Vec::new();
        for id in self.ledger().uncompared_scans()? {
            let Some(mut head) = self.ledger().scan_head(&id)? else { continue };
            // One from the command line is of no policy, and is its caller's own affair.
            if head.scan.about.policy.is_none() {
                continue;
            }
            let tenant = head.scan.tenant;
            lists::show_as_running(&mut head);
            self.0.register.put(head);
            found.extend(self.0.register.get(&tenant, &id));
        }
        Ok(found)
    }

    /// The same service. An order, a cancellation or a deletion through it is written down with the entry, or is not made; before a
    /// running scan is stopped the entry stands in the log.
    #[must_use]
    pub fn noting(&self, entry: PendingEntry) -> Service {
        Service(Arc::clone(&self.0), Some(entry))
    }

    /// The engine whose next write carries the entry of a change.
    pub fn changing_engine(&self) -> Engine {
        self.1.as_ref().map_or_else(|| self.0.engine.clone(), |entry| self.0.engine.noting(entry.clone()))
    }

    /// The ledger whose next write carries the entry of a change.
    pub(crate) fn changing_ledger(&self) -> Arc<Ledger> {
        Arc::clone(self.changing_engine().ledger())
    }

    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub fn ledger(&self) -> &Arc<Ledger> {
        self.0.engine.ledger()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn active(&self) -> MutexGuard<'_, HashMap<ScanId, Active>> {
        self.0.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What can be said to be wrong with an order without looking at targets, which may be made later.
    pub fn check(&self, order: &Order) -> Result<(), Vec<OrderProblem>> {
        order.check(self.0.engine.library())
    }

    /// Takes an order. When this returns, the scan is on the disk.
    pub async fn order(&self, order: Order) -> Result<Ordered, OrderError> {
        if self.0.stop.is_cancelled() {
            return Err(OrderError::Stopping);
        }
        let library = self.0.engine.library();
        order.check(library).map_err(OrderError::Invalid)?;
        let all = self.ledger().targets(&order.tenant)?;
        let targets = order.pick(library, all).await.map_err(|problem| OrderError::Invalid(vec![problem]))?;
        self.give_share(&order.tenant)?;
        let reserved = self.queue().reserve(&order.tenant);
        reserved.map_err(|full| OrderError::Full { full, wait: self.wait_for(&order.tenant, full.position) })?;
        let service = self.clone();
        let tenant = order.tenant;
        let written = tokio::task::spawn_blocking(move || service.write_down(&order, &targets)).await;
        let written = written.unwrap_or_else(|error| Err(EngineError::Stopped(error.to_string()).into()));
        let (head, estimated_resources) = match written {
            Ok(written) => written,
            Err(error) => {
                self.queue().release(&tenant);
                return Err(error);
            }
        };
        let id = head.scan.id;
        self.0.register.put(head);
        self.queue().enter(&tenant, id);
        self.fill();
        let position = self.position(&id).unwrap_or_default();
        Ok(Ordered {
            head: self.scan(&tenant, &id).ok_or_else(|| EngineError::Stopped("the scan was deleted".to_owned()))?,
            position,
            estimated_duration: self.0.durations.median().unwrap_or_else(|| estimate::duration_of(estimated_resources)),
            estimated_resources,
            estimated_wait: if position == 0 { Duration::ZERO } else { self.wait_for(&tenant, position) },
        })
    }

    fn wait_for(&self, tenant: &TenantId, position: usize) -> Duration {
        let each = self.0.durations.median().unwrap_or_else(|| estimate::duration_of(0));
        estimate::wait(position, self.queue().share(tenant), each)
    }

    /// Holds a tenant to the bound that its record has.
    fn give_share(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let own = self.ledger().tenant(tenant)?.and_then(|tenant| tenant.max_concurrent_scans);
        self.queue().set_share(tenant, own.map(|own| usize::try_from(own).unwrap_or(usize::MAX)));
        Ok(())
    }

    /// The policy of some targets and frameworks, all that fit where none is named; made if there is none yet. The frameworks are ids.
    pub fn policy(
        &self,
        tenant: &TenantId,
        targets: &[Target],
        frameworks: Vec<String>,
    ) -> Result<Policy, EngineError> {
        let requests: Result<Vec<_>, EngineError> = targets.iter().map(target_request).collect();
        let selection = Selection { frameworks, ..Selection::default() };
        let request = ScanRequest { tenant: *tenant, targets: requests?, selection, ..ScanRequest::default() };
        self.policy_of(&self.changing_ledger(), &request, targets)
    }

    fn policy_of(&self, ledger: &Ledger, request: &ScanRequest, targets: &[Target]) -> Result<Policy, EngineError> {
        let key = StoredRequest::new(request).scope_key(&request.tenant);
        Ok(ledger.put_policy(&key, &new_policy(request, targets, self.0.engine.now()))?)
    }

    /// The policy, then the scan. Gives its head and how many resources it will have, about.
    fn write_down(&self, order: &Order, targets: &[Target]) -> Result<(StoredScanHead, u64), OrderError> {
        let engine = &self.0.engine;
        let selection = order.selection(engine.library());
        let requests: Result<Vec<_>, EngineError> = targets.iter().map(target_request).collect();
        let mut request = ScanRequest {
            tenant: order.tenant,
            about: About {
                name: order.name.clone(),
                scan_type: order.scan_type,
                trigger: order.trigger,
                environment: order.targets.environment.clone().unwrap_or_else(|| common_environment(targets)),
                audit_name: order.audit_name.clone(),
                policy: None,
                targets: targets.iter().map(|target| target.id).collect(),
                frameworks: order.frameworks.clone(),
                cloud_providers: order.targets.providers.clone(),
                schedule: order.fired.as_ref().map(|fired| fired.schedule),
                notifications: order.notifications.clone(),
            },
            targets: requests?,
            selection,
            as_of: None,
            timeout: order.timeout,
            serial: order.serial,
            fired: order.fired.clone(),
            id: order.id,
        };
        request.about.policy = Some(self.policy_of(self.ledger(), &request, targets)?.id);
        let id = self.changing_engine().create(request).map_err(|error| match error {
            EngineError::NoChecks(message) => OrderError::Invalid(vec![order::problem("scope", message)]),
            error => error.into(),
        })?;
        let head = self.ledger().scan_head(&id)?;
        let head = head.ok_or_else(|| EngineError::Stopped("the scan has left the ledger".to_owned()))?;
        let before = head.scan.previous.and_then(|previous| self.scan(&order.tenant, &previous));
        let resources = before.and_then(|before| before.figures).map(|figures| figures.resources);
        let resources = resources.unwrap_or_else(|| estimate::resources_in(engine.size(&id)));
        Ok((head, resources))
    }

    /// Begins what may begin.
    fn fill(&self) {
        while !self.0.stop.is_cancelled() {
            let Some(id) = self.queue().begin() else { return };
            self.begin(id);
        }
    }

    fn begin(&self, id: ScanId) {
        let (cancel, standing) = (CancellationToken::new(), Arc::new(Mutex::new(Standing::default())));
        let (tell, ended) = watch::channel(false);
        // Held until the worker is in the map, so that it cannot take itself out before.
        let mut active = self.active();
        let worker = tokio::spawn({
            let (service, cancel, standing) = (self.clone(), cancel.clone(), Arc::clone(&standing));
            async move {
                service.work(id, cancel, standing).await;
                service.active().remove(&id);
                service.queue().end(&id);
                tell.send_replace(true);
                service.fill();
            }
        });
        active.insert(id, Active { cancel, standing, ended, worker });
    }

    /// Cancels a scan. One that waits is cancelled when this returns; one that runs too, unless the disk is slow.
    pub async fn cancel(&self, tenant: &TenantId, id: &ScanId) -> Result<Arc<StoredScanHead>, ChangeError> {
        let head = self.scan(tenant, id).ok_or(ChangeError::NoSuchScan)?;
        if head.scan.status.is_terminal() {
            return Err(ChangeError::WrongStatus(head.scan.status));
        }
        let now = self.ledger().scan_head(id)?.ok_or(ChangeError::NoSuchScan)?.scan.status;
        if now.is_terminal() {
            // It is shown as running until what follows from its end is written down.
            return Err(ChangeError::WrongStatus(now));
        }
        if self.queue().withdraw(id) {
            let ledger = self.changing_ledger();
            let scan = ledger.transition(id, ScanStatus::Cancelled, &self.0.engine.now(), Some("cancelled"))?;
            let log = self.0.logs.open(id, 0);
            let happening = Happening::Status { status: scan.status, reason: scan.status_reason.clone() };
            log.add(self.0.engine.now(), happening);
            self.0.logs.end(id);
            self.0.happened.notify_one();
        } else {
            let running = self.active().get(id).map(|active| (active.cancel.clone(), active.ended.clone()));
            if let Some((cancel, mut ended)) = running {
                if let Some(entry) = &self.1 {
                    self.ledger().note_begun(entry)?;
                }
                cancel.cancel();
                let waited = tokio::time::timeout(CANCEL, ended.wait_for(|ended| *ended)).await;
                // A sender that is gone has ended too.
                tracing::debug!(in_time = waited.is_ok(), "a scan was cancelled");
            }
        }
        let head = self.refresh(id)?;
        match head.scan.status {
            ScanStatus::Completed | ScanStatus::Failed => Err(ChangeError::WrongStatus(head.scan.status)),
            _ => Ok(head),
        }
    }

    /// Deletes a scan with everything it found. One that runs has to be cancelled first.
    pub async fn delete(&self, tenant: &TenantId, id: &ScanId) -> Result<(), ChangeError> {
        let head = self.scan(tenant, id).ok_or(ChangeError::NoSuchScan)?;
        if self.queue().runs(id) {
            let running = self.active().get(id).map(|active| active.ended.clone());
            match running {
                // It has ended; what follows from it is being written down, and that comes first.
                Some(mut ended) if self.refresh(id)?.scan.status.is_terminal() => {
                    let waited = tokio::time::timeout(AFTERMATH, ended.wait_for(|ended| *ended)).await;
                    if waited.is_err() {
                        return Err(ChangeError::WrongStatus(ScanStatus::Running));
                    }
                }
                _ => return Err(ChangeError::WrongStatus(ScanStatus::Running)),
            }
        }
        self.queue().withdraw(id);
        let (service, id) = (self.clone(), *id);
        let deleted = tokio::task::spawn_blocking(move || service.changing_ledger().delete_scan(&id)).await;
        match deleted.map_err(|error| ChangeError::Stopped(error.to_string()))? {
            Ok(()) => {}
            Err(StoreError::NoSuchScan(_)) => return Err(ChangeError::NoSuchScan),
            Err(StoreError::WrongStatus { status, .. }) => return Err(ChangeError::WrongStatus(status)),
            Err(error) => return Err(error.into()),
        }
        self.0.register.remove(&head.scan.tenant, &id);
        self.0.logs.forget(&id);
        Ok(())
    }

    /// Stops. Scans that run stay as they are in the ledger and go on when the service starts again.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        let workers: Vec<Active> = self.active().drain().map(|(_, active)| active).collect();
        for active in workers {
            active.worker.abort();
            if let Err(error) = active.worker.await {
                tracing::debug!(%error, "a scan was left to be taken up again");
            }
        }
    }
}

/// From the beginning to the end of a scan.
pub fn duration(head: &StoredScanHead) -> Option<Duration> {
    let time = |text: &Option<String>| text.as_deref()?.parse::<jiff::Timestamp>().ok();
    let spent = time(&head.scan.completed_at)?.duration_since(time(&head.scan.started_at)?);
    Duration::try_from(spent).ok()
}

/// The environment of targets that are all of one.
fn common_environment(targets: &[Target]) -> String {
    let first = targets.first().and_then(Target::environment).unwrap_or_default();
    let same = targets.iter().all(|target| target.environment() == Some(first));
    if same { first.to_owned() } else { String::new() }
}

fn new_policy(request: &ScanRequest, targets: &[Target], now: String) -> Policy {
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let frameworks = match request.selection.frameworks.as_slice() {
        [] => "all frameworks".to_owned(),
        some => some.join(", "),
    };
    Policy {
        id: *uuid::Uuid::now_v7().as_bytes(),
        tenant: request.tenant,
        number: 0,
        // Long enough to tell policies apart in a list.
        name: format!("{}: {frameworks}", names.join(", ")).chars().take(200).collect(),
        targets: targets.iter().map(|target| target.id).collect(),
        frameworks: request.selection.frameworks.iter().cloned().collect(),
        labels: std::collections::BTreeMap::new(),
        created_at: now,
    }
}
