//! How fast, how often and how long. A lane is one service in one region of one account, which is what clouds throttle by. As long as
//! nothing was throttled, each round that goes well lets twice as many through as the one before, as TCP begins; a throttling halves
//! them, and from then on it is one more for each round. The lane closes for a while where nothing
//! goes well at all, so that a thousand requests do not wait a thousand times.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Requests on their way in a lane: at first, at most. Sixteen is what AWS's own clients send at once to S3; sixty-four fills a
/// link with pages of a megabyte.
const FIRST: f64 = 16.0;
const MOST: f64 = 64.0;
/// Requests of a lane that failed one after the other with all their repetitions, before it closes.
const FAILURES: u32 = 8;
/// Attempts that may be asked for: with the longest pauses, more than fit into the time of a request.
const MOST_ATTEMPTS: u32 = 20;
/// How long it is closed.
const CLOSED: Duration = Duration::from_secs(10);

/// Bounds of one request.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often it is sent at most.
    pub attempts: u32,
    /// The first pause is at most this long, each further one at most twice as long as the one before.
    pub pause: Duration,
    /// No pause is longer, whatever `Retry-After` says.
    pub longest_pause: Duration,
    /// One attempt.
    pub attempt_time: Duration,
    /// All attempts and pauses.
    pub whole_time: Duration,
}

impl Default for Pace {
    /// Bursts of throttling last a few seconds; AWS's slowest read calls take ten.
    fn default() -> Pace {
        Pace {
            attempts: 6,
            pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(20),
            attempt_time: Duration::from_secs(30),
            whole_time: Duration::from_mins(2),
        }
    }
}

impl Pace {
    /// With as much time for one attempt; all together have four times that.
    #[must_use]
    pub fn with_attempt_time(self, attempt_time: Duration) -> Pace {
        Pace { attempt_time, whole_time: attempt_time.saturating_mul(4), ..self }
    }

    /// With as many attempts as the environment asks for, if it does.
    pub(crate) fn with_attempts(self, asked: Option<&str>) -> Result<Pace, String> {
        let Some(asked) = asked else { return Ok(self) };
        match asked.trim().parse() {
            Ok(attempts @ 1..=MOST_ATTEMPTS) => Ok(Pace { attempts, ..self }),
            _ => Err(format!("AWS_MAX_ATTEMPTS (max_attempts) is {asked:?}; it is a number from 1 to {MOST_ATTEMPTS}")),
        }
    }

    /// How long to wait after so many attempts: any time up to the bound, so that clients that failed together do not come back
    /// together; and at least what the answer asked for.
    pub(crate) fn pause_after(&self, attempts: u32, asked: Option<Duration>) -> Duration {
        let bound = self.pause.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(self.longest_pause);
        // Without randomness the bound itself is right too, only less kind.
        let part = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
        asked.unwrap_or_default().saturating_add(bound.mul_f64(part))
    }
}

#[derive(Debug)]
struct State {
    limit: f64,
    in_flight: u32,
    /// When the limit was halved last.
    cut_at: Option<Instant>,
    failures: u32,
    closed_until: Option<Instant>,
}

#[derive(Debug)]
pub(crate) struct Lane {
    state: Mutex<State>,
    freed: Notify,
}

/// A place in a lane; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    lane: &'a Lane,
    since: Instant,
    /// How many were on their way then, with this one.
    pub(crate) count: u32,
}

impl Lane {
    pub(crate) fn new() -> Lane {
        let state = State { limit: FIRST, in_flight: 0, cut_at: None, failures: 0, closed_until: None };
        Lane { state: Mutex::new(state), freed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Permit<'_> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            {
                let mut state = self.state();
                if f64::from(state.in_flight) < state.limit.floor() {
                    state.in_flight += 1;
                    return Permit { lane: self, since: Instant::now(), count: state.in_flight };
                }
            }
            freed.await;
        }
    }

    /// Whether nothing goes through at the moment.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed_until.is_some_and(|until| Instant::now() < until)
    }

    /// Whether the last requests all failed: further ones are sent once.
    pub(crate) fn is_failing(&self) -> bool {
        self.state().failures >= FAILURES
    }

    /// A request that failed for good, or did not.
    pub(crate) fn note_end(&self, failed: bool) {
        let mut state = self.state();
        state.failures = if failed { state.failures.saturating_add(1) } else { 0 };
        state.closed_until = (state.failures >= FAILURES).then(|| Instant::now() + CLOSED);
    }
}

impl Permit<'_> {
    pub(crate) fn note_answer(&self, throttled: bool) {
        let mut state = self.lane.state();
        if !throttled {
            let more = if state.cut_at.is_none() { 1.0 } else { 1.0 / state.limit };
            state.limit = (state.limit + more).min(MOST);
        } else if state.cut_at.is_none_or(|cut_at| cut_at < self.since) {
            // Those that were on their way when the limit was cut say nothing about the limit as it is now.
            state.limit = (state.limit / 2.0).max(1.0);
            state.cut_at = Some(Instant::now());
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.lane.state().in_flight -= 1;
        self.lane.freed.notify_one();
    }
}
