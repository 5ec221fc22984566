//! The third life: one call in a fresh store and instance, under every bound, dropped after it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Store, Trap, UpdateDeadline};

use crate::bindings::types;
use crate::error::{CallError, Failure};
use crate::grant::Hosts;
use crate::held::Share;
use crate::host::Attachments;
use crate::host::exchange::Exchange;
use crate::host::http::Traffic;
use crate::host::wasi::Surroundings;
use crate::limits::{
    CORE_INSTANCES, HANDLES, HOST_CALLS, Limit, MEMORIES, OUTPUT_BYTES, PROVIDER_HOST_CALLS, PROVIDERS_MEMORY,
    TABLE_ELEMENTS, TABLES,
};
use crate::manifest::{Encoding, Export};
use crate::plugin::Plugin;

/// What the host keeps for one instance.
pub(crate) struct State {
    /// For log lines: plugin id.
    pub(crate) plugin: String,
    pub(crate) encoding: Encoding,
    pub(crate) attachments: Attachments,
    pub(crate) table: ResourceTable,
    pub(crate) log_lines: u64,
    pub(crate) reported_gaps: usize,
    /// Those of the resources it emitted.
    pub(crate) emitted_gaps: usize,
    pub(crate) traffic: Traffic,
    /// Made when a guest that is granted `wasi` first looks around.
    pub(crate) surroundings: Option<Box<Surroundings>>,
    pub(crate) exchange: Exchange,
    /// What was granted: whom requests may go to.
    hosts: Arc<Hosts>,
    /// Time spent waiting for the host, which does not count as the guest's.
    pub(crate) waited: Duration,
    calls_left: u64,
    calls: u64,
    memory: usize,
    /// Of a provider: what it holds of what all of them may.
    share: Option<Share>,
    memory_limit: usize,
    /// The bound that was reached, whatever the guest made of being told so.
    tripped: Option<Limit>,
    /// Why the host itself could not serve a call.
    pub(crate) host_fault: Option<String>,
}

impl State {
    /// Counts a call of a host function. An error is a trap.
    pub(crate) fn count_call(&mut self) -> wasmtime::Result<()> {
        match self.calls_left.checked_sub(1) {
            Some(left) => {
                self.calls_left = left;
                Ok(())
            }
            None => Err(self.trip(Limit::HostCalls(self.calls))),
        }
    }

    /// Whom requests may go to.
    pub(crate) fn hosts(&self) -> &Arc<Hosts> {
        &self.hosts
    }

    pub(crate) fn trip(&mut self, limit: Limit) -> wasmtime::Error {
        self.tripped = Some(limit);
        wasmtime::Error::msg(limit.to_string())
    }

