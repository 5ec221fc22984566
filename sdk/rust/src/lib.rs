//! Write Plumbline plugins in Rust.
//!
//! A plugin is a WebAssembly component that exports one or more of three interfaces. Pick the macro for it; each takes
//! plain Rust values, and everything but the macro runs natively in `cargo test`:
//!
//! | to write | use | see |
//! |---|---|---|
//! | rules about resources or accounts | [`checks!`] | [`check`] |
//! | a catalogue of requirements | [`frameworks!`] | [`framework`] |
//! | both in one component | [`frameworks_with_checks!`] | |
//! | a source of resources | [`provider!`] | [`provider`] |
//! | one that also mends | [`provider_with_remediation!`] | [`remediation`] |
//!
//! The modules in reading order: [`document`] walks structured values and [`encode`](mod@encode) writes them, [`resource`] is one configured thing and knows what could
//! not be read of it, [`check`] holds a rule and its verdict, [`account`] is the view of a whole account, [`framework`] and
//! [`provider`] are the other two kinds of plugin, [`http`] is how a provider asks a cloud, [`remediation`] is how it mends, [`export`] is what the macros call, [`log`] writes lines to the host, [`testing`] makes fixtures,
//! `allocator` serves the guest's memory.
//!
//! This crate never reaches outside the interfaces in `wit/v0.1`: no clock, no random, no files, no environment.

pub mod account;
#[cfg(target_arch = "wasm32")]
mod allocator;
pub mod bindings;
pub mod check;
pub mod document;
pub mod encode;
pub mod export;
pub mod framework;
pub mod http;
pub mod log;
pub mod provider;
pub mod remediation;
pub mod resource;
pub mod testing;

pub use serde_json;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator::new();

/// What a file of checks needs: `use plumbline::prelude::*;`.
pub mod prelude {
    pub use crate::account::{Account, Subject};
    pub use crate::check::{
        Check, Context, Judge, Outcome, Remediation, Rule, Severity, Verdict, fail, manual, not_applicable, pass,
        pass_if,
    };
    pub use crate::resource::{Node, Resource, Unread};
}
