//! `http`: counts and bounds what a plugin sends, and hands it to the [`Egress`](crate::egress::Egress) of its target.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures::future::join_all;

use crate::bindings::provider::plumbline::plugin::http::{self as wire, Host};
use crate::call::State;
use crate::egress::{Authentication, Egress, HttpError, Method, Request, Response};
use crate::grant::Hosts;
use crate::limits::{
    HTTP_BODY, HTTP_BYTES, HTTP_BYTES_CEILING, HTTP_BYTES_PER_RESOURCE, HTTP_CALLS, HTTP_CALLS_CEILING,
    HTTP_CALLS_PER_RESOURCE, HTTP_HEADERS, HTTP_REQUESTS_AT_ONCE, HTTP_ROUND_BYTES, URL_BYTES,
};

/// What one call has sent.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    requests: u64,
    bytes: u64,
    /// Resources that were emitted.
    found: u64,
    /// Requests without an answer that the plugin could rest on.
    pub(crate) failed: u64,
}

impl Traffic {
    /// Notes resources, each of which allows further requests.
    pub(crate) fn found(&mut self, resources: usize) {
        self.found = self.found.saturating_add(resources as u64);
    }

    fn most(&self) -> u64 {
        HTTP_CALLS_PER_RESOURCE.saturating_mul(self.found).saturating_add(HTTP_CALLS).min(HTTP_CALLS_CEILING)
    }

    fn most_bytes(&self) -> u64 {
        HTTP_BYTES_PER_RESOURCE.saturating_mul(self.found).saturating_add(HTTP_BYTES).min(HTTP_BYTES_CEILING)
    }

    /// Takes requests from the budget; says how many of so many may go.
    pub(super) fn allowed(&mut self, asked: u64) -> u64 {
        let left = if self.bytes > self.most_bytes() { 0 } else { self.most().saturating_sub(self.requests) };
        let allowed = asked.min(left);
        self.requests += allowed;
        allowed
    }

    pub(super) fn spent(&self) -> HttpError {
        HttpError::BudgetSpent(if self.bytes > self.most_bytes() {
            let (mib, found) = (self.most_bytes() >> 20, self.found);
            format!("the task's answers have more than {mib} MiB, and it found {found} resources")
        } else {
            format!("the task has sent {} requests and found {} resources", self.requests, self.found)
        })
    }
}

impl State {
    /// Notes an answer, and gives it the contract's form.
    fn note(
        &mut self,
        absent: &[String],
        answer: Result<Response, HttpError>,
    ) -> Result<wire::Response, wire::HttpError> {
        if let Ok(response) = &answer {
            self.traffic.bytes += response.body.len() as u64;
        }
        self.traffic.failed += u64::from(failed(absent, &answer));
        answer.map(to_wire).map_err(error_to_wire)
    }
}

impl Host for State {
    async fn send(&mut self, request: wire::Request) -> wasmtime::Result<Result<wire::Response, wire::HttpError>> {
        let mut answers = self.send_all(vec![request]).await?;
        Ok(answers.pop().unwrap_or(Err(wire::HttpError::Timeout)))
    }

    async fn send_all(
        &mut self,
        requests: Vec<wire::Request>,
    ) -> wasmtime::Result<Vec<Result<wire::Response, wire::HttpError>>> {
        self.count_call()?;
        let asked = Instant::now();
        let mut allowed = self.traffic.allowed(requests.len() as u64);
        let absent: Vec<Vec<String>> = requests.iter().map(|request| request.absent.clone()).collect();
        let (egress, hosts) = (self.attachments.egress.clone(), Arc::clone(self.hosts()));
        let held = AtomicU64::new(0);
        let sending = requests.into_iter().enumerate().map(|(position, request)| {
            let refused = if position >= HTTP_REQUESTS_AT_ONCE {
                Some(HttpError::Refused(format!("more than {HTTP_REQUESTS_AT_ONCE} requests at once")))
            } else if allowed == 0 {
                Some(self.traffic.spent())
            } else {
                allowed -= 1;
                None
            };
            let (egress, hosts, held) = (egress.clone(), &hosts, &held);
            async move {
                match refused {
                    Some(refused) => Err(refused),
                    None => within_round(held, send_one(egress, hosts, request).await),
                }
            }
        });
        let answers = join_all(sending.collect::<Vec<_>>()).await;
        self.waited += asked.elapsed();
        Ok(absent.iter().zip(answers).map(|(absent, answer)| self.note(absent, answer)).collect())
    }

