//! Compiles the guests that are written in Rust.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use plumbline_build::compile::own_target_dir;
use plumbline_build::{Build, BuildError, Progress, Toolchain};

const CRATES: [&str; 5] = ["checks", "mender", "provider", "twin", "wanderer"];

fn compile() -> Result<(), BuildError> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.ancestors().nth(2).unwrap_or(here);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let folders = CRATES.map(|name| here.join(name));
    for input in folders.iter().cloned().chain(["sdk/rust", "wit", "Cargo.toml"].map(|input| workspace.join(input))) {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    // Where `build.sh` puts the guests of other languages.
    let target = own_target_dir(&out);
    let others = target.parent().unwrap_or(&out).join("guests");
    println!("cargo::rustc-env=PLUMB_GUESTS={}", others.display());
    let build = Build {
        workspace,
        folders: &folders,
        target_dir: &target,
        features: &[],
        locked: true,
        progress: Progress::Kept,
    };
    for (built, name) in build.run(&Toolchain::find()?)?.iter().zip(CRATES) {
        let path = out.join(format!("{name}.wasm"));
        std::fs::copy(&built.core, &path).map_err(|source| BuildError::Write { path, source })?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
