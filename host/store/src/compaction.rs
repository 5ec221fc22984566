//! Giving room that nothing uses any more back to the file system.

use std::path::PathBuf;

use crate::error::StoreError;
use crate::ledger::Ledger;

/// The size of the file; zero for a ledger in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    pub bytes_before: u64,
    pub bytes_after: u64,
}

impl Ledger {
    /// Moves what the file holds to its beginning and cuts off the rest. Has the ledger for itself meanwhile: who reads or writes
    /// waits.
    pub fn compact(&self) -> Result<Compacted, StoreError> {
        self.alone(|database| {
            let bytes_before = self.file_bytes()?.unwrap_or_default();
            database.compact()?;
            Ok(Compacted { bytes_before, bytes_after: self.file_bytes()?.unwrap_or_default() })
        })
    }

    /// None for a ledger in memory.
    pub(crate) fn file_bytes(&self) -> Result<Option<u64>, StoreError> {
        let size = |path: &PathBuf| {
            let metadata = std::fs::metadata(path);
            metadata.map_err(|source| StoreError::Open { path: path.clone(), source }).map(|metadata| metadata.len())
        };
        self.shared.path.as_ref().map(size).transpose()
    }
}
