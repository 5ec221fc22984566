//! A fresh instance and an empty call, against the least that wasmtime can do: an instance of nothing but a memory.

use std::time::Instant;

use plumb_runtime::limits::{
    CHECK_CALLS, CORE_INSTANCES, FIBER_STACK, MEMORIES, MEMORY_CEILING, PROVIDER_CALLS, TABLE_ELEMENTS, TABLES,
    WASM_STACK,
};
use plumb_runtime::{Context, Plugin};
use serde_json::Value as Json;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Store};

use crate::samples::{Duel, since};

const REPETITIONS: usize = 61;
/// Calls in one repetition.
const CALLS: u32 = 200;

const TINY: &str = "(component (core module $m (memory (export \"memory\") 1)) (core instance (instantiate $m)))";

pub(crate) async fn against_bare(checks: &Plugin) -> wasmtime::Result<Json> {
    let engine = Engine::new(&config())?;
    let component = Component::from_binary(&engine, &wat::parse_str(TINY)?)?;
    let tiny = Linker::<()>::new(&engine).instantiate_pre(&component)?;
    let context = Context { account: String::new(), scan_time: "1970-01-01T00:00:00Z".to_owned() };
    let mut duel = Duel::default();
    for repetition in 0..=REPETITIONS {
        let started = Instant::now();
        for _ in 0..CALLS {
            checks.evaluate(&context, &[], &[]).await?;
        }
        let ours = since(started);
        let started = Instant::now();
        for _ in 0..CALLS {
            bare(&engine, &tiny).await?;
        }
        // The first one warms the caches.
        if repetition > 0 {
            duel.ours.push(ours);
            duel.theirs.push(since(started));
        }
    }
    Ok(duel.figure(
        "empty-call",
        CALLS,
        "µs a call: fresh instance of checks-aws with limits and an empty evaluate; bare pooled instance",
    ))
}

async fn bare(engine: &Engine, tiny: &InstancePre<()>) -> wasmtime::Result<()> {
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(1);
    tiny.instantiate_async(&mut store).await?;
    Ok(())
}

/// As `plumb-runtime` sets its engine up.
fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    let bound = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let calls = bound(CHECK_CALLS + PROVIDER_CALLS);
    pool.total_component_instances(calls)
        .total_stacks(calls)
        .total_core_instances(calls.saturating_mul(bound(CORE_INSTANCES)))
        .total_memories(calls.saturating_mul(2))
        .total_tables(calls.saturating_mul(4))
        .max_core_instances_per_component(bound(CORE_INSTANCES))
        .max_memories_per_component(bound(MEMORIES))
        .max_tables_per_component(bound(TABLES))
        .max_memory_size(MEMORY_CEILING)
        .table_elements(TABLE_ELEMENTS)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .wasm_component_model(true)
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(FIBER_STACK)
        .memory_init_cow(true)
        .generate_address_map(false);
    config
}
