//! What all requests share.

use std::collections::HashSet;
use std::net::IpAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use plumb_engine::notify::secrets::Secrets;
use plumb_engine::notify::{Notifier, Settings};
use plumb_engine::schedule::Scheduler;
use plumb_engine::service::order::Order;
use plumb_engine::service::{OrderError, Ordered, Service};
use plumb_model::access::{AuditEvent, Token, TokenId};
use plumb_store::{Ledger, StoreError};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::audit::{self, Refusals};
use crate::limits::{LEDGER_READS, LEDGER_WRITES, Limits, MAX_CONCURRENT, QUEUE};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::rate::Rate;
use crate::rows::Rows;
use crate::session::Sessions;
use crate::tls::Tls;
use crate::token::TokenKey;

/// What runs scans, the ledger, the bounds, the counts and the metrics. Every layer and handler has a clone: it is one count.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Clone, Debug)]
pub struct Shared {
    service: Service,
    scheduler: Scheduler,
    ledger: Arc<Ledger>,
    stopping: CancellationToken,
    streams: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    limits: Limits,
    tls: Option<Tls>,
    scans: ScanSettings,
    pub(crate) token_key: TokenKey,
    pub(crate) triggers: Arc<Rate<TokenId>>,
    pub(crate) failures: Arc<Rate<IpAddr>>,
    pub(crate) sessions: Arc<Sessions>,
    refusals: Arc<Refusals>,
    touches: Arc<Mutex<HashSet<TokenId>>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rows: Arc<Rows>,
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// What the operator sets for the scans that the server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanSettings {
    /// Scans of a tenant that run at a time.
    pub max_concurrent: usize,
    /// Scans of a tenant that wait for a place.
    pub queue: usize,
    /// Folders that file targets may be in; none: wherever the server may read.
    pub allowed_paths: Vec<PathBuf>,
}

impl Default for ScanSettings {
    fn default() -> ScanSettings {
        ScanSettings { max_concurrent: MAX_CONCURRENT, queue: QUEUE, allowed_paths: Vec::new() }
    }
}

/// Why the ledger gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("work on the ledger broke off: {0}")]
    BrokeOff(#[from] JoinError),
    #[error("the ledger is not used any more: {0}")]
    Closed(#[from] AcquireError),
}

/// What a client can do something about it is told; all other words are for the log.
impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Problem {
        use StoreError::{
            AutomaticEvidence, IllegalDriftMove, NameTaken, NoCurrentDocument, NoSuchDrift, NoSuchEvidence, NoSuchScan,
            NoSuchSchedule, NotAccepted, NotDead, TakenOver, TooLarge, TooMany, UploadTooLarge, WrongStatus,
        };
        let LedgerError::Store(store) = &error else {
            tracing::error!(%error, "the ledger does not answer");
            return Problem::internal();
        };
        match store {
            NoSuchScan(_) | NoSuchEvidence(_) | NoSuchDrift(_) | NoSuchSchedule(_) => Problem::not_found(),
            NameTaken(_)
            | TooMany { .. }
            | IllegalDriftMove { .. }
            | NoCurrentDocument(_)
            | AutomaticEvidence(_)
            | TakenOver { .. }
            | NotDead { .. }
            | WrongStatus { .. } => Problem::conflict(format!("{store}.")),
            UploadTooLarge { .. } => Problem::too_large(),
            NotAccepted(_) => Problem::invalid_body("file", store.to_string()),
            TooLarge { .. } => Problem::invalid_body("", store.to_string()),
            StoreError::OpenedAgain => Problem::unavailable(),
            store if store.is_disk_full() => Problem::insufficient_storage(),
            _ => {
                tracing::error!(%error, "the ledger does not answer");
                Problem::internal()
            }
        }
    }
}

impl AppState {
    /// Without a scheduler of its own it sends no messages.
    pub fn new(service: Service, token_key: TokenKey) -> AppState {
        let limits = Limits::default();
        let settings = Settings {
            post: None,
            smtp: None,
            secrets: Secrets::default(),
            signing: token_key.signing(),
            public_url: None,
        };
        let clock = Arc::clone(service.engine().clock());
        let notifier = Notifier::new(Arc::clone(service.ledger()), clock, settings);
        AppState(Arc::new(Shared {
            ledger: Arc::clone(service.ledger()),
            scheduler: Scheduler::new(service.clone(), notifier),
            service,
            stopping: CancellationToken::new(),
            streams: Arc::new(Semaphore::new(limits.streams)),
            reads: Arc::new(Semaphore::new(LEDGER_READS)),
            writes: Arc::new(Semaphore::new(LEDGER_WRITES)),
            limits,
            tls: None,
            scans: ScanSettings::default(),
            token_key,
            triggers: Arc::new(Rate::new(limits.triggers)),
            failures: Arc::new(Rate::new(limits.failures)),
            sessions: Arc::default(),
            refusals: Arc::default(),
            touches: Arc::default(),
            metrics: Arc::new(Metrics::new()),
            rows: Arc::default(),
        }))
    }

