//! Drives the plugin from outside: files in, resources, gaps and errors out.

// What fails here should end the test; clippy's own exemption for tests does not reach the functions they share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod broken;
mod dynamic;
mod encodings;
mod files;
mod folding;
mod planning;
mod plans;
mod recall;
mod states;
