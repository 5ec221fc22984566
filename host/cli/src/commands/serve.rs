//! `plumb serve`.

use std::io;
use std::sync::Arc;

use anyhow::Context as _;
use plumb_engine::clock::SystemClock;
use plumb_engine::scan::Engine;
use plumb_engine::service::Service;
use plumb_engine::service::queue::Bounds;
use plumb_server::{AppState, TokenKey};
use tokio::net::TcpListener;

use crate::arguments::{Common, Serve as Arguments};
use crate::context;
use crate::exit::Exit;

pub(crate) async fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let token_key = TokenKey::open(&context::data(common)?)?;
    let named = || format!("listening on {}", arguments.listen);
    let listener = TcpListener::bind(arguments.listen).await.with_context(named)?;
    let address = listener.local_addr().with_context(named)?;
    // Heard from here on, so that whoever reads the line below can stop the server.
    let stop = stop_signal().context("listening for signals")?;
    let engine = Engine::new(ledger, context::library(common).await?, Arc::new(SystemClock));
    let service = Service::start(engine, Bounds::default())?;
    eprintln!("listening on http://{address}");
    plumb_server::serve(listener, AppState::new(service.clone(), token_key), stop).await?;
    service.stop().await;
    Ok(Exit::Success)
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