    /// The host cannot go on serving this call, through no fault of the guest.
    pub(crate) fn fault(&mut self, reason: String) -> wasmtime::Error {
        let error = wasmtime::Error::msg(reason.clone());
        self.host_fault = Some(reason);
        error
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let growth = desired.saturating_sub(current);
        let total = self.memory.saturating_add(growth);
        if total > self.memory_limit {
            // The guest is told that there is no more, as the standard has it: some can live with that.
            self.tripped = Some(Limit::Memory(self.memory_limit));
            return Ok(false);
        }
        self.memory = total;
        if let Some(share) = &mut self.share {
            share.grow(growth);
        }
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS {
            self.tripped = Some(Limit::Table);
            return Ok(false);
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

/// A store for one call. Its clock runs from now.
fn store(plugin: &Plugin, export: Export, attachments: Attachments) -> (Store<State>, Duration) {
    let limits = plugin.manifest().limits;
    let (calls, deadline) = match export {
        Export::Provider | Export::Remediation => (PROVIDER_HOST_CALLS, limits.collect),
        Export::Checks | Export::Framework => (HOST_CALLS, limits.call),
    };
    let mut table = ResourceTable::new();
    table.set_max_capacity(HANDLES);
    let state = State {
        plugin: plugin.manifest().id.clone(),
        encoding: plugin.manifest().encoding,
        attachments,
        table,
        log_lines: 0,
        reported_gaps: 0,
        emitted_gaps: 0,
        traffic: Traffic::default(),
        surroundings: None,
        exchange: Exchange::default(),
        hosts: Arc::new(plugin.grant().hosts().clone()),
        waited: Duration::ZERO,
        calls_left: calls,
        calls,
        memory: 0,
        share: matches!(export, Export::Provider | Export::Remediation)
            .then(|| Share::of(&plugin.inner.runtime.providers_memory)),
        memory_limit: limits.memory,
        tripped: None,
        host_fault: None,
    };
    let mut store = Store::new(&plugin.inner.runtime.engine, state);
    store.limiter(|state| state);
    store.set_hostcall_fuel(OUTPUT_BYTES);
    let started = Instant::now();
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut context| {
        let state = context.data_mut();
        if started.elapsed().saturating_sub(state.waited) > deadline {
            return Err(state.trip(Limit::Time(deadline)));
        }
        // Others get their turn, and a caller that has gone away is noticed: the future is dropped here.
        Ok(UpdateDeadline::Yield(1))
    });
    (store, deadline)
}

/// Runs one call. `body` instantiates and calls; what it returns from the guest is taken over or turned into a failure. Only as
/// many calls run at once as the pool has room for.
pub(crate) async fn run<T>(
    plugin: &Plugin,
    export: Export,
    function: &'static str,
    attachments: Attachments,
    body: impl AsyncFnOnce(&mut Store<State>) -> wasmtime::Result<Result<T, types::Error>>,
) -> Result<T, CallError> {
    let named = |failure| CallError {
        plugin: plugin.manifest().id.clone(),
        version: plugin.manifest().version.clone(),
        function,
        failure,
    };
    let is_provider = matches!(export, Export::Provider | Export::Remediation);
    let permits = if is_provider { &plugin.inner.runtime.providers } else { &plugin.inner.runtime.checks };
    let _permit = permits.acquire().await.map_err(|error| named(Failure::Host(error.to_string())))?;
    if is_provider {
        plugin.inner.runtime.providers_memory.below(PROVIDERS_MEMORY).await;
    }
    let (mut store, _) = store(plugin, export, attachments);
    match body(&mut store).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(named(from_guest(store.data(), error))),
        Err(error) => Err(named(from_trap(store.data(), &error))),
    }
}

/// The error a guest gave as its answer.
fn from_guest(state: &State, error: types::Error) -> Failure {
    let text = |message: String| crate::output::text(&state.without_secrets(&message));
    match error {
        types::Error::Invalid(message) => Failure::Invalid(text(message)),
        types::Error::Denied(message) => Failure::Denied(text(message)),
        types::Error::Unavailable(message) => Failure::Unavailable(text(message)),
        types::Error::Internal(message) => Failure::Internal(text(message)),
    }
}

/// Why a guest did not come to an answer.
fn from_trap(state: &State, error: &wasmtime::Error) -> Failure {
    if let Some(reason) = &state.host_fault {
        return Failure::Host(reason.clone());
    }
    if let Some(limit) = state.tripped {
        return Failure::Limit(limit);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Failure::Limit(Limit::Stack),
        Some(trap) => Failure::Trap(format!("{trap}{}", last_words(state))),
        None => {
            let message = format!("{error:#}");
            // The component model's own bound on what crosses the boundary has no type of its own.
            if message.contains("fuel") {
                Failure::Limit(Limit::Output)
            } else {
                Failure::Trap(format!("{}{}", crate::output::text(&message), last_words(state)))
            }
        }
    }
}

/// What a guest with a standard error wrote there last, for an error message.
fn last_words(state: &State) -> String {
    let said = state.surroundings.as_ref().map(|around| around.last_words()).unwrap_or_default();
    if said.is_empty() { said } else { format!("; it said: {}", crate::output::text(&state.without_secrets(&said))) }
}
