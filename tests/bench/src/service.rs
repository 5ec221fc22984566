//! The service with a long history: requests per second beside a bare server of the same bytes, pages of long lists and of the
//! dashboard, idle streams, and memory over a soak. Client and server share the machine's cores.

mod client;
mod history;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use plumb_engine::clock::SystemClock;
use plumb_engine::scan::Engine;
use plumb_engine::service::Service;
use plumb_engine::service::queue::Bounds;
use plumb_server::{AppState, Limits, TokenKey, TokenText, routes, serve_with};
use plumb_store::Ledger;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

use client::{Connection, bare_server};

/// Connections that ask at the same time.
const CLIENTS: usize = 16;
/// Each side of the comparison takes turns so often, so long.
const TURNS: usize = 7;
const TURN: Duration = Duration::from_millis(700);
/// Requests for each page.
const REQUESTS: usize = 200;
/// Streams of a scan that waits.
const STREAMS: u32 = 5_000;
/// Load that memory is looked at under, at its beginning and its end.
const SOAK: Duration = Duration::from_secs(20);

/// Runs all of it; one JSON object a line.
pub(crate) async fn run(mut print: impl FnMut(&Json) -> Result<()>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ledger = Arc::new(Ledger::open(folder.path())?);
    let history = history::fill(&ledger)?;
    let (key, token) = (TokenKey::random()?, TokenText::random()?);
    ledger.create_token(&key.hash(&token), &history::admin())?;
    let engine = Engine::new(ledger, Arc::default(), Arc::new(SystemClock));
    // Nothing begins: a scan that waits has a stream for as long as one likes.
    let service = Service::start(engine, Bounds { running: 0, ..Bounds::default() })?;
    let limits = Limits { connections: STREAMS as usize + 1_000, streams: STREAMS as usize + 100, ..Limits::default() };
    let state = AppState::new(service, key).with_limits(limits);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve_with(listener, state, routes(), std::future::pending()));
    let head =
        |path: &str| format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\n\r\n", token.as_str());

    let list = head("/v1/scans?limit=20");
    let answer = Connection::open(address).await?.ask(&list).await?;
    let bare = bare_server(&answer).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let rates = (rate(address, &list).await?, rate(bare, &list).await?);
        if turn > 0 {
            ours.push(rates.0);
            theirs.push(rates.1);
        }
    }
    let ratios = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
    print(&json!({"figure": "reads", "ratio": middle(ratios), "ours": middle(ours), "theirs": middle(theirs)}))?;

    let lists = history.pages().into_iter().map(|page| ("page", page));
    let dashboard = history.dashboard().into_iter().map(|page| ("dashboard", page));
    for (figure, (name, path)) in lists.chain(dashboard) {
        let times = times_of(address, &head(&path)).await?;
        let at = |percent: usize| times.get(REQUESTS * percent / 100).copied().unwrap_or_default().as_secs_f64() * 1e3;
        print(&json!({"figure": figure, "name": name, "median_ms": at(50), "p99_ms": at(99)}))?;
    }

    let before = resident()?;
    let stream = head(&format!("/v1/scans/{}/stream", history.waiting))
        .replace("\r\n\r\n", "\r\naccept: text/event-stream\r\n\r\n");
    let mut streams = Vec::with_capacity(STREAMS as usize);
    for _ in 0..STREAMS {
        let mut connection = Connection::open(address).await?;
        ensure!(connection.begin(&stream).await? == 200, "a stream was refused");
        streams.push(connection);
    }
    let each = u32::try_from(resident()?.saturating_sub(before)).map(f64::from)? / f64::from(STREAMS);
    let beside = rate(address, &list).await?;
    drop(streams);
    print(&json!({"figure": "streams", "count": STREAMS, "kib_each": each, "reads_beside": beside}))?;

    rate(address, &list).await?;
    let before = resident()?;
    let ends = Instant::now() + SOAK;
    let mut asked = 0.0;
    while Instant::now() < ends {
        asked += rate(address, &list).await? * TURN.as_secs_f64();
    }
    print(&json!({"figure": "soak", "requests": asked, "kib_before": before, "kib_after": resident()?}))?;
    server.abort();
    Ok(())
}

/// How long each of some requests takes, the quickest first.
async fn times_of(address: std::net::SocketAddr, request: &str) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        let answer = connection.ask(request).await?;
        times.push(begun.elapsed());
        ensure!(answer.status == 200, "{request}: {}", String::from_utf8_lossy(&answer.body));
    }
    times.sort_unstable();
    Ok(times)
}

/// Requests per second of all clients together.
async fn rate(address: std::net::SocketAddr, request: &str) -> Result<f64> {
    let ends = Instant::now() + TURN;
    let clients = (0..CLIENTS).map(|_| {
        let request = request.to_owned();
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut asked = 0u32;
            while Instant::now() < ends {
                ensure!(connection.ask(&request).await?.status == 200, "a request was refused");
                asked += 1;
            }
            Ok(asked)
        })
    });
    let mut asked = 0;
    for client in clients.collect::<Vec<_>>() {
        asked += client.await??;
    }
    Ok(f64::from(asked) / TURN.as_secs_f64())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// KiB of this process that are in memory.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
