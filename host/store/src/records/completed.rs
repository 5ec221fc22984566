//! An entry of the index of completed scans: the key says all.

use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;

/// Nothing but its envelope, whose tag shows a broken key.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CompletedRecord {}

impl NamedRecord for CompletedRecord {
    const VERSION: u8 = 1;
}
