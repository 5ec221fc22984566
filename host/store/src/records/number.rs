//! Numbers of records, both ways.

use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

/// What bears a number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NumberRecord {
    pub(crate) id: Fixed<16>,
}

/// The last number given.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CounterRecord {
    pub(crate) last: u64,
}

impl NamedRecord for NumberRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for CounterRecord {
    const VERSION: u8 = 1;
}
