//! The short number that stands for a plugin in the keys of the verdict cache.

use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;

/// Under the digest of the plugin's component.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PluginRecord {
    pub(crate) number: u32,
}

impl NamedRecord for PluginRecord {
    const VERSION: u8 = 1;
}
