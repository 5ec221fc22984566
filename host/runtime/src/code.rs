//! Native code as bytes. Loading it is as good as running it, so there are two places it comes from and no third: the cache, which
//! has signed it, and the compiler, which is this very program.

use wasmtime::Engine;
use wasmtime::component::Component;

/// What `Engine::precompile_component` or `Component::serialize` gave, in a program of this user's own.
pub(crate) struct Code(Vec<u8>);

impl Code {
    /// For the cache and the compiler alone: whoever calls this vouches for where the bytes come from.
    pub(crate) fn vouched_for(bytes: Vec<u8>) -> Code {
        Code(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The component, if the code was made for this engine.
    pub(crate) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: `deserialize` demands bytes that `Engine::precompile_component` or `Component::serialize` gave, unchanged. These
        // come from the cache, where a keyed tag over exactly these bytes, held in memory since they were checked, shows that this
        // user's plumb wrote them (the key lies in a file and folder that only this user can read, and never leaves the cache); or
        // through a pipe from a process that this one started from its own executable to do nothing but call
        // `precompile_component`. Code of another version or of other settings is refused by wasmtime itself, which writes them
        // into its head.
        #[allow(unsafe_code)]
        unsafe {
            Component::deserialize(engine, &self.0)
        }
    }
}
