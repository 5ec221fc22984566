//! Small numbers for what has a UUID: some clients know nothing else. They count per tenant and kind of record, from 1, and are
//! never given twice.

use plumb_model::tenant::TenantId;
use redb::WriteTransaction;

use crate::error::StoreError;
use crate::evidence;
use crate::ledger::Ledger;
use crate::records::bytes::Fixed;
use crate::records::number::{CounterRecord, NumberRecord};
use crate::tables::{COUNTERS, NUMBERS};

/// Kinds of records that have numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    Scan,
    Target,
    Policy,
    /// A resource of a target, under the first 16 bytes of a digest over both.
    Resource,
    Drift,
    Evidence,
    Schedule,
}

impl Numbered {
    /// What stands for it in keys; keeps its meaning for as long as there are ledgers.
    pub(crate) fn code(self) -> u8 {
        match self {
            Numbered::Scan => 0,
            Numbered::Target => 1,
            Numbered::Policy => 2,
            Numbered::Resource => 3,
            Numbered::Drift => 4,
            Numbered::Evidence => 5,
            Numbered::Schedule => 6,
        }
    }
}

impl Ledger {
    /// What bears a number.
    pub fn by_number(&self, tenant: &TenantId, kind: Numbered, number: u64) -> Result<Option<[u8; 16]>, StoreError> {
        self.read(|transaction| {
            let numbers = NUMBERS.read(transaction)?;
            let key = (tenant, kind.code(), number);
            match NUMBERS.get(&numbers, &key)? {
                Some(NumberRecord { id, run: 0 }) => Ok(Some(id.0)),
                Some(NumberRecord { id, .. }) => evidence::numbered(transaction, &id.0, 0),
                None => match numbers.range((tenant, kind.code(), 0)..key)?.next_back().transpose()? {
                    None => Ok(None),
                    Some((first, value)) => {
                        let NumberRecord { id, run } = NUMBERS.decode(&first.value(), value.value())?;
                        let place = number - first.value().2;
                        if place < run { evidence::numbered(transaction, &id.0, place) } else { Ok(None) }
                    }
                },
            }
        })
    }
}

/// Gives the next number to a record.
pub(crate) fn assign(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    kind: Numbered,
    id: &[u8; 16],
) -> Result<u64, StoreError> {
    give(transaction, tenant, kind, &NumberRecord { id: Fixed(*id), run: 0 })
}

/// Gives the next numbers, at least one, to the records that belong to `id`. The answer is the first.
pub(crate) fn assign_run(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    kind: Numbered,
    id: &[u8; 16],
    count: u64,
) -> Result<u64, StoreError> {
    give(transaction, tenant, kind, &NumberRecord { id: Fixed(*id), run: count })
}

fn give(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    kind: Numbered,
    record: &NumberRecord,
) -> Result<u64, StoreError> {
    let mut counters = COUNTERS.write(transaction)?;
    let key = (tenant, kind.code());
    let last = COUNTERS.get(&counters, &key)?.map_or(0, |counter| counter.last);
    COUNTERS.put(&mut counters, &key, &CounterRecord { last: last + record.run.max(1) })?;
    NUMBERS.put(&mut NUMBERS.write(transaction)?, &(tenant, kind.code(), last + 1), record)?;
    Ok(last + 1)
}

/// Takes back the number of a record that is deleted; it is not given again.
pub(crate) fn release(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    kind: Numbered,
    number: u64,
) -> Result<(), StoreError> {
    NUMBERS.write(transaction)?.remove((tenant, kind.code(), number))?;
    Ok(())
}
