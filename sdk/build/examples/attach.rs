//! Attaches a manifest to a component made by another toolchain, or wraps a core module that makes WASI calls.
//!
//! `cargo run -p plumbline-build --example attach -- INPUT.wasm plugin.toml OUTPUT.wasm`

use std::path::Path;
use std::process::ExitCode;

use plumbline_build::{Manifest, attach_manifest, imports, wrap_with_adapter};

fn attach(input: &str, manifest: &str, output: &str) -> Result<(), Box<dyn std::error::Error>> {
    let bytes = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let text = std::fs::read_to_string(manifest).map_err(|error| format!("{manifest}: {error}"))?;
    let Manifest { wasi, text, .. } = Manifest::parse(Path::new(manifest), text)?;
    let core = bytes.get(4..8) == Some(&[1, 0, 0, 0]);
    let component = if core { wrap_with_adapter(&bytes, &text)? } else { attach_manifest(&bytes, &text)? };
    let is_own = |name: &str| name.starts_with("plumbline:plugin/") || (wasi && name.starts_with("wasi:"));
    let foreign: Vec<String> = imports(&component)?.into_iter().filter(|name| !is_own(name)).collect();
    if !foreign.is_empty() {
        return Err(format!(
            "{input} imports {}; build it without WASI, or let the manifest ask for it",
            foreign.join(", ")
        )
        .into());
    }
    std::fs::write(output, component).map_err(|error| format!("{output}: {error}").into())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, manifest, output] = arguments.as_slice() else {
        eprintln!("usage: attach INPUT.wasm plugin.toml OUTPUT.wasm");
        return ExitCode::from(2);
    };
    match attach(input, manifest, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
