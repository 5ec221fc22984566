//! Reads Terraform states and plans.
//!
//! A file is walked as a stream and never held; a state that Terraform wrote is cut into its elements, and what the host knows of
//! those from an earlier scan is not parsed again. In either case the first walk ([`survey`]) gathers the resources that are settings of others
//! and what a plan says beside the values; where there are such settings, the second finds the resources they name; the last
//! ([`mod@collect`]) emits every resource with its settings folded in. What a file does not tell (what is known only after
//! apply, what is secret, what cannot be matched) is a gap, never a guess.
//!
//! This crate does no I/O but through [`source`], and knows no clock and no environment.
//!
//! The modules in reading order: [`source`], [`decoding`], [`walk`], [`reading`] and `held` turn a file into a stream of values,
//! `frames` cuts a state;
//! [`sniff`], [`format`](mod@format) and [`planning`] tell what a file is; [`state`], [`flatmap`] and [`show`] find the
//! [`instance`]s in it, [`instances`] all of them, [`changes`] and [`configuration`] the rest of a plan; [`address`] and
//! [`paths`] name things; [`complete`] makes of an instance what is known of it, with [`defaults`], [`dynamic`], [`sensitive`]
//! and [`embedded`]; [`fold`] says what is a setting of what, [`satellites`] and [`parents`] hold both within a [`budget`],
//! [`texts`] what they are called, [`references`] and [`matching`] bring them together, [`merge`] and [`rules`] join them;
//! [`identity`] gives the result its names; [`hints`] is for those who compare two of them.

pub mod address;
pub mod budget;
pub mod changes;
pub mod collect;
pub mod complete;
pub mod configuration;
pub mod decoding;
pub mod defaults;
pub mod dynamic;
pub mod embedded;
pub mod flatmap;
pub mod fold;
pub mod format;
mod frames;
mod held;
pub mod identity;
pub mod instance;
pub mod instances;
pub mod matching;
pub mod merge;
pub mod parents;
pub mod paths;
pub mod planning;
pub mod reading;
pub mod references;
pub mod rules;
pub mod satellites;
pub mod show;
pub mod sniff;
pub mod source;
pub mod state;
pub mod survey;
pub mod texts;
pub mod walk;

pub use attributes::{hints, sensitive};
use plumbline::provider::{Error, Info, Inventory, Provider, Target, Task};

use planning::{SETTINGS_SCHEMA, Settings};
use source::HostFiles;

/// The plugin.
#[derive(Debug)]
pub struct Terraform;

impl Provider for Terraform {
    /// A state may hold resources of any cloud, so no family is named.
    fn describe() -> Info {
        Info {
            families: Vec::new(),
            whole_accounts: false,
            attributes: hints::hints(),
            permissions: Vec::new(),
            settings_schema: SETTINGS_SCHEMA.to_owned(),
        }
    }

    fn plan(target: &Target) -> Result<Vec<Task>, Error> {
        planning::plan(&HostFiles, target)
    }

    fn collect(target: &Target, task: &Task, inventory: &mut dyn Inventory) -> Result<(), Error> {
        collect::collect(&HostFiles, &task.id, &Settings::of(target)?, &target.regions, inventory)
    }
}

plumbline::provider!(Terraform);
