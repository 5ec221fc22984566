//! Channels: where a tenant's people are told.

use plumb_model::notification::{Channel, ChannelId};
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable};

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::notification::ChannelRecord;
use crate::tables::CHANNELS;
use crate::targets::ALL_IDS;

/// A tenant's channels: each is looked at for each event.
const MOST_CHANNELS: usize = 100;

impl Ledger {
    /// Writes a channel down, in place of the one with its id, whose making and secret stay. The name must not be another channel's.
    pub fn put_channel(&self, channel: &Channel) -> Result<Channel, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let (tenant, id) = (&channel.tenant, &channel.id);
            let mut table = CHANNELS.write(transaction)?;
            let mut others = 0;
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                if key.1 != id {
                    others += 1;
                    if CHANNELS.decode(&key, value.value())?.name == channel.name {
                        return Err(StoreError::NameTaken(channel.name.clone()));
                    }
                }
            }
            if others >= MOST_CHANNELS {
                return Err(StoreError::TooMany { what: "channels", limit: MOST_CHANNELS });
            }
            let mut stored = channel.clone();
            if let Some(known) = CHANNELS.get(&table, &(tenant, id))? {
                (stored.created_at, stored.secret_version) = (known.created_at, known.secret_version);
            }
            CHANNELS.put(&mut table, &(tenant, id), &ChannelRecord::from(&stored))?;
            Ok(stored)
        })
    }

    /// Gives the signatures of a channel another secret. None if there is no such channel.
    pub fn renew_channel_secret(
        &self,
        tenant: &TenantId,
        id: &ChannelId,
        at: &str,
    ) -> Result<Option<Channel>, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = CHANNELS.write(transaction)?;
            let Some(known) = CHANNELS.get(&table, &(tenant, id))? else { return Ok(None) };
            let mut channel = known.channel(tenant, id);
            channel.secret_version = channel.secret_version.saturating_add(1);
            at.clone_into(&mut channel.updated_at);
            CHANNELS.put(&mut table, &(tenant, id), &ChannelRecord::from(&channel))?;
            Ok(Some(channel))
        })
    }

    pub fn channel(&self, tenant: &TenantId, id: &ChannelId) -> Result<Option<Channel>, StoreError> {
        self.read(|transaction| {
            let found = CHANNELS.get(&CHANNELS.read(transaction)?, &(tenant, id))?;
            Ok(found.map(|record| record.channel(tenant, id)))
        })
    }

    /// All channels of a tenant, in the order they were made in.
    pub fn channels(&self, tenant: &TenantId) -> Result<Vec<Channel>, StoreError> {
        self.read(|transaction| {
            let mut channels = Vec::new();
            let table = CHANNELS.read(transaction)?;
            CHANNELS.prove_range(&table, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
            for entry in table.range((tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1))? {
                let (key, value) = entry?;
                let key = key.value();
                channels.push(CHANNELS.decode(&key, value.value())?.channel(tenant, key.1));
            }
            Ok(channels)
        })
    }

    /// Takes a channel away; what is on its way over it will be given up. False if there is none.
    pub fn delete_channel(&self, tenant: &TenantId, id: &ChannelId) -> Result<bool, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let removed = CHANNELS.write(transaction)?.remove((tenant, id))?.is_some();
            Ok(removed)
        })
    }
}
