//! Loads, limits, grants and calls plugins. The only crate that knows wasmtime; it knows nothing of scans or the ledger.
//!
//! A plugin has three lives, one type each: [`compiled::Compiled`] (native code, shared), [`plugin::Plugin`] (linked against what
//! it was granted), and a call (a fresh store and instance, dropped after it). What a plugin can reach is decided in one place,
//! [`grant`], beneath all interfaces.
//!
//! In reading order: [`manifest`] and [`inspect`] read a component without running it; [`limits`] names every bound;
//! [`grant`] decides; `engine` holds wasmtime; `compiler` makes `code` in a process of its own and `cache` keeps it; `compiled`,
//! `plugin` and `call` are the three lives, and `held` what calls of providers hold together;
//! `host` has one file for each capability; [`egress`] is
//! the traits of whoever sends requests for a provider; [`batch`] checks the resources it emits; `checks`, `frameworks`,
//! `provider` and [`remediation`] call the exports and check what they answer.
//!
//! Nothing here does network I/O, reads the environment or trusts a byte that a plugin wrote.

pub mod batch;
mod bindings;
mod cache;
mod call;
mod checks;
mod code;
mod compiled;
mod compiler;
pub mod egress;
mod engine;
mod error;
mod frameworks;
pub mod grant;
mod held;
pub mod host;
pub mod inspect;
pub mod limits;
pub mod manifest;
mod output;
mod plugin;
mod provider;
pub mod remediation;

pub use checks::{AccountOutcome, Context, Outcome, Stance};
pub use compiled::Compiled;
pub use compiler::{Compiler, serve as serve_compiler};
pub use engine::{Runtime, Settings};
pub use error::{CallError, Failure, LoadError};
pub use host::inventory::Memory;
pub use plugin::Plugin;
pub use provider::{Emission, ProviderInfo, Sources, Target, Task};
