//! What all requests share.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use plumb_engine::service::Service;
use plumb_model::access::{AuditEvent, TokenId};
use plumb_store::{Ledger, StoreError};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::audit::Refusals;
use crate::limits::{FAILURES, LEDGER_READS, LEDGER_WRITES, Limits};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::rate::Rate;
use crate::token::TokenKey;

/// What runs scans, the ledger, the bounds, the counts and the metrics. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    service: Service,
    ledger: Arc<Ledger>,
    stopping: CancellationToken,
    streams: Arc<Semaphore>,
    allowed: Arc<Vec<PathBuf>>,
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    limits: Limits,
    pub(crate) token_key: TokenKey,
    pub(crate) triggers: Arc<Rate<TokenId>>,
    pub(crate) failures: Arc<Rate<IpAddr>>,
    refusals: Arc<Refusals>,
    pub(crate) metrics: Arc<Metrics>,
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
            NotAccepted, TakenOver, TooLarge, TooMany, UploadTooLarge, WrongStatus,
        };
        let LedgerError::Store(store) = &error else {
            tracing::error!(%error, "the ledger does not answer");
            return Problem::internal();
        };
        match store {
            NoSuchScan(_) | NoSuchEvidence(_) | NoSuchDrift(_) => Problem::not_found(),
            NameTaken(_)
            | TooMany { .. }
            | IllegalDriftMove { .. }
            | NoCurrentDocument(_)
            | AutomaticEvidence(_)
            | TakenOver { .. }
            | WrongStatus { .. } => Problem::conflict(format!("{store}.")),
            UploadTooLarge { .. } => Problem::too_large(),
            NotAccepted(_) => Problem::invalid_body("file", store.to_string()),
            TooLarge { .. } => Problem::invalid_body("", store.to_string()),
            store if store.is_disk_full() => Problem::insufficient_storage(),
            _ => {
                tracing::error!(%error, "the ledger does not answer");
                Problem::internal()
            }
        }
    }
}

impl AppState {
    pub fn new(service: Service, token_key: TokenKey) -> AppState {
        let limits = Limits::default();
        AppState {
            ledger: Arc::clone(service.ledger()),
            service,
            stopping: CancellationToken::new(),
            streams: Arc::new(Semaphore::new(limits.streams)),
            allowed: Arc::default(),
            reads: Arc::new(Semaphore::new(LEDGER_READS)),
            writes: Arc::new(Semaphore::new(LEDGER_WRITES)),
            limits,
            token_key,
            triggers: Arc::new(Rate::new(limits.triggers)),
            failures: Arc::new(Rate::new(FAILURES)),
            refusals: Arc::default(),
            metrics: Arc::new(Metrics::new()),
        }
    }

    /// The same under other bounds.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> AppState {
        let (triggers, streams) = (Arc::new(Rate::new(limits.triggers)), Arc::new(Semaphore::new(limits.streams)));
        AppState { limits, triggers, streams, ..self }
    }

    /// The same for targets that lie in these folders only. Without any, a target may name whatever the server may read.
    #[must_use]
    pub fn with_allowed_paths(self, allowed: Vec<PathBuf>) -> AppState {
        AppState { allowed: Arc::new(allowed), ..self }
    }

    /// What runs scans.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Cancelled when the server stops.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// A place for one more stream, unless there are too many.
    pub(crate) fn stream_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    /// Folders that targets may lie in; none for all.
    pub(crate) fn allowed_paths(&self) -> &[PathBuf] {
        &self.allowed
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Reads the ledger on a thread that may wait for the disk. The place in the bound is given back when the read has ended, not
    /// when its request has.
    pub async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.with_ledger(&self.reads, body).await
    }

    /// The same for what writes: writers wait for each other, and must not take the places of readers meanwhile.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.with_ledger(&self.writes, body).await
    }

    async fn with_ledger<T: Send + 'static>(
        &self,
        places: &Arc<Semaphore>,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let place = Arc::clone(places).acquire_owned().await?;
        let ledger = Arc::clone(&self.ledger);
        let work = tokio::task::spawn_blocking(move || {
            let answer = body(&ledger);
            drop(place);
            answer
        });
        Ok(work.await??)
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
