//! The first life: native code, shared by every call.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::Cache;
use crate::error::LoadError;
use crate::inspect::Inspected;

/// A component as native code. Not yet linked to anything.
pub struct Compiled {
    pub(crate) inspected: Inspected,
    pub(crate) component: Component,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled").field("inspected", &self.inspected).finish_non_exhaustive()
    }
}

impl Compiled {
    /// From the cache, or compiled now and kept. Takes seconds for large components: not for async threads.
    pub(crate) fn new(
        engine: &Engine,
        cache: Option<&Cache>,
        inspected: Inspected,
        bytes: &[u8],
    ) -> Result<Compiled, LoadError> {
        if let Some(component) = cache.and_then(|cache| cache.load(engine, &inspected.digest)) {
            return Ok(Compiled { inspected, component });
        }
        let component =
            Component::from_binary(engine, bytes).map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        if let Some(cache) = cache {
            cache.store(engine, &inspected.digest, &component);
        }
        Ok(Compiled { inspected, component })
    }
}
