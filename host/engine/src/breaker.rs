//! A plugin that keeps failing is not asked any more: otherwise one that runs into its time limit on every batch would hold
//! the scan for days.

use std::collections::HashMap;
use std::sync::Mutex;

use plumb_runtime::limits::Limit;
use plumb_runtime::{CallError, Failure};

/// Failures of the cheap kind (crashes, wrong answers) before a plugin is given up. Finding the one resource that crashes it
/// takes some twenty.
const FAILURES: u32 = 200;
/// Failures that cost seconds each before a plugin is given up.
const TIMEOUTS: u32 = 3;

/// The failures of each plugin in one scan.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<HashMap<[u8; 32], Count>>);

#[derive(Debug, Default)]
struct Count {
    failures: u32,
    timeouts: u32,
    quarantined: Option<String>,
}

impl Breaker {
    /// Why the plugin is not asked any more.
    pub(crate) fn quarantined(&self, plugin: &[u8; 32]) -> Option<String> {
        let counts = self.0.lock().ok()?;
        counts.get(plugin)?.quarantined.clone()
    }

    /// Counts a failure. The answer is the reason, the moment the plugin is given up.
    pub(crate) fn count(&self, plugin: &[u8; 32], error: &CallError) -> Option<String> {
        let mut counts = self.0.lock().ok()?;
        let count = counts.entry(*plugin).or_default();
        match error.failure {
            Failure::Limit(Limit::Time(_)) => count.timeouts += 1,
            _ => count.failures += 1,
        }
        let over = count.timeouts >= TIMEOUTS || count.failures >= FAILURES;
        if !over || count.quarantined.is_some() {
            return None;
        }
        let reason = format!("{error}; it failed too often and was not asked any more");
        count.quarantined = Some(reason.clone());
        Some(reason)
    }
}
