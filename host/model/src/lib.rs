//! Plain values and the arithmetic on them. This crate does no I/O, knows no wire format and depends on nothing but a hash,
//! globs and the calendar: what stores, sends or prints a value has a type of its own and converts.
//!
//! In reading order: [`check`] (what a rule says of itself), [`resource`] (what was looked at and what could not be),
//! [`outcome`] (verdicts and findings), [`framework`] (requirements and how they came out), [`scan`] (one scan and its figures),
//! [`delta`] (what changed between two scans), [`evidence`] (what proves it), [`mute`] (findings somebody has accepted), [`remediation`] (what was
//! changed to mend one), [`tenant`] and
//! [`target`] (whose it is, and what is scanned again and again), [`drift`] (resources that are not as they were captured), [`schedule`]
//! (when is scanned anew), [`notification`] (who is told of it), [`access`] (who may do what).

pub mod access;
pub mod check;
pub mod delta;
pub mod drift;
pub mod evidence;
pub mod framework;
pub mod mute;
pub mod notification;
pub mod outcome;
pub mod remediation;
pub mod resource;
pub mod scan;
pub mod schedule;
pub mod target;
pub mod tenant;
