//! Messages: those on their way, and what became of the others.

use plumb_model::notification::{ChannelId, Delivery, DeliveryId, DeliveryStatus};
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::error::StoreError;
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::records::notification::DeliveryRecord;
use crate::tables::{DELIVERIES, OUTBOX};
use crate::targets::ALL_IDS;

/// Messages of a tenant that are on their way at a time: what a dead channel gathers in a day, and no more than are looked at
/// whenever one is due.
const MOST_PENDING: usize = 1_000;

/// Messages of a tenant whose outcome is kept; the oldest go.
const MOST_KEPT: usize = 10_000;

/// Which messages a list shows. What is not said does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub status: Option<DeliveryStatus>,
    pub channel: Option<ChannelId>,
}

impl DeliveryFilter {
    fn fits(&self, delivery: &Delivery) -> bool {
        self.status.is_none_or(|status| status == delivery.status)
            && self.channel.is_none_or(|channel| delivery.channel == Some(channel))
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    pub deliveries: Vec<Delivery>,
    /// All that the filter lets through.
    pub total: u64,
}

impl Ledger {
    /// Messages that are to be sent now, the oldest first, and when the next of the others is.
    pub fn due_deliveries(&self, now: &str, limit: usize) -> Result<(Vec<Delivery>, Option<String>), StoreError> {
        self.read(|transaction| {
            let (mut due, mut next) = (Vec::new(), None::<String>);
            let table = OUTBOX.read(transaction)?;
            OUTBOX.prove_count(&table)?;
            for entry in table.iter()? {
                let (key, value) = entry?;
                let key = key.value();
                let delivery = OUTBOX.decode(&key, value.value())?.delivery(key.0, key.1);
                let at = delivery.next_attempt_at.clone().unwrap_or_default();
                // Times of one form order as texts.
                if at.as_str() <= now {
                    due.push(delivery);
                } else if next.as_ref().is_none_or(|next| at < *next) {
                    next = Some(at);
                }
            }
            // Ids are UUIDv7s, so they order as the messages were made.
            due.sort_by_key(|delivery| delivery.id);
            due.truncate(limit);
            Ok((due, next))
        })
    }

    /// Writes down what became of an attempt. What is not pending any more leaves the outbox.
    pub fn put_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| put(transaction, delivery))
    }

    pub fn delivery(&self, tenant: &TenantId, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.read(|transaction| {
            let key = (tenant, id);
            let pending = OUTBOX.get(&OUTBOX.read(transaction)?, &key)?;
            let found = match pending {
                Some(pending) => Some(pending),
                None => DELIVERIES.get(&DELIVERIES.read(transaction)?, &key)?,
            };
            Ok(found.map(|record| record.delivery(tenant, id)))
        })
    }

    /// Messages of a tenant, the newest first.
    pub fn deliveries(
        &self,
        tenant: &TenantId,
        filter: DeliveryFilter,
        offset: usize,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        self.read(|transaction| {
            let mut found = Vec::new();
            let all = || (tenant, &ALL_IDS.0)..=(tenant, &ALL_IDS.1);
            for table in [&OUTBOX, &DELIVERIES] {
                let rows = table.read(transaction)?;
                table.prove_range(&rows, &(tenant, &ALL_IDS.0), &(tenant, &ALL_IDS.1))?;
                for entry in rows.range(all())? {
                    let (key, value) = entry?;
                    let key = key.value();
                    let delivery = table.decode(&key, value.value())?.delivery(tenant, key.1);
                    if filter.fits(&delivery) {
                        found.push(delivery);
                    }
                }
            }
            found.sort_by_key(|delivery| std::cmp::Reverse(delivery.id));
            let total = found.len() as u64;
            Ok(DeliveryPage { deliveries: found.into_iter().skip(offset).take(limit).collect(), total })
        })
    }

    /// Puts a message that was given up on its way again, with all its attempts. None if there is no such message; an error if it
    /// was not given up.
    pub fn replay_delivery(
        &self,
        tenant: &TenantId,
        id: &DeliveryId,
        at: &str,
    ) -> Result<Option<Delivery>, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            if OUTBOX.get(&OUTBOX.write(transaction)?, &(tenant, id))?.is_some() {
                return Err(StoreError::NotDead { delivery: scan_name(id), status: DeliveryStatus::Pending });
            }
            let mut ended = DELIVERIES.write(transaction)?;
            let Some(record) = DELIVERIES.get(&ended, &(tenant, id))? else { return Ok(None) };
            let delivery = record.delivery(tenant, id);
            if delivery.status != DeliveryStatus::Dead {
                return Err(StoreError::NotDead { delivery: scan_name(id), status: delivery.status });
            }
            ended.remove((tenant, id))?;
            let again = Delivery {
                status: DeliveryStatus::Pending,
                attempts: 0,
                next_attempt_at: Some(at.to_owned()),
                ended_at: None,
                ..delivery
            };
            OUTBOX.put(&mut OUTBOX.write(transaction)?, &(tenant, id), &DeliveryRecord::from(&again))?;
            Ok(Some(again))
        })
    }

    /// Forgets what ended before a time, and of each tenant what is too much; says how many that were.
    pub fn prune_deliveries(&self, oldest: &str) -> Result<usize, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = DELIVERIES.write(transaction)?;
            let (mut old, mut kept) = (Vec::new(), std::collections::HashMap::<TenantId, usize>::new());
            // The newest first, so that the oldest of each tenant are those that are too many.
            for entry in table.iter()?.rev() {
                let (key, value) = entry?;
                let key = key.value();
                let record = DELIVERIES.decode(&key, value.value())?;
                let count = kept.entry(*key.0).or_default();
                *count += 1;
                if *count > MOST_KEPT || record.ended_at.as_deref().is_some_and(|ended| ended < oldest) {
                    old.push((*key.0, *key.1));
                }
            }
            for (tenant, id) in &old {
                table.remove((tenant, id))?;
            }
            Ok(old.len())
        })
    }
}

/// Puts messages on their way. Where too many are, the further ones are given up at once, and that can be seen.
pub(crate) fn send(transaction: &WriteTransaction, messages: &[Delivery]) -> Result<(), StoreError> {
    let Some(tenant) = messages.first().map(|message| message.tenant) else { return Ok(()) };
    let mut pending = {
        let table = OUTBOX.write(transaction)?;
        table.range((&tenant, &ALL_IDS.0)..=(&tenant, &ALL_IDS.1))?.count()
    };
    for message in messages {
        if message.status == DeliveryStatus::Pending && pending >= MOST_PENDING {
            let dead = Delivery {
                status: DeliveryStatus::Dead,
                next_attempt_at: None,
                ended_at: Some(message.created_at.clone()),
                last_error: Some(format!("{MOST_PENDING} messages were on their way already")),
                ..message.clone()
            };
            put(transaction, &dead)?;
        } else {
            pending += usize::from(message.status == DeliveryStatus::Pending);
            put(transaction, message)?;
        }
    }
    Ok(())
}

fn put(transaction: &WriteTransaction, delivery: &Delivery) -> Result<(), StoreError> {
    let (key, record) = ((&delivery.tenant, &delivery.id), DeliveryRecord::from(delivery));
    if delivery.status == DeliveryStatus::Pending {
        return OUTBOX.put(&mut OUTBOX.write(transaction)?, &key, &record);
    }
    OUTBOX.write(transaction)?.remove(key)?;
    DELIVERIES.put(&mut DELIVERIES.write(transaction)?, &key, &record)
}
