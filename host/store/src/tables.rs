//! Every table of the ledger. Values stand in an envelope (version byte, tag over table, key and bytes; see
//! [`crate::envelope`]) around a record of [`crate::records`], in MessagePack with named fields unless said otherwise.
//!
//! A scan's rows begin with its id, a UUIDv7: scans lie in the order they were created in.

use redb::{TableDefinition, WriteTransaction};

use crate::error::StoreError;
use crate::index::PageKey;
use crate::records::account_verdicts::AccountVerdictsRecord;
use crate::records::audit::{AuditHeadRecord, AuditRecord};
use crate::records::baseline::{BaselineHeadRecord, BaselineRecord};
use crate::records::catalogue::CatalogueRecord;
use crate::records::completed::CompletedRecord;
use crate::records::documents::DocumentBlock;
use crate::records::drift::{DriftRecord, LastDriftRecord, SeenDriftRecord};
use crate::records::evidence::{BlobRecord, EvidenceDigestsRecord, EvidenceRecord, ScanEvidenceRecord};
use crate::records::gap::GapBlock;
use crate::records::idempotency::IdempotencyRecord;
use crate::records::index::{IndexPage, IndexRecord};
use crate::records::mute::MuteRecord;
use crate::records::notification::{ChannelRecord, DeliveryRecord, EventRecord};
use crate::records::number::{CounterRecord, NumberRecord};
use crate::records::outcomes::OutcomeBlock;
use crate::records::remediation::RemediationRecord;
use crate::records::resolved::ResolvedBlock;
use crate::records::resources::ResourceBlock;
use crate::records::scan::ScanRecord;
use crate::records::schedule::ScheduleRecord;
use crate::records::settings::SettingsRecord;
use crate::records::summary::SummaryRecord;
use crate::records::target::{IdRecord, PolicyRecord, TargetRecord};
use crate::records::task::TaskRecord;
use crate::records::tenant::TenantRecord;
use crate::records::token::{TokenPlace, TokenRecord};
use crate::sealed_table::SealedTable;

type IdKey = &'static [u8; 16];
type ScanKey = IdKey;
pub(crate) type DigestKey = &'static [u8; 32];

/// Facts about the file itself, as plain numbers. The key is bytes and not text because the database takes invalid UTF-8 in a
/// key for a bug of its own, and a damaged file can have it.
pub(crate) const META: TableDefinition<'static, &'static [u8], u32> = TableDefinition::new("meta");

/// The key in [`META`] of the schema version.
pub(crate) const SCHEMA: &[u8] = b"schema";

/// scan → its head: status, times, coverage, headline figures, and how many rows the other tables have of it.
pub(crate) const SCANS: SealedTable<ScanKey, ScanRecord> = SealedTable::new("scans");

/// scan → what it was asked to do, opaque.
pub(crate) const SETTINGS: SealedTable<ScanKey, SettingsRecord> = SealedTable::new("scan_settings");

/// scan → its figures and how its frameworks came out; written when it completes. Compressed.
pub(crate) const SUMMARIES: SealedTable<ScanKey, SummaryRecord> = SealedTable::new("summaries");

/// (scope key, scan) → nothing: the completed scans of the same policy, in order.
pub(crate) const COMPLETED: SealedTable<(DigestKey, ScanKey), CompletedRecord> = SealedTable::new("completed_scans");

/// digest → the checks and their controls. Content-addressed by BLAKE3 of the MessagePack bytes. Compressed.
pub(crate) const CATALOGUES: SealedTable<DigestKey, CatalogueRecord> = SealedTable::new("catalogues");

/// (scan, task) → the task's state, and once it has ended how many rows it left.
pub(crate) const TASKS: SealedTable<(ScanKey, u32), TaskRecord> = SealedTable::new("tasks");

/// (scan, task, sequence) → about a hundred resources with passes and not-applicables, by column. Compressed.
pub(crate) const RESOURCES: SealedTable<(ScanKey, u32, u32), ResourceBlock> = SealedTable::new("resource_blocks");

/// (scan, rank, task, sequence) → about a hundred other outcomes, by column: in key order they are in the order people read in
/// ([`crate::rank`]). Compressed.
pub(crate) const OUTCOMES: SealedTable<(ScanKey, u8, u32, u32), OutcomeBlock> = SealedTable::new("outcome_blocks");

