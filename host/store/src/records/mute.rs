//! A mute.

use plumb_model::mute::Mute;
use serde::{Deserialize, Serialize};

use crate::mutes::KeptMute;
use crate::record::NamedRecord;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MuteRecord {
    check: String,
    resource: String,
    account: String,
    region: String,
    reason: String,
    owner: String,
    expires: Option<String>,
    created_at: String,
}

impl NamedRecord for MuteRecord {
    const VERSION: u8 = 1;
}

impl From<&KeptMute> for MuteRecord {
    fn from(kept: &KeptMute) -> MuteRecord {
        let Mute { check, resource, account, region, reason, owner, expires } = kept.mute.clone();
        MuteRecord { check, resource, account, region, reason, owner, expires, created_at: kept.created_at.clone() }
    }
}

impl MuteRecord {
    pub(crate) fn kept(self, id: &[u8; 16]) -> KeptMute {
        let MuteRecord { check, resource, account, region, reason, owner, expires, created_at } = self;
        KeptMute { id: *id, mute: Mute { check, resource, account, region, reason, owner, expires }, created_at }
    }
}
