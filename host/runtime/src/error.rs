//! What can go wrong with a plugin, in words that say what to do.

use std::path::PathBuf;

use thiserror::Error;

use crate::limits::{COMPILE_MEMORY, COMPILE_TIME, COMPONENT_BYTES, COMPONENT_FUNCTIONS, Limit};

/// A plugin that is not loaded. The others are.
#[derive(Debug, Error)]
pub enum LoadError {
    #[error("this is no WebAssembly component but a core module; `plumb plugin build` makes components")]
    CoreModule,
    #[error("this is no WebAssembly component: {0}; build plugins with `plumb plugin build`")]
    NotAComponent(String),
    #[error("it has {0} bytes; {COMPONENT_BYTES} is the bound")]
    TooLarge(usize),
    #[error("it has more than {COMPONENT_FUNCTIONS} functions, too many to compile in bounded time")]
    TooManyFunctions,
    #[error("it carries no manifest; build it with `plumb plugin build`, which puts plugin.toml inside")]
    NoManifest,
    #[error("its manifest (plugin.toml) is wrong: {0}")]
    Manifest(String),
    #[error(
        "it speaks {0}, and this plumb knows plumbline:plugin@0.1; rebuild it with an SDK of that version, or update plumb"
    )]
    UnknownContract(String),
    #[error("it imports {0}, which is none of the contract's interfaces; build it without WASI (see the SDK's README)")]
    ForeignImport(String),
    #[error(
        "it imports {0}; build it without WASI (see the SDK's README), or say `wasi = true` under [capabilities] in plugin.toml, and who uses it has to grant that"
    )]
    WasiNotAsked(String),
    #[error(
        "it imports `{0}`, which its manifest does not ask for; add `{0} = true` under [capabilities] in plugin.toml and rebuild"
    )]
    NotAsked(String),
    #[error(
        "its manifest asks for `{0}`, which is not granted; allow it with `--grant {1}={0}` if you trust its publisher"
    )]
    NotGranted(String, String),
    #[error("its manifest says it exports `{0}`, but it does not")]
    NotExported(String),
    #[error("it exports `{0}`, but its manifest does not say so; add it to `exports` in plugin.toml and rebuild")]
    Undeclared(String),
    #[error("it does not fit the contract: {0}")]
    WrongTypes(String),
    #[error("it does not compile: {0}")]
    Compile(String),
    #[error("compiling it took longer than {} s", COMPILE_TIME.as_secs())]
    CompileTime,
    #[error("compiling it took more than {} MiB of memory", COMPILE_MEMORY >> 20)]
    CompileMemory,
    #[error("{path}: {source}", path = .0.display(), source = .1)]
    Io(PathBuf, #[source] std::io::Error),
}

/// A call of a plugin that did not give a usable answer.
#[derive(Clone, Debug, Error)]
#[error("plugin {plugin} {version}, {function}: {failure}")]
pub struct CallError {
    pub plugin: String,
    pub version: String,
    pub function: &'static str,
    pub failure: Failure,
}

/// Why a call gave no usable answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Failure {
    #[error("stopped: {0}")]
    Limit(Limit),
    #[error("crashed: {0}")]
    Trap(String),
    #[error("invalid: {0}")]
    Invalid(String),
    #[error("denied: {0}")]
    Denied(String),
    #[error("unavailable: {0}")]
    Unavailable(String),
    #[error("failed: {0}")]
    Internal(String),
    #[error("gave a wrong answer: {0}")]
    BadOutput(String),
    #[error("the host could not serve it: {0}")]
    Host(String),
}

impl Failure {
    /// Whether the same call on part of the input may succeed: the guest crashed or was stopped by what it was given.
    pub fn may_be_the_input(&self) -> bool {
        matches!(self, Failure::Trap(_) | Failure::Limit(Limit::Memory(_) | Limit::Stack | Limit::Output))
    }
}
