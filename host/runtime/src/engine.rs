//! Holds wasmtime: one engine with every bound that it can keep, the clock that interrupts guests, and the permits.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails,
};

use crate::cache::Cache;
use crate::compiled::Compiled;
use crate::compiler::Compiler;
use crate::error::LoadError;
use crate::grant::{self, Operator};
use crate::held::Held;
use crate::inspect::inspect;
use crate::limits::{
    CHECK_CALLS, COMPILE_PERMITS, COMPILE_TIME, CORE_INSTANCES, FIBER_STACK, MEMORIES, MEMORY_CEILING, PROVIDER_CALLS,
    TABLE_ELEMENTS, TABLES, TICK, WASM_STACK,
};
use crate::plugin::Plugin;

/// Bytes of a freed memory that stay mapped for the next instance: most guests touch less, and zeroing beats page faults.
const KEEP_RESIDENT: usize = 1 << 20;

/// How the runtime is set up.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where compiled code is kept; none keeps nothing.
    pub cache: Option<PathBuf>,
    pub operator: Operator,
    /// None compiles in this process, where neither time nor memory can be taken back.
    pub compiler: Option<Compiler>,
}

/// Loads plugins. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) engine: Engine,
    cache: Option<Cache>,
    operator: Operator,
    compiler: Option<Compiler>,
    compiling: Arc<Semaphore>,
    pub(crate) checks: Arc<Semaphore>,
    pub(crate) providers: Arc<Semaphore>,
    pub(crate) providers_memory: Arc<Held>,
}

impl Runtime {
    /// Starts the engine and its clock. The clock's thread ends with the last clone of the runtime and its plugins.
    pub fn new(settings: Settings) -> Result<Runtime, LoadError> {
        let engine = Engine::new(&config(pool())).map_err(|error| LoadError::Compile(error.to_string()))?;
        tick(&engine)?;
        let cache = settings.cache.and_then(|folder| match Cache::open(&folder) {
            Ok(cache) => Some(cache),
            Err(error) => {
                tracing::warn!(%error, "compiled plugins are not kept");
                None
            }
        });
        Ok(Runtime {
            inner: Arc::new(Inner {
                engine,
                cache,
                operator: settings.operator,
                compiler: settings.compiler,
                compiling: Arc::new(Semaphore::new(COMPILE_PERMITS)),
                checks: Arc::new(Semaphore::new(CHECK_CALLS)),
                providers: Arc::new(Semaphore::new(PROVIDER_CALLS)),
                providers_memory: Arc::default(),
            }),
        })
    }

    /// Reads, grants, compiles (or takes from the cache) and links one component. Work happens on a thread where it may
    /// block; the caller waits at most the bound on compiling.
    pub async fn load(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Plugin, LoadError> {
        let inspected = inspect(bytes.as_ref())?;
        let grant = grant::decide(&inspected, &self.inner.operator)?;
        let inner = Arc::clone(&self.inner);
        let stopped = |_| LoadError::Compile("the runtime is shutting down".to_owned());
        let permit = Arc::clone(&inner.compiling).acquire_owned().await.map_err(stopped)?;
        let work = tokio::task::spawn_blocking(move || {
            // The permit stays with the thread: a compilation that nobody waits for any longer still counts.
            let _permit = permit;
            let compiled =
                Compiled::new(&inner.engine, inner.cache.as_ref(), inner.compiler.as_ref(), inspected, bytes.as_ref())?;
            Plugin::link(inner, compiled, grant)
        });
        match tokio::time::timeout(COMPILE_TIME, work).await {
            Err(_) => Err(LoadError::CompileTime),
            Ok(Err(join)) => Err(LoadError::Compile(join.to_string())),
            Ok(Ok(loaded)) => loaded,
        }
    }
}

fn pool() -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    let calls = u32::try_from(CHECK_CALLS + PROVIDER_CALLS).unwrap_or(u32::MAX);
    let each = |count: usize| calls.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    let bound = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    pool.total_component_instances(calls)
        .total_stacks(calls)
        .total_core_instances(each(CORE_INSTANCES))
        .total_memories(each(2))
        .total_tables(each(4))
        .max_core_instances_per_component(bound(CORE_INSTANCES))
        .max_memories_per_component(bound(MEMORIES))
        .max_tables_per_component(bound(TABLES))
        .max_memory_size(MEMORY_CEILING)
        .table_elements(TABLE_ELEMENTS)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// All that code depends on is the same whatever the strategy.
pub(crate) fn config(strategy: InstanceAllocationStrategy) -> Config {
    let mut config = Config::new();
    config
        .allocation_strategy(strategy)
        .wasm_component_model(true)
        .wasm_multi_memory(true)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .cranelift_opt_level(OptLevel::Speed)
        // The same input gives the same bits on every machine: verdicts are replayed.
        .cranelift_nan_canonicalization(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(FIBER_STACK)
        .memory_init_cow(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .generate_address_map(false);
    config
}

/// Moves the engine's clock on, until the engine is gone.
fn tick(engine: &Engine) -> Result<(), LoadError> {
    let engine = engine.weak();
    let clock = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    let thread = std::thread::Builder::new().name("plumb-epoch".to_owned()).spawn(clock);
    thread.map(drop).map_err(|error| LoadError::Compile(format!("its clock does not start: {error}")))
}