    async fn start(&mut self, requests: Vec<wire::Request>) -> wasmtime::Result<u64> {
        self.count_call()?;
        Ok(self.start_all(requests))
    }

    async fn answers(&mut self) -> wasmtime::Result<Vec<(u64, Result<wire::Response, wire::HttpError>)>> {
        let asked = Instant::now();
        let taken = self.exchange.take().await;
        self.waited += asked.elapsed();
        let taken = taken.map_err(|reason| self.fault(reason))?;
        if taken.is_empty() {
            // The others are no more than the requests, which have a bound of their own.
            self.count_call()?;
        }
        Ok(taken.into_iter().map(|done| (done.number, self.note(&done.absent, done.answer))).collect())
    }
}

/// The answer, where there is room for it beside the others of its round.
pub(super) fn within_round(held: &AtomicU64, answer: Result<Response, HttpError>) -> Result<Response, HttpError> {
    let bytes = answer.as_ref().map_or(0, |response| response.body.len() as u64);
    let before = held.fetch_add(bytes, Ordering::Relaxed);
    if before + bytes <= HTTP_ROUND_BYTES {
        return answer;
    }
    held.fetch_sub(bytes, Ordering::Relaxed);
    let bound = HTTP_ROUND_BYTES >> 20;
    Err(HttpError::BudgetSpent(format!("the answers to requests sent together have more than {bound} MiB")))
}

pub(super) async fn send_one(
    egress: Option<Arc<dyn Egress>>,
    hosts: &Hosts,
    request: wire::Request,
) -> Result<Response, HttpError> {
    let egress = egress.ok_or_else(|| HttpError::Refused("nothing is to be sent in this call".to_owned()))?;
    egress.send(hosts, checked(request)?).await
}

/// Whether a request got no answer that a plugin could rest on.
fn failed(absent: &[String], answer: &Result<Response, HttpError>) -> bool {
    let Ok(response) = answer else { return true };
    if response.status < 400 {
        return false;
    }
    let code = response.error_code.as_str();
    !(is_answer(response.status, code) && absent.iter().any(|known| known == code))
}

/// Whether an error can say that something is not there: a refusal, a throttling and a failure of the cloud say nothing.
fn is_answer(status: u16, code: &str) -> bool {
    const NEVER: [&str; 9] = [
        "AccessDenied",
        "Unauthorized",
        "NotAuthorized",
        "AuthFailure",
        "UnrecognizedClient",
        "Expired",
        "Signature",
        "Throttl",
        "InvalidClientToken",
    ];
    !code.is_empty() && status < 500 && status != 429 && !NEVER.iter().any(|part| code.contains(part))
}

/// The request, within bounds.
pub(crate) fn checked(request: wire::Request) -> Result<Request, HttpError> {
    let refuse = |what: String| Err(HttpError::Refused(what));
    if request.url.len() > URL_BYTES {
        return refuse(format!("its URL has more than {URL_BYTES} bytes"));
    }
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers > HTTP_HEADERS || request.headers.len() > HTTP_HEADERS / 64 {
        return refuse(format!("its headers have more than {HTTP_HEADERS} bytes, or are too many"));
    }
    if request.body.as_ref().is_some_and(|body| body.len() > HTTP_BODY) {
        return refuse(format!("its body has more than {HTTP_BODY} bytes"));
    }
    Ok(Request {
        method: match request.method {
            wire::Method::Get => Method::Get,
            wire::Method::Head => Method::Head,
            wire::Method::Post => Method::Post,
            wire::Method::Put => Method::Put,
            wire::Method::Patch => Method::Patch,
            wire::Method::Delete => Method::Delete,
        },
        url: request.url,
        headers: request.headers,
        body: request.body,
        authentication: match request.auth {
            wire::Auth::None => Authentication::None,
            wire::Auth::AwsSigv4(wire::Sigv4 { service, region, account }) => {
                Authentication::AwsSigv4 { service, region, account }
            }
            wire::Auth::Bearer(scope) => Authentication::Bearer(scope),
        },
    })
}

