//! Keeps what was hard to get, credentials until shortly before they expire. Whoever needs it at the same time waits for the one who
//! gets it.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::Credentials;
use super::sts::Identity;

/// Credentials that end sooner are renewed: a request with all its repetitions fits into it.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// How long a failure counts for everybody: a thousand requests do not ask a thousand times.
const FAILURE_TIME: Duration = Duration::from_secs(30);

/// What may end.
pub(crate) trait Expires {
    /// None for what lasts.
    fn expires_at(&self) -> Option<Timestamp>;
}

impl Expires for Credentials {
    fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl Expires for Identity {
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

/// The accounts of an organization.
impl Expires for BTreeSet<String> {
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

#[derive(Debug)]
pub(crate) struct Cache<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    kept: Option<Arc<T>>,
    failed: Option<(Instant, String)>,
}

impl<T> Default for Cache<T> {
    fn default() -> Cache<T> {
        Cache(Mutex::new(State { kept: None, failed: None }))
    }
}

impl<T: Expires> Cache<T> {
    /// What is kept, or what `fetch` gets. Where it gets nothing, what is kept goes on while it is valid.
    pub(crate) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<Arc<T>, String>
    where
        F: Future<Output = Result<T, String>>,
    {
        let mut state = self.0.lock().await;
        let lasts = |kept: &T, beyond: Timestamp| kept.expires_at().is_none_or(|expires_at| expires_at > beyond);
        let now = Timestamp::now();
        let ahead = now.checked_add(AHEAD).unwrap_or(now);
        if let Some(kept) = state.kept.as_ref().filter(|kept| lasts(kept, ahead)) {
            return Ok(Arc::clone(kept));
        }
        let recent = state.failed.as_ref().filter(|(at, _)| at.elapsed() < FAILURE_TIME);
        let fetched = match recent {
            Some((_, error)) => Err(error.clone()),
            None => fetch().await,
        };
        match fetched {
            Ok(fetched) => {
                let fetched = Arc::new(fetched);
                *state = State { kept: Some(Arc::clone(&fetched)), failed: None };
                Ok(fetched)
            }
            Err(error) => {
                if recent.is_none() {
                    state.failed = Some((Instant::now(), error.clone()));
                }
                state.kept.as_ref().filter(|kept| lasts(kept, now)).map(Arc::clone).ok_or(error)
            }
        }
    }
}
