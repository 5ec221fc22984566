//! The ledger: every scan's record in one redb file. The crate owns the file, its schema and the form of what is in it; it knows
//! [`plumb_model`] and nothing of plugins, clouds or output formats. It takes nothing it reads for granted: a record that is
//! broken is an error that names table and key.
//!
//! In reading order: [`tables`] (what is where), [`migrations`] (schema versions), [`records`] (the stored form of each value) with
//! [`record`], [`envelope`], [`key`] and [`sealed_table`] (how one becomes bytes and back), [`ledger`] and [`contain`] (opening, transactions),
//! [`scans`], [`catalogues`], [`completion`] and [`deletion`] (a scan's life), [`tasks`], [`batch`], [`recorder`] and [`recording`] (what running tasks
//! hand over), [`documents`], [`verdicts`] and [`account_verdicts`] (what scans share), [`rank`], [`blocks`] and [`findings`] (reading it back),
//! [`integrity`] and [`stats`] (is it whole, how large is it).

mod account_verdicts;
mod batch;
mod blocks;
mod catalogues;
mod completion;
mod contain;
mod deletion;
mod documents;
mod envelope;
mod error;
mod findings;
mod integrity;
mod key;
mod ledger;
mod migrations;
mod rank;
mod record;
mod recorder;
mod recording;
mod records;
mod scans;
mod sealed_table;
mod stats;
mod tables;
mod tasks;
mod verdicts;

pub use account_verdicts::{CachedAccountVerdict, CachedAccountVerdicts};
pub use batch::{Digest, OutcomeRow, RecordBatch, ResourceRow, TaskEnd, TaskSource, VerdictRow};
pub use completion::{Ending, ResolvedRow};
pub use error::StoreError;
pub use findings::Violation;
pub use integrity::{CheckReport, Problem};
pub use ledger::Ledger;
pub use scans::{Figures, NewScan, StoredScan, StoredScanHead};
pub use stats::{LedgerStats, TableStats};
pub use tasks::{TaskRow, TaskState};
pub use verdicts::{CachedVerdict, CachedVerdicts};
