//! What a scan was asked to do, as the engine writes it.

use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Bytes;

/// Opaque here: the engine owns its form and resumes from it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SettingsRecord {
    pub(crate) settings: Bytes,
}

impl NamedRecord for SettingsRecord {
    const VERSION: u8 = 1;
}
