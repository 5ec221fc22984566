//! `plumb serve`.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use plumb_engine::clock::SystemClock;
use plumb_engine::notify::Notifier;
use plumb_engine::scan::Engine;
use plumb_engine::schedule::Scheduler;
use plumb_engine::service::Service as Scans;
use plumb_engine::service::queue::Bounds;
use plumb_server::{AdminCommand, AppState, TokenKey, perform};
use plumb_store::Ledger;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::administer::token_key;
use crate::arguments::Common;
use crate::egress::Source;
use crate::exit::Exit;
use crate::service::Service;
use crate::{context, print};

pub(crate) async fn run(common: &Common, service: Service) -> anyhow::Result<Exit> {
    let folder = context::data(common)?;
    let ledger = context::ledger(common)?;
    // What uploads were cut off by a crash, before the first one can come in.
    ledger.collect_blobs()?;
    let token_key = token_key(&folder, &ledger)?;
    let named = || format!("listening on {}", service.listen);
    let listener = TcpListener::bind(service.listen).await.with_context(named)?;
    let address = listener.local_addr().with_context(named)?;
    // Heard from here on, so that whoever reads the lines below can stop the server.
    let stop = stop_signal().context("listening for signals")?;
    first_token(&ledger, &token_key)?;
    let scheme = if service.tls.is_some() { "https" } else { "http" };
    let engine = Engine::new(ledger, context::library(common).await?, Arc::new(SystemClock));
    let engine = engine.with_egress(Source::lending(service.lent.clone(), service.repositories.clone()));
    let bounds = Bounds {
        running: Bounds::default().running.max(service.scans.max_concurrent),
        running_per_tenant: service.scans.max_concurrent,
        waiting_per_tenant: service.scans.queue,
    };
    let scans = Scans::start(engine, bounds)?;
    let settings = service.notifications.settings(scans.ledger(), token_key.signing())?;
    let clock = Arc::clone(scans.engine().clock());
    let scheduler = Scheduler::new(scans.clone(), Notifier::new(Arc::clone(scans.ledger()), clock, settings));
    let state = AppState::new(scans.clone(), token_key).with_limits(service.limits).with_scans(service.scans);
    let state = state.with_scheduler(scheduler.clone());
    let state = match service.tls {
        Some(tls) => state.with_tls(tls),
        None => state,
    };
    let control = control(&folder, &state);
    eprintln!("listening on {scheme}://{address}");
    let stop_automation = CancellationToken::new();
    let automation = [
        tokio::spawn(scheduler.notifier().clone().run(stop_automation.clone())),
        tokio::spawn(scheduler.run(stop_automation.clone())),
    ];
    let served = plumb_server::serve(listener, state, stop).await;
    stop_automation.cancel();
    for task in automation {
        task.await.context("schedules and messages")?;
    }
    if let Some(control) = control {
        control.abort();
        // Ended by the line above, which is no failure; the socket is gone with it.
        control.await.unwrap_or_default();
    }
    scans.stop().await;
    served?;
    Ok(Exit::Success)
}

/// Where no token was ever made nobody could ask anything: makes one, and prints it alone for scripts.
fn first_token(ledger: &Ledger, key: &TokenKey) -> anyhow::Result<()> {
    if ledger.has_tokens()? {
        return Ok(());
    }
    let admin = AdminCommand::TokenCreate {
        tenant: plumb_model::tenant::DEFAULT_NAME.to_owned(),
        name: "first start".to_owned(),
        role: Some("admin".to_owned()),
        scopes: Vec::new(),
        expires_in_seconds: None,
    };
    let made = perform(ledger, key, &admin)?;
    eprintln!("admin token (shown once), on standard output:");
    print::out(print::field(&made, "token"))?;
    Ok(())
}

/// Lets `plumb token` and its like ask this server. Without it the server serves all the same.
#[cfg(unix)]
fn control(folder: &Path, state: &AppState) -> Option<tokio::task::JoinHandle<()>> {
    match plumb_server::Control::bind(folder) {
        Ok(control) => Some(tokio::spawn(control.serve(state.clone()))),
        Err(error) => {
            eprintln!("warning: tokens cannot be managed from this machine while the server runs: {error}");
            None
        }
    }
}

#[cfg(not(unix))]
fn control(_: &Path, _: &AppState) -> Option<tokio::task::JoinHandle<()>> {
    None
}

/// Ends with SIGINT, which a terminal sends, or SIGTERM, which an orchestrator does.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends with Ctrl-C.
#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
