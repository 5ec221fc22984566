//! Where a document lies, and the blocks documents lie in.

use serde::{Deserialize, Serialize};

use crate::record::{NamedRecord, Record, compress, decompress};

/// Under the document's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DocumentPlace {
    pub(crate) block: u64,
    pub(crate) offset: u32,
    pub(crate) length: u32,
}

impl NamedRecord for DocumentPlace {
    const VERSION: u8 = 1;
}

/// The bytes of many documents, one after the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DocumentBlock(pub(crate) Vec<u8>);

impl Record for DocumentBlock {
    const VERSION: u8 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        compress(&self.0)
    }

    fn from_bytes(bytes: &[u8]) -> Result<DocumentBlock, String> {
        decompress(bytes).map(DocumentBlock)
    }
}

impl DocumentBlock {
    /// The bytes at a place.
    pub(crate) fn get(&self, place: DocumentPlace) -> Option<&[u8]> {
        let start = place.offset as usize;
        self.0.get(start..start.checked_add(place.length as usize)?)
    }
}
