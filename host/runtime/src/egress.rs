//! What leaves the host for a plugin: the shape of a request and its answer, and the traits of whoever sends it. This crate counts
//! and bounds; it opens no connection and knows no credential.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::grant::{Hosts, Writes};

/// A future that may be sent between threads.
pub type Sending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests for one target. It guards, signs, retries and bounds them.
pub trait Egress: fmt::Debug + Send + Sync {
    /// Sends one request of a plugin that may reach `hosts`. Many are sent at the same time; whoever implements this decides how
    /// many are on their way at once.
    fn send<'a>(&'a self, hosts: &'a Hosts, request: Request) -> Sending<'a, Result<Response, HttpError>>;

    /// Strikes the secrets it holds from a text that a plugin gave.
    fn redact(&self, text: &str) -> String;

    /// Whether one of the secrets it holds stands in these bytes.
    fn holds_secret(&self, bytes: &[u8]) -> bool;
}

/// Sends single requests that write, as a remediation plan has them. What collects has no such thing at hand.
pub trait Writer: fmt::Debug + Send + Sync {
    /// The action that a request is, in the cloud's own words, read from the request itself. The error names the rule that
    /// refuses it: it only reads, could be read in two ways, or would go elsewhere than to `hosts`.
    fn action(&self, hosts: &Hosts, request: &Request) -> Result<String, String>;

    /// Sends a request that is one of the granted actions, as it is. Without an answer nobody knows whether it took effect.
    fn write<'a>(
        &'a self,
        hosts: &'a Hosts,
        granted: &'a Writes,
        request: Request,
    ) -> Sending<'a, Result<Response, HttpError>>;

    /// Who the cloud takes the sender for.
    fn caller(&self) -> Sending<'_, Result<String, String>>;

    /// Strikes the secrets it holds from a text.
    fn redact(&self, text: &str) -> String;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// How to authenticate a request; never with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    None,
    AwsSigv4 {
        service: String,
        region: String,
        /// Empty for the account of the target's own credentials.
        account: String,
    },
    /// A bearer token for this scope.
    Bearer(String),
}

/// What a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub authentication: Authentication,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// What the cloud called its error; empty where it did not.
    pub error_code: String,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("refused: {0}")]
    Refused(String),
    #[error("no credentials: {0}")]
    Unauthenticated(String),
    #[error("no answer in time")]
    Timeout,
    #[error("no connection: {0}")]
    Connect(String),
    #[error("the answer is longer than {0} bytes")]
    TooLarge(u64),
    #[error("{0}")]
    BudgetSpent(String),
}
