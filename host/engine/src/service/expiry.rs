//! Scans that their tenants keep no longer.

use std::sync::Arc;

use jiff::SignedDuration;
use plumb_model::scan::Scan;
use plumb_store::StoreError;

use super::{ChangeError, Service};
use crate::clock::rfc3339;

impl Service {
    /// Removes what tenants no longer keep: scans with their evidence, and uploads of that age. Says how many scans.
    pub async fn expire(&self) -> Result<usize, ChangeError> {
        let mut removed = 0;
        for tenant in self.ledger().tenants()? {
            let Some(days) = tenant.retention_days else { continue };
            let kept = SignedDuration::from_hours(24 * i64::from(days));
            // A time before all times keeps everything.
            let Ok(oldest) = self.0.engine.clock().now().checked_sub(kept) else { continue };
            let oldest = rfc3339(oldest);
            let old = self.0.register.all(|head| {
                let Scan { tenant: owner, status, created_at, .. } = &head.scan;
                *owner == tenant.id && status.is_terminal() && *created_at < oldest
            });
            for head in old {
                match self.delete(&tenant.id, &head.scan.id).await {
                    Ok(()) => removed += 1,
                    // It is needed by one that runs, runs again, or has gone: what is left goes the next time.
                    Err(
                        ChangeError::WrongStatus(_)
                        | ChangeError::NoSuchScan
                        | ChangeError::Store(StoreError::TakenOver { .. }),
                    ) => {}
                    Err(error) => return Err(error),
                }
            }
            let (ledger, id) = (Arc::clone(self.ledger()), tenant.id);
            let expired = tokio::task::spawn_blocking(move || ledger.expire(&id, &oldest)).await;
            expired.map_err(|error| ChangeError::Stopped(error.to_string()))??;
        }
        Ok(removed)
    }
}
