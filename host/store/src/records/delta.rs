//! What changed between two scans, in numbers.

use plumb_model::delta::{DeltaCounts, SignatureFigures};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct DeltaRecord {
    new: u64,
    unchanged: u64,
    resolved: u64,
    incomparable: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct SignaturesRecord {
    violations: u64,
    delta: DeltaRecord,
}

impl From<DeltaCounts> for DeltaRecord {
    fn from(DeltaCounts { new, unchanged, resolved, incomparable }: DeltaCounts) -> DeltaRecord {
        DeltaRecord { new, unchanged, resolved, incomparable }
    }
}

impl From<DeltaRecord> for DeltaCounts {
    fn from(DeltaRecord { new, unchanged, resolved, incomparable }: DeltaRecord) -> DeltaCounts {
        DeltaCounts { new, unchanged, resolved, incomparable }
    }
}

impl From<SignatureFigures> for SignaturesRecord {
    fn from(figures: SignatureFigures) -> SignaturesRecord {
        SignaturesRecord { violations: figures.violations, delta: figures.delta.into() }
    }
}

impl From<SignaturesRecord> for SignatureFigures {
    fn from(record: SignaturesRecord) -> SignatureFigures {
        SignatureFigures { violations: record.violations, delta: record.delta.into() }
    }
}
