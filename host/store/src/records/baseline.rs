//! Resources as they ought to be.

use plumb_model::drift::Baseline;
use plumb_model::resource::ResourceRef;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BaselineRecord {
    id: String,
    kind: String,
    name: String,
    account: String,
    region: String,
    pub(crate) digest: Fixed<32>,
    scan: Fixed<16>,
    captured_at: String,
}

/// What is said of all baselines of a target.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BaselineHeadRecord {
    /// How many there are.
    pub(crate) count: u64,
    /// The scan that most of them are from.
    pub(crate) scan: Fixed<16>,
    pub(crate) captured_at: String,
}

impl NamedRecord for BaselineRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for BaselineHeadRecord {
    const VERSION: u8 = 1;
}

impl From<&Baseline> for BaselineRecord {
    fn from(baseline: &Baseline) -> BaselineRecord {
        let Baseline { resource, digest, scan, captured_at } = baseline.clone();
        let ResourceRef { id, kind, name, account, region } = resource;
        BaselineRecord { id, kind, name, account, region, digest: Fixed(digest), scan: Fixed(scan), captured_at }
    }
}

impl From<BaselineRecord> for Baseline {
    fn from(record: BaselineRecord) -> Baseline {
        let BaselineRecord { id, kind, name, account, region, digest, scan, captured_at } = record;
        let resource = ResourceRef { id, kind, name, account, region };
        Baseline { resource, digest: digest.0, scan: scan.0, captured_at }
    }
}
