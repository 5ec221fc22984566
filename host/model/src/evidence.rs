//! What proves how a control came out: what a scan saw and decided, and what people add to it.

use std::fmt;

use crate::scan::ScanId;
use crate::tenant::TenantId;

/// UUIDv7.
pub type EvidenceId = [u8; 16];

/// Where a piece of evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// A completed scan: one piece for each control.
    Auto,
    /// Somebody uploaded it.
    Manual,
}

impl EvidenceKind {
    pub const ALL: [EvidenceKind; 2] = [EvidenceKind::Auto, EvidenceKind::Manual];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceKind::Auto => "auto",
            EvidenceKind::Manual => "manual",
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A piece of evidence without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub id: EvidenceId,
    pub tenant: TenantId,
    /// Counts the tenant's evidence; never given twice.
    pub number: u64,
    pub kind: EvidenceKind,
    pub scan: Option<ScanId>,
    pub framework: Option<String>,
    pub control_id: Option<String>,
    /// Names the piece for as long as it exists; says nothing to whoever reads it.
    pub key: String,
    /// SHA-256 of the content.
    pub digest: [u8; 32],
    /// Bytes of the content.
    pub size: u64,
    pub media_type: String,
    /// Safe to save under: no folders, no control characters.
    pub file_name: String,
    pub description: String,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    pub created_by: String,
}
