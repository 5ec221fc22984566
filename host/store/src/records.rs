//! The stored form of every value: types of their own, each with one conversion each way, so that a change of the model cannot
//! change what is on disk unnoticed. Enums are words in single records and one-byte codes in columns.

pub(crate) mod account_verdicts;
pub(crate) mod audit;
pub(crate) mod baseline;
pub(crate) mod bytes;
pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod codes;
pub(crate) mod columns;
pub(crate) mod completed;
pub(crate) mod delta;
pub(crate) mod documents;
pub(crate) mod drift;
pub(crate) mod evidence;
pub(crate) mod framework;
pub(crate) mod gap;
pub(crate) mod idempotency;
pub(crate) mod index;
pub(crate) mod mute;
pub(crate) mod notification;
pub(crate) mod number;
pub(crate) mod outcomes;
pub(crate) mod remediation;
pub(crate) mod resolved;
pub(crate) mod resources;
pub(crate) mod scan;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod summary;
pub(crate) mod target;
pub(crate) mod task;
pub(crate) mod tenant;
pub(crate) mod token;
pub(crate) mod varint;
pub(crate) mod verdicts;
