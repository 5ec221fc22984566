//! Every bound of the service, with its reason.

use std::time::Duration;

/// A client that needs longer for the head of a request is broken or means harm. On HTTP/1 the same clock runs between two
/// requests, so a connection that stays open for a next request is closed after this time.
const HEADER_READ: Duration = Duration::from_secs(10);

/// A connection without a running request for this long is closed: one that never said anything, one that never finishes its
/// first words, an HTTP/2 connection that nobody uses.
const IDLE: Duration = Duration::from_secs(30);

/// The longest a request may take to be answered; proxies give up after 30 to 60 seconds.
const REQUEST: Duration = Duration::from_secs(30);

/// How long running requests may take to end once the server stops. Kubernetes kills after 30 seconds, so this leaves a reserve.
const DRAIN: Duration = Duration::from_secs(20);

/// The head of a request: line and fields. Room for a token and cookies of a proxy; hyper's own bound of 400 KiB is memory that
/// anybody could ask for.
const HEADER_BYTES: u32 = 16 << 10;

/// The body of a request. What is sent here are selections and settings, not inventories.
const BODY_BYTES: usize = 1 << 20;

/// Connections at a time. With about 50 KiB each they stay under 32 MiB and well under the usual 1024 open files; more wait in the
/// kernel's queue.
const CONNECTIONS: usize = 512;

/// Requests at a time on one HTTP/2 connection; RFC 9113 asks for no fewer than 100.
pub(crate) const STREAMS: u32 = 100;

/// Reads of the ledger at a time. They occupy threads and are not stopped when their client leaves.
pub(crate) const LEDGER_READS: usize = 8;

/// Scans looked at for the metrics: a scrape costs the same however long the ledger is.
pub(crate) const METRIC_SCANS: usize = 1000;

/// How long accepting rests after it failed: with no file descriptor left it would fail again at once.
pub(crate) const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Characters of a client's own words that an error repeats.
pub(crate) const ECHO_CHARS: usize = 100;

/// The bounds that an operator may have reason to change, and a test to shorten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte of a request to the end of its head.
    pub header_read: Duration,
    /// Without a running request.
    pub idle: Duration,
    /// From the head of a request to the head of its answer.
    pub request: Duration,
    /// From the stop of the server to the end of the last request.
    pub drain: Duration,
    /// Bytes of a request's head, no less than 8192.
    pub header_bytes: u32,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Open at a time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            header_read: HEADER_READ,
            idle: IDLE,
            request: REQUEST,
            drain: DRAIN,
            header_bytes: HEADER_BYTES,
            body_bytes: BODY_BYTES,
            connections: CONNECTIONS,
        }
    }
}
