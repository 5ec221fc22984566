//! The ledger: every scan's record in one redb file. The crate owns the file, its schema and the form of what is in it; it knows
//! [`plumb_model`] and nothing of plugins, clouds or output formats. It takes nothing it reads for granted: a record that is
//! broken is an error that names table and key.
//!
//! In reading order: [`tables`] (what is where), [`migrations`] (schema versions), [`records`] (the stored form of each value) with
//! [`record`], [`envelope`], [`key`] and [`sealed_table`] (how one becomes bytes and back), [`ledger`] and [`contain`] (opening, transactions),
//! [`numbers`] (small ones for what has a UUID), [`scans`], [`catalogues`], [`completion`] and [`deletion`] (a scan's life), [`tasks`], [`batch`], [`recorder`] and [`recording`] (what running tasks
//! hand over), [`documents`] and [`verdicts`] (what scans share), [`rank`], [`blocks`] and [`findings`] (reading it back),
//! [`tenants`], [`tokens`], [`audit`] and [`idempotency`] (who may ask the service, what they did, and that they did it once),
//! [`integrity`] and [`stats`] (is it whole, how large is it).

mod audit;
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
mod idempotency;
mod integrity;
mod key;
mod ledger;
mod migrations;
mod numbers;
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
mod tenants;
mod tokens;
mod verdicts;

pub use audit::{AuditEntry, AuditHead};
pub use batch::{Digest, OutcomeRow, RecordBatch, ResourceRow, TaskEnd, VerdictRow};
pub use completion::{Ending, ResolvedRow};
pub use error::StoreError;
pub use findings::Violation;
pub use idempotency::{KeyedRequest, Known, StoredAnswer};
pub use integrity::{CheckReport, Problem};
pub use ledger::Ledger;
pub use numbers::Numbered;
pub use scans::{Figures, NewScan, StoredScan, StoredScanHead};
pub use stats::{LedgerStats, TableStats};
pub use tasks::{TaskRow, TaskState};
pub use verdicts::{CachedVerdict, CachedVerdicts};
