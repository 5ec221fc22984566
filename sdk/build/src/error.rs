//! Everything that can go wrong between source and component.

use std::path::{Path, PathBuf};

/// Says what failed, on what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },

    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },

    #[error("{}: {reason}", path.display())]
    Manifest { path: PathBuf, reason: String },

    #[error(
        "no Rust compiler here can produce WebAssembly ({tried}). Run one of\n  \
         rustup target add wasm32-unknown-unknown\n  \
         apt-get install rustc-web cargo-web rust-web-src\n  \
         make tools"
    )]
    NoToolchain { tried: String },

    #[error(
        "{rustc} would have to build the standard library for WebAssembly, but there is no linker for it. Run one of\n  \
         rustup component add rust-src\n  \
         apt-get install lld"
    )]
    NoLinker { rustc: PathBuf },

    #[error("cannot start {}: {source}", program.display())]
    Start { program: PathBuf, source: std::io::Error },

    #[error("{package} did not compile; mend what the compiler says{output}")]
    Compile {
        package: String,
        /// The compiler's words, after an empty line; nothing where they have been shown already.
        output: String,
    },

    #[error(
        "{} compiled, but not to a WebAssembly module; its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`",
        folder.display()
    )]
    NotACdylib { folder: PathBuf },

    #[error("{what} is no WebAssembly module: {reason}")]
    NotAModule { what: String, reason: String },

    #[error("{what} is no WebAssembly component: {reason}")]
    NotAComponent { what: String, reason: String },

    #[error(
        "{plugin} cannot become a component: {reason}. A plugin may use the interfaces in wit/v0.1 and nothing else"
    )]
    Componentize { plugin: String, reason: String },

    #[error("{plugin}: the manifest says `exports = {declared}`, but the component exports {found}; they must agree")]
    Exports { plugin: String, declared: String, found: String },

    #[error("{plugin} carries a manifest already; attach it to the component as the compiler wrote it")]
    HasManifest { plugin: String },

    #[error("the contract has no world for `{world}`: {reason}")]
    World { world: String, reason: String },
}

impl BuildError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
        let path = path.to_owned();
        |source| BuildError::Read { path, source }
    }

    /// An error about a manifest names the file it was read from.
    pub(crate) fn manifest(path: &Path, reason: &(impl std::fmt::Display + ?Sized)) -> BuildError {
        BuildError::Manifest { path: path.to_owned(), reason: reason.to_string() }
    }
}