fn to_wire(response: Response) -> wire::Response {
    let Response { status, headers, body, error_code } = response;
    wire::Response { status, headers, body, error_code }
}

fn error_to_wire(error: HttpError) -> wire::HttpError {
    match error {
        HttpError::Refused(rule) => wire::HttpError::Refused(rule),
        HttpError::Unauthenticated(reason) => wire::HttpError::Unauthenticated(reason),
        HttpError::Timeout => wire::HttpError::Timeout,
        HttpError::Connect(reason) => wire::HttpError::Connect(reason),
        HttpError::TooLarge(bytes) => wire::HttpError::TooLarge(bytes),
        HttpError::BudgetSpent(which) => wire::HttpError::BudgetSpent(which),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str) -> Response {
        Response { status, error_code: code.to_owned(), ..Response::default() }
    }

    #[test]
    fn answers_that_go_together_share_a_bound() {
        let held = AtomicU64::new(0);
        let of = |bytes: u64| {
            let body = vec![0; usize::try_from(bytes).unwrap()];
            within_round(&held, Ok(Response { body, ..answer(200, "") }))
        };
        assert!(of(HTTP_ROUND_BYTES - 1).is_ok());
        assert!(matches!(of(2), Err(HttpError::BudgetSpent(_))));
        assert!(of(1).is_ok(), "what was refused takes no room");
        assert_eq!(within_round(&held, Err(HttpError::Timeout)), Err(HttpError::Timeout));
    }

    #[test]
    fn requests_come_to_an_end_for_who_finds_nothing_and_go_on_for_who_finds_much() {
        let mut traffic = Traffic::default();
        assert_eq!(traffic.allowed(HTTP_CALLS + 7), HTTP_CALLS);
        assert_eq!(traffic.allowed(1), 0);
        assert!(traffic.spent().to_string().contains("50000 requests and found 0 resources"));
        traffic.found(250);
        assert_eq!(traffic.allowed(u64::MAX), 250 * HTTP_CALLS_PER_RESOURCE);
        traffic.found(usize::MAX);
        let before = traffic.requests;
        assert_eq!(before + traffic.allowed(u64::MAX), HTTP_CALLS_CEILING);
    }

    #[test]
    fn bytes_come_to_an_end_for_who_finds_nothing_and_go_on_for_who_finds_much() {
        let mut traffic = Traffic { bytes: HTTP_BYTES, ..Traffic::default() };
        assert_eq!(traffic.allowed(1), 1);
        traffic.bytes += 1;
        assert_eq!(traffic.allowed(1), 0);
        assert!(traffic.spent().to_string().contains("more than 1024 MiB, and it found 0 resources"));
        traffic.found(1);
        assert_eq!(traffic.allowed(1), 1);
        traffic.bytes = HTTP_BYTES_CEILING + 1;
        traffic.found(usize::MAX);
        assert_eq!(traffic.allowed(1), 0);
    }

    #[test]
    fn what_is_not_there_is_an_answer_and_what_is_refused_never_is() {
        let absent = ["NoSuchBucketPolicy".to_owned(), "AccessDenied".to_owned(), "InternalError".to_owned()];
        assert!(!failed(&absent, &Ok(answer(200, ""))));
        assert!(!failed(&absent, &Ok(answer(404, "NoSuchBucketPolicy"))));
        assert!(failed(&absent, &Ok(answer(404, ""))));
        assert!(failed(&absent, &Ok(answer(404, "NoSuchBucket"))));
        assert!(failed(&absent, &Ok(answer(403, "AccessDenied"))));
        assert!(failed(&absent, &Ok(answer(500, "InternalError"))));
        assert!(failed(&absent, &Ok(answer(429, "NoSuchBucketPolicy"))));
        assert!(failed(&absent, &Err(HttpError::Timeout)));
    }
}
