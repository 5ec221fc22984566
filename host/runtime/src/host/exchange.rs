//! Requests that are on their way while their guest goes on, until it takes their answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;

use crate::bindings::provider::plumbline::plugin::http as wire;
use crate::call::State;
use crate::egress::{HttpError, Response};
use crate::host::http::{send_one, within_round};
use crate::limits::{HTTP_ANSWERS, HTTP_ANSWERS_BYTES, HTTP_REQUESTS_AT_ONCE};

/// Of one call. Whatever is on its way when the call ends is given up with it.
#[derive(Default)]
pub(crate) struct Exchange {
    /// The number of the next request.
    next: u64,
    running: JoinSet<Done>,
    /// Answers that nobody has taken.
    ready: VecDeque<Done>,
    /// Bytes of answers that nobody has taken.
    held: Arc<AtomicU64>,
}

/// A request that has come to its end.
pub(crate) struct Done {
    pub(crate) number: u64,
    /// Error codes that are an answer.
    pub(crate) absent: Vec<String>,
    pub(crate) answer: Result<Response, HttpError>,
}

impl Done {
    fn bytes(&self) -> u64 {
        self.answer.as_ref().map_or(0, |response| response.body.len() as u64)
    }
}

impl Exchange {
    /// Requests whose answers were not taken.
    pub(crate) fn untaken(&self) -> usize {
        self.running.len() + self.ready.len()
    }

    /// Waits for at least one answer where any is to come. The error says that the host lost one.
    pub(crate) async fn take(&mut self) -> Result<Vec<Done>, String> {
        let lost = |error: tokio::task::JoinError| format!("a request was lost: {error}");
        if self.ready.is_empty()
            && let Some(done) = self.running.join_next().await
        {
            self.ready.push_back(done.map_err(lost)?);
        }
        while self.ready.len() < HTTP_ANSWERS
            && let Some(done) = self.running.try_join_next()
        {
            self.ready.push_back(done.map_err(lost)?);
        }
        let (mut taken, mut bytes) = (Vec::new(), 0);
        while taken.len() < HTTP_ANSWERS
            && bytes < HTTP_ANSWERS_BYTES
            && let Some(done) = self.ready.pop_front()
        {
            bytes += done.bytes();
            taken.push(done);
        }
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        Ok(taken)
    }
}

impl State {
    /// Sends them on their way; gives the number of the first.
    pub(super) fn start_all(&mut self, requests: Vec<wire::Request>) -> u64 {
        let first = self.exchange.next;
        let mut allowed = self.traffic.allowed(requests.len() as u64);
        for request in requests {
            let number = self.exchange.next;
            self.exchange.next += 1;
            let absent = request.absent.clone();
            let refused = if self.exchange.untaken() >= HTTP_REQUESTS_AT_ONCE {
                Some(HttpError::Refused(format!("more than {HTTP_REQUESTS_AT_ONCE} requests at once")))
            } else if allowed == 0 {
                Some(self.traffic.spent())
            } else {
                allowed -= 1;
                None
            };
            if let Some(refused) = refused {
                self.exchange.ready.push_back(Done { number, absent, answer: Err(refused) });
                continue;
            }
            let (egress, hosts) = (self.attachments.egress.clone(), Arc::clone(self.hosts()));
            let held = Arc::clone(&self.exchange.held);
            self.exchange.running.spawn(async move {
                let answer = within_round(&held, send_one(egress, &hosts, request).await);
                Done { number, absent, answer }
            });
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::HTTP_ROUND_BYTES;

    fn answered(number: u64, bytes: usize) -> Done {
        let response = Response { status: 200, body: vec![0; bytes], ..Response::default() };
        Done { number, absent: Vec::new(), answer: Ok(response) }
    }

    #[tokio::test]
    async fn answers_are_taken_once_and_as_many_together_as_there_is_room_for() {
        let mut exchange = Exchange::default();
        let bytes = usize::try_from(HTTP_ANSWERS_BYTES).unwrap();
        for number in 0..3 {
            exchange.running.spawn(async move { answered(number, bytes) });
        }
        let mut seen = Vec::new();
        for left in [2, 1, 0] {
            let taken = exchange.take().await.unwrap();
            assert_eq!(taken.len(), 1, "one alone is as much as goes together");
            seen.extend(taken.iter().map(|done| done.number));
            assert_eq!(exchange.untaken(), left, "what nobody has taken is counted");
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
        assert!(exchange.take().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_was_taken_makes_room_for_further_answers() {
        let mut exchange = Exchange::default();
        let held = Arc::clone(&exchange.held);
        let of = |bytes: u64| within_round(&held, answered(0, usize::try_from(bytes).unwrap()).answer);
        let first = of(HTTP_ROUND_BYTES);
        assert!(of(1).is_err());
        exchange.ready.push_back(Done { number: 0, absent: Vec::new(), answer: first });
        assert_eq!(exchange.take().await.unwrap().len(), 1);
        assert!(of(1).is_ok());
    }

    #[tokio::test]
    async fn an_answer_that_the_host_loses_is_no_silence() {
        let mut exchange = Exchange::default();
        exchange.running.spawn(std::future::pending()).abort();
        assert!(exchange.take().await.is_err());
    }
}
