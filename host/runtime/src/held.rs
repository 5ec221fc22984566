//! Memory that calls hold together: many small ones may run side by side, and few large ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// What all of them hold, in bytes.
#[derive(Debug, Default)]
pub(crate) struct Held {
    bytes: AtomicUsize,
    freed: Notify,
}

impl Held {
    /// Waits until they hold less than so much.
    pub(crate) async fn below(&self, bound: usize) {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.bytes.load(Ordering::Acquire) < bound {
                // Whoever waits behind looks for itself.
                self.freed.notify_one();
                return;
            }
            freed.await;
        }
    }
}

/// What one of them holds; given back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Share {
    all: Arc<Held>,
    own: usize,
}

impl Share {
    pub(crate) fn of(all: &Arc<Held>) -> Share {
        Share { all: Arc::clone(all), own: 0 }
    }

    pub(crate) fn grow(&mut self, bytes: usize) {
        self.own += bytes;
        self.all.bytes.fetch_add(bytes, Ordering::AcqRel);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.bytes.fetch_sub(self.own, Ordering::AcqRel);
        self.all.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_no_room_waits_until_another_ends() {
        let held = Arc::new(Held::default());
        let (mut one, mut other) = (Share::of(&held), Share::of(&held));
        held.below(10).await;
        one.grow(6);
        other.grow(4);
        let (first, second) = (held.below(10), held.below(10));
        tokio::pin!(first, second);
        assert!(futures::poll!(first.as_mut()).is_pending() && futures::poll!(second.as_mut()).is_pending());
        drop(one);
        first.await;
        second.await;
    }
}
