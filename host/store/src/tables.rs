//! Every table of the ledger. Values stand in an envelope (version byte, tag over table, key and bytes; see
//! [`crate::envelope`]) around a record of [`crate::records`], in MessagePack with named fields unless said otherwise.
//!
//! A scan's rows begin with its id, a UUIDv7: scans lie in the order they were created in.

use redb::{TableDefinition, WriteTransaction};

use crate::error::StoreError;
use crate::records::account_verdicts::AccountVerdictsRecord;
use crate::records::catalogue::CatalogueRecord;
use crate::records::completed::CompletedRecord;
use crate::records::documents::{DocumentBlock, DocumentPlace};
use crate::records::gap::GapBlock;
use crate::records::outcomes::OutcomeBlock;
use crate::records::plugin::PluginRecord;
use crate::records::resolved::ResolvedBlock;
use crate::records::resources::ResourceBlock;
use crate::records::scan::ScanRecord;
use crate::records::settings::SettingsRecord;
use crate::records::summary::SummaryRecord;
use crate::records::task::TaskRecord;
use crate::sealed_table::SealedTable;
use crate::verdicts::CachedVerdicts;

type ScanKey = &'static [u8; 16];
type DigestKey = &'static [u8; 32];

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

/// digest → where the document lies.
pub(crate) const DOCUMENTS: SealedTable<DigestKey, DocumentPlace> = SealedTable::new("documents");

/// number → many documents one after the other. Compressed bytes, not MessagePack.
pub(crate) const DOCUMENT_BLOCKS: SealedTable<u64, DocumentBlock> = SealedTable::new("document_blocks");

/// digest of a plugin → the number that stands for it in [`VERDICTS`].
pub(crate) const PLUGINS: SealedTable<DigestKey, PluginRecord> = SealedTable::new("plugins");

/// (plugin number, digest of a resource's document) → the plugin's verdicts on it, packed ([`crate::records::verdicts`]).
pub(crate) const VERDICTS: SealedTable<(u32, DigestKey), CachedVerdicts> = SealedTable::new("verdicts");

/// place → what a plugin said of a whole account and what it had seen. The place is a digest of the scan's scope, the plugin's id,
/// the account and the checks. Compressed.
pub(crate) const ACCOUNT_VERDICTS: SealedTable<DigestKey, AccountVerdictsRecord> = SealedTable::new("account_verdicts");

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
            DOCUMENTS,
            DOCUMENT_BLOCKS,
            PLUGINS,
            VERDICTS,
            ACCOUNT_VERDICTS
        )
    };
}
pub(crate) use every_table;

/// All of the above, empty; what is there stays as it is.
pub(crate) fn create_all(transaction: &WriteTransaction) -> Result<(), StoreError> {
    macro_rules! create {
        ($($table:ident),*) => {
            $($table.write(transaction)?;)*
        };
    }
    every_table!(create);
    Ok(())
}
