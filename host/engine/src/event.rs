//! What a scan tells whoever watches: a terminal, a log, a stream.

use std::fmt;
use std::sync::Arc;

/// Something happened in a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Planned {
        tasks: usize,
    },
    /// An earlier run has done so much of it.
    Resumed {
        tasks: usize,
        resources: u64,
        violations: u64,
    },
    TaskStarted {
        task: String,
    },
    /// So many more resources are through, with so many violations nobody has accepted.
    Evaluated {
        resources: u64,
        violations: u64,
    },
    TaskDone {
        task: String,
    },
    TaskFailed {
        task: String,
        reason: String,
    },
    /// A plugin failed so often that it is not asked any more in this scan.
    PluginQuarantined {
        plugin: String,
        reason: String,
    },
}

/// Where events go. Called from many threads; must not block.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(Event) + Send + Sync>);

impl Watcher {
    pub fn new(watch: impl Fn(Event) + Send + Sync + 'static) -> Watcher {
        Watcher(Arc::new(watch))
    }

    /// Nobody watches.
    pub fn none() -> Watcher {
        Watcher::new(|_| {})
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
