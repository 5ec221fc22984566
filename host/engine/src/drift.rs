//! Drift: resources held against what they ought to be.
//!
//! In reading order: [`rules`] (what the provider says of attributes), [`document`], [`equal`] and [`compare`] (two versions of one
//! resource; pure), [`secrets`] and [`summary`] (what is told of a difference).

pub mod compare;
pub mod document;
mod equal;
pub mod rules;
mod secrets;
mod summary;
