//! Drives the crate from outside, against servers of its own on 127.0.0.1.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects is to panic"
)]

mod accounts;
mod addresses;
mod cloud;
mod credentials;
mod faults;
mod guarding;
mod harness;
mod read_only;
mod recording;
mod secrets;
mod server;
mod signing;
mod writes;
