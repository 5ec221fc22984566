//! Reports on a scan, one file for each output format. A report is written from plain values of the model; nothing here
//! opens a file, runs a check or keeps more of a scan in memory than a stated number of its findings.
//!
//! In reading order: [`report`] (what a report is made from and how it fails), [`format`] (the formats and where each
//! is written), then the formats themselves: `table`, `json`, `csv`, `html`, `markdown`, `sarif`, `ocsf`, `junit`. They
//! share `groups` (the findings a person is shown, by check), `figures` (numbers and sentences), `moment` (times),
//! `escape` (text made safe to look at) and `stream` (JSON written value by value).

pub mod format;
pub mod report;

mod csv;
mod escape;
mod figures;
mod groups;
mod html;
mod json;
mod junit;
mod markdown;
mod moment;
mod ocsf;
mod sarif;
mod stream;
mod table;

pub use format::{Format, UnknownFormat};
pub use report::{Findings, Report, ReportError, Style, is_listed};
