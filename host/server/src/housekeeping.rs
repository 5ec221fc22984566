//! What has to be done now and then while the server runs.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::idempotency::oldest;
use crate::state::AppState;

/// Refusals wait a minute to be written down together.
const ROUND: Duration = Duration::from_mins(1);

/// Rounds between two looks for what is a day old.
const PRUNE_ROUNDS: u32 = 60;

/// Runs until the server has stopped, then does what must not be left.
pub(crate) async fn keep_house(state: AppState, stop: CancellationToken) {
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0u32.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = rounds.tick() => {}
        }
        write_late(&state, false).await;
        if round.is_multiple_of(PRUNE_ROUNDS) {
            prune(&state).await;
            expire(&state).await;
        }
    }
    write_late(&state, true).await;
}

async fn write_late(state: &AppState, end: bool) {
    if let Err(error) = state.audit_late(end).await {
        tracing::error!(%error, "refusals cannot be written to the audit log");
    }
}

/// Removes what tenants keep no longer.
async fn expire(state: &AppState) {
    match state.service().expire().await {
        Ok(0) => {}
        Ok(scans) => tracing::info!(scans, "scans were removed, because their tenants keep none so old"),
        Err(error) => tracing::error!(%error, "old scans cannot be removed"),
    }
}

async fn prune(state: &AppState) {
    let oldest = oldest(Timestamp::now());
    if let Err(error) = state.write(move |ledger| ledger.prune_keyed(&oldest)).await {
        tracing::error!(%error, "old idempotency keys cannot be removed");
    }
}
