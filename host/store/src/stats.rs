//! How large the ledger is, and what takes the room.

use redb::ReadableTableMetadata;

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::tables::{
    ACCOUNT_VERDICTS, CATALOGUES, COMPLETED, DOCUMENT_BLOCKS, DOCUMENTS, GAPS, OUTCOMES, PLUGINS, RESOLVED, RESOURCES,
    SCANS, SETTINGS, SUMMARIES, TASKS, VERDICTS, every_table,
};

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerStats {
    /// None for a ledger in memory.
    pub file_bytes: Option<u64>,
    pub tables: Vec<TableStats>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableStats {
    pub table: &'static str,
    pub rows: u64,
    /// Keys and values.
    pub stored_bytes: u64,
}

impl Ledger {
    /// Sizes by table. Walks every page, so it takes as long as reading the file.
    pub fn stats(&self) -> Result<LedgerStats, StoreError> {
        let path = self.path.as_ref();
        let metadata =
            path.map(|path| std::fs::metadata(path).map_err(|source| StoreError::Open { path: path.clone(), source }));
        let file_bytes = metadata.transpose()?.map(|metadata| metadata.len());
        self.read(|transaction| {
            let mut tables = Vec::new();
            macro_rules! measure {
                ($($table:ident),*) => {
                    $({
                        let table = $table.read(transaction)?;
                        let stored_bytes = table.stats()?.stored_bytes();
                        tables.push(TableStats { table: $table.name, rows: table.len()?, stored_bytes });
                    })*
                };
            }
            every_table!(measure);
            Ok(LedgerStats { file_bytes, tables })
        })
    }
}
