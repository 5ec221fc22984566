//! No more than so many in any minute. The times of the last ones are kept, so the bound holds in every minute and not only in those
//! that begin with the clock's.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::limits::RATE_KEYS;

/// Over which the bound holds.
const WINDOW: Duration = Duration::from_mins(1);

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const QUOTA: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Counts for each key.
#[derive(Debug)]
pub(crate) struct Rate<K> {
    most: usize,
    taken: Mutex<HashMap<K, VecDeque<Instant>>>,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    most: usize,
    remaining: usize,
    /// Until one more is free.
    reset: Duration,
}

impl<K: Copy + Eq + Hash> Rate<K> {
    pub(crate) fn new(most: usize) -> Rate<K> {
        Rate { most, taken: Mutex::new(HashMap::new()) }
    }

    /// Takes one; an error if there is none to take.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<Quota, Quota> {
        // What a panic may have left is a count that is one too high.
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.contains_key(&key) {
            make_room(&mut taken, now);
        }
        let times = taken.entry(key).or_default();
        forget(times, now);
        let granted = times.len() < self.most;
        if granted {
            times.push_back(now);
        }
        let reset = times.front().map_or(WINDOW, |first| WINDOW.saturating_sub(now.saturating_duration_since(*first)));
        let quota = Quota { most: self.most, remaining: self.most.saturating_sub(times.len()), reset };
        if granted { Ok(quota) } else { Err(quota) }
    }
}

fn forget(times: &mut VecDeque<Instant>, now: Instant) {
    while times.front().is_some_and(|first| now.saturating_duration_since(*first) >= WINDOW) {
        times.pop_front();
    }
}

/// Keys are as many as there are addresses, so those that were quiet for a window go, and if there are none the quietest.
fn make_room<K: Copy + Eq + Hash>(taken: &mut HashMap<K, VecDeque<Instant>>, now: Instant) {
    if taken.len() < RATE_KEYS {
        return;
    }
    taken.retain(|_, times| {
        forget(times, now);
        !times.is_empty()
    });
    if taken.len() >= RATE_KEYS {
        let quietest = taken.iter().min_by_key(|(_, times)| times.back()).map(|(key, _)| *key);
        quietest.and_then(|key| taken.remove(&key));
    }
}

impl Quota {
    /// Whole seconds until one more is free.
    pub(crate) fn seconds(&self) -> u64 {
        self.reset.as_secs() + u64::from(self.reset.subsec_nanos() > 0)
    }

    /// The fields of draft-ietf-httpapi-ratelimit-headers, and those of its first drafts, which most clients still read.
    pub(crate) fn write(&self, policy: &str, headers: &mut HeaderMap) {
        let Quota { most, remaining, .. } = *self;
        let (seconds, window) = (self.seconds(), WINDOW.as_secs());
        let mut insert = |name, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        };
        insert(LIMIT, most.to_string());
        insert(REMAINING, remaining.to_string());
        insert(RESET, seconds.to_string());
        insert(POLICY, format!("\"{policy}\";q={most};w={window}"));
        insert(QUOTA, format!("\"{policy}\";r={remaining};t={seconds}"));
        if remaining == 0 && headers.contains_key(RETRY_AFTER) {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_that_used_its_quota_gets_one_back_when_its_first_is_a_minute_old() {
        let (rate, begin) = (Rate::new(2), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(rate.take('a', at(0)).unwrap().remaining, 1);
        assert_eq!(rate.take('a', at(20)).unwrap().remaining, 0);
        assert_eq!(rate.take('a', at(30)).unwrap_err().seconds(), 30);
        assert!(rate.take('b', at(30)).is_ok(), "another key has a quota of its own");
        assert!(rate.take('a', at(60)).is_ok());
        assert_eq!(rate.take('a', at(60)).unwrap_err().seconds(), 20);
    }

    #[test]
    fn the_fields_say_what_is_left_and_until_when() {
        let mut headers = HeaderMap::new();
        Quota { most: 10, remaining: 3, reset: Duration::from_millis(41_001) }.write("trigger", &mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"trigger\";q=10;w=60");
        assert_eq!(headers["ratelimit"], "\"trigger\";r=3;t=42");
        assert_eq!(
            (&headers["ratelimit-limit"], &headers["ratelimit-remaining"]),
            (&"10".parse().unwrap(), &"3".parse().unwrap())
        );
        assert_eq!(headers["ratelimit-reset"], "42");
    }

    #[test]
    fn many_keys_take_no_more_room_than_the_bound() {
        let (rate, begin) = (Rate::new(1), Instant::now());
        for key in 0..RATE_KEYS * 2 {
            rate.take(key, begin).unwrap();
        }
        assert_eq!(rate.taken.lock().unwrap().len(), RATE_KEYS);
    }

    proptest! {
        #[test]
        fn no_minute_has_more_than_the_most(most in 1..5usize, steps in prop::collection::vec(0..30_000u64, 1..60)) {
            let (rate, mut now) = (Rate::new(most), Instant::now());
            let mut granted: Vec<Instant> = Vec::new();
            for step in steps {
                now += Duration::from_millis(step);
                if rate.take((), now).is_ok() {
                    granted.push(now);
                }
                let recent = granted.iter().filter(|at| now.duration_since(**at) < WINDOW).count();
                prop_assert!(recent <= most);
            }
        }
    }
}
