//! `wasi`: what the runtimes of other languages expect around them (WASI 0.2), with nothing behind it. There are no files, no sockets
//! and no environment, and what is written goes nowhere; only the end of standard error is kept, for the message of a call that
//! crashes. The clock stands at the scan's time and chance is the same at every call, so that such a guest gives the same answer
//! to the same question. Nothing here waits: who sleeps moves the clocks of the call on and goes on at once.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use wasmtime::Result;
use wasmtime::component::{HasData, HasSelf, Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock::{Duration, Instant};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random, sockets};
use wasmtime_wasi::p2::{DynPollable, OutputStream, Pollable, StreamResult, subscribe};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi::{Deterministic, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, async_trait};

use crate::call::State;
use crate::limits::{WASI_RANDOM, WASI_SAID, WASI_WRITE};

/// Repeats; what a guest draws from it is the same on every machine.
const CHANCE: &[u8; 32] = b"every call draws the same chance";

const NANOSECONDS: u64 = 1_000_000_000;

/// What stands around the guest of one call.
pub(crate) struct Surroundings {
    wasi: WasiCtx,
    said: Said,
    /// Nanoseconds.
    slept: u64,
}

impl Default for Surroundings {
    fn default() -> Surroundings {
        let said = Said::default();
        let mut builder = WasiCtxBuilder::new();
        // Input is empty, there are no folders, and no address and no name is allowed: all that by the builder's own defaults.
        builder
            .stdout(Said::default())
            .stderr(said.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .secure_random(Deterministic::new(CHANCE.to_vec()))
            .insecure_random(Deterministic::new(CHANCE.to_vec()))
            .insecure_random_seed(0)
            .max_random_size(WASI_RANDOM);
        Surroundings { wasi: builder.build(), said, slept: 0 }
    }
}

impl Surroundings {
    /// The last words on standard error; empty if there are none.
    pub(crate) fn last_words(&self) -> String {
        let said = self.said.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).trim().to_owned()
    }
}

/// All that toolchains import. Interfaces of WASI that are not here, such as `wasi:http`, are refused before anything is linked.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    io::error::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    io::poll::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    io::streams::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    clocks::wall_clock::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    clocks::monotonic_clock::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    random::random::add_to_linker::<State, WasiRandom>(linker, |state| state.ctx().ctx.random())?;
    random::insecure::add_to_linker::<State, WasiRandom>(linker, |state| state.ctx().ctx.random())?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(linker, |state| state.ctx().ctx.random())?;
    cli::environment::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::exit::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    filesystem::types::add_to_linker::<State, WasiFilesystem>(linker, State::filesystem)?;
    filesystem::preopens::add_to_linker::<State, WasiFilesystem>(linker, State::filesystem)?;
    // They answer every call with a refusal; without them the standard libraries of some languages do not link.
    let options = sockets::network::LinkOptions::default();
    sockets::network::add_to_linker::<State, WasiSockets>(linker, &options, State::sockets)?;
    sockets::instance_network::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    sockets::ip_name_lookup::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    sockets::tcp::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    sockets::tcp_create_socket::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    sockets::udp::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    sockets::udp_create_socket::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    Ok(())
}

/// What the streams of a call are kept in.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let surroundings = self.surroundings.get_or_insert_default();
        WasiCtxView { ctx: &mut surroundings.wasi, table: &mut self.table }
    }
}

impl State {
    fn slept(&mut self) -> &mut u64 {
        &mut self.surroundings.get_or_insert_default().slept
    }

    /// Something to wait for that has happened.
    fn past(&mut self) -> Result<Resource<DynPollable>> {
        let past = self.table.push(Past)?;
        subscribe(&mut self.table, past)
    }
}

impl clocks::wall_clock::Host for State {
    fn now(&mut self) -> Result<Datetime> {
        let slept = *self.slept();
        let start = self.attachments.scan_time.as_deref().and_then(|time| time.parse::<jiff::Timestamp>().ok());
        let start = start.and_then(|time| u64::try_from(time.as_second()).ok()).unwrap_or_default();
        let nanoseconds = u32::try_from(slept % NANOSECONDS).unwrap_or_default();
        Ok(Datetime { seconds: start.saturating_add(slept / NANOSECONDS), nanoseconds })
    }

    fn resolution(&mut self) -> Result<Datetime> {
        Ok(Datetime { seconds: 0, nanoseconds: 1 })
    }
}

impl clocks::monotonic_clock::Host for State {
    fn now(&mut self) -> Result<Instant> {
        Ok(*self.slept())
    }

    fn resolution(&mut self) -> Result<Duration> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: Instant) -> Result<Resource<DynPollable>> {
        let slept = self.slept();
        *slept = when.max(*slept);
        self.past()
    }

    fn subscribe_duration(&mut self, duration: Duration) -> Result<Resource<DynPollable>> {
        let slept = self.slept();
        *slept = slept.saturating_add(duration);
        self.past()
    }
}

struct Past;

#[async_trait]
impl Pollable for Past {
    async fn ready(&mut self) {}
}

/// Takes everything and keeps the end of it.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

#[async_trait]
impl Pollable for Said {
    async fn ready(&mut self) {}
}

impl OutputStream for Said {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(&bytes);
        let more = said.len().saturating_sub(WASI_SAID);
        said.drain(..more);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WASI_WRITE)
    }
}

impl IsTerminal for Said {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Said {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    /// Of WASI 0.3, which is not linked.
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}
