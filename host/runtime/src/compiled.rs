//! The first life: native code, shared by every call.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::Cache;
use crate::code::Code;
use crate::compiler::Compiler;
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
        compiler: Option<&Compiler>,
        inspected: Inspected,
        bytes: &[u8],
    ) -> Result<Compiled, LoadError> {
        let known = cache.and_then(|cache| cache.load(engine, &inspected.digest));
        if let Some(component) = known.and_then(|code| code.component(engine).ok()) {
            return Ok(Compiled { inspected, component });
        }
        let wrong = |error: wasmtime::Error| LoadError::Compile(format!("{error:#}"));
        let code = match compiler {
            Some(compiler) => compiler.compile(bytes)?,
            None => Code::vouched_for(engine.precompile_component(bytes).map_err(wrong)?),
        };
        let component = code.component(engine).map_err(wrong)?;
        if let Some(cache) = cache {
            cache.store(engine, &inspected.digest, &code);
        }
        Ok(Compiled { inspected, component })
    }
}
