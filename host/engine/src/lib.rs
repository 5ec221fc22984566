//! A scan's life: plan → collect → evaluate → compare → record.
//!
//! [`library`] loads plugins and knows what they bring; [`choice`] picks the checks and frameworks of a scan; [`files`] gives a
//! target's files to its provider; [`scan`] is the life itself, with `task` (one unit of collection), `unchanged` (what a task
//! need not collect again), `recollection` (what need not be made again of what it is made from), `item` (a resource on its way), `chunk` (some resources through their checks), `account` (checks of
//! whole accounts), `previous` (what changed), `ahead` (what is read or hashed meanwhile), `completion` (the end) and `recorder` (the ledger's one writer) as its steps;
//! [`preflight`] tries beforehand what a scan may ask; [`replay`] does again what a scan decided, from its record alone;
//! [`remediation`] puts names into checks' commands, and mends where that was granted; [`event`]
//! is what it tells whoever watches; [`egress`] is who sends requests for providers; [`service`] takes orders for scans, and runs
//! them for tenants; [`schedule`] gives orders by itself; [`notify`] tells people.
//!
//! Outside the ledger this crate writes nothing but the steps of a remediation, and sends nothing else but what [`notify`] tells. Time comes from a [`clock::Clock`], and plugins are told the `day` of it at most.

mod account;
mod ahead;
mod breaker;
pub mod choice;
mod chunk;
pub mod clock;
pub mod compare;
mod completion;
mod day;
mod digest;
pub mod drift;
pub mod egress;
mod error;
pub mod event;
pub mod files;
mod item;
pub mod library;
pub mod notify;
pub mod preflight;
mod previous;
mod recollection;
mod recorder;
pub mod remediation;
pub mod replay;
pub mod request;
pub mod scan;
pub mod schedule;
pub mod service;
mod suggest;
mod task;
mod unchanged;

pub use error::EngineError;
