//! What all requests share.

use std::sync::Arc;

use plumb_store::{Ledger, StoreError};
use tokio::sync::{AcquireError, Semaphore};
use tokio::task::JoinError;

use crate::limits::{LEDGER_READS, Limits};
use crate::metrics::Metrics;

/// The ledger, the bounds and the metrics. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    ledger: Arc<Ledger>,
    reads: Arc<Semaphore>,
    limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
}

/// Why the ledger gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("reading the ledger broke off: {0}")]
    BrokeOff(#[from] JoinError),
    #[error("the ledger is not read any more: {0}")]
    Closed(#[from] AcquireError),
}

impl AppState {
    pub fn new(ledger: Arc<Ledger>) -> AppState {
        AppState {
            ledger,
            reads: Arc::new(Semaphore::new(LEDGER_READS)),
            limits: Limits::default(),
            metrics: Arc::new(Metrics::new()),
        }
    }

    /// The same under other bounds.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> AppState {
        AppState { limits, ..self }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Reads the ledger on a thread that may wait for the disk. The place in the bound is given back when the read has ended, not
    /// when its request has.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let place = Arc::clone(&self.reads).acquire_owned().await?;
        let ledger = Arc::clone(&self.ledger);
        let read = tokio::task::spawn_blocking(move || {
            let answer = body(&ledger);
            drop(place);
            answer
        });
        Ok(read.await??)
    }
}
