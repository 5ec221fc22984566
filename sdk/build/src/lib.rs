//! Turns source into components that carry their manifest.
//!
//! The modules in reading order: [`manifest`] reads as much of `plugin.toml` as building needs, [`toolchain`] finds
//! compilers that can produce WebAssembly, [`compile`] runs them, [`contract`] holds the WIT text and writes it into
//! modules of languages whose compilers do not, [`adapter`] gives C and Go the system calls they expect without a
//! system, [`component`] wraps core modules and attaches manifests.
//!
//! This crate installs nothing and reaches no network but through `cargo`; what is missing is named together with the
//! command that brings it. The same input gives the same bytes.

pub mod adapter;
pub mod compile;
pub mod component;
pub mod contract;
pub mod error;
pub mod manifest;
pub mod toolchain;

pub use adapter::wrap_with_adapter;
pub use compile::{Build, Built, Progress};
pub use component::{attach_manifest, componentize, imports, manifest_of};
pub use error::BuildError;
pub use manifest::Manifest;
pub use toolchain::Toolchain;
