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

/// Streams at a time. One that waits takes some 20 KiB, and its socket.
const OPEN_STREAMS: usize = 1_000;

/// The file of an upload; the ledger keeps no larger one.
pub(crate) const UPLOAD_BYTES: usize = 100 << 20;

/// How often a stream shows that it is there: proxies close what is silent for a minute.
pub(crate) const STREAM_PING: Duration = Duration::from_secs(15);

/// How long a stream's client may take to take one message.
pub(crate) const STREAM_SEND: Duration = Duration::from_secs(30);

/// How long a stream rests between two looks at its scan: people read no faster, and many streams cost little then.
pub(crate) const STREAM_REST: Duration = Duration::from_millis(100);

/// Requests at a time on one HTTP/2 connection; RFC 9113 asks for no fewer than 100.
pub(crate) const STREAMS: u32 = 100;

/// Reads of the ledger at a time. They occupy threads and are not stopped when their client leaves.
pub(crate) const LEDGER_READS: usize = 8;

/// Scans looked at for the metrics: a scrape costs the same however long the ledger is.
pub(crate) const METRIC_SCANS: usize = 1000;

/// Writers take turns in the ledger itself; more than a few would only hold threads.
pub(crate) const LEDGER_WRITES: usize = 4;

/// The time for a body of the size that evidence may have: 100 MiB in ten minutes is a slow line.
const UPLOAD: Duration = Duration::from_mins(10);

/// Scans that one token may start in a minute.
const TRIGGERS: usize = 10;

/// Failed authentications from one address in a minute that are answered as such. A script with an old token stays below it.
const FAILURES: usize = 30;

/// Tokens and addresses that are counted at a time. With their times they stay under 4 MiB.
pub(crate) const RATE_KEYS: usize = 4096;

/// Kinds of refusals that are kept apart within a minute; those beyond are counted together.
pub(crate) const REFUSAL_KINDS: usize = 1024;

/// Characters of a path that the audit log keeps.
pub(crate) const AUDIT_CHARS: usize = 200;

/// Random bytes of a token: nobody guesses 256 bits.
pub(crate) const TOKEN_BYTES: usize = 32;

/// Characters of a token's name: a line in a list.
pub(crate) const NAME_CHARS: usize = 100;

/// Characters of a tenant's name, as of a label in a host name.
pub(crate) const TENANT_CHARS: usize = 63;

/// Seconds within which the use of a token is noted once: each note is a write.
pub(crate) const TOUCH: i64 = 60;

/// Sessions of the dashboard at a time. Each takes some 300 bytes.
pub(crate) const SESSIONS: usize = 4096;

/// Of one token: a person's browsers and a few tests. Who has a token cannot end all sessions of others with it.
pub(crate) const SESSIONS_PER_TOKEN: usize = 16;

/// A session that nobody uses ends: somebody has left the room.
pub(crate) const SESSION_IDLE: Duration = Duration::from_hours(1);

/// A session ends after a working day, however much it is used.
pub(crate) const SESSION_LIFE: Duration = Duration::from_hours(12);

/// Bytes of a form: a reason and a few choices.
pub(crate) const FORM_BYTES: usize = 16 << 10;

/// Seconds for which the answer to a request with an idempotency key is kept.
pub(crate) const KEPT: i64 = 24 * 60 * 60;

/// Characters of an idempotency key; twice what a prefixed UUID needs and more.
pub(crate) const KEY_CHARS: usize = 255;

/// Bytes of an answer that is kept under its key. What is made is described in a few KiB.
pub(crate) const ANSWER_BYTES: usize = 256 << 10;

/// Objects and lists inside each other in a body. Nothing that is asked for here is a quarter as deep.
pub(crate) const JSON_DEPTH: usize = 32;

/// Scans of a tenant that run at a time, as the API's documents say.
pub(crate) const MAX_CONCURRENT: usize = 10;

/// Scans of a tenant that wait: as many as a person still looks through.
pub(crate) const QUEUE: usize = 100;

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
    /// The same for a route that takes a large body.
    pub upload: Duration,
    /// From the stop of the server to the end of the last request.
    pub drain: Duration,
    /// Bytes of a request's head, no less than 8192.
    pub header_bytes: u32,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Open at a time.
    pub connections: usize,
    /// Streams of scans open at a time.
    pub streams: usize,
    /// Scans started with one token in a minute.
    pub triggers: usize,
    /// Failed authentications from one address in a minute.
    pub failures: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            header_read: HEADER_READ,
            idle: IDLE,
            request: REQUEST,
            upload: UPLOAD,
            drain: DRAIN,
            header_bytes: HEADER_BYTES,
            body_bytes: BODY_BYTES,
            connections: CONNECTIONS,
            streams: OPEN_STREAMS,
            triggers: TRIGGERS,
            failures: FAILURES,
        }
    }
}
