//! Sends a call until it has an answer: signs each attempt, waits between them, and knows when to stop. A call that reads may be
//! repeated whatever became of it; one that writes only where the answer says that it was not carried out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use plumb_runtime::egress::Method;
use tokio::sync::Semaphore;

use crate::aws::credentials::Credentials;
use crate::aws::error_code::error_code;
use crate::aws::sigv4::{PathEncoding, Scope, Signable, sign};
use crate::client::{Answer, WebClient, WebError};
use crate::guard::Url;
use crate::pace::{Lane, Pace};
use crate::secrets::Secrets;

/// Requests on their way in all lanes together: each may hold a connection.
const IN_FLIGHT: usize = 256;
/// As many of them are for lanes that have hardly any: a list whose next page is known only after this one, and which thousands of
/// details of other services would hold up otherwise.
const IN_FLIGHT_OF_FEW: usize = 16;
/// What is hardly any.
const FEW: u32 = 2;
/// A clock that differs less is no reason for a refusal: AWS allows five minutes.
const SKEW_SECONDS: i64 = 60;
/// Attempts after an error of the server that says nothing of itself: what is broken stays broken.
const UNNAMED_ATTEMPTS: u32 = 3;

/// Codes that mean "not so fast", with whatever status they come.
const THROTTLING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
/// Codes that a wrong clock causes.
const SKEW: [&str; 7] = [
    "AuthFailure",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
];

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// For signing and for the lane.
    pub(crate) service: &'static str,
    pub(crate) region: String,
    pub(crate) account: String,
    /// Whether it changes something.
    pub(crate) writes: bool,
}

/// What one attempt came to.
enum Outcome {
    Done(Result<Answer, WebError>),
    /// To be repeated after at least this long; what it was otherwise.
    Again(Result<Answer, WebError>, Option<Duration>, Again),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Throttled,
    /// The connection or the server.
    Failed,
    /// An error of the server that does not name itself.
    Unnamed,
    /// Signed with a wrong time.
    Skewed,
}

/// Sends for one target.
#[derive(Debug)]
pub(crate) struct Sender {
    client: WebClient,
    pace: Pace,
    secrets: Arc<Secrets>,
    lanes: Mutex<HashMap<(String, String, String), Arc<Lane>>>,
    in_flight: Semaphore,
    in_flight_of_few: Semaphore,
    /// Seconds that this machine's clock is behind the cloud's.
    skew: AtomicI64,
}

impl Sender {
    pub(crate) fn new(client: WebClient, pace: Pace, secrets: Arc<Secrets>) -> Sender {
        let in_flight = Semaphore::new(IN_FLIGHT - IN_FLIGHT_OF_FEW);
        let in_flight_of_few = Semaphore::new(IN_FLIGHT_OF_FEW);
        Sender { client, pace, secrets, lanes: Mutex::default(), in_flight, in_flight_of_few, skew: AtomicI64::new(0) }
    }

    /// Knows the secrets of credentials before they are used.
    pub(crate) fn know(&self, credentials: &Credentials) {
        let secrets = std::iter::once(&credentials.secret_access_key).chain(&credentials.session_token);
        secrets.for_each(|secret| self.secrets.add(secret, credentials.expires_at, Timestamp::now()));
    }

    /// An unsigned call of the host's own.
    pub(crate) async fn plain(
        &self,
        method: Method,
        url: &str,
        headers: &[(String, String)],
    ) -> Result<Answer, String> {
        let call = Call {
            method,
            url: url.parse()?,
            headers: headers.to_vec(),
            body: Vec::new(),
            service: "",
            region: String::new(),
            account: String::new(),
            writes: false,
        };
        self.send(&call, None).await.map_err(|error| error.to_string())
    }

    /// Sends until there is an answer worth having. The last answer counts where none was.
    pub(crate) async fn send(&self, call: &Call, credentials: Option<&Credentials>) -> Result<Answer, WebError> {
        if let Some(credentials) = credentials {
            self.know(credentials);
        }
        let lane = self.lane(call);
        if lane.is_closed() {
            let place = format!("{} in {}", call.service, call.region);
            return Err(WebError::Connect(format!("{place} failed too often in a row, and is left alone for a while")));
        }
        let begun = Instant::now();
        let mut attempts = 0;
        let mut is_skewed = false;
        loop {
            let outcome = self.attempt(call, credentials, &lane).await;
            attempts += 1;
            let (otherwise, asked, again) = match outcome {
                Outcome::Done(answer) => {
                    lane.note_end(false);
                    return answer;
                }
                Outcome::Again(otherwise, asked, again) => (otherwise, asked, again),
            };
            let most = match again {
                // The one attempt with the right time.
                Again::Skewed => {
                    if is_skewed {
                        0
                    } else {
                        u32::MAX
                    }
                }
                // Nobody knows whether it took effect.
                Again::Failed | Again::Unnamed if call.writes => 1,
                _ if lane.is_failing() => 1,
                Again::Unnamed => UNNAMED_ATTEMPTS.min(self.pace.attempts),
                Again::Throttled | Again::Failed => self.pace.attempts,
            };
            let pause = if again == Again::Skewed { Duration::ZERO } else { self.pace.pause_after(attempts, asked) };
            let is_late = begun.elapsed() + pause > self.pace.whole_time || pause > self.pace.longest_pause * 2;
            is_skewed |= again == Again::Skewed;
            if attempts >= most || is_late {
                lane.note_end(matches!(again, Again::Throttled | Again::Failed));
                return otherwise;
            }
            tokio::time::sleep(pause).await;
        }
    }

