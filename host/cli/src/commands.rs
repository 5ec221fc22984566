//! One file for each verb.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod db;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod evidence;
pub(crate) mod framework;
pub(crate) mod history;
pub(crate) mod mute;
pub(crate) mod plugin;
pub(crate) mod remediate;
pub(crate) mod scan;
pub(crate) mod schedule;
pub(crate) mod serve;
pub(crate) mod tenant;
pub(crate) mod token;