/// (scan, task, sequence) → gaps. Those of the whole scan stand under task [`WHOLE_SCAN`]. Compressed.
pub(crate) const GAPS: SealedTable<(ScanKey, u32, u32), GapBlock> = SealedTable::new("gaps");

/// The task number of what belongs to no task; no plan reaches it.
pub(crate) const WHOLE_SCAN: u32 = u32::MAX;

/// (scan, sequence) → about a hundred violations of the previous scan that are resolved, by column. Compressed.
pub(crate) const RESOLVED: SealedTable<(ScanKey, u32), ResolvedBlock> = SealedTable::new("resolved_blocks");

/// digest of a plugin → the runs of the index of its verdicts; zeros → those of the index of documents ([`crate::index`]).
pub(crate) const INDEXES: SealedTable<DigestKey, IndexRecord> = SealedTable::new("indexes");

/// (index, run, first digest) → a page of the run: for documents where each lies, for verdicts the plugin's verdicts on a document,
/// packed ([`crate::records::verdicts`]) and in an envelope of their own. Not MessagePack.
pub(crate) const INDEX_PAGES: SealedTable<PageKey, IndexPage> = SealedTable::new("index_pages");

/// number → many documents one after the other. Compressed bytes, not MessagePack.
pub(crate) const DOCUMENT_BLOCKS: SealedTable<u64, DocumentBlock> = SealedTable::new("document_blocks");

/// (scope key of scans, digest of a plugin, call) → what the plugin said of a whole account, and what it had seen. The call is a
/// digest of the target, the account and the checks. Compressed.
pub(crate) const ACCOUNT_VERDICTS: SealedTable<(DigestKey, DigestKey, DigestKey), AccountVerdictsRecord> =
    SealedTable::new("account_verdicts");

/// (tenant, kind of record, number) → what bears the number.
pub(crate) const NUMBERS: SealedTable<(IdKey, u8, u64), NumberRecord> = SealedTable::new("numbers");

/// (tenant, kind of record) → the last number given.
pub(crate) const COUNTERS: SealedTable<(IdKey, u8), CounterRecord> = SealedTable::new("counters");

/// (tenant, target) → the target.
pub(crate) const TARGETS: SealedTable<(IdKey, IdKey), TargetRecord> = SealedTable::new("targets");

/// (tenant, digest of a name) → the target that bears it.
pub(crate) const TARGET_NAMES: SealedTable<(IdKey, DigestKey), IdRecord> = SealedTable::new("target_names");

/// (tenant, policy) → the policy.
pub(crate) const POLICIES: SealedTable<(IdKey, IdKey), PolicyRecord> = SealedTable::new("policies");

/// (tenant, digest of targets and frameworks) → the policy that binds them.
pub(crate) const POLICY_KEYS: SealedTable<(IdKey, DigestKey), IdRecord> = SealedTable::new("policy_keys");
/// scan → what its automatic evidence is made from, fixed when it completes. Compressed.
pub(crate) const SCAN_EVIDENCE: SealedTable<ScanKey, ScanEvidenceRecord> = SealedTable::new("scan_evidence");

/// scan → digest and size of each of its artifacts; written when somebody first asks.
pub(crate) const EVIDENCE_DIGESTS: SealedTable<ScanKey, EvidenceDigestsRecord> = SealedTable::new("evidence_digests");

/// (tenant, evidence) → an upload, its bytes apart.
pub(crate) const UPLOADS: SealedTable<(IdKey, IdKey), EvidenceRecord> = SealedTable::new("uploads");

/// digest of a file of uploaded bytes → its size, and how many uploads have it.
pub(crate) const BLOBS: SealedTable<DigestKey, BlobRecord> = SealedTable::new("blobs");

/// (tenant, mute) → the mute.
pub(crate) const MUTES: SealedTable<(IdKey, IdKey), MuteRecord> = SealedTable::new("mutes");
/// tenant → its name and limits. The default tenant needs no record.
pub(crate) const TENANTS: SealedTable<IdKey, TenantRecord> = SealedTable::new("tenants");

/// keyed hash of a token → what it may do, until when.
pub(crate) const TOKENS: SealedTable<DigestKey, TokenRecord> = SealedTable::new("tokens");

/// (tenant, token id) → the token's keyed hash.
pub(crate) const TOKEN_IDS: SealedTable<(IdKey, IdKey), TokenPlace> = SealedTable::new("token_ids");

