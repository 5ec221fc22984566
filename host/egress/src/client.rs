//! Sends one request and takes one answer. A redirect is an answer, no proxy is ever used, compressed answers are not asked for, and
//! an answer is read up to a bound.

mod trust;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use plumb_runtime::limits::HTTP_RESPONSE;
use tokio::sync::Semaphore;

use crate::guard::connect::{ConnectError, Connector};
use crate::guard::resolve::{Resolve, System};
use crate::guard::{Allowed, Url};

pub use trust::Trust;

/// Connections that wait for a next request, for each host. As many as are on their way at once when nothing is throttled.
const IDLE_CONNECTIONS: usize = 64;
/// How long they wait: shorter than the servers' own patience, which is 20 s and more.
const IDLE_TIME: Duration = Duration::from_secs(15);

/// What is read of an answer before it takes one of the places for large ones. Nearly all answers are smaller.
const SMALL_BODY: usize = 256 << 10;
/// Large answers that are read at once: hundreds of requests that are all answered without end take no more memory than these.
const LARGE_BODIES: usize = 4;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// Names the rule.
    #[error("refused: {0}")]
    Refused(String),
    #[error("no connection: {0}")]
    Connect(String),
    #[error("no answer in time")]
    Timeout,
    #[error("the answer is longer than {0} bytes")]
    TooLarge(u64),
    /// The answer ended before its end, or is no HTTP.
    #[error("no whole answer: {0}")]
    Broken(String),
    /// The certificates to trust cannot be had.
    #[error("{0}")]
    Trust(String),
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case. Values that are no text are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A client for what is allowed. Clones share their connections.
#[derive(Clone)]
pub struct WebClient {
    allowed: Arc<Allowed>,
    client: Client<Connector, Full<Bytes>>,
    /// Places for large answers.
    large: Arc<Semaphore>,
}

impl std::fmt::Debug for WebClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebClient").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl WebClient {
    /// Trusts whom the system trusts.
    pub fn new(allowed: Allowed) -> Result<WebClient, WebError> {
        WebClient::with(allowed, &Trust::System, Arc::new(System))
    }

    /// With certificates and a resolver of one's own.
    pub fn with(allowed: Allowed, trust: &Trust, resolver: Arc<dyn Resolve>) -> Result<WebClient, WebError> {
        let allowed = Arc::new(allowed);
        let tls = Arc::new(trust.config().map_err(WebError::Trust)?);
        let connector = Connector { allowed: Arc::clone(&allowed), resolver, tls };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(connector);
        Ok(WebClient { allowed, client, large: Arc::new(Semaphore::new(LARGE_BODIES)) })
    }

    /// Posts a body. The time is that of the whole exchange.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<Answer, WebError> {
        let url = url.parse().map_err(WebError::Refused)?;
        self.send(Method::POST, &url, headers, body, timeout).await
    }

    /// Sends one request, once. The `host` header is the URL's own.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: &[(String, String)],
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<Answer, WebError> {
        self.allowed.check(&url.endpoint).map_err(WebError::Refused)?;
        let mut request = Request::builder().method(method).uri(url.to_string());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::from(body)).map_err(|error| WebError::Refused(error.to_string()))?;
        tokio::time::timeout(timeout, self.exchange(request)).await.unwrap_or(Err(WebError::Timeout))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, WebError> {
        let (head, body) = self.client.request(request).await.map_err(|error| explain(&error))?.into_parts();
        if body.size_hint().lower() > HTTP_RESPONSE {
            return Err(WebError::TooLarge(HTTP_RESPONSE));
        }
        let body = self.whole(body).await?;
        let text = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(Answer { status: head.status.as_u16(), headers: head.headers.iter().filter_map(text).collect(), body })
    }

    /// All of a body, within the bound of one answer.
    async fn whole(&self, mut body: Incoming) -> Result<Vec<u8>, WebError> {
        let mut bytes = Vec::new();
        let mut place = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| WebError::Broken(error.to_string()))?.into_data() else { continue };
            let length = bytes.len() + data.len();
            if length as u64 > HTTP_RESPONSE {
                return Err(WebError::TooLarge(HTTP_RESPONSE));
            }
            if length > SMALL_BODY && place.is_none() {
                place = self.large.acquire().await.ok();
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    }
}

/// The innermost reason is the one that says something.
fn explain(error: &hyper_util::client::legacy::Error) -> WebError {
    let mut innermost = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        match error.downcast_ref::<ConnectError>() {
            Some(ConnectError::Refused(rule)) => return WebError::Refused(rule.clone()),
            Some(ConnectError::Failed(reason)) => return WebError::Connect(reason.clone()),
            None => innermost = error.to_string(),
        }
        source = error.source();
    }
    if error.is_connect() { WebError::Connect(innermost) } else { WebError::Broken(innermost) }
}
