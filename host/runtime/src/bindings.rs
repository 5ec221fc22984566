//! The contract's types and traits, generated from `wit/v0.1`. What the worlds share is generated once, in [`checks`].

#![allow(missing_debug_implementations, unreachable_pub, clippy::all, clippy::pedantic, clippy::restriction)]

pub mod checks {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "checks-plugin",
        imports: { default: async | trappable },
        exports: { default: async },
        with: { "plumbline:plugin/snapshot.cursor": crate::host::snapshot::Cursor },
    });
}

pub mod framework {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "framework-plugin",
        imports: { default: async | trappable },
        exports: { default: async },
        with: { "plumbline:plugin/log": crate::bindings::checks::plumbline::plugin::log },
    });
}

pub mod provider {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "provider-plugin",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "plumbline:plugin/types": crate::bindings::checks::plumbline::plugin::types,
            "plumbline:plugin/log": crate::bindings::checks::plumbline::plugin::log,
        },
    });
}

pub mod remediation {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "remediation-plugin",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "plumbline:plugin/types": crate::bindings::checks::plumbline::plugin::types,
            "plumbline:plugin/log": crate::bindings::checks::plumbline::plugin::log,
            "plumbline:plugin/http": crate::bindings::provider::plumbline::plugin::http,
        },
    });
}

pub use checks::plumbline::plugin::types;
