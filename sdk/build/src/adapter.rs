//! C, C++, Zig and Go compile for WASI's first preview, whose system calls no plugin may have. The adapter answers
//! them from inside the component: a clock that starts at a fixed moment, random numbers from a fixed seed, output
//! that goes nowhere, no files. Such a plugin stays pure and gives the same verdict every time.

use crate::component::{attach_manifest, wrap};
use crate::contract;
use crate::error::BuildError;
use crate::manifest::Manifest;

/// The module name under which those compilers import system calls.
const PREVIEW1: &str = "wasi_snapshot_preview1";

const ADAPTER: &str = include_str!("../adapter/preview1.wat");

/// The section in which bindings generators leave the contract's types.
const TYPES_SECTION: &str = "component-type";

/// As [`componentize`](crate::componentize), for a core module that may make WASI system calls. The contract's types
/// are added where the compiler did not write them.
pub fn wrap_with_adapter(core: &[u8], manifest: &str) -> Result<Vec<u8>, BuildError> {
    let parsed = Manifest::parse(std::path::Path::new("plugin.toml"), manifest)?;
    let plugin = format!("{} {}", parsed.id, parsed.version);
    let adapter = wat::parse_str(ADAPTER).map_err(|error| BuildError::NotAModule {
        what: "adapter/preview1.wat".to_owned(),
        reason: error.to_string(),
    })?;
    let embedded;
    let core = if has_types(core) {
        core
    } else {
        embedded = contract::embed(core, contract::world(&parsed.exports)?)?;
        &embedded
    };
    let component = wrap(core, &plugin, Some((PREVIEW1, &adapter)))?;
    attach_manifest(&component, manifest)
}

fn has_types(core: &[u8]) -> bool {
    wasmparser::Parser::new(0).parse_all(core).flatten().any(|payload| match payload {
        wasmparser::Payload::CustomSection(section) => section.name().starts_with(TYPES_SECTION),
        _ => false,
    })
}
