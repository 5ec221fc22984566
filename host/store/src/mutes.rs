//! Mutes that a tenant keeps for all its scans.

use plumb_model::mute::Mute;
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable};

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::mute::MuteRecord;
use crate::tables::MUTES;
use crate::targets::ALL_IDS;

/// A tenant's mutes: each is held against each violation.
const MOST_MUTES: usize = 10_000;

/// A mute with what is known of its making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptMute {
    /// UUIDv7.
    pub id: [u8; 16],
    pub mute: Mute,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
}

impl Ledger {
    /// Keeps a mute.
    pub fn put_mute(&self, tenant: &TenantId, kept: &KeptMute) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = MUTES.write(transaction)?;
            if table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))?.count() >= MOST_MUTES {
                return Err(StoreError::TooMany { what: "mutes", limit: MOST_MUTES });
            }
            MUTES.put(&mut table, &(tenant, &kept.id), &MuteRecord::from(kept))
        })
    }

    /// All mutes of a tenant, in the order they were made in.
    pub fn mutes(&self, tenant: &TenantId) -> Result<Vec<KeptMute>, StoreError> {
        self.read(|transaction| {
            let mut mutes = Vec::new();
            let table = MUTES.read(transaction)?;
            MUTES.prove_range(&table, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                mutes.push(MUTES.decode(&key, value.value())?.kept(key.1));
            }
            Ok(mutes)
        })
    }

    /// Takes a mute away. False if there is none.
    pub fn delete_mute(&self, tenant: &TenantId, id: &[u8; 16]) -> Result<bool, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let removed = MUTES.write(transaction)?.remove((tenant, id))?.is_some();
            Ok(removed)
        })
    }
}
