//! The ledger: every scan's record in one redb file. The crate owns the file, its schema and the form of what is in it; it knows
//! [`plumb_model`] and nothing of plugins, clouds or output formats. It takes nothing it reads for granted: a record that is
//! broken is an error that names table and key.
//!
//! In reading order: [`tables`] (what is where), [`migrations`] (schema versions), [`records`] (the stored form of each value) with
//! [`record`], [`envelope`], [`key`] and [`sealed_table`] (how one becomes bytes and back), [`ledger`] and [`contain`] (opening, transactions),
//! [`numbers`] (small ones for what has a UUID), [`targets`], [`policies`] and [`mutes`] (what a tenant keeps), [`schedules`] (what
//! is scanned again and when), [`events`], [`channels`] and [`deliveries`] (what happened, who is told, what became of it), [`baselines`] and
//! [`drifts`] (what resources ought to be, and how they differ), [`remediations`] (what was changed to mend violations), [`scans`],
//! [`catalogues`], [`completion`], [`comparisons`] and [`deletion`] (a scan's
//! life), [`tasks`], [`batch`], [`recorder`] and [`recording`] (what running tasks hand over), [`index`], [`documents`],
//! [`verdicts`] and [`account_verdicts`] (what scans share), [`rank`], [`blocks`] and [`findings`] (reading it back), [`evidence`] (what a scan proves, what
//! people add), [`blobs`] and [`media`] (the bytes of what they add), [`retention`] (what is too old), [`tenants`], [`tokens`],
//! [`audit`] and [`idempotency`] (who may ask the service, what they did, and that they did it once), [`integrity`] and [`stats`] (is
//! it whole, how large is it), [`marks`] and [`prune`] (removing what no scan names any more), [`compaction`], [`backup`] and
//! [`restore`] (the file as a whole).

mod account_verdicts;
mod audit;
mod backup;
mod baselines;
mod batch;
mod blobs;
mod blocks;
mod catalogues;
mod channels;
mod compaction;
mod comparisons;
mod completion;
mod contain;
mod deletion;
mod deliveries;
mod documents;
mod drifts;
mod envelope;
mod error;
mod events;
mod evidence;
mod findings;
mod idempotency;
mod index;
mod integrity;
mod key;
mod ledger;
mod marks;
mod media;
mod migrations;
mod mutes;
mod numbers;
mod policies;
mod prune;
mod rank;
mod record;
mod recorder;
mod recording;
mod records;
mod remediations;
mod restore;
mod retention;
mod scans;
mod schedules;
mod sealed_table;
mod stats;
mod tables;
mod targets;
mod tasks;
mod tenants;
mod tokens;
mod verdicts;

pub use account_verdicts::{AccountPlace, CachedAccountVerdict, CachedAccountVerdicts};
pub use audit::{AuditEntry, AuditHead, PendingEntry};
pub use backup::{Backup, BackupProgress};
pub use baselines::{BaselineHead, ResourceKey, resource_key};
pub use batch::{Digest, OutcomeRow, RecordBatch, ResourceRow, TaskEnd, TaskSource, VerdictRow};
pub use blobs::{BlobWriter, UPLOAD_BYTES, Upload};
pub use compaction::Compacted;
pub use completion::{Ending, ResolvedRow};
pub use deliveries::{DeliveryFilter, DeliveryPage};
pub use documents::{DocumentReader, StoredDocument};
pub use drifts::{DriftCounts, DriftFilter, DriftPage, FoundDrift, RecordedDrifts};
pub use error::StoreError;
pub use events::{Event, Happened};
pub use evidence::{EvidenceFilter, NewEvidence, evidence_key};
pub use findings::{FoundFinding, Violation};
pub use idempotency::{KeyedRequest, Known, StoredAnswer};
pub use integrity::{CheckReport, Problem};
pub use ledger::Ledger;
pub use mutes::KeptMute;
pub use numbers::Numbered;
pub use prune::Pruned;
pub use recording::Unsynced;
pub use retention::Expired;
pub use scans::{Figures, NewScan, StoredScan, StoredScanHead};
pub use schedules::Fired;
pub use stats::{LedgerStats, TableStats};
pub use tasks::{TaskRow, TaskState};
pub use verdicts::{CachedVerdict, CachedVerdicts};
