//! Where a document lies, and the blocks documents lie in.

use crate::record::{Record, compress, decompress};
use crate::records::varint::{put_varint, take_varint, take_varint_32};

/// What the index has under a document's digest: three numbers (varint).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DocumentPlace {
    pub(crate) block: u64,
    pub(crate) offset: u32,
    pub(crate) length: u32,
}

impl DocumentPlace {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(10);
        for number in [self.block, self.offset.into(), self.length.into()] {
            put_varint(&mut bytes, number);
        }
        bytes
    }

    pub(crate) fn from_bytes(mut bytes: &[u8]) -> Result<DocumentPlace, String> {
        let (block, offset, length) =
            (take_varint(&mut bytes)?, take_varint_32(&mut bytes)?, take_varint_32(&mut bytes)?);
        if bytes.is_empty() {
            Ok(DocumentPlace { block, offset, length })
        } else {
            Err("it goes on after its end".into())
        }
    }
}

/// The bytes of many documents, one after the other. Where one was that no scan refers to any more there are zeros.
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
    /// The block with zeros where no place is, and nothing after the last.
    pub(crate) fn only(&self, places: &[DocumentPlace]) -> Result<DocumentBlock, String> {
        let mut only = Vec::new();
        for place in places {
            let start = place.offset as usize;
            let bytes = self.get(*place).ok_or("a document is said to end outside of it")?;
            only.resize(only.len().max(start + bytes.len()), 0);
            only.get_mut(start..start + bytes.len())
                .ok_or("a document is said to end outside of it")?
                .copy_from_slice(bytes);
        }
        Ok(DocumentBlock(only))
    }
}
