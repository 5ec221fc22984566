//! Every service on recorded answers: what comes of them, and what comes of them where one is a refusal.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plumbline::http::{Answer, Client, Exchange, HttpError, Request, Response, Scripted};
use plumbline::provider::{Collected, Target, write_document};
use plumbline::serde_json::{self, Value as Json, json, to_string_pretty};
use provider_aws::collect::collect;
use provider_aws::planning::plan;
use provider_aws::services::SERVICES;

use crate::told;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

pub fn recorded(service: &str) -> Scripted {
    Scripted::from_json(&std::fs::read_to_string(fixtures().join(format!("{service}.json"))).unwrap())
}

pub fn target(service: &str, kinds: &[&str]) -> Target {
    Target {
        name: "recorded".to_owned(),
        settings: write_document(&json!({})),
        regions: vec!["eu-west-1".to_owned()],
        services: vec![service.to_owned()],
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        scan_time: "2026-01-01T23:59:59Z".to_owned(),
    }
}

pub fn read(client: &dyn Client, target: &Target) -> Collected {
    let mut collected = Collected::default();
    for task in plan(client, target).unwrap() {
        collect(client, target, &task, &mut collected).unwrap();
    }
    collected
}

/// Compares with `fixtures/SERVICE.expected.json`; `UPDATE=1` writes it.
#[test]
fn every_service_reads_its_recording_as_expected() {
    let mut wrong = Vec::new();
    for service in SERVICES {
        let collected = read(&recorded(service.name), &target(service.name, &[]));
        let ids: BTreeSet<(&str, &str)> =
            collected.resources.iter().map(|found| (found.kind.as_str(), found.id.as_str())).collect();
        assert_eq!(ids.len(), collected.resources.len(), "{} tells a resource twice", service.name);
        let found = told::all(&collected);
        let file = fixtures().join(format!("{}.expected.json", service.name));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, to_string_pretty(&found).unwrap() + "\n").unwrap();
        }
        let expected: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        if found != expected {
            wrong.push(service.name);
        }
    }
    assert!(wrong.is_empty(), "not as expected: {wrong:?}");
}

/// Answers as recorded, but for one answer, which is a refusal. What was not recorded times out.
struct Refusing {
    recorded: Scripted,
    refused: usize,
    failed: Cell<usize>,
}

impl Client for Refusing {
    fn send_all(&self, requests: &[Request]) -> Vec<Answer> {
        let answer = |request: &Request| -> Answer {
            let position = self.recorded.exchanges.iter().position(|exchange| exchange.answers(request));
            let answer = match position {
                None => Err(HttpError::Timeout),
                Some(position) if position == self.refused => Ok(Response {
                    status: 403,
                    headers: Vec::new(),
                    body: b"<html>".to_vec(),
                    error_code: "AccessDenied".to_owned(),
                }),
                Some(_) => self.recorded.send(request),
            };
            let is_fact = |response: &Response| response.status < 400 || request.absent.contains(&response.error_code);
            if !answer.as_ref().is_ok_and(is_fact) {
                self.failed.set(self.failed.get() + 1);
            }
            answer
        };
        requests.iter().map(answer).collect()
    }
}

#[test]
fn every_call_that_fails_is_a_gap() {
    for service in SERVICES {
        let recorded = recorded(service.name);
        let count = recorded.exchanges.len();
        for refused in 0..count {
            let exchange = recorded.exchanges[refused].clone();
            let is_same = |other: &Exchange| {
                (&other.request, &other.headers, &other.body) == (&exchange.request, &exchange.headers, &exchange.body)
            };
            // Without its own account nothing can be planned, and what was asked twice was refused the first time.
            let is_planning = exchange.body.contains("GetCallerIdentity") || exchange.body.contains("DescribeRegions");
            if is_planning || recorded.exchanges[..refused].iter().any(is_same) {
                continue;
            }
            let client = Refusing { recorded: recorded.clone(), refused, failed: Cell::new(0) };
            let collected = read(&client, &target(service.name, &[]));
            // What the plugin never reads is no gap for a call.
            let of_resources = collected.resources.iter().flat_map(|found| &found.gaps);
            let of_resources: Vec<_> = of_resources.filter(|gap| !gap.reason.starts_with("not read")).collect();
            let gaps = collected.gaps.len() + of_resources.len();
            assert!(client.failed.get() > 0 && gaps >= client.failed.get(), "{}: {exchange:?}", service.name);
            let permissions = collected.gaps.iter().map(|gap| &gap.permission);
            let named = permissions.chain(of_resources.iter().map(|gap| &gap.permission)).flatten().count();
            assert!(named > 0, "{}: no gap names the right for {exchange:?}", service.name);
        }
    }
}
