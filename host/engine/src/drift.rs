//! Drift: resources held against what they ought to be.
//!
//! In reading order: [`rules`] (what the provider says of attributes), [`document`], `bytes`, [`equal`] and [`compare`] (two versions of
//! one resource; pure), `shared` (what two sources both tell), [`secrets`] and [`summary`] (what is told of a difference), [`versions`]
//! (many resources, from the ledger), [`settings`], [`seen`] (what a scan looked at),
//! [`matching`] (which resource is which), [`capture`] and [`detect`] (whole targets), [`compliance`] (which checks broke),
//! [`git`] and [`repository`] (code against reality).

mod bytes;
mod capture;
pub mod compare;
mod compliance;
pub mod detect;
pub mod document;
mod equal;
pub(crate) mod git;
pub mod matching;
pub mod repository;
pub mod rules;
mod secrets;
mod seen;
pub mod settings;
mod shared;
mod summary;
pub mod versions;
