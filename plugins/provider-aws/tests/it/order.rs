//! Answers come in any order; what is found goes out in one.

use plumbline::http::{Answer, Client, Exchanging, Request, Scripted};
use provider_aws::services::SERVICES;

use crate::recorded::{read, recorded, target};
use crate::told;

/// Answers as a recording does, one at a time, the request that was sent last first.
struct LastFirst(Scripted);

struct Stack<'a> {
    recorded: &'a Scripted,
    next: u64,
    waiting: Vec<(u64, Request)>,
}

impl Client for LastFirst {
    fn send_all(&self, requests: &[Request]) -> Vec<Answer> {
        self.0.send_all(requests)
    }

    fn exchange<'a>(&'a self) -> Box<dyn Exchanging + 'a> {
        Box::new(Stack { recorded: &self.0, next: 0, waiting: Vec::new() })
    }
}

impl Exchanging for Stack<'_> {
    fn start(&mut self, requests: &[Request]) -> u64 {
        let first = self.next;
        self.next += requests.len() as u64;
        self.waiting.extend((first..).zip(requests.iter().cloned()));
        first
    }

    fn answers(&mut self) -> Vec<(u64, Answer)> {
        let last = self.waiting.pop();
        last.into_iter().map(|(number, request)| (number, self.recorded.send(&request))).collect()
    }
}

#[test]
fn what_is_found_goes_out_in_the_order_of_the_lists_whatever_was_answered_first() {
    for service in SERVICES {
        let (recorded, target) = (recorded(service.name), target(service.name, &[]));
        let (in_order, last_first) = (read(&recorded, &target), read(&LastFirst(recorded.clone()), &target));
        assert_eq!(told::all(&last_first), told::all(&in_order), "{}", service.name);
        let ids = |collected: &plumbline::provider::Collected| -> Vec<String> {
            collected.resources.iter().map(|found| format!("{} {}", found.kind, found.id)).collect()
        };
        assert_eq!(ids(&last_first), ids(&in_order), "{}", service.name);
    }
}
