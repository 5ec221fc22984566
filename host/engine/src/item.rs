//! A resource on its way through a scan.

use plumb_model::resource::{AttributeGap, ResourceRef};
use plumb_runtime::batch::Intake;
use plumb_store::ResourceRow;

/// One resource.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) resource: ResourceRef,
    pub(crate) gaps: Vec<AttributeGap>,
    /// BLAKE3 of its document.
    pub(crate) digest: [u8; 32],
    /// Of everything it was made from, where that is known.
    pub(crate) source: Option<[u8; 32]>,
    pub(crate) document: Document,
}

/// Where a resource's document is.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    /// It came from the provider.
    Collected(Vec<u8>),
    /// The ledger has it, and it was not needed so far.
    Stored,
    /// The ledger has it, and so has this.
    Read(Vec<u8>),
}

impl Item {
    /// The document's bytes; none where they have not been read.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match &self.document {
            Document::Collected(bytes) | Document::Read(bytes) => Some(bytes),
            Document::Stored => None,
        }
    }

    /// What bounds a chunk.
    pub(crate) fn size(&self) -> usize {
        self.bytes().map_or(0, <[u8]>::len)
    }
}

impl From<Intake> for Item {
    fn from(intake: Intake) -> Item {
        let Intake { resource, gaps, digest, source, bytes } = intake;
        Item { resource, gaps, digest, source, document: Document::Collected(bytes) }
    }
}

impl From<ResourceRow> for Item {
    /// As an earlier scan recorded it.
    fn from(row: ResourceRow) -> Item {
        let ResourceRow { resource, gaps, digest, source, .. } = row;
        Item { resource, gaps, digest, source, document: Document::Stored }
    }
}
