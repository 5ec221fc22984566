//! Something a scan could not look at.

use plumb_model::resource::ScanGap;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;

/// One batch's gaps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GapBlock {
    gaps: Vec<GapRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
struct GapRecord {
    task: String,
    kind: String,
    account: String,
    region: String,
    reason: String,
    permission: Option<String>,
}

impl NamedRecord for GapBlock {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl From<&[ScanGap]> for GapBlock {
    fn from(gaps: &[ScanGap]) -> GapBlock {
        let record = |gap: &ScanGap| GapRecord {
            task: gap.task.clone(),
            kind: gap.kind.clone(),
            account: gap.account.clone(),
            region: gap.region.clone(),
            reason: gap.reason.clone(),
            permission: gap.permission.clone(),
        };
        GapBlock { gaps: gaps.iter().map(record).collect() }
    }
}

impl From<GapBlock> for Vec<ScanGap> {
    fn from(block: GapBlock) -> Vec<ScanGap> {
        let gap = |record: GapRecord| ScanGap {
            task: record.task,
            kind: record.kind,
            account: record.account,
            region: record.region,
            reason: record.reason,
            permission: record.permission,
        };
        block.gaps.into_iter().map(gap).collect()
    }
}
