//! How long the server takes for each page of the dashboard with a long history: a table of the median and the slowest of some
//! requests, from the first byte sent to the last one received on the same machine.
//!
//! `cargo run --release --package plumb-server --example dashboard_speed [SCANS]`

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it measures, prints and ends"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plumb_engine::clock::SystemClock;
use plumb_engine::scan::Engine;
use plumb_engine::service::Service;
use plumb_engine::service::queue::Bounds;
use plumb_model::access::{Grant, Role, Token};
use plumb_model::check::Severity;
use plumb_model::delta::DeltaCounts;
use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
use plumb_model::scan::{About, Catalogue, Coverage, ScanStatus, Summary};
use plumb_model::target::{Policy, Target};
use plumb_model::tenant::DEFAULT;
use plumb_server::{AppState, TokenKey, TokenText, routes, serve_with};
use plumb_store::{Ledger, NewScan};

const SCANS: u32 = 10_000;
const TARGETS: u8 = 8;
const REQUESTS: usize = 41;

/// Controls of all frameworks together, as a scan of AWS has them.
const CONTROLS: usize = 1_000;

#[tokio::main]
async fn main() {
    let scans = std::env::args().nth(1).map_or(SCANS, |count| count.parse().expect("a number of scans"));
    let ledger = Arc::new(Ledger::memory().unwrap());
    fill(&ledger, scans);
    let (key, token) = (TokenKey::random().unwrap(), TokenText::random().unwrap());
    ledger.create_token(&key.hash(&token), &admin()).unwrap();
    let engine = Engine::new(ledger, Arc::default(), Arc::new(SystemClock));
    let state = AppState::new(Service::start(engine, Bounds::default()).unwrap(), key);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve_with(listener, state, routes(), std::future::pending()));
    let measured = tokio::task::spawn_blocking(move || measure(address, token.as_str(), scans));
    measured.await.unwrap();
    server.abort();
}

fn measure(address: SocketAddr, token: &str, scans: u32) {
    let cookie = sign_in(address, token);
    println!("{scans} scans of {TARGETS} targets\n\n| page | median | slowest | size |\n|---|---|---|---|");
    let last = format!("/scans/{scans}");
    let framework = format!("{last}/frameworks/framework");
    let deep = format!("/scans?offset={}", scans.saturating_sub(50));
    for path in ["/", "/scans", &deep, "/scans?status=failed", &last, &framework, "/drifts", "/targets", "/plugins"] {
        let mut times: Vec<(Duration, usize)> = (0..REQUESTS).map(|_| get(address, path, &cookie)).collect();
        times.sort();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let (median, slowest) = (times[REQUESTS / 2], times[REQUESTS - 1]);
        let (median, size, slowest) = (milliseconds(median.0), median.1 / 1024, milliseconds(slowest.0));
        println!("| {path} | {median:.1} ms | {slowest:.1} ms | {size} KiB |");
    }
}

fn fill(ledger: &Ledger, scans: u32) {
    for number in 0..TARGETS {
        ledger.put_target(&target(number)).unwrap();
        let policy = Policy {
            id: [number; 16],
            tenant: DEFAULT,
            number: 0,
            name: format!("estate {number}: all frameworks"),
            targets: [[number; 16]].into(),
            frameworks: BTreeSet::new(),
            labels: BTreeMap::new(),
            created_at: time(0),
        };
        ledger.put_policy(&[number; 32], &policy).unwrap();
    }
    let summary = summary();
    for number in 0..scans {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let of = u8::try_from(number % u32::from(TARGETS)).unwrap();
        let about = About { policy: Some([of; 16]), targets: vec![[of; 16]], ..About::default() };
        let scan = NewScan {
            id,
            about,
            target: format!("estate {of}"),
            provider: "terraform".into(),
            created_at: time(number),
            ..NewScan::default()
        };
        ledger.create_scan(&scan).unwrap();
        ledger.put_catalogue(&id, &Catalogue::default()).unwrap();
        ledger.transition(&id, ScanStatus::Running, &time(number), None).unwrap();
        let coverage = Coverage { evaluated: 990, evaluable: 1_000, tasks_done: 0, tasks: 0 };
        ledger.complete(&id, &time(number + 1), coverage, &summary, &[]).unwrap();
    }
}

/// Minutes after a beginning.
fn time(minute: u32) -> String {
    let begin: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    format!("{:.3}", begin + Duration::from_secs(u64::from(minute) * 60))
}

fn target(number: u8) -> Target {
    Target {
        id: [number; 16],
        tenant: DEFAULT,
        number: 0,
        name: format!("estate {number}"),
        provider: "terraform".into(),
        settings: "{\"paths\":[\"/srv/infra\"]}".into(),
        credentials: None,
        labels: BTreeMap::new(),
        created_at: time(0),
        updated_at: time(0),
    }
}

fn summary() -> Summary {
    let control = |number: usize| ControlResult {
        id: format!("{}.{number}", number / 20),
        title: "Data at rest is encrypted with keys that the organization controls".into(),
        section: vec![format!("Section {}", number / 20)],
        status: if number.is_multiple_of(3) { ControlStatus::Fail } else { ControlStatus::Pass },
        checks: vec!["s3_bucket_default_encryption".into()],
        missing_checks: Vec::new(),
        excluded_checks: Vec::new(),
        failures: 3,
    };
    let framework = FrameworkResult {
        id: "framework".into(),
        title: "A framework".into(),
        version: "1.0".into(),
        controls: (0..CONTROLS).map(control).collect(),
    };
    Summary {
        resources: 250,
        violations_by_severity: Severity::WORST_FIRST.into_iter().zip([3, 20, 40, 12, 1]).collect(),
        frameworks: vec![framework],
        delta: Some(DeltaCounts { new: 3, unchanged: 73, resolved: 5, incomparable: 0 }),
        ..Summary::default()
    }
}

fn admin() -> Token {
    Token {
        id: [1; 16],
        tenant: DEFAULT,
        name: "measuring".into(),
        grant: Grant::Role(Role::Admin),
        prefix: "plumb_aaaaaa".into(),
        created_at: time(0),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

fn ask(address: SocketAddr, request: &str) -> (Duration, String) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (begun.elapsed(), answer)
}

fn sign_in(address: SocketAddr, token: &str) -> String {
    let body = format!("token={token}");
    let kind = "content-type: application/x-www-form-urlencoded";
    let length = body.len();
    let head =
        format!("POST /sign-in HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{kind}\r\ncontent-length: {length}");
    let (_, answer) = ask(address, &format!("{head}\r\n\r\n{body}"));
    let cookie = answer.split("set-cookie: ").nth(1).expect("a session");
    cookie.split(';').next().unwrap().to_owned()
}

fn get(address: SocketAddr, path: &str, cookie: &str) -> (Duration, usize) {
    let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncookie: {cookie}");
    let (time, answer) = ask(address, &format!("{head}\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    (time, answer.len())
}
