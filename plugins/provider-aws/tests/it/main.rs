//! Drives the plugin from outside: recorded answers in, resources and gaps out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "these are tests")]

mod coverage;
