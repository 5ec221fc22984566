//! How long things will take, from how long they took.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Scans that count: enough to be steady, few enough to follow a change.
const KEPT: usize = 50;

/// Where nothing was measured yet: a scan's start and end, and one resource through all checks, as tests/bench measures them on two cores.
const START: Duration = Duration::from_millis(500);
const RESOURCE: Duration = Duration::from_micros(200);

/// Bytes of a state that one resource takes, about.
const RESOURCE_BYTES: u64 = 2_000;

/// Durations of scans that have completed.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    kept: Mutex<VecDeque<Duration>>,
}

impl Durations {
    pub(crate) fn add(&self, duration: Duration) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(duration);
    }

    /// Of the recent scans.
    pub(crate) fn median(&self) -> Option<Duration> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<Duration> = kept.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

/// Resources in files of a size.
pub(crate) fn resources_in(bytes: u64) -> u64 {
    bytes.div_ceil(RESOURCE_BYTES)
}

/// A scan of which nothing is known but its size.
pub(crate) fn duration_of(resources: u64) -> Duration {
    START + RESOURCE * u32::try_from(resources).unwrap_or(u32::MAX)
}

/// The wait of whom `position` others, itself included, stand before a number of places that each take so long.
pub(crate) fn wait(position: usize, places: usize, each: Duration) -> Duration {
    let rounds = position.div_ceil(places.max(1));
    each * u32::try_from(rounds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_follows_the_recent_scans() {
        let durations = Durations::default();
        assert_eq!(durations.median(), None);
        for seconds in [9, 1, 2] {
            durations.add(Duration::from_secs(seconds));
        }
        assert_eq!(durations.median(), Some(Duration::from_secs(2)));
        for _ in 0..KEPT {
            durations.add(Duration::from_secs(7));
        }
        assert_eq!(durations.median(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_wait_goes_by_rounds() {
        let each = Duration::from_secs(10);
        assert_eq!([1, 10, 11].map(|position| wait(position, 10, each).as_secs()), [10, 10, 20]);
    }
}
