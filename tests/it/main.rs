//! The program, driven from outside: the real binary, real files, real plugins.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects is to panic"
)]

mod accepted;
mod account;
mod api;
mod bad_input;
mod canary;
mod catalogue;
#[cfg(unix)]
mod clock_changes;
mod contract;
mod crash;
#[cfg(unix)]
mod dashboard;
mod demo;
mod drift;
mod emulator;
mod evidence;
mod fault_proxy;
#[cfg(target_os = "linux")]
mod faults;
mod full;
mod harness;
mod hostile;
mod house;
mod languages;
mod ledger;
mod live;
mod many;
mod mending;
mod misbehaving;
mod plan;
mod project;
#[cfg(unix)]
mod reality;
mod remediate;
mod reports;
mod resume;
mod scan;
mod schedules;
mod schema;
#[cfg(unix)]
mod serve;
mod service;
mod shape;
mod stream;
mod wasi;