/// (tenant, sequence from 1) → what was done, chained to the entry before by its hash.
pub(crate) const AUDIT: SealedTable<(IdKey, u64), AuditRecord> = SealedTable::new("audit");

/// tenant → how many entries its audit log has, and the hash of the last.
pub(crate) const AUDIT_HEADS: SealedTable<IdKey, AuditHeadRecord> = SealedTable::new("audit_heads");

/// (tenant, digest over sender, route and key) → a request that may come again, and its answer.
pub(crate) const IDEMPOTENCY: SealedTable<(IdKey, DigestKey), IdempotencyRecord> = SealedTable::new("idempotency");

/// (tenant, target, resource) → the document that the resource ought to have.
pub(crate) const BASELINES: SealedTable<(IdKey, IdKey, IdKey), BaselineRecord> = SealedTable::new("baselines");

/// (tenant, target) → when and from what its baselines were captured, and how many there are.
pub(crate) const BASELINE_HEADS: SealedTable<(IdKey, IdKey), BaselineHeadRecord> = SealedTable::new("baseline_heads");

/// (tenant, drift) → the drift. Compressed.
pub(crate) const DRIFTS: SealedTable<(IdKey, IdKey), DriftRecord> = SealedTable::new("drifts");

/// (tenant, target, resource) → the drift that the resource had last.
pub(crate) const LAST_DRIFTS: SealedTable<(IdKey, IdKey, IdKey), LastDriftRecord> = SealedTable::new("last_drifts");

/// (scan, drift) → nothing: the scan saw the drift.
pub(crate) const SEEN_DRIFTS: SealedTable<(ScanKey, IdKey), SeenDriftRecord> = SealedTable::new("seen_drifts");

/// (tenant, schedule) → the schedule.
pub(crate) const SCHEDULES: SealedTable<(IdKey, IdKey), ScheduleRecord> = SealedTable::new("schedules");

/// (tenant, channel) → the channel.
pub(crate) const CHANNELS: SealedTable<(IdKey, IdKey), ChannelRecord> = SealedTable::new("channels");

/// (tenant, sequence) → what happened and nobody has looked at yet: written with what made it happen.
pub(crate) const EVENTS: SealedTable<(IdKey, u64), EventRecord> = SealedTable::new("events");

/// (tenant, delivery) → a message on its way.
pub(crate) const OUTBOX: SealedTable<(IdKey, IdKey), DeliveryRecord> = SealedTable::new("outbox");

/// (tenant, delivery) → a message that has arrived or was given up.
pub(crate) const DELIVERIES: SealedTable<(IdKey, IdKey), DeliveryRecord> = SealedTable::new("deliveries");

/// (tenant, scan that found the violation, remediation) → what was changed to mend it. Stays when the scan is deleted.
pub(crate) const REMEDIATIONS: SealedTable<(IdKey, ScanKey, IdKey), RemediationRecord> =
    SealedTable::new("remediations");

/// Calls a macro with the constant of every sealed table: what must not forget one goes through this list.
macro_rules! every_table {
    ($call:ident) => {
        $call!(
            SCANS,
            SETTINGS,
            SUMMARIES,
            COMPLETED,
            CATALOGUES,
            TASKS,
            RESOURCES,
            OUTCOMES,
            GAPS,
            RESOLVED,
            INDEXES,
            INDEX_PAGES,
            DOCUMENT_BLOCKS,
            ACCOUNT_VERDICTS,
            NUMBERS,
            COUNTERS,
            TARGETS,
            TARGET_NAMES,
            POLICIES,
            POLICY_KEYS,
            MUTES,
            SCAN_EVIDENCE,
            EVIDENCE_DIGESTS,
            UPLOADS,
            BLOBS,
            TENANTS,
            TOKENS,
            TOKEN_IDS,
            AUDIT,
            AUDIT_HEADS,
            IDEMPOTENCY,
            BASELINES,
            BASELINE_HEADS,
            DRIFTS,
            LAST_DRIFTS,
            SEEN_DRIFTS,
            SCHEDULES,
            CHANNELS,
            EVENTS,
            OUTBOX,
            DELIVERIES,
            REMEDIATIONS
        )
    };
}
pub(crate) use every_table;

/// All of the above, empty; those that are there stay as they are.
pub(crate) fn create_all(transaction: &WriteTransaction) -> Result<(), StoreError> {
    macro_rules! create {
        ($($table:ident),*) => {
            $($table.write(transaction)?;)*
        };
    }
    every_table!(create);
    Ok(())
}
