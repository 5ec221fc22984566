//! From one tree entry for each document and verdict to the sorted runs of [`crate::index`].

use std::collections::BTreeMap;

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::index::Index;
use crate::record::NamedRecord;
use crate::records::documents::DocumentPlace;
use crate::sealed_table::SealedTable;
use crate::tables;
use crate::verdicts;

/// digest → where the document lies.
const DOCUMENTS: SealedTable<&[u8; 32], PlaceRecord> = SealedTable::new("documents");

/// digest of a plugin → the number that stood for it in [`VERDICTS`].
const PLUGINS: SealedTable<&[u8; 32], PluginRecord> = SealedTable::new("plugins");

/// (plugin number, digest of a document) → packed verdicts, in the envelope they have still.
const VERDICTS: TableDefinition<'_, (u32, &[u8; 32]), &[u8]> = TableDefinition::new("verdicts");

#[derive(Debug, Serialize, Deserialize)]
struct PlaceRecord {
    block: u64,
    offset: u32,
    length: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct PluginRecord {
    number: u32,
}

impl NamedRecord for PlaceRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for PluginRecord {
    const VERSION: u8 = 1;
}

/// Entries that are broken are left behind: where a document can no longer be found, `check` names the resources that miss it. A
/// ledger that could not be opened could not be checked either.
pub(super) fn migrate(transaction: &WriteTransaction) -> Result<(), StoreError> {
    tables::create_all(transaction)?;
    let documents = DOCUMENTS.write(transaction)?;
    let places = documents.iter()?.filter_map(|entry| {
        let (digest, value) = entry.ok()?;
        let PlaceRecord { block, offset, length } = DOCUMENTS.decode(&digest.value(), value.value()).ok()?;
        Some((*digest.value(), DocumentPlace { block, offset, length }.to_bytes()))
    });
    Index::Documents.add(transaction, places)?;
    transaction.delete_table(documents)?;
    let plugins = PLUGINS.write(transaction)?;
    let mut numbers: BTreeMap<u32, Digest> = BTreeMap::new();
    for entry in plugins.iter()? {
        let (digest, value) = entry?;
        if let Ok(record) = PLUGINS.decode(&digest.value(), value.value()) {
            numbers.insert(record.number, *digest.value());
        }
    }
    let cached = transaction.open_table(VERDICTS)?;
    for (number, plugin) in numbers {
        let rows = cached.range((number, &[0; 32])..=(number, &[0xff; 32]))?;
        let packed = rows.filter_map(|entry| {
            let (key, value) = entry.ok()?;
            let (_, document) = key.value();
            verdicts::decode(&plugin, document, value.value()).ok()?;
            Some((*document, value.value().to_vec()))
        });
        Index::Verdicts(&plugin).add(transaction, packed)?;
    }
    transaction.delete_table(plugins)?;
    transaction.delete_table(cached)?;
    Ok(())
}
