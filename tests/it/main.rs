//! The program, driven from outside: the real binary, real files, real plugins.

mod accepted;
mod bad_input;
mod catalogue;
mod demo;
mod harness;
mod house;
mod languages;
mod ledger;
mod misbehaving;
mod plan;
mod project;
mod reports;
mod resume;
mod scan;
