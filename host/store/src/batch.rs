//! What a running task hands over to be recorded.

use plumb_model::check::Severity;
use plumb_model::delta::Delta;
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::resource::{AttributeGap, ResourceRef, ScanGap};
use plumb_model::scan::ScanId;

use crate::account_verdicts::{AccountPlace, CachedAccountVerdicts};
use crate::verdicts::CachedVerdicts;

/// BLAKE3 of a document's or component's bytes.
pub type Digest = [u8; 32];

/// One hand-over of a running task. Rows become readable when their task ends, at the latest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordBatch {
    pub scan: ScanId,
    /// The task's index in the plan.
    pub task: u32,
    /// What [`crate::Ledger::start_task`] gave; a batch of an earlier attempt is refused.
    pub fence: u64,
    pub resources: Vec<ResourceRow>,
    pub outcomes: Vec<OutcomeRow>,
    pub gaps: Vec<ScanGap>,
    /// Documents by the BLAKE3 digest of their bytes, not before the rows that name them: a document nothing names may be pruned.
    /// One that the ledger has is not written again.
    pub documents: Vec<(Digest, Vec<u8>)>,
    /// To be found by [`crate::Ledger::verdicts`] when the scan has ended, at the latest.
    pub verdicts: Vec<VerdictRow>,
    /// By their place; each takes the place of what stood there.
    pub account_verdicts: Vec<(AccountPlace, CachedAccountVerdicts)>,
    /// The task is over, and this is its last batch.
    pub finished: Option<TaskEnd>,
    /// With the last batch: what the task's resources follow from, where that is known.
    pub source: Option<TaskSource>,
}

/// What a task's resources and gaps follow from: while it stays the same, so do they.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskSource {
    /// The files that were read, by the names the target has for them.
    pub files: Vec<String>,
    /// Bytes in them: where it is another, the files are others. None where nobody counted.
    pub size: Option<u64>,
    /// Of those files and of everything else that the provider was given.
    pub digest: Digest,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskEnd {
    Done,
    /// With what went wrong.
    Failed(String),
}

/// A resource that was looked at, with the outcomes that need no words of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceRow {
    pub resource: ResourceRef,
    /// Of its document.
    pub digest: Digest,
    /// Checks it passed: positions in the scan's catalogue.
    pub passes: Vec<u32>,
    /// Checks that do not apply to it, each with the reason.
    pub not_applicable: Vec<(u32, String)>,
    /// What could not be read of it; its document says the same, but lies compressed among others.
    pub gaps: Vec<AttributeGap>,
    /// A digest of everything it was made from; none where that is not known.
    pub source: Option<Digest>,
}

/// An outcome in full: every one that is neither a pass nor not-applicable, and those two where there is no resource to keep
/// them with (rules about an account).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Position in the scan's catalogue.
    pub check: u32,
    pub severity: Severity,
    pub verdict: Verdict,
    pub resource: ResourceRef,
    /// Of the resource's document; none for an account.
    pub digest: Option<Digest>,
    pub message: String,
    pub fingerprint: Fingerprint,
    pub delta: Option<Delta>,
    /// The reason of the mute that covers it.
    pub muted: Option<String>,
}

/// The verdicts of one plugin on one resource document, to be taken over by later scans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictRow {
    /// Of the plugin's component.
    pub plugin: Digest,
    /// Of the resource's document.
    pub resource: Digest,
    pub verdicts: CachedVerdicts,
}
