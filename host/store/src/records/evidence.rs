//! Evidence: what a scan's own is made from, its digests, and what people uploaded.

use plumb_model::evidence::{Evidence, EvidenceKind};
use serde::{Deserialize, Serialize};

use crate::evidence::manual_key;
use crate::record::NamedRecord;
use crate::records::bytes::{Bytes, Fixed};

/// Of a completed scan: all that its artifacts need and its other rows do not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScanEvidenceRecord {
    /// The form its artifacts are written in ([`crate::evidence::artifact::FORM`]), whatever later programs write.
    pub(crate) form: u32,
    /// The version of the program that made the scan.
    pub(crate) tool: String,
    /// The number of the first control's evidence; the others follow.
    pub(crate) first_number: u64,
    /// BLAKE3 over everything the artifacts are made from ([`crate::evidence::seal`]).
    pub(crate) seal: Fixed<32>,
    /// In the order of the scan's summary.
    pub(crate) frameworks: Vec<FrameworkControls>,
}

/// A framework's controls, by their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FrameworkControls {
    pub(crate) id: String,
    pub(crate) controls: Vec<String>,
}

/// The digest and the size of each of a scan's artifacts, in the order of its controls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EvidenceDigestsRecord {
    /// SHA-256, one after the other.
    digests: Bytes,
    sizes: Vec<u64>,
}

/// A file that somebody uploaded, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EvidenceRecord {
    pub(crate) number: u64,
    pub(crate) scan: Option<Fixed<16>>,
    pub(crate) framework: Option<String>,
    pub(crate) control_id: Option<String>,
    pub(crate) digest: Fixed<32>,
    pub(crate) size: u64,
    pub(crate) media_type: String,
    pub(crate) file_name: String,
    pub(crate) description: String,
    pub(crate) created_at: String,
    pub(crate) created_by: String,
}

/// A file of uploaded bytes, under its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlobRecord {
    pub(crate) size: u64,
    /// How many uploads have these bytes.
    pub(crate) references: u64,
}

impl NamedRecord for ScanEvidenceRecord {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl NamedRecord for EvidenceDigestsRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for EvidenceRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for BlobRecord {
    const VERSION: u8 = 1;
}

impl ScanEvidenceRecord {
    /// Framework and control ids, in order.
    pub(crate) fn controls(&self) -> impl Iterator<Item = (&str, &str)> {
        self.frameworks
            .iter()
            .flat_map(|framework| framework.controls.iter().map(|control| (framework.id.as_str(), control.as_str())))
    }

    pub(crate) fn count(&self) -> usize {
        self.frameworks.iter().map(|framework| framework.controls.len()).sum()
    }
}

impl EvidenceDigestsRecord {
    pub(crate) fn push(&mut self, digest: [u8; 32], size: u64) {
        self.digests.0.extend_from_slice(&digest);
        self.sizes.push(size);
    }

    /// Of the control at a position; an error if there is none.
    pub(crate) fn get(&self, position: usize) -> Result<([u8; 32], u64), String> {
        let digest = self.digests.0.as_chunks::<32>().0.get(position);
        let found = digest.copied().zip(self.sizes.get(position).copied());
        found.ok_or_else(|| format!("it has no digest for control {position}"))
    }
}

impl EvidenceRecord {
    pub(crate) fn evidence(self, tenant: [u8; 16], id: [u8; 16]) -> Evidence {
        Evidence {
            id,
            tenant,
            number: self.number,
            kind: EvidenceKind::Manual,
            scan: self.scan.map(|scan| scan.0),
            framework: self.framework,
            control_id: self.control_id,
            key: manual_key(&id),
            digest: self.digest.0,
            size: self.size,
            media_type: self.media_type,
            file_name: self.file_name,
            description: self.description,
            created_at: self.created_at,
            created_by: self.created_by,
        }
    }
}
