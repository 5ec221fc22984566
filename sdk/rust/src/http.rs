//! HTTP through the host, which signs, retries and bounds: see `wit/v0.1/http.wit`.
//!
//! A provider takes a [`Client`], so that its tests run natively: a plugin gives it [`Host`], a test [`Scripted`].

use serde::Deserialize;
use serde_json::Value as Json;

pub use crate::bindings::provider::plumbline::plugin::http as wire;
pub use wire::{Auth, HttpError, Method, Request, Response, Sigv4};

/// As many as the host sends at once; the rest would be refused.
pub const REQUESTS_AT_ONCE: usize = 1000;

/// What came of a request.
pub type Answer = Result<Response, HttpError>;

/// Something that sends requests.
pub trait Client {
    /// Sends requests while the plugin goes on.
    fn exchange<'a>(&'a self) -> Box<dyn Exchanging + 'a> {
        Box::new(InOrder { send_all: Box::new(|requests| self.send_all(requests)), next: 0, answered: Vec::new() })
    }

    /// Sends them concurrently; answers stand in the order of the requests. At most [`REQUESTS_AT_ONCE`].
    fn send_all(&self, requests: &[Request]) -> Vec<Answer>;

    fn send(&self, request: &Request) -> Answer {
        self.send_all(std::slice::from_ref(request)).pop().unwrap_or(Err(HttpError::Timeout))
    }
}

/// Requests on their way, whose answers are taken as they come.
pub trait Exchanging {
    /// Sends them concurrently. Gives the number of the first; the others follow it. At most [`REQUESTS_AT_ONCE`] may be without a
    /// taken answer.
    fn start(&mut self, requests: &[Request]) -> u64;

    /// Waits until there are answers, and takes some, each with the number of its request. Empty when all were taken.
    fn answers(&mut self) -> Vec<(u64, Answer)>;
}

/// [`Client::send_all`] of some client.
type SendAll<'a> = dyn Fn(&[Request]) -> Vec<Answer> + 'a;

/// What clients of tests make of it.
struct InOrder<'a> {
    send_all: Box<SendAll<'a>>,
    next: u64,
    answered: Vec<(u64, Answer)>,
}

impl Exchanging for InOrder<'_> {
    fn start(&mut self, requests: &[Request]) -> u64 {
        let first = self.next;
        let answers = (self.send_all)(requests);
        self.next += requests.len() as u64;
        self.answered.extend((first..).zip(answers));
        first
    }

    fn answers(&mut self) -> Vec<(u64, Answer)> {
        std::mem::take(&mut self.answered)
    }
}

/// The host.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Client for Host {
    fn exchange<'a>(&'a self) -> Box<dyn Exchanging + 'a> {
        Box::new(Host)
    }

    fn send_all(&self, requests: &[Request]) -> Vec<Answer> {
        wire::send_all(requests)
    }
}

impl Exchanging for Host {
    fn start(&mut self, requests: &[Request]) -> u64 {
        wire::start(requests)
    }

    fn answers(&mut self) -> Vec<(u64, Answer)> {
        wire::answers()
    }
}

/// One recorded request and what it got.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Method and URL with a space between.
    pub request: String,
    /// Headers that tell requests to one URL apart, such as `x-amz-target`: `name: value`.
    #[serde(default)]
    pub headers: Vec<String>,
    #[serde(default)]
    pub body: String,
    pub status: u16,
    /// The answer's body; what is no text is written as JSON.
    pub answer: Json,
    #[serde(default)]
    pub error_code: String,
}

impl Exchange {
    /// Whether it is the request that was recorded.
    #[must_use]
    pub fn answers(&self, request: &Request) -> bool {
        let line = format!("{} {}", method_name(request.method), request.url);
        let has = |header: &String| {
            request.headers.iter().any(|(name, value)| header.split_once(": ") == Some((name.as_str(), value.as_str())))
        };
        line == self.request
            && self.body.as_bytes() == request.body.as_deref().unwrap_or_default()
            && self.headers.iter().all(has)
    }

    fn response(&self) -> Response {
        let body = match &self.answer {
            Json::String(text) => text.clone(),
            structure => structure.to_string(),
        };
        Response {
            status: self.status,
            headers: Vec::new(),
            body: body.into_bytes(),
            error_code: self.error_code.clone(),
        }
    }
}

/// As it stands in a request line.
#[must_use]
pub fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// A client for tests: it answers what was recorded.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    pub exchanges: Vec<Exchange>,
}

impl Scripted {
    /// From a JSON array of exchanges.
    ///
    /// # Panics
    /// Where the text is no such array.
    #[must_use]
    #[allow(clippy::expect_used, reason = "it runs in tests alone, where a panic is the message")]
    pub fn from_json(text: &str) -> Scripted {
        Scripted { exchanges: serde_json::from_str(text).expect("an array of exchanges") }
    }
}

impl Client for Scripted {
    /// # Panics
    /// At a request that nothing was recorded for.
    #[allow(clippy::panic, reason = "it runs in tests alone, where a panic is the message")]
    fn send_all(&self, requests: &[Request]) -> Vec<Answer> {
        let answer = |request: &Request| match self.exchanges.iter().find(|exchange| exchange.answers(request)) {
            Some(exchange) => Ok(exchange.response()),
            None => panic!(
                "nothing was recorded for {} {} {:?} {}",
                method_name(request.method),
                request.url,
                request.headers,
                String::from_utf8_lossy(request.body.as_deref().unwrap_or_default())
            ),
        };
        requests.iter().map(answer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(body: &str) -> Request {
        Request {
            method: Method::Post,
            url: "https://a.example.com/".to_owned(),
            headers: vec![("x-amz-target".to_owned(), "T.List".to_owned())],
            body: Some(body.as_bytes().to_vec()),
            auth: Auth::None,
            absent: Vec::new(),
        }
    }

    fn scripted() -> Scripted {
        Scripted::from_json(
            r#"[{"request": "POST https://a.example.com/", "headers": ["x-amz-target: T.List"], "body": "{}",
                "status": 200, "answer": {"a": 1}}]"#,
        )
    }

    #[test]
    fn a_recorded_request_is_answered() {
        assert_eq!(scripted().send(&post("{}")).unwrap().body, br#"{"a":1}"#);
    }

    #[test]
    #[should_panic(expected = "nothing was recorded for POST")]
    fn any_other_request_fails_the_test() {
        drop(scripted().send(&post("{\"x\": 1}")));
    }
}
