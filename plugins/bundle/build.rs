//! Builds every folder of `plugins/` that has a `plugin.toml`: a module by `cargo`, then a component
//! from it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use plumbline_build::compile::own_target_dir;
use plumbline_build::{Build, BuildError, Manifest, Progress, Toolchain, componentize, manifest};

fn main() -> ExitCode {
    match bundle() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Cargo shows this where a build script fails.
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bundle() -> Result<(), BuildError> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.ancestors().nth(2).unwrap_or(here);
    for input in ["plugins", "sdk/rust", "wit", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", workspace.join(input).display());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let folders = plugin_folders(&workspace.join("plugins"))?;
    let manifests = folders.iter().map(|folder| Manifest::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let build = Build {
        workspace,
        folders: &folders,
        target_dir: &own_target_dir(&out),
        features: &[],
        locked: true,
        progress: Progress::Kept,
    };
    let mut plugins: Vec<_> = build.run(&Toolchain::find()?)?.into_iter().zip(manifests).collect();
    plugins.sort_by(|(_, one), (_, other)| one.id.cmp(&other.id));
    let mut entries = Vec::new();
    for (built, Manifest { id, text, .. }) in plugins {
        let core =
            std::fs::read(&built.core).map_err(|source| BuildError::Read { path: built.core.clone(), source })?;
        write(&out.join(format!("{id}.wasm")), &componentize(&core, &text)?)?;
        entries.push(format!(
            "    BundledPlugin {{ id: {id:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{id}.wasm\")) }},\n"
        ));
    }
    let list =
        format!("/// In the order of their ids.\npub static PLUGINS: &[BundledPlugin] = &[\n{}];\n", entries.concat());
    write(&out.join("plugins.rs"), list.as_bytes())
}

/// The folders with a manifest, by name.
fn plugin_folders(plugins: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let read = |source| BuildError::Read { path: plugins.to_owned(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(plugins).map_err(read)? {
        let folder = entry.map_err(read)?.path();
        if folder.join(manifest::FILE).is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Leaves a file alone that has these bytes already, so that nothing is compiled again because of it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if std::fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    std::fs::write(path, bytes).map_err(|source| BuildError::Write { path: path.to_owned(), source })
}