    /// The same under other bounds.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> AppState {
        let (triggers, failures) = (Arc::new(Rate::new(limits.triggers)), Arc::new(Rate::new(limits.failures)));
        self.changed(|shared| Shared {
            limits,
            triggers,
            failures,
            streams: Arc::new(Semaphore::new(limits.streams)),
            ..shared
        })
    }

    fn changed(self, change: impl FnOnce(Shared) -> Shared) -> AppState {
        AppState(Arc::new(change(Arc::unwrap_or_clone(self.0))))
    }

    /// What runs scans.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// What runs scans, for a request that changes something: its entry of the audit log is committed with the change.
    pub(crate) fn changing(&self) -> Service {
        audit::pending().map_or_else(|| self.service.clone(), |entry| self.service.noting(entry))
    }

    /// Orders a scan for the request that is served.
    pub(crate) async fn order(&self, order: Order) -> Result<Ordered, OrderError> {
        let id = *uuid::Uuid::now_v7().as_bytes();
        audit::makes("/v1/scans", id);
        self.changing().order(Order { id: Some(id), ..order }).await
    }

    /// The same with somebody who attends to schedules and sends messages.
    #[must_use]
    pub fn with_scheduler(self, scheduler: Scheduler) -> AppState {
        self.changed(|shared| Shared { scheduler, ..shared })
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// Who attends to schedules, for a request that changes something: its entry of the audit log is committed with the change.
    pub(crate) fn changing_scheduler(&self) -> Scheduler {
        audit::pending().map_or_else(|| self.scheduler.clone(), |entry| self.scheduler.noting(entry))
    }

    /// Cancelled when the server stops.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// A place for one more stream, unless there are too many.
    pub(crate) fn stream_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    /// The same over secured connections.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> AppState {
        self.changed(|shared| Shared { tls: Some(tls), ..shared })
    }

    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The same with other settings for scans.
    #[must_use]
    pub fn with_scans(self, scans: ScanSettings) -> AppState {
        self.changed(|shared| Shared { scans, ..shared })
    }

    /// What the operator set for scans.
    pub fn scans(&self) -> &ScanSettings {
        &self.scans
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// A token that the ledger need not be read for.
    pub(crate) fn known_token(&self, hash: &[u8; 32]) -> Option<Arc<Token>> {
        self.ledger.known_token(hash)
    }

    /// Reads the ledger on a thread that may wait for the disk. The place in the bound is given back when the read has ended, not
    /// when its request has.
    pub async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.with_ledger(Arc::clone(&self.ledger), &self.reads, body).await
    }

    /// The same for what writes: writers wait for each other, and must not take the places of readers meanwhile. While a request
    /// that changes something is served, the first write is committed with the request's entry of the audit log.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let noting = audit::pending().map(|entry| Arc::new(self.ledger.noting(entry)));
        self.with_ledger(noting.unwrap_or_else(|| Arc::clone(&self.ledger)), &self.writes, body).await
    }

    async fn with_ledger<T: Send + 'static>(
        &self,
        ledger: Arc<Ledger>,
        places: &Arc<Semaphore>,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let place = Arc::clone(places).acquire_owned().await?;
        let work = tokio::task::spawn_blocking(move || {
            let answer = body(&ledger);
            drop(place);
            answer
        });
        Ok(work.await??)
    }

    /// Notes that a token was used, unless that is being done already: a writer may be slow, and requests are many.
    pub(crate) async fn touch(&self, token: TokenId, hash: [u8; 32], at: String) {
        // A panic while it was held leaves a set of ids, which is what it was.
        let touches = || self.touches.lock().unwrap_or_else(PoisonError::into_inner);
        if !touches().insert(token) {
            return;
        }
        if let Err(error) = self.write(move |ledger| ledger.touch_token(&hash, &at)).await {
            tracing::warn!(%error, "the use of a token cannot be noted");
        }
        touches().remove(&token);
    }

    /// Writes something down for good.
    pub(crate) async fn audit(&self, event: AuditEvent) -> Result<(), LedgerError> {
        self.append(vec![event]).await
    }

    /// The same for what may be too frequent for an entry each.
    pub(crate) async fn audit_refusal(&self, event: AuditEvent) -> Result<(), LedgerError> {
        self.append(self.refusals.note(event, Instant::now())).await
    }

    /// What was refused and has waited long enough to be written down; everything, at the end.
    pub(crate) async fn audit_late(&self, end: bool) -> Result<(), LedgerError> {
        self.append(if end { self.refusals.rest() } else { self.refusals.due(Instant::now()) }).await
    }

    async fn append(&self, events: Vec<AuditEvent>) -> Result<(), LedgerError> {
        if events.is_empty() {
            return Ok(());
        }
        self.write(move |ledger| events.iter().try_for_each(|event| ledger.append_audit(event).map(drop))).await
    }
}
