//! Drives the crate from outside, against servers of its own on 127.0.0.1.

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
