//! Time, as something that tests can set.

use std::fmt;

use jiff::Timestamp;

/// Says what time it is.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// RFC 3339, UTC, milliseconds: the form of every stored time.
pub fn rfc3339(time: Timestamp) -> String {
    format!("{time:.3}")
}
