//! Drives the crate from outside, against servers of its own on 127.0.0.1.

mod addresses;
mod guarding;
mod server;