    fn lane(&self, call: &Call) -> Arc<Lane> {
        let key = if call.service.is_empty() {
            (call.url.endpoint.host(), String::new(), String::new())
        } else {
            (call.service.to_owned(), call.region.clone(), call.account.clone())
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(key).or_insert_with(|| Arc::new(Lane::new())))
    }

    async fn attempt(&self, call: &Call, credentials: Option<&Credentials>, lane: &Lane) -> Outcome {
        let permit = lane.enter().await;
        let place = if permit.count <= FEW {
            tokio::select! {
                biased;
                place = self.in_flight_of_few.acquire() => place,
                place = self.in_flight.acquire() => place,
            }
        } else {
            self.in_flight.acquire().await
        };
        let skew = self.skew.load(Ordering::Relaxed);
        let mut headers = call.headers.clone();
        if let Some(credentials) = credentials {
            headers.extend(signature(call, credentials, skew));
        }
        let method = match call.method {
            Method::Get => hyper::Method::GET,
            Method::Head => hyper::Method::HEAD,
            Method::Post => hyper::Method::POST,
            Method::Put if call.writes => hyper::Method::PUT,
            Method::Patch if call.writes => hyper::Method::PATCH,
            Method::Delete if call.writes => hyper::Method::DELETE,
            method @ (Method::Put | Method::Patch | Method::Delete) => {
                return Outcome::Done(Err(WebError::Refused(format!("{} does not only read", method.as_str()))));
            }
        };
        let sent = self.client.send(method, &call.url, &headers, call.body.clone(), self.pace.attempt_time).await;
        drop(place);
        let outcome = self.judge(sent, skew);
        permit.note_answer(matches!(outcome, Outcome::Again(_, _, Again::Throttled)));
        outcome
    }

    fn judge(&self, sent: Result<Answer, WebError>, skew: i64) -> Outcome {
        let answer = match sent {
            Ok(answer) => answer,
            Err(error @ (WebError::Timeout | WebError::Connect(_) | WebError::Broken(_))) => {
                return Outcome::Again(Err(error), None, Again::Failed);
            }
            // Refused or too long: it would be the next time too.
            Err(error) => return Outcome::Done(Err(error)),
        };
        let code = error_code(&answer);
        let again = if answer.status == 429 || THROTTLING.contains(&code.as_str()) {
            Again::Throttled
        } else if matches!(answer.status, 502..=504) || (answer.status == 500 && !code.is_empty()) {
            Again::Failed
        } else if answer.status == 500 {
            Again::Unnamed
        } else if SKEW.contains(&code.as_str()) && self.correct_clock(&answer, skew) {
            Again::Skewed
        } else {
            return Outcome::Done(Ok(answer));
        };
        let asked = retry_after(&answer);
        Outcome::Again(Ok(answer), asked, again)
    }

    /// Takes over the cloud's time where it differs; says whether it did.
    fn correct_clock(&self, answer: &Answer, used: i64) -> bool {
        let Some(date) = answer.header("date").and_then(timestamp) else { return false };
        let skew = date.as_second() - Timestamp::now().as_second();
        if (skew - used).abs() < SKEW_SECONDS {
            return false;
        }
        self.skew.store(skew, Ordering::Relaxed);
        true
    }
}

/// A moment as HTTP writes it.
fn timestamp(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// How long the answer asks to wait: in seconds, or until a moment, which is told by the clock of whoever names it.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = answer.header("date").and_then(timestamp).unwrap_or_else(Timestamp::now);
    // A moment that has passed is no wait.
    Some(timestamp(text)?.duration_since(now).try_into().unwrap_or_default())
}

fn signature(call: &Call, credentials: &Credentials, skew: i64) -> Vec<(String, String)> {
    let now = Timestamp::now();
    let is_s3 = call.service == "s3";
    let scope = Scope {
        service: call.service,
        region: &call.region,
        time: now.checked_add(SignedDuration::from_secs(skew)).unwrap_or(now),
        path: if is_s3 { PathEncoding::Once } else { PathEncoding::Twice },
        sends_digest: is_s3,
    };
    let signable = Signable {
        method: call.method.as_str(),
        authority: &call.url.endpoint.authority(),
        path: &call.url.path,
        query: call.url.query.as_deref().unwrap_or_default(),
        headers: &call.headers,
        body: &call.body,
    };
    sign(&signable, &scope, credentials)
}
