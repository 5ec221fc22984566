//! Numbers of records, both ways.

use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

/// What bears a number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NumberRecord {
    /// Of a run of numbers: what all the records that bear them belong to.
    pub(crate) id: Fixed<16>,
    /// How many numbers from this one on; zero for a number that stands alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) run: u64,
}

/// The last number given.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CounterRecord {
    pub(crate) last: u64,
}

// The form of the function is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl NamedRecord for NumberRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for CounterRecord {
    const VERSION: u8 = 1;
}
