//! What the server was asked, and how much of it at the same time.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::account::Asked;
use super::following::Following;

/// One request, to be asked again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// The position of the one whose answer it was made from.
    pub(super) follows: Option<usize>,
}

/// What there is to say of all of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Figures {
    pub(super) resources: usize,
    pub(super) requests: usize,
    /// From the first request to the last answer.
    pub(super) seconds: f64,
    pub(super) most: usize,
    pub(super) mean: f64,
    /// The mean of each tenth of that time.
    pub(super) tenths: Vec<f64>,
}

/// Requests on their way, over time.
#[derive(Default)]
pub(super) struct Traffic {
    pub(super) asked: Vec<Request>,
    following: Following,
    /// How many were on their way from then on.
    steps: Vec<(Instant, usize)>,
    in_flight: usize,
    most: usize,
}

impl Traffic {
    pub(super) fn begin(&mut self, mut request: Request, asked: &Asked<'_>, service: &str) {
        request.follows = self.following.note(asked, service, self.asked.len());
        self.asked.push(request);
        self.in_flight += 1;
        self.most = self.most.max(self.in_flight);
        self.steps.push((Instant::now(), self.in_flight));
    }

    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.steps.push((Instant::now(), self.in_flight));
    }

    pub(super) fn figures(&self, resources: usize) -> Figures {
        let (Some((first, _)), Some((last, _))) = (self.steps.first(), self.steps.last()) else {
            return Figures::default();
        };
        let whole = last.duration_since(*first).max(Duration::from_micros(1));
        let tenth = whole.as_secs_f64() / 10.0;
        let mut tenths = vec![0.0; 10];
        for (from, to) in self.steps.iter().zip(self.steps.iter().skip(1)) {
            let (begins, ends) =
                (from.0.duration_since(*first).as_secs_f64(), to.0.duration_since(*first).as_secs_f64());
            let count = f64::from(u32::try_from(from.1).unwrap_or(u32::MAX));
            for (mean, at) in tenths.iter_mut().zip(0u32..) {
                let (since, until) = (f64::from(at) * tenth, f64::from(at + 1) * tenth);
                *mean += count * (ends.min(until) - begins.max(since)).max(0.0) / tenth;
            }
        }
        Figures {
            resources,
            requests: self.asked.len(),
            seconds: whole.as_secs_f64(),
            most: self.most,
            mean: tenths.iter().sum::<f64>() / 10.0,
            tenths,
        }
    }
}
