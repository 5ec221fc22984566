//! Drives the plugin from outside: recorded answers in, resources and gaps out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "these are tests")]
#![allow(
    missing_debug_implementations,
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "nobody else uses them"
)]

mod closed_loop;
mod coverage;
mod gaps;
mod mending;
mod order;
mod preflight;
mod recorded;
mod tags;
mod told;
