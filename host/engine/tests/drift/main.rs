//! Drift, from two versions of one resource to whole targets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects is to panic"
)]

mod comparing;
mod kinds;
